"""Damaged and hostile index files: a graph that can be searched, or an error that says where."""

import struct
import tracemalloc
from typing import Any

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.distances import unit_rows
from core.errors import CoreError, IndexFileError
from core.index import read_index, search
from tests.core.index.chroma_files import chroma_files
from tests.core.index.index_files import (
    byte_file,
    faiss_bytes,
    hnswlib_bytes,
    rows,
    serialized,
    usearch_bytes,
)

N, DIM = 9, 3
VECTORS = rows(N, DIM)
UNIT = unit_rows(VECTORS).astype(np.float32)
IDS = np.arange(N)[::-1] * 3


def transformed(factory: str) -> bytes:
    index = faiss.index_factory(DIM, factory)
    index.train(VECTORS)
    if factory.startswith("IDMap"):
        index.add_with_ids(VECTORS, IDS)
    else:
        index.add(VECTORS)
    return serialized(index)


def cagra() -> bytes:
    index = faiss.IndexHNSWCagra(DIM, 2)
    index.add(VECTORS)
    index.base_level_only = True
    return serialized(index)


def panorama() -> bytes:
    index = faiss.IndexHNSWFlatPanorama(DIM, 2, 1)
    index.add(VECTORS)
    return serialized(index)


WHOLE_USEARCH = usearch_bytes(VECTORS, m=2)
FILES = {
    "hnswlib": hnswlib_bytes(VECTORS, m=2),
    "faiss": faiss_bytes(VECTORS, m=2),
    "faiss ids": faiss_bytes(VECTORS, m=2, ids=IDS),
    "usearch": WHOLE_USEARCH,
}
OPTIONS: dict[str, dict[str, Any]] = {
    "hnswlib": {"metric": "euclidean"},
    "hnswlib cosine": {"metric": "cosine"},
    "faiss cosine": {"metric": "cosine"},
    "hnswlib bytes": {"metric": "euclidean", "scalar": "uint8"},
    "hnswlib labels twice": {"metric": "euclidean"},
    "usearch without vectors": {"vectors": VECTORS},
}
MORE = {
    "hnswlib cosine": hnswlib_bytes(VECTORS, m=2, space="cosine", deleted=[1, 5]),
    "faiss cosine": faiss_bytes(UNIT, m=2, inner_product=True),
    "faiss codes": faiss_bytes(VECTORS, m=2, kind="sq", ids=IDS),
    "faiss transforms": transformed("L2norm,PCA2,HNSW2"),
    "faiss ITQ": transformed("ITQ2,HNSW2"),
    "faiss moved": transformed("Pad4,HNSW2_PQ2x2"),
    "faiss centered ids": transformed("IDMap,PCAR2,HNSW2_SQ4"),
    "faiss cagra": cagra(),
    "faiss panorama": panorama(),
    "usearch without vectors": WHOLE_USEARCH[8 + VECTORS.nbytes :],
} | {
    f"usearch cosine {dtype}": usearch_bytes(VECTORS, m=2, metric="cos", dtype=dtype, removed=[2])
    for dtype in ("f64", "f32", "f16", "bf16", "i8", "e5m2", "e4m3", "u8")
}
MORE["hnswlib bytes"] = byte_file(np.arange(N * 16, dtype=np.uint8).reshape(N, 16) * 7)
MORE["hnswlib labels twice"] = hnswlib_bytes(VECTORS, m=2).replace(
    (7).to_bytes(8, "little"), (3).to_bytes(8, "little")
)
ALL = FILES | MORE
EXTREMES = {
    "<u4": (0, 2**31, 2**32 - 1),
    "<u8": (0, 2**31, 2**60, 2**63 - 1, 2**64 - 1),
}
# infinities and signaling NaNs of 16, 32 and 64 bits, the largest numbers, and the smallest
WILD = [
    bytes.fromhex(text)
    for text in ("007c", "017c", "807f", "817f", "0000807f", "0100807f", "0000c0ff", "ffff7f7f")
] + [
    bytes.fromhex(text)
    for text in ("000000000000f07f", "010000000000f07f", "ffffffffffffef7f", "01000000")
]


def attempt(content: bytes, kind: str = "hnswlib") -> str:
    """Read and search; "graph" or the message of the error. Anything else fails the test."""
    options = OPTIONS.get(kind, {})
    try:
        graph = read_index(content, **options)
    except CoreError as error:
        return str(error)
    queries = np.ones((2, graph.dim), dtype=np.float32)
    found = search(graph, queries, 1, 10, threads=1)
    assert found.ids.max() < graph.n
    return "graph"


@pytest.mark.parametrize("kind", ALL)
def test_the_whole_file_is_a_graph(kind: str) -> None:
    assert attempt(ALL[kind], kind) == "graph"


@pytest.mark.parametrize("kind", ALL)
def test_a_file_cut_off_anywhere_is_an_error(kind: str) -> None:
    content = ALL[kind]
    assert [cut for cut in range(len(content)) if attempt(content[:cut], kind) == "graph"] == []


@pytest.mark.parametrize("kind", [kind for kind in ALL if not kind.startswith("faiss")])
@pytest.mark.parametrize("more", [b"\0", b"\xff" * 1000])
def test_bytes_after_the_end_are_left_out_and_counted(kind: str, more: bytes) -> None:
    options = OPTIONS.get(kind, {})
    whole = read_index(ALL[kind], **options)
    graph = read_index(ALL[kind] + more, **options)
    assert graph.fingerprint == whole.fingerprint
    assert f"bytes after the end of the index, not read: {len(more):,}" in graph.notes
    assert not any("after the end" in note for note in whole.notes)


CHANGED = [kind for kind in ALL if kind in FILES or kind.startswith("faiss")]


@pytest.mark.parametrize("kind", CHANGED)
def test_a_changed_byte_is_a_graph_or_an_error(kind: str) -> None:
    content = ALL[kind]
    for place in range(0, len(content), 1 if kind in FILES else 3):  # others share their readers
        for value in {0x00, 0xFF, content[place] ^ 0x01} - {content[place]}:
            attempt(content[:place] + bytes([value]) + content[place + 1 :], kind)


@pytest.mark.parametrize("kind", CHANGED)
@pytest.mark.parametrize("width", EXTREMES)
def test_an_extreme_number_takes_no_more_memory_than_the_file_allows(kind: str, width: str) -> None:
    content = ALL[kind]
    size = struct.calcsize(width.replace("u4", "I").replace("u8", "Q"))
    attempt(content, kind)  # the kernels are loaded before memory is counted
    worst = 0
    tracemalloc.start()
    ends = range(len(content) - 400, len(content) - size)  # ids, and the last links
    start = range(0, 120, 1 if kind in FILES else 3)  # of others: their readers are the same
    for place in [*start, *range(120, len(content) - 400, 31), *ends[::7]]:
        for value in EXTREMES[width]:
            number = value.to_bytes(size, "little")
            changed = content[:place] + number + content[place + size :]
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            attempt(changed, kind)
            worst = max(worst, tracemalloc.get_traced_memory()[1] - before)
    tracemalloc.stop()
    assert worst < 6 * len(content) + 2**20  # the rest is Python's own, and coverage's


@pytest.mark.parametrize("kind", ALL)
@settings(max_examples=80, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 10**6), st.binary(min_size=1, max_size=9)), max_size=6
    )
)
def test_several_changes_are_a_graph_or_an_error(
    kind: str, changes: list[tuple[int, bytes]]
) -> None:
    content = bytearray(ALL[kind])
    for place, patch in changes:
        start = place % len(content)
        content[start : start + len(patch)] = patch
    attempt(bytes(content), kind)


@pytest.mark.parametrize("kind", ALL)
def test_wild_numbers_are_a_graph_or_an_error(kind: str) -> None:
    content = ALL[kind]
    for number, place in enumerate(range(0, len(content) - 8, 3)):
        wild = WILD[number % len(WILD)]
        attempt(content[:place] + wild + content[place + len(wild) :], kind)


CHROMA = chroma_files(VECTORS, room=3, m=2)


@pytest.mark.parametrize("name", CHROMA)
def test_a_file_of_chroma_cut_off_anywhere_is_an_error(name: str) -> None:
    content = CHROMA[name]
    needed = {  # places that were reserved and hold no element may be missing
        "data_level0.bin": len(content) * N // (N + 3),
        "length.bin": 4 * N,
    }.get(name, len(content))
    for cut in range(len(content)):
        said = attempt_files(CHROMA | {name: content[:cut]})
        assert (said == "graph") == (cut >= needed)
        assert said == "graph" or name in said


@pytest.mark.parametrize("name", CHROMA)
def test_a_changed_byte_of_chroma_is_a_graph_or_an_error(name: str) -> None:
    content = CHROMA[name]
    for place in range(0, len(content), 1 if len(content) < 1000 else 3):
        for value in {0x00, 0xFF, content[place] ^ 0x01} - {content[place]}:
            changed = content[:place] + bytes([value]) + content[place + 1 :]
            attempt_files(CHROMA | {name: changed})


def attempt_files(files: dict[str, bytes]) -> str:
    """Read and search; "graph" or the message of an IndexFileError. Anything else fails."""
    try:
        graph = read_index(files, metric="euclidean")
    except IndexFileError as error:
        return str(error)
    found = search(graph, np.ones((2, graph.dim), dtype=np.float32), 1, 10, threads=1)
    assert found.ids.max() < graph.n
    return "graph"


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
    assert f"link on layer 0 at byte 100: 4,000 is no node: there are {N}" in attempt(
        bytes(content)
    )
    content = bytearray(FILES["hnswlib"])
    content[96 + 20 : 96 + 24] = struct.pack("<f", np.nan)  # its vector, after 4 + 4 * 4 bytes
    said = attempt(bytes(content))
    assert "vector at byte 116: item 0 (label 0) is not finite: it holds NaN. It was added" in said
    assert "damaged" not in said
    content = bytearray(FILES["hnswlib"])
    content[16:24] = struct.pack("<Q", 2**60)  # how many nodes there are
    assert "count in the header at byte 16" in attempt(bytes(content))
