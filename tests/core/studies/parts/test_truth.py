"""True neighbors among the rows that a search may return."""

from dataclasses import replace

import numpy as np
import pytest

from core.distances import Metric
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw, exact_neighbors
from core.studies import live_rows, sample_queries, true_neighbors

VECTORS = np.random.default_rng(1).normal(size=(60, 4)).astype(np.float32)
GRAPH = build_hnsw(VECTORS, HnswParams("euclidean"))
DEAD = np.arange(0, 60, 3)
HALF = replace(GRAPH, deleted=np.isin(np.arange(60), DEAD))


def test_without_deleted_rows_they_are_the_exact_neighbors() -> None:
    ours = true_neighbors(GRAPH, VECTORS, VECTORS[:5], 7, exclude=np.arange(5))
    exact = exact_neighbors(VECTORS, VECTORS[:5], 7, metric="euclidean", exclude=np.arange(5))
    assert ours.ids.tolist() == exact.ids.tolist()
    assert live_rows(GRAPH).tolist() == list(range(60))


@pytest.mark.parametrize("exclude", [None, np.arange(6)])
def test_deleted_rows_are_no_answers(exclude: np.ndarray | None) -> None:
    ours = true_neighbors(HALF, VECTORS, VECTORS[:6], 7, exclude=exclude)
    for query in range(6):
        distances = np.linalg.norm(VECTORS.astype(float) - VECTORS[query], axis=1)
        distances[DEAD] = np.inf
        if exclude is not None:
            distances[query] = np.inf
        assert ours.ids[query].tolist() == np.argsort(distances)[:7].tolist()


@pytest.mark.parametrize("metric", ["cosine", "inner_product"])
def test_all_live_rows_are_ranked_and_a_deleted_one_leaves_nothing_out(metric: Metric) -> None:
    # Query 0 leaves out nothing, query 3 a deleted row, query 1 itself; 39 of 40 can be listed.
    graph, rows = replace(HALF, metric=metric), np.array([0, 3, 1])
    ours = true_neighbors(graph, VECTORS, VECTORS[rows], 39, exclude=[-1, 3, 1])
    wide = VECTORS.astype(float)
    if metric == "cosine":
        wide /= np.linalg.norm(wide, axis=1)[:, None]
    distances = 1 - wide[rows] @ wide.T
    distances[:, DEAD] = np.inf
    distances[2, 1] = np.inf
    assert ours.ids.tolist() == np.argsort(distances, axis=1)[:, :39].tolist()
    np.testing.assert_allclose(ours.distances, np.sort(distances, axis=1)[:, :39], atol=1e-12)


@pytest.mark.parametrize("graph", [GRAPH, HALF])
def test_progress_is_told(graph: HnswGraph) -> None:
    told: list[tuple[int, int]] = []
    true_neighbors(graph, VECTORS, VECTORS, 3, progress=lambda done, of: told.append((done, of)))
    assert told == sorted(set(told))
    assert told[-1] == (60, 60)


def test_queries_are_drawn_from_the_live_rows() -> None:
    drawn = sample_queries(HALF, VECTORS, 5, size=20)
    assert drawn.rows is not None
    assert not set(drawn.rows.tolist()) & set(DEAD.tolist())
    assert not set(drawn.truth.ids.ravel().tolist()) & set(DEAD.tolist())
    assert drawn.seed == 0
    assert sample_queries(HALF, VECTORS, 5, size=40).seed is None  # all 40 live rows


def test_too_few_live_rows_is_an_error() -> None:
    with pytest.raises(ParameterError):
        true_neighbors(HALF, VECTORS, VECTORS[:1], 41)
