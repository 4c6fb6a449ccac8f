"""Around the graph of a faiss file: storage left out, id maps that do not fit, other kinds."""

import struct

import faiss
import numpy as np
import pytest

from core.errors import IndexFileError, ParameterError
from core.index import read_index, search
from tests.core.index.index_files import faiss_bytes, faiss_index, rows

N, DIM = 60, 6
VECTORS = rows(N, DIM)
IDS = np.random.default_rng(4).permutation(N) * 10
MAP_HEAD = 4 + 33  # fourcc; d, n, two unused numbers, trained, metric


def without_storage(content: bytes) -> bytes:
    """The file as it is where the storage is skipped."""
    start = content.index(b"IxF")
    return content[:start] + b"null" + content[start + 4 + 33 + 8 + VECTORS.nbytes :]


def test_an_index_without_storage_is_what_faiss_writes() -> None:
    written = faiss.serialize_index(faiss_index(VECTORS), faiss.IO_FLAG_SKIP_STORAGE)
    assert without_storage(faiss_bytes(VECTORS)) == bytes(written.tobytes())


@pytest.mark.parametrize("ids", [None, IDS])
def test_an_index_without_storage_takes_its_vectors_from_beside(ids: np.ndarray | None) -> None:
    whole = faiss_bytes(VECTORS, ids=ids)
    content = without_storage(whole)
    with pytest.raises(
        ParameterError, match=r"IndexHNSWFlat file holds no vectors .* 60 rows of 6"
    ):
        read_index(content)
    ordered = VECTORS if ids is None else VECTORS[np.argsort(ids)]
    assert read_index(content, vectors=ordered).fingerprint == read_index(whole).fingerprint
    longer = read_index(content + b"\0", vectors=ordered)
    assert "bytes after the end of the index, not read: 1" in longer.notes


@pytest.mark.parametrize("inner_product", [False, True])
def test_searches_are_the_library_s_own_where_it_visits_all(inner_product: bool) -> None:
    index = faiss_index(VECTORS, inner_product=inner_product, ids=IDS, m=16)
    faiss.downcast_index(index.index).hnsw.efSearch = N
    queries = rows(20, DIM)
    _, expected = index.search(queries, 8)
    graph = read_index(faiss_bytes(VECTORS, inner_product=inner_product, ids=IDS, m=16))
    found = search(graph, queries, 8, N)
    assert graph.labels[found.ids].tolist() == expected.tolist()


def test_a_cosine_of_supplied_rows_needs_rows_of_length_1() -> None:
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    content = without_storage(faiss_bytes(unit, inner_product=True))
    assert read_index(content, metric="cosine", vectors=unit).metric == "cosine"
    with pytest.raises(IndexFileError, match="'cosine' contradicts the faiss file"):
        read_index(content, metric="cosine", vectors=VECTORS)


def test_an_id_that_stands_twice_is_two_rows() -> None:
    content = bytearray(faiss_bytes(VECTORS, ids=IDS))
    content[-8:] = content[-16:-8]
    graph = read_index(bytes(content))
    assert (graph.n, np.count_nonzero(graph.labels == IDS[-2])) == (N, 2)
    assert graph.notes == (f"label {IDS[-2]} stands for 2 items, each a row of its own",)


@pytest.mark.parametrize("count", [0, N - 1, N + 1, 2**63, 2**64 - 1])
def test_a_wrong_count_of_ids_is_an_error(count: int) -> None:
    content = bytearray(faiss_bytes(VECTORS, ids=IDS))
    place = len(content) - 8 * (N + 1)
    content[place : place + 8] = struct.pack("<Q", count)
    with pytest.raises(IndexFileError, match=f"count of ids at byte {place:,}: it is not 60"):
        read_index(bytes(content))


@pytest.mark.parametrize(
    ("at", "value"), [(4, DIM + 1), (8, N + 1), (33, 0)], ids=["dim", "count", "metric"]
)
def test_an_id_map_around_another_index_is_an_error(at: int, value: int) -> None:
    content = bytearray(faiss_bytes(VECTORS, ids=IDS))
    content[at : at + 4] = struct.pack("<i", value)
    with pytest.raises(IndexFileError, match=f"header at byte {MAP_HEAD + 4}: .* differs from the"):
        read_index(bytes(content))


def test_storage_of_another_kind_or_size_is_named() -> None:
    content = faiss_bytes(VECTORS)
    start = content.index(b"IxF")
    with pytest.raises(
        IndexFileError, match=f"kind of storage at byte {start:,}: b'IxPT' is neither"
    ):
        read_index(content.replace(b"IxF2", b"IxPT"))
    head, size = start + 4, start + 4 + 33  # the storage's own header, then how many numbers
    wrong = content[:head] + struct.pack("<i", DIM + 1) + content[head + 4 :]
    with pytest.raises(IndexFileError, match=f"storage header at byte {head:,}: .* differs from"):
        read_index(wrong)
    fewer = content[:size] + struct.pack("<Q", N * DIM - 1) + content[size + 8 :]
    with pytest.raises(IndexFileError, match=f"vectors at byte {size:,}: 359 numbers, not 60 rows"):
        read_index(fewer)
