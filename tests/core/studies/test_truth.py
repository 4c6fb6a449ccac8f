"""True neighbors among the rows that a search may return."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import ParameterError
from core.index import HnswParams, build_hnsw, exact_neighbors
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
