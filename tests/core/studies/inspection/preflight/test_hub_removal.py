"""Recall with and without hubs, against separate calls, and on data that hubs spoil."""

import numpy as np
import pytest

from core.errors import ParameterError
from core.index import HnswParams, build_hnsw, exact_neighbors, search
from core.studies import hub_removal
from tests.core.studies.inspection.preflight.test_hub_scan import far_clusters

PARAMS = HnswParams("euclidean", m=4, ef_construction=16)
VECTORS = far_clusters(60).astype(np.float32)
HUBS = np.arange(1200, 1260)
GRAPH = build_hnsw(VECTORS, PARAMS)


def test_each_recall_is_that_of_its_own_index() -> None:
    found = hub_removal(GRAPH, VECTORS, PARAMS, HUBS, k=5, ef=20, queries=10**6)
    own = np.arange(1200)
    shares = []
    for vectors in (VECTORS, VECTORS[:1200]):
        graph = build_hnsw(vectors, PARAMS)
        near = exact_neighbors(vectors, vectors[:1200], 5, metric="euclidean", exclude=own)
        answer = search(graph, vectors[:1200], 5, 20, exclude=own)
        hits = [np.isin(a, b).mean() for a, b in zip(answer.ids, near.ids, strict=True)]
        shares.append((np.mean(hits), 1.96 * np.std(hits, ddof=1) / np.sqrt(1200)))
    assert (found.before, found.before_half_width) == pytest.approx(shares[0], rel=1e-3)
    assert (found.after, found.after_half_width) == pytest.approx(shares[1], rel=1e-3)
    assert (found.k, found.ef, found.queries, found.seed) == (5, 20, 1200, 0)


def test_hubs_may_stand_anywhere_among_the_rows() -> None:
    vectors = np.ascontiguousarray(VECTORS[::-1])
    found = hub_removal(
        build_hnsw(vectors, PARAMS), vectors, PARAMS, np.arange(60), k=5, ef=20, queries=10**6
    )
    others, own = vectors[60:], np.arange(1200)
    near = exact_neighbors(others, others, 5, metric="euclidean", exclude=own)
    answer = search(build_hnsw(others, PARAMS), others, 5, 20, exclude=own)
    hits = [np.isin(a, b).mean() for a, b in zip(answer.ids, near.ids, strict=True)]
    assert found.after == pytest.approx(np.mean(hits), rel=1e-3)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ParameterError, match="must hold the 1,260 rows"):
        hub_removal(GRAPH, VECTORS[:1200], PARAMS, HUBS)
    with pytest.raises(ParameterError, match="hubs must hold row ids below n = 1,260"):
        hub_removal(GRAPH, VECTORS, PARAMS, [1260])
