"""Kinds of faiss index with fields of their own: Cagra, Panorama, a plain IndexHNSW."""

import struct
from typing import Any

import faiss
import numpy as np
import pytest

from core.errors import IndexFileError
from core.index import exact_neighbors, read_index, search
from tests.core.index.index_files import rows, serialized
from tests.core.index.test_faiss_files import links_of, native_links

DIM, N = 16, 400
VECTORS = rows(N, DIM)
QUERIES = rows(30, DIM)
HEAD = 4 + 33


def cagra(*, base_only: bool = False) -> Any:
    index = faiss.IndexHNSWCagra(DIM, 8)
    index.add(VECTORS)
    index.base_level_only = base_only
    return index


def panorama() -> Any:
    index = faiss.IndexHNSWFlatPanorama(DIM, 8, 4)
    index.add(VECTORS)
    return index


def test_a_cagra_index_with_all_its_layers_is_searched_as_faiss_does() -> None:
    index = cagra()
    graph = read_index(serialized(index))
    assert graph.source == "faiss IndexHNSWCagra"
    assert graph.notes == ()
    for layer in range(graph.max_level + 1):
        assert links_of(graph, layer) == native_links(index, layer)
    index.hnsw.efSearch = 30
    assert search(graph, QUERIES, 5, 30).ids.tolist() == index.search(QUERIES, 5)[1].tolist()


def test_the_older_form_of_cagra_lacks_the_type_of_its_numbers() -> None:
    content = serialized(cagra())
    old = b"IHNc" + content[4 : HEAD + 6] + content[HEAD + 10 :]
    assert read_index(old).fingerprint == read_index(content).fingerprint


def on_layer_0_alone(content: bytes) -> bytes:
    """As a GPU writes it: no entry point, no top layer, and no links above layer 0."""
    changed = bytearray(content)
    place = content.index(b"IxF2") - 20
    changed[place : place + 8] = struct.pack("<ii", -1, -1)
    return bytes(changed)


@pytest.mark.parametrize("written", [bytes, on_layer_0_alone])
def test_a_cagra_index_of_layer_0_alone_starts_at_the_middle(written: Any) -> None:
    index = cagra(base_only=True)
    graph = read_index(written(serialized(index)))
    mean = VECTORS.mean(axis=0)
    assert graph.max_level == 0
    assert graph.entry_point == np.linalg.norm(VECTORS - mean, axis=1).argmin()
    assert links_of(graph, 0) == native_links(index, 0)
    assert "256 random rows" in graph.notes[0]
    assert "nearest to the mean" in graph.notes[0]
    found = search(graph, QUERIES, 5, N)
    assert (
        found.ids.tolist() == exact_neighbors(VECTORS, QUERIES, 5, metric="euclidean").ids.tolist()
    )


def test_ids_around_layer_0_alone_keep_the_start() -> None:
    index = faiss.IndexIDMap(faiss.IndexHNSWCagra(DIM, 8))
    ids = np.random.default_rng(5).permutation(N)
    index.add_with_ids(VECTORS, ids)
    content = bytearray(serialized(index))
    content[HEAD + HEAD + 1] = 1  # layer 0 alone
    graph = read_index(bytes(content))
    middle = np.linalg.norm(VECTORS - VECTORS.mean(axis=0), axis=1).argmin()
    assert graph.labels[graph.entry_point] == ids[middle]


def test_other_files_need_an_entry_point() -> None:
    for content in (serialized(cagra()), serialized(panorama())):
        with pytest.raises(IndexFileError, match=r"entry point at byte .*: -1 is not between 0"):
            read_index(on_layer_0_alone(content))


def test_a_panorama_index_is_a_flat_one_with_sums() -> None:
    index = panorama()
    graph = read_index(serialized(index))
    assert graph.source == "faiss IndexHNSWFlatPanorama"
    np.testing.assert_array_equal(graph.vectors, VECTORS)
    assert links_of(graph, 0) == native_links(index, 0)
    assert "may answer otherwise" in graph.notes[0]
    content = bytearray(serialized(index))
    content[HEAD : HEAD + 8] = struct.pack("<Q", 5)  # levels
    with pytest.raises(IndexFileError, match="Panorama sums at byte 45: 2,000 for 400 items"):
        read_index(bytes(content))


def test_an_index_over_storage_of_its_own_is_read() -> None:
    storage = faiss.IndexScalarQuantizer(DIM, faiss.ScalarQuantizer.QT_fp16)
    index = faiss.IndexHNSW(storage, 8)
    index.train(VECTORS)
    index.add(VECTORS)
    graph = read_index(serialized(index))
    assert (graph.source, graph.codes) == ("faiss IndexHNSW", "SQ fp16")
    np.testing.assert_array_equal(graph.vectors, VECTORS.astype(np.float16).astype(np.float32))
