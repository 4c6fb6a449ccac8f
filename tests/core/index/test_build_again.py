"""Rows inserted a second time, against hnswlib's own update in place."""

import numpy as np
import pytest

from core.distances import METRICS, Metric
from core.errors import ParameterError
from core.index import HnswParams, build_hnsw
from tests.core.index.datasets import clustered, graph_of, native_index

VECTORS = clustered(1200, 16)
AGAIN = np.array([7, 1000, 3, 640])


@pytest.mark.parametrize("metric", METRICS)
def test_rows_inserted_again_get_the_links_that_hnswlib_gives_them(metric: Metric) -> None:
    params = HnswParams(metric, m=5, ef_construction=30)
    index = native_index(VECTORS, params)
    index.add_items(VECTORS[AGAIN], AGAIN, num_threads=1)
    graph = build_hnsw(VECTORS, params, again=AGAIN)
    assert graph.fingerprint == graph_of(index, params).fingerprint
    assert graph.fingerprint != build_hnsw(VECTORS, params).fingerprint
    assert graph.n == 1200


def test_no_row_inserted_again_changes_nothing() -> None:
    params = HnswParams("euclidean", m=5, ef_construction=30)
    plain, none = build_hnsw(VECTORS, params), build_hnsw(VECTORS, params, again=[])
    assert none.fingerprint == plain.fingerprint


def test_progress_counts_the_second_insertions() -> None:
    told: list[tuple[int, int]] = []
    build_hnsw(VECTORS, HnswParams(), again=AGAIN, progress=lambda *done: told.append(done))
    assert {total for _, total in told} == {1204}
    done = [rows for rows, _ in told]
    assert done == sorted(done)
    assert done[-1] == 1204


def test_rows_that_are_not_there_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"row ids from 0 to 1,199; got .* from 0 to 1,200"):
        build_hnsw(VECTORS, HnswParams(), again=[0, 1200])
    with pytest.raises(ParameterError, match=r"a list of row ids; got shape \(1,\) of float64"):
        build_hnsw(VECTORS, HnswParams(), again=[0.5])
    with pytest.raises(ParameterError, match=r"a list of row ids; got shape \(1, 2\) of int64"):
        build_hnsw(VECTORS, HnswParams(), again=[[0, 1]])
    with pytest.raises(ParameterError, match=r"row ids from 0 to 1,199; got .* from -1 to -1"):
        build_hnsw(VECTORS, HnswParams(), again=[-1])
