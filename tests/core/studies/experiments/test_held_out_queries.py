"""Rows of an index flatter it, and no study asks them: a graph by hand on which that shows.

60 pairs of rows: the lower row of each pair is linked from the entry point, the upper one from its
lower row alone. As queries of their own index all find the other row of their pair. Held out, an
upper row still finds its lower one; a lower row does not find its upper one, which nothing links to
any more. So recall@1 is the share of upper rows among the rows that are held out.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from core.index import Adjacency, HnswGraph, HnswParams, ef_curve, exact_neighbors
from core.studies import build_grid, insertion_order, intrinsic_dimension, updates

PAIRS, SEED = 60, 2
PARAMS = HnswParams("euclidean", m=4, ef_construction=10)
VECTORS = np.stack([np.repeat(np.arange(PAIRS) * 100, 2), np.tile([0, 1], PAIRS)], axis=1)
VECTORS = VECTORS.astype(np.float32)
HELD = np.random.default_rng(SEED).permutation(2 * PAIRS)[:12]
EF_MAX = 2 * PAIRS


def linked(vectors: np.ndarray, *_args: Any, **_more: Any) -> HnswGraph:
    """The graph by hand: row 0 to every lower row, a lower row to the upper one of its pair."""
    n, lower = len(vectors), vectors[:, 1] == 0
    targets = [np.flatnonzero(lower)[1:], *(np.zeros(0, np.int64) for _ in range(n - 1))]
    for row in range(n):
        if lower[row] and row + 1 < n and vectors[row + 1, 0] == vectors[row, 0]:
            targets[row] = np.append(targets[row], row + 1)
    offsets = np.cumsum([0, *(len(each) for each in targets)])
    base = Adjacency(offsets, np.concatenate(targets).astype(np.int32))
    none = Adjacency(np.zeros(1, np.int64), np.zeros(0, np.int32))
    zeros, ids = np.zeros(n, np.int64), np.arange(n)
    levels, deleted = np.zeros(n, np.int32), np.zeros(n, bool)
    return HnswGraph(
        np.ascontiguousarray(vectors),
        "euclidean",
        4,
        10,
        0,
        levels,
        ids,
        deleted,
        base,
        none,
        zeros,
    )


def churned(vectors: np.ndarray, *_args: Any, rounds: int, **_more: Any) -> Iterator[HnswGraph]:
    return (linked(vectors) for _ in range(rounds + 1))


def grid(**more: Any) -> tuple[float, Any]:
    found = build_grid(VECTORS, [PARAMS], k=1, ef_max=EF_MAX, seed=SEED, **more)
    return found.cells[0].best_recall, found


def order(**more: Any) -> tuple[float, Any]:
    found = insertion_order(VECTORS, PARAMS, k=1, efs=(EF_MAX,), seeds=(SEED,), **more)
    (recall,) = {float(run.recall.mean()) for run in found.runs}
    return recall, found


def dimension(**more: Any) -> tuple[float, Any]:
    found = intrinsic_dimension(
        VECTORS, PARAMS, k=1, efs=(EF_MAX,), ranks=(1,), seed=SEED, workers=1, **more
    )
    return found.own.recall[0], found


def changes(**more: Any) -> tuple[float, Any]:
    found = updates(VECTORS, PARAMS, k=1, ef=EF_MAX, rounds=1, share=0.1, seed=SEED, **more)
    (recall,) = {float(value) for series in found.series for value in series.recall}
    return recall, found


STUDIES: dict[str, Callable[..., tuple[float, Any]]] = {
    "build_grid": grid,
    "insertion_order": order,
    "intrinsic_dimension": dimension,
    "updates": changes,
}
every_study = pytest.mark.parametrize("name", STUDIES)


@pytest.fixture(autouse=True)
def graphs_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in STUDIES:
        module = import_module(f"core.studies.experiments.{name}")
        monkeypatch.setattr(module, "build_hnsw", linked)
        if name == "updates":
            monkeypatch.setattr(module, "churn_hnsw", churned)


def test_rows_of_the_index_find_the_other_row_of_their_pair() -> None:
    rows = np.arange(2 * PAIRS)
    truth = exact_neighbors(VECTORS, VECTORS, 1, metric="euclidean", exclude=rows)
    curve = ef_curve(linked(VECTORS), VECTORS, truth, ef_max=EF_MAX, exclude=rows)
    assert truth.ids[:, 0].tolist() == [row + 1 - 2 * (row % 2) for row in rows]
    assert curve.recall[:, -1].tolist() == [1.0] * 120


@every_study
def test_held_out_rows_find_what_is_still_linked(name: str) -> None:
    pairs = HELD // 2
    assert len(set(pairs.tolist())) == 12  # of no pair both rows are held out
    assert 0 not in HELD  # the entry point
    upper = int((HELD % 2).sum())
    assert 0 < upper < 12
    recall, found = STUDIES[name]()
    assert recall == pytest.approx(upper / 12)
    assert (found.queries, found.own_queries) == (12, False)
    assert found.n == 108


@every_study
@pytest.mark.parametrize(("lower", "upper"), [(3, 1), (0, 5), (4, 0)])
def test_queries_that_are_handed_in_are_the_queries_and_no_row_is_held_out(
    name: str, lower: int, upper: int
) -> None:
    """Beside a row of a pair its nearest is that row, which the whole index finds."""
    beside = np.concatenate([VECTORS[2 : 2 + 2 * lower : 2], VECTORS[3 : 3 + 2 * upper : 2]])
    recall, found = STUDIES[name](query_vectors=beside + np.float32(0.25))
    assert recall == 1.0
    assert (found.queries, found.own_queries) == (lower + upper, True)
    assert found.n == 120


@every_study
def test_fewer_than_ten_rows_need_queries(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.VECTORS", VECTORS[:8])
    with pytest.raises(ValueError, match="at least 10 rows, so that a tenth of them"):
        STUDIES[name]()
    assert STUDIES[name](query_vectors=VECTORS[:2])[1].n == 8
