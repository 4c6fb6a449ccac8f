"""Rebuilds, held against recall computed step by step from search and exact neighbors."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw, census, exact_neighbors, search
from core.studies import CHANGES, Health, WhatIf, what_if
from tests.core.index.datasets import clustered
from tests.core.index.graphs import broken

K, EF, QUERIES = 5, 10, 40
PARAMS = HnswParams("euclidean", m=4, ef_construction=20)
Vectors = npt.NDArray[np.float32]


def with_copies() -> Vectors:
    """600 rows: 300, each of them twice; row 599 is a copy of row 299 in all but a sign of zero."""
    rows = clustered(300, 16, 5)
    rows[299, 0] = 0.0
    both = np.concatenate([rows, rows])
    both[599, 0] = -0.0
    return both


def around_the_mean() -> Vectors:
    """2 % near copies of the mean, which become hubs that push other rows' links out."""
    random = np.random.default_rng(0)
    rows = clustered(3000, 32, 0)
    chosen = random.choice(3000, 60, replace=False)
    rows[chosen] = rows.mean(axis=0) + 1e-3 * random.normal(size=(60, 32))
    return rows


@pytest.fixture(scope="module")
def copies() -> tuple[Vectors, HnswGraph]:
    """The copies, with every ninth row deleted."""
    vectors = with_copies()
    graph = build_hnsw(vectors, PARAMS)
    return vectors, replace(graph, deleted=np.arange(graph.n) % 9 == 4)


def change(copies: tuple[Vectors, HnswGraph], name: str, **sizes: Any) -> WhatIf:
    vectors, graph = copies
    return what_if(graph, vectors, PARAMS, name, ef=EF, k=K, queries=QUERIES, seed=1, **sizes)


def recall_by_hand(vectors: Vectors, health: Health, rows: npt.NDArray[np.int64]) -> list[float]:
    """Recall of `rows` as queries, each left out of its answer; vectors: those of the graph."""
    live = np.flatnonzero(~health.graph.deleted)
    found = search(health.graph, vectors[rows], K, EF, exclude=rows).ids
    own = np.searchsorted(live, rows)
    true = live[
        exact_neighbors(vectors[live], vectors[rows], K, metric="euclidean", exclude=own).ids
    ]
    return [len(set(a) & set(b)) / K for a, b in zip(found.tolist(), true.tolist(), strict=True)]


@pytest.mark.parametrize("name", CHANGES)
def test_recall_is_that_of_the_same_items_before_and_after(
    copies: tuple[Vectors, HnswGraph], name: str
) -> None:
    result = change(copies, name, m=8, ef_construction=60)
    vectors = copies[0]
    asked = np.sort(np.random.default_rng(1).choice(result.rows, QUERIES, replace=False))
    assert result.before.recall.tolist() == recall_by_hand(vectors, result.before, asked)
    place = np.searchsorted(result.rows, asked)
    own = vectors[result.rows]
    assert result.after.recall.tolist() == recall_by_hand(own, result.after, place)
    assert (result.before.k, result.before.ef, result.after.k, result.after.ef) == (K, EF, K, EF)
    assert result.before.n == 533  # rows 4, 13, ..., 598 are deleted: 67 of 600
    assert result.after.n == len(result.rows) == 533 - result.removed
    assert result.seconds > 0


@pytest.mark.parametrize("name", CHANGES)
def test_queries_from_elsewhere_are_the_same_before_and_after(
    copies: tuple[Vectors, HnswGraph], name: str
) -> None:
    vectors, own = copies[0], clustered(300, 16, 9)[:50]
    result = change(copies, name, m=8, ef_construction=60, query_vectors=own)
    for health, rows in ((result.before, np.arange(600)), (result.after, result.rows)):
        live = rows[~health.graph.deleted]
        found = rows[search(health.graph, own, K, EF).ids]
        true = live[exact_neighbors(vectors[live], own, K, metric="euclidean").ids]
        pairs = zip(found.tolist(), true.tolist(), strict=True)
        assert health.recall.tolist() == [len(set(a) & set(b)) / K for a, b in pairs]


def test_without_duplicates_one_live_row_of_each_is_left(
    copies: tuple[Vectors, HnswGraph],
) -> None:
    vectors, graph = copies
    result = change(copies, "without duplicates")
    # Row i and row i + 300 are equal. i is deleted where i % 9 == 4, the copy where i % 9 == 1
    # (300 % 9 == 3): never both, so the first live one of each pair stays, 300 rows.
    expected = [i + 300 if i % 9 == 4 else i for i in range(300)]
    assert result.rows.tolist() == sorted(expected)
    assert len(np.unique(vectors[result.rows], axis=0)) == 300
    assert result.removed == 533 - 300
    np.testing.assert_array_equal(result.after.graph.vectors, vectors[result.rows])
    assert not graph.deleted[result.rows].any()


def test_other_settings_are_those_of_the_rebuild(copies: tuple[Vectors, HnswGraph]) -> None:
    wider = change(copies, "other M", m=8)
    assert wider.params == replace(PARAMS, m=8)
    assert wider.after.graph.m == 8
    assert wider.after.recall.mean() > wider.before.recall.mean()
    deeper = change(copies, "other ef_construction", ef_construction=60)
    assert deeper.params == replace(PARAMS, ef_construction=60)
    assert deeper.after.graph.ef_construction == 60


def test_a_random_order_gives_other_links_and_the_seed_decides(
    copies: tuple[Vectors, HnswGraph],
) -> None:
    vectors, graph = copies
    first, same = (change(copies, "random order").after.graph for _ in range(2))
    assert first.fingerprint == same.fingerprint
    in_order = build_hnsw(vectors[~graph.deleted], PARAMS)
    np.testing.assert_array_equal(first.vectors, in_order.vectors)
    assert first.fingerprint != in_order.fingerprint


def test_lost_items_inserted_again_are_found_again() -> None:
    vectors = around_the_mean()
    params = replace(PARAMS, m=8)
    graph = build_hnsw(vectors, params)
    result = what_if(graph, vectors, params, "lost items again", ef=EF, k=K, queries=QUERIES)
    before, after = result.before.census.unfindable, result.after.census.unfindable
    assert len(before) > 0.05 * len(vectors)
    assert len(np.intersect1d(before, after)) < 0.4 * len(before)
    assert result.after.unfindable_share < 0.5 * result.before.unfindable_share
    assert result.removed == 0


def test_rows_inserted_again_are_those_that_the_census_calls_lost() -> None:
    vectors, params = broken(600, 12), replace(PARAMS, m=3)
    graph = build_hnsw(vectors, params)
    graph = replace(graph, deleted=np.arange(graph.n) % 9 == 4)
    live = np.flatnonzero(~graph.deleted).tolist()
    counted = census(graph, ef=EF)
    lost = {*counted.unreachable.tolist(), *counted.unfindable.tolist()}
    again = [place for place, row in enumerate(live) if row in lost]
    expected = build_hnsw(vectors[live], params, again=again)
    assert expected.fingerprint != build_hnsw(vectors[live], params).fingerprint
    result = what_if(graph, vectors, params, "lost items again", ef=EF, k=K)
    assert result.after.graph.fingerprint == expected.fingerprint


@pytest.mark.parametrize("name", CHANGES)
def test_progress_grows_and_can_stop_every_change_at_every_stage(
    copies: tuple[Vectors, HnswGraph], name: str
) -> None:
    vectors, graph = copies
    told: list[tuple[float, str]] = []

    def run(stop_at: int) -> None:
        def tell(share: float, words: str) -> None:
            told.append((share, words))
            if len(told) == stop_at:
                raise KeyboardInterrupt

        sizes: dict[str, Any] = {"m": 5, "ef_construction": 30}
        what_if(graph, vectors, PARAMS, name, ef=EF, k=K, **sizes, progress=tell)

    run(stop_at=0)
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert 0 == shares[0] < shares[-1] <= 1
    for stage in range(1, len(shares) + 1):
        told.clear()
        with pytest.raises(KeyboardInterrupt):
            run(stop_at=stage)


def test_what_does_not_fit_is_refused(copies: tuple[Vectors, HnswGraph]) -> None:
    vectors, graph = copies
    with pytest.raises(ParameterError, match=r"change must be one of .*got 'other M', m=None"):
        change(copies, "other M")
    with pytest.raises(ParameterError, match=r"lost items again, with .*; got 'another metric'"):
        change(copies, "another metric")
    with pytest.raises(ParameterError, match=r"the 600 rows of 16 dimensions .* shape \(599, 16\)"):
        what_if(graph, vectors[:-1], PARAMS, "random order", ef=EF, k=K)
    with pytest.raises(ParameterError, match="must be 'euclidean', that of the graph"):
        what_if(graph, vectors, HnswParams("cosine"), "random order", ef=EF, k=K)
