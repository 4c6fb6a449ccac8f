"""Damaged and hostile index files: a graph that can be searched, or an error that says where."""

import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import CoreError, IndexFileError
from core.index import read_index, search
from tests.core.index.index_files import faiss_bytes, hnswlib_bytes, rows, usearch_bytes

N, DIM = 40, 3
VECTORS = rows(N, DIM)
FILES = {
    "hnswlib": hnswlib_bytes(VECTORS, m=2),
    "faiss": faiss_bytes(VECTORS, m=2),
    "faiss ids": faiss_bytes(VECTORS, m=2, ids=np.arange(N)[::-1] * 3),
    "usearch": usearch_bytes(VECTORS, m=2),
}
EXTREMES = {
    "<u4": (0, 2**31, 2**32 - 1),
    "<u8": (0, 2**31, 2**60, 2**64 - 1),
}


def attempt(content: bytes) -> str:
    """Read and search; "graph" or the message of the error. Anything else fails the test."""
    try:
        graph = read_index(content, metric="euclidean", vectors=None)
    except CoreError as error:
        return str(error)
    found = search(graph, np.zeros((2, graph.dim), dtype=np.float32), 1, 10)
    assert found.ids.max() < graph.n
    return "graph"


@pytest.mark.parametrize("kind", FILES)
def test_the_whole_file_is_a_graph(kind: str) -> None:
    assert attempt(FILES[kind]) == "graph"


@pytest.mark.parametrize("kind", FILES)
def test_a_file_cut_off_anywhere_is_an_error(kind: str) -> None:
    content = FILES[kind]
    assert [cut for cut in range(len(content)) if attempt(content[:cut]) == "graph"] == []


@pytest.mark.parametrize("kind", FILES)
def test_bytes_after_the_end_are_an_error(kind: str) -> None:
    assert "at byte" in attempt(FILES[kind] + b"\0")
    assert "at byte" in attempt(FILES[kind] + b"\0" * 1000)


@pytest.mark.parametrize("kind", FILES)
def test_a_changed_byte_is_a_graph_or_an_error(kind: str) -> None:
    content = FILES[kind]
    for place in range(len(content)):
        value = (0x00, 0xFF, content[place] ^ 0x01)[place % 3]
        attempt(content[:place] + bytes([value]) + content[place + 1 :])


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("width", EXTREMES)
def test_an_extreme_number_takes_no_more_memory_than_the_file_allows(kind: str, width: str) -> None:
    content = FILES[kind]
    size = struct.calcsize(width.replace("u4", "I").replace("u8", "Q"))
    attempt(content)  # the kernels are loaded before memory is counted
    worst = 0
    tracemalloc.start()
    ends = range(len(content) - 400, len(content) - size)  # ids, and the last links
    for place in [*range(120), *range(120, len(content) - 400, 61), *ends[::7]]:
        for value in EXTREMES[width]:
            number = value.to_bytes(size, "little")
            changed = content[:place] + number + content[place + size :]
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            attempt(changed)
            worst = max(worst, tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.stop()
    assert worst < 6 * len(content) + 2**20  # the rest is Python's own, and coverage's


@pytest.mark.parametrize("kind", FILES)
@settings(max_examples=150, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=9)), max_size=6
    )
)
def test_several_changes_are_a_graph_or_an_error(
    kind: str, changes: list[tuple[int, bytes]]
) -> None:
    content = bytearray(FILES[kind])
    for place, patch in changes:
        start = place % len(content)
        content[start : start + len(patch)] = patch
    attempt(bytes(content))


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_bytes_of_no_kind_are_an_error(content: bytes) -> None:
    with pytest.raises(IndexFileError):
        read_index(content, metric="euclidean")


def test_an_error_names_the_field_and_its_place() -> None:
    content = bytearray(FILES["hnswlib"])
    content[96:98] = struct.pack("<H", 900)  # links of the first node
    assert "link count on layer 0 at byte 96: 900 is not between 0 and 4" in attempt(bytes(content))
    content = bytearray(FILES["hnswlib"])
    content[100:104] = struct.pack("<I", 4000)  # its first link
    assert "link on layer 0 at byte 100: 4,000 is no node: there are 40" in attempt(bytes(content))
    content = bytearray(FILES["hnswlib"])
    content[96 + 20 : 96 + 24] = struct.pack("<f", np.nan)  # its vector, after 4 + 4 * 4 bytes
    assert "vector at byte 116: item 0 is not finite" in attempt(bytes(content))
    content = bytearray(FILES["hnswlib"])
    content[16:24] = struct.pack("<Q", 2**60)  # how many nodes there are
    assert "count in the header at byte 16" in attempt(bytes(content))
