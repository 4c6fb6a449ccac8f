"""faiss' files: the links are the library's own; ids, codes and metrics are respected."""

from typing import Any

import faiss
import numpy as np
import pytest

from core.errors import IndexFileError, ParameterError
from core.index import HnswGraph, exact_neighbors, index_file_kind, read_index, search
from tests.core.index.index_files import faiss_bytes, faiss_index, rows


def native_links(index: Any, layer: int) -> dict[int, list[int]]:
    graph = index.hnsw
    levels = faiss.vector_to_array(graph.levels)
    offsets = faiss.vector_to_array(graph.offsets)
    neighbors = faiss.vector_to_array(graph.neighbors)
    links = {}
    for node in np.flatnonzero(levels > layer).tolist():
        first = int(offsets[node]) + graph.cum_nb_neighbors(layer)
        last = int(offsets[node]) + graph.cum_nb_neighbors(layer + 1)
        links[node] = [int(i) for i in neighbors[first:last] if i >= 0]
    return links


def links_of(graph: HnswGraph, layer: int) -> dict[int, list[int]]:
    links: dict[int, list[int]] = {int(node): [] for node in graph.nodes(layer)}
    for a, b in zip(*(ends.tolist() for ends in graph.links(layer)), strict=True):
        links[a].append(b)
    return links


@pytest.mark.parametrize("n", [1, 2, 900])
def test_the_graph_is_the_library_s_own(n: int) -> None:
    vectors = rows(n)
    content, index = faiss_bytes(vectors), faiss_index(vectors)
    graph = read_index(content)
    assert index_file_kind(content) == "faiss"
    assert (graph.metric, graph.m, graph.ef_construction) == ("euclidean", 4, 30)
    assert (graph.max_level, graph.entry_point) == (index.hnsw.max_level, index.hnsw.entry_point)
    assert graph.source == "faiss IndexHNSWFlat"
    np.testing.assert_array_equal(graph.vectors, vectors)
    for layer in range(graph.max_level + 1):
        assert links_of(graph, layer) == native_links(index, layer)


@pytest.mark.parametrize("inner_product", [False, True])
def test_a_search_as_wide_as_the_index_is_exact(inner_product: bool) -> None:
    vectors, queries = rows(500), rows(40)
    graph = read_index(faiss_bytes(vectors, inner_product=inner_product, m=16))
    assert graph.metric == ("inner_product" if inner_product else "euclidean")
    found = search(graph, queries, 10, 500)
    exact = exact_neighbors(vectors, queries, 10, metric=graph.metric)
    assert found.ids.tolist() == exact.ids.tolist()


@pytest.mark.parametrize("id_map", [faiss.IndexIDMap, faiss.IndexIDMap2])
def test_ids_of_a_map_become_labels(id_map: Any) -> None:
    vectors = rows(300)
    ids = np.random.default_rng(1).permutation(300) * 5 - 200
    graph = read_index(faiss_bytes(vectors, ids=ids, id_map=id_map))
    order = np.argsort(ids)
    assert graph.labels.tolist() == ids[order].tolist()
    np.testing.assert_array_equal(graph.vectors, vectors[order])
    assert graph.source == f"faiss {id_map.__name__} over IndexHNSWFlat"
    inner = native_links(faiss_index(vectors), 0)
    row = np.argsort(order)
    expected = {int(row[a]): [int(row[b]) for b in ends] for a, ends in inner.items()}
    assert links_of(graph, 0) == expected


@pytest.mark.parametrize("kind", ["sq", "pq"])
@pytest.mark.parametrize("mapped", [False, True])
def test_vectors_beside_codes_must_be_one_for_each_item(kind: str, mapped: bool) -> None:
    vectors = rows(400)
    ids = np.arange(400)[::-1] if mapped else None
    content = faiss_bytes(vectors, kind=kind, ids=ids)
    with pytest.raises(ParameterError, match="vectors must be 400 rows of 6 dimensions"):
        read_index(content, vectors=vectors[:-1])
    graph = read_index(content)
    assert graph.labels.tolist() == list(range(400))
    order = slice(None, None, -1) if mapped else slice(None)
    apart = np.linalg.norm(graph.vectors[order] - vectors, axis=1)
    elsewhere = np.linalg.norm(graph.vectors[order] - vectors[::-1], axis=1)
    assert apart.mean() < 0.7 * elsewhere.mean()  # so each stands at its own label
    assert (graph.in_degree(0) > 0).mean() > 0.9


def test_inner_products_of_unit_rows_are_cosines() -> None:
    vectors = rows(200)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    content = faiss_bytes(unit, inner_product=True)
    assert read_index(content, metric="cosine").metric == "cosine"
    with pytest.raises(IndexFileError, match="'cosine' contradicts"):
        read_index(faiss_bytes(vectors, inner_product=True), metric="cosine")


def test_what_contradicts_the_file_is_an_error() -> None:
    content = faiss_bytes(rows(20))
    with pytest.raises(IndexFileError, match="which was built with 'euclidean'"):
        read_index(content, metric="inner_product")
    with pytest.raises(IndexFileError, match="vectors have 6 dimensions"):
        read_index(content, dim=5)


@pytest.mark.parametrize(
    ("factory", "name"),
    [
        ("Flat", "IndexFlatL2 is not an HNSW index"),
        ("IVF2,Flat", "IndexIVFFlat is not an HNSW index"),
        ("PQ2x4", "IndexPQ is not an HNSW index"),
        ("LSH", "IndexLSH is not an HNSW index"),
        ("IDMap,Flat", "byte 37: IndexFlatL2 is not an HNSW index"),
        ("PCA4,Flat", "IndexFlatL2 is not an HNSW index"),
        ("NSG4,Flat", "IndexNSGFlat is not an HNSW index"),
        ("HNSW4_2x4+PQ2", "IndexHNSW2Level is not an HNSW index of"),
        ("Flat,RFlat", "IndexRefine is not an HNSW index"),
    ],
)
def test_other_indexes_are_named_by_their_class(factory: str, name: str) -> None:
    index = faiss.index_factory(6, factory)
    vectors = rows(300)
    index.train(vectors)
    if factory.startswith("IDMap"):
        index.add_with_ids(vectors, np.arange(300))
    else:
        index.add(vectors)
    with pytest.raises(IndexFileError, match=name):
        read_index(bytes(faiss.serialize_index(index).tobytes()))


def test_a_binary_index_is_named_as_such() -> None:
    index = faiss.IndexBinaryHNSW(16, 4)
    index.add(np.arange(40, dtype=np.uint8).reshape(20, 2))
    with pytest.raises(IndexFileError, match="byte 0: IndexBinaryHNSW, a binary index, is not"):
        read_index(bytes(faiss.serialize_index_binary(index).tobytes()))


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        (faiss.METRIC_L1, r"L1 \(2\)"),
        (faiss.METRIC_Linf, r"Linf \(3\)"),
        (faiss.METRIC_Jaccard, r"Jaccard \(23\)"),
        (faiss.METRIC_GOWER, r"Gower \(25\)"),
    ],
)
def test_other_metrics_are_named(metric: int, name: str) -> None:
    index = faiss.IndexHNSWFlat(6, 4, metric)
    index.add(np.abs(rows(5)))
    with pytest.raises(IndexFileError, match=f"metric at byte 33: {name} is neither inner product"):
        read_index(bytes(faiss.serialize_index(index).tobytes()))


def test_an_index_without_items_is_empty_and_not_damaged() -> None:
    for index in (faiss.IndexHNSWFlat(6, 4), faiss.IndexIDMap(faiss.IndexHNSWFlat(6, 4))):
        with pytest.raises(IndexFileError, match="is empty: it holds no items") as raised:
            read_index(bytes(faiss.serialize_index(index).tobytes()))
        assert "damaged" not in str(raised.value)
