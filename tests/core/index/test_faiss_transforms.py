"""IndexPreTransform: queries and vectors go through the file's own transforms, as in faiss."""

import struct
from typing import Any

import faiss
import numpy as np
import pytest

from core.distances import Metric
from core.errors import IndexFileError, ParameterError
from core.index import ef_curve, exact_neighbors, measure_latency, read_index, search, trace_search
from core.index.transform import Centering, Linear, Normalization, Remapping, Transform
from core.studies import stated_queries, true_neighbors
from tests.core.index.index_files import serialized

DIM, K = 12, 8
RANDOM = np.random.default_rng(8)
VECTORS = (RANDOM.normal(size=(600, DIM)) * np.linspace(3, 0.5, DIM) + 1).astype(np.float32)
QUERIES = (VECTORS[:50] + 0.3 * RANDOM.normal(size=(50, DIM))).astype(np.float32)
FACTORIES = {
    "PCA5,HNSW8": "PCA to 5 dimensions",
    "PCAR5,HNSW8": "PCA to 5 dimensions",
    "RR12,HNSW8": "random rotation",
    "OPQ4_8,HNSW8_PQ4x4": "linear transform to 8 dimensions",
    "Pad20,HNSW8": "dimensions moved, 12 to 20",
    "ITQ6,HNSW8": "centering, L2 normalization, ITQ to 6 dimensions",
    "L2norm,PCA5,HNSW8": "L2 normalization, PCA to 5 dimensions",
    "L2norm,HNSW8_SQ8": "L2 normalization",
    "PCA6,L2norm,HNSW8": "PCA to 6 dimensions",
    "IDMap,PCA5,HNSW8": "PCA to 5 dimensions",
    "PCA5,IDMap,HNSW8": "PCA to 5 dimensions",
    "PCA9,RR7,HNSW8": "PCA to 9 dimensions, random rotation to 7 dimensions",
}


def built(factory: str, metric: int = faiss.METRIC_L2) -> Any:
    index = faiss.index_factory(DIM, factory, metric)
    if factory.startswith("OPQ"):
        faiss.downcast_VectorTransform(index.chain.at(0)).niter = 2  # 50 take seconds
    index.train(VECTORS)
    if "IDMap" in factory:
        index.add_with_ids(VECTORS, np.arange(600)[::-1] * 2)
    else:
        index.add(VECTORS)
    return index


def centered() -> Any:
    """Centering has no name in a factory string."""
    center = faiss.CenteringTransform(DIM)
    center.train(VECTORS)
    index = faiss.IndexPreTransform(center, faiss.IndexHNSWFlat(DIM, 8))
    index.add(VECTORS)
    return index


def answers(index: Any, ef: int) -> Any:
    inner = index
    while not hasattr(inner, "hnsw"):
        inner = faiss.downcast_index(inner.index)
    inner.hnsw.efSearch = ef
    return index.search(QUERIES, K)[1]


@pytest.mark.parametrize("metric", [faiss.METRIC_L2, faiss.METRIC_INNER_PRODUCT], ids=["L2", "IP"])
@pytest.mark.parametrize("factory", [*FACTORIES, "L2norm,HNSW8"])
def test_answers_are_faiss_s_own(factory: str, metric: int) -> None:
    """Ids differ only where decoded codes are equally near."""
    index = built(factory, metric)
    graph = read_index(serialized(index))
    assert graph.dim == DIM
    for ef in (K, 30, 200):
        found = search(graph, QUERIES, K, ef)
        same = graph.labels[found.ids] == answers(index, ef)
        assert same.mean() > (0.97 if "PQ" in factory else 0.995), ef


@pytest.mark.parametrize("factory", FACTORIES)
def test_the_steps_are_named_and_give_the_stored_rows(factory: str) -> None:
    index = built(factory)
    graph = read_index(serialized(index))
    assert graph.transform is not None
    assert graph.transform.name == FACTORIES[factory]
    assert (graph.transform.dim, graph.dim) == (DIM, DIM)
    assert graph.stored_dim == graph.transform.steps[-1].dim_out
    if graph.codes is None and graph.metric == "euclidean":
        order = np.arange(600)[::-1] if "IDMap" in factory else np.arange(600)
        moved = graph.transform.apply(VECTORS[order])
        np.testing.assert_allclose(graph.vectors, moved, atol=1e-4)


def test_centering_is_carried_through() -> None:
    index = centered()
    graph = read_index(serialized(index))
    assert graph.transform is not None
    assert graph.transform.name == "centering"
    np.testing.assert_allclose(graph.vectors, VECTORS - VECTORS.mean(axis=0), atol=1e-5)
    assert search(graph, QUERIES, K, 600).ids.tolist() == answers(index, 600).tolist()


@pytest.mark.parametrize("metric", [faiss.METRIC_L2, faiss.METRIC_INNER_PRODUCT], ids=["L2", "IP"])
def test_normalization_alone_is_the_cosine(metric: int) -> None:
    index = built("L2norm,HNSW8", metric)
    graph = read_index(serialized(index))
    assert (graph.metric, graph.transform) == ("cosine", None)
    np.testing.assert_allclose(np.linalg.norm(graph.vectors, axis=1), 1, atol=1e-6)
    truth = true_neighbors(graph, VECTORS, QUERIES, K)
    expected = exact_neighbors(VECTORS, QUERIES, K, metric="cosine")
    assert truth.ids.tolist() == expected.ids.tolist()
    assert search(graph, QUERIES, K, 600).ids.tolist() == expected.ids.tolist()
    assert read_index(serialized(index), metric="cosine").fingerprint == graph.fingerprint
    own: Metric = "euclidean" if metric == faiss.METRIC_L2 else "inner_product"
    as_stored = read_index(serialized(index), metric=own)
    assert as_stored.metric == own
    assert search(as_stored, QUERIES, K, 600).ids.tolist() == expected.ids.tolist()
    with pytest.raises(IndexFileError, match="contradicts the faiss file"):
        read_index(serialized(built("PCA5,HNSW8")), metric="cosine")


def test_zero_rows_under_l2_are_no_cosine() -> None:
    """A zero row lies at 1 from any row of length 1, as near as a cosine of 0.5 does."""
    index = faiss.index_factory(DIM, "L2norm,HNSW8")
    index.add(np.concatenate([VECTORS, np.zeros((3, DIM), np.float32)]))
    graph = read_index(serialized(index))
    assert graph.metric == "euclidean"
    assert search(graph, QUERIES, K, 603).ids.tolist() == answers(index, 603).tolist()


def test_the_truth_of_lengths_that_were_lost_is_the_cosine() -> None:
    graph = read_index(serialized(built("L2norm,PCA5,HNSW8")))
    truth = true_neighbors(graph, VECTORS, QUERIES, K)
    expected = exact_neighbors(VECTORS, QUERIES, K, metric="cosine")
    assert truth.ids.tolist() == expected.ids.tolist()
    stated = stated_queries(graph, VECTORS, QUERIES, expected.ids)  # their order is right
    np.testing.assert_allclose(stated.truth.distances, truth.distances, atol=1e-6)
    plain = read_index(serialized(built("PCA5,HNSW8")))
    truth = true_neighbors(plain, VECTORS, QUERIES, K)
    expected = exact_neighbors(VECTORS, QUERIES, K, metric="euclidean")
    assert truth.ids.tolist() == expected.ids.tolist()


def test_every_way_to_search_takes_the_original_dimension() -> None:
    graph = read_index(serialized(built("PCA5,HNSW8")))
    found = search(graph, QUERIES, K, 40)
    own = graph.in_own_space()
    assert (own.dim, own.transform) == (5, None)
    moved = graph.transform.apply(QUERIES) if graph.transform else QUERIES
    assert search(own, moved, K, 40).ids.tolist() == found.ids.tolist()
    curve = ef_curve(graph, QUERIES, found.ids, ef_max=60)
    assert curve.recall[:, 40 - K].tolist() == [1.0] * len(QUERIES)
    trace = trace_search(graph, QUERIES[0], K, 40)
    assert trace.ids.tolist() == found.ids[0].tolist()
    assert measure_latency(graph, QUERIES, K, [40], rounds=1, seconds=0.001).queries == 50
    with pytest.raises(ParameterError, match="queries must have 12 dimensions"):
        search(graph, moved, K, 40)


def test_steps_by_hand() -> None:
    rows = np.array([[3, 4]], dtype=np.float32)
    assert Normalization(2).apply(rows).tolist() == [[np.float32(0.6), np.float32(0.8)]]
    assert Centering(np.array([1, -1], np.float32)).apply(rows).tolist() == [[2, 5]]
    places = np.array([1, -1, 0], dtype=np.int32)
    assert Remapping(2, places).apply(rows).tolist() == [[4, 0, 3]]
    turn = Linear(
        "rotation", np.array([[0, 1], [2, 0], [1, 1]], np.float32), np.array([1, 0, 0], np.float32)
    )
    assert turn.apply(rows).tolist() == [[5, 6, 7]]
    assert turn.name == "rotation to 3 dimensions"
    many = np.repeat(rows, 40_000, axis=0)  # in more than one block
    assert Transform((turn,)).apply(many).tolist() == [[5, 6, 7]] * 40_000


def test_a_chain_that_does_not_fit_is_an_error() -> None:
    content = serialized(built("PCA5,HNSW8"))
    start = content.index(b"IHNf")
    dim_in, dim_out = start - 9, start - 5
    for place, message in ((dim_in, "matrix at byte"), (dim_out, "matrix at byte")):
        wrong = content[:place] + struct.pack("<i", 7) + content[place + 4 :]
        with pytest.raises(IndexFileError, match=message):
            read_index(wrong)
    wrong = content[: start + 4] + struct.pack("<i", 6) + content[start + 8 :]
    with pytest.raises(IndexFileError, match=r"differs from the .* of the index around it"):
        read_index(wrong)
    infinite = bytearray(content)
    infinite[dim_in - 40 : dim_in - 36] = np.float32(np.inf).tobytes()
    with pytest.raises(IndexFileError, match="not finite"):
        read_index(bytes(infinite))
    count = 4 + 33
    none = content[:count] + struct.pack("<i", 65) + content[count + 4 :]
    with pytest.raises(IndexFileError, match="number of transforms at byte 37: 65"):
        read_index(none)


def test_a_transform_that_the_file_does_not_hold_is_named() -> None:
    with pytest.raises(IndexFileError, match="HadamardRotation: the file holds the seed"):
        read_index(serialized(built("HR,HNSW8")))


def test_vectors_beside_an_index_without_storage_go_through_the_transform() -> None:
    index = built("PCA5,HNSW8")
    whole = read_index(serialized(index))
    inner = faiss.serialize_index(faiss.downcast_index(index.index), faiss.IO_FLAG_SKIP_STORAGE)
    content = serialized(index)  # the flag does not reach the index inside
    without = content[: content.index(b"IHNf")] + bytes(inner.tobytes())
    with pytest.raises(ParameterError, match="600 rows of 12 dimensions"):
        read_index(without)
    graph = read_index(without, vectors=VECTORS)
    np.testing.assert_allclose(graph.vectors, whole.vectors, atol=1e-4)
    assert graph.dim == DIM
