"""What codes and transforms lose is told apart from what the graph loses."""

from dataclasses import replace
from functools import cache
from typing import Any

import faiss
import numpy as np
import pytest

from core.data import EmbeddingSet
from core.errors import ParameterError
from core.index import (
    HnswGraph,
    HnswParams,
    Neighbors,
    build_hnsw,
    exact_neighbors,
    read_index,
    search,
)
from core.metrics import recall_at_k
from core.studies import (
    FATES,
    QuerySet,
    autopsy,
    given_queries,
    holds_stored_vectors,
    index_items,
    index_with_items,
    quantization_loss,
    sample_queries,
    true_distances,
)
from tests.core.index.graphs import hand_graph
from tests.core.index.index_files import serialized

DIM, K = 16, 10
PQ, PCA, SQ = "HNSW8_PQ4x4", "PCA6,HNSW8", "HNSW8_SQ4"  # what faiss is to make
RANDOM = np.random.default_rng(6)
VECTORS = RANDOM.normal(size=(900, DIM)).astype(np.float32)
QUERIES = (VECTORS[:60] + 0.4 * RANDOM.normal(size=(60, DIM))).astype(np.float32)
LOADED = EmbeddingSet.from_arrays(VECTORS, name="loaded")


@cache
def graph_of(factory: str) -> HnswGraph:
    index: Any = faiss.index_factory(DIM, factory)
    index.train(VECTORS)
    index.add(VECTORS)
    return read_index(serialized(index))


def test_the_best_that_codes_allow_by_hand() -> None:
    """Rows at 0, 1, 2, 3 are stored as 0.5, 0.5, 2.5, 2.5; the query is at 1.4.

    Its true nearest two are 1 and 2. Of the stored ones rows 0 and 1 are 0.9 away, 2 and 3 1.1: the
    exact answer is 0, 1, which holds one of the two.
    """
    everyone = {row: [other for other in range(4) if other != row] for row in range(4)}
    stored = np.array([[0.5], [0.5], [2.5], [2.5]], np.float32)
    graph = replace(hand_graph([everyone], 0, vectors=stored), codes="by hand")
    true = np.array([[0], [1], [2], [3]], np.float32)
    queries = given_queries(graph, true, np.array([[1.4]], np.float32), 2)
    assert queries.truth.ids.tolist() == [[1, 2]]
    loss = quantization_loss(graph, queries, 2)
    assert loss.ids.tolist() == [[0, 1]]
    assert (loss.best.tolist(), loss.best_recall) == ([0.5], 0.5)
    assert loss.graph_part(0.25) == 0.25


@pytest.mark.parametrize("k", [1, 4, K])
def test_the_best_is_an_exact_search_of_the_decoded_vectors(k: int) -> None:
    graph = graph_of(PQ)
    queries = given_queries(graph, VECTORS, QUERIES, K)
    loss = quantization_loss(graph, queries, k)
    near = exact_neighbors(graph.vectors, QUERIES, k, metric="euclidean").ids
    truth = exact_neighbors(VECTORS, QUERIES, k, metric="euclidean").ids
    assert loss.best.tolist() == recall_at_k(near, truth).tolist()
    assert (loss.codes, loss.transform, loss.k) == ("PQ 4 x 4 bit", None, k)
    whole = search(graph, QUERIES, k, graph.n).ids
    found = float(recall_at_k(whole, truth).mean())
    assert abs(loss.graph_part(found)) < 0.1  # equal codes may be returned in another order


def test_rows_of_the_index_are_left_out_of_their_own_answer() -> None:
    graph = graph_of(SQ)
    queries = sample_queries(graph, VECTORS, K, size=50)
    loss = quantization_loss(graph, queries, K)
    assert queries.rows is not None
    assert not (loss.ids == queries.rows[:, None]).any()
    assert 0.7 < loss.best_recall < 0.99


def test_what_a_projection_loses_is_measured_too() -> None:
    graph = graph_of(PCA)
    loss = quantization_loss(graph, given_queries(graph, VECTORS, QUERIES, K), K)
    assert graph.transform is not None
    moved = graph.transform.apply(QUERIES)
    near = exact_neighbors(graph.vectors, moved, K, metric="euclidean").ids
    assert loss.ids.tolist() == near.tolist()
    assert (loss.codes, loss.transform) == (None, "PCA to 6 dimensions")
    assert loss.best_recall < 0.6


def test_a_graph_of_the_vectors_themselves_loses_nothing_else() -> None:
    graph = build_hnsw(VECTORS, HnswParams("euclidean"))
    with pytest.raises(ParameterError, match="graph must be one that stores codes"):
        quantization_loss(graph, given_queries(graph, VECTORS, QUERIES, 2), 2)
    with pytest.raises(ParameterError, match="k must be at most 2"):
        quantization_loss(graph_of(PQ), given_queries(graph_of(PQ), VECTORS, QUERIES, 2), 3)


@pytest.mark.parametrize("factory", [PQ, SQ, PCA])
def test_an_index_of_the_loaded_data_is_recognized_behind_codes_and_transforms(
    factory: str,
) -> None:
    graph = graph_of(factory)
    found, items = index_with_items(graph, "file", LOADED)
    assert items is LOADED
    assert found is graph
    assert not holds_stored_vectors(graph, items.vectors)


@pytest.mark.parametrize("factory", [PQ, SQ, PCA])
def test_other_data_is_not_taken_for_it(factory: str) -> None:
    graph = graph_of(factory)
    other = EmbeddingSet.from_arrays(VECTORS[::-1].copy(), name="other")
    found, items = index_with_items(graph, "file", other)
    assert items.name == "file"
    assert holds_stored_vectors(found, items.vectors)
    assert found.transform is None
    assert found.carried == ("PCA to 6 dimensions" if factory == PCA else None)
    assert found.dim == items.dim == graph.stored_dim
    assert index_items(graph, "file", None).dim == graph.stored_dim


def test_distances_are_those_of_the_true_vectors() -> None:
    graph = graph_of(PQ)
    found = search(graph, QUERIES, 3, 20)
    expected = np.linalg.norm(VECTORS[found.ids].astype(float) - QUERIES[:, None], axis=2)
    np.testing.assert_allclose(true_distances(graph, VECTORS, QUERIES, found), expected, rtol=1e-6)
    short = replace(found, ids=np.where(np.arange(3) == 2, -1, found.ids))
    assert np.isnan(true_distances(graph, VECTORS, QUERIES, short)[:, 2]).all()


def test_truth_of_a_query_set_may_be_stated() -> None:
    graph = graph_of(PQ)
    truth = Neighbors(np.array([[5, 6]]), np.zeros((1, 2)))
    loss = quantization_loss(graph, QuerySet(QUERIES[:1], truth, None, None), 2)
    assert loss.best.tolist() == recall_at_k(loss.ids, truth.ids).tolist()


def test_an_autopsy_blames_the_codes_for_what_an_exact_search_of_them_misses() -> None:
    """As in the hand case: of the true 1 and 2, row 2 is stored farther than rows 0 and 1."""
    everyone = {row: [other for other in range(4) if other != row] for row in range(4)}
    stored = np.array([[0.5], [0.5], [2.5], [2.5]], np.float32)
    graph = replace(hand_graph([everyone], 0, vectors=stored), codes="by hand")
    true = np.array([[0], [1], [2], [3]], np.float32)
    result = autopsy(graph, given_queries(graph, true, np.array([[1.4]], np.float32), 2), 4)
    assert result.stored_farther is not None
    assert result.stored_farther.tolist() == [[False, True]]
    assert [FATES[fate] for fate in result.fate[0]] == ["found", "visited and evicted"]
    assert result.help == {
        "larger ef": 0,
        "better graph": 0,
        "deduplication": 0,
        "finer codes": 1,
    }
    assert result.remedy == "finer codes"
