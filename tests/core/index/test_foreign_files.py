"""Files of others are refused by name, with what to do; no message prints bytes."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import re
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import IndexFileError
from core.index import index_file_kind, read_index
from core.index.files.foreign import foreign
from tests.core.index.index_files import rows

VECTORS = rows(20, 8)
LFS = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'ab' * 32}\nsize 8440\n"


def written(write: Callable[[io.BytesIO], object]) -> bytes:
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


def sqlite_file() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table t (a)")
    return connection.serialize()


def hdf5_file() -> bytes:
    def write(buffer: io.BytesIO) -> None:
        with h5py.File(buffer, "w") as file:
            file["train"] = VECTORS

    return written(write)


def annoy_file(node: int, items: int = 20) -> bytes:
    """Nodes of `node` words: items, inner nodes with as many descendants, and the roots again."""
    descendants = [1] * items + [7, 12, items, 9, items, items, items]
    nodes = np.zeros((len(descendants), node), dtype="<i4")
    nodes[:, 0] = descendants
    nodes[:items, 3:] = np.arange(items * (node - 3)).reshape(items, -1) + 10**9
    return nodes.tobytes()


def nmslib_packed() -> bytes:
    head = struct.pack("<IIQQQiIQQiQ", 1, 20, 120, 0, 68, 1, 3, 8, 16, 1, 0)
    return head + bytes(20 * 120 + 20 * 4)


def nmslib_plain() -> bytes:
    head = struct.pack("<IIiIQQQ", 0, 20, 1, 3, 8, 8, 16)
    return head + np.tile(np.array([0, 2, 5, 7], dtype="<u4"), 20).tobytes()


def diskann_on_disk() -> bytes:
    """Its first sector: how many numbers, 1, and the numbers, the last the size of the file."""
    size = 4 * 4096
    numbers = [20, 8, 3, 100, 40, 0, 0, 0, size]
    return (struct.pack("<II9Q", 9, 1, *numbers)).ljust(size, b"\x01")


def pgvector_file() -> bytes:
    page = bytearray(8192)
    page[24:28] = struct.pack("<I", 0xA953A953)
    return bytes(page) * 3


CASES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", r"The file is empty \(0 bytes\)"),
    "Git LFS": (LFS.encode(), "Git LFS pointer, .* of 8,440 bytes .* Run 'git lfs pull'"),
    "pickle": (pickle.dumps({"a": 1}), "a Python pickle, which is never opened"),
    "old pickle": (pickle.dumps([1, "x"], protocol=0), "a Python pickle, which is never opened"),
    "gzip": (gzip.compress(b"x" * 99), "packed with gzip. Unpack it"),
    "bzip2": (bz2.compress(b"x" * 99), "packed with bzip2"),
    "xz": (lzma.compress(b"x" * 99), "packed with xz"),
    "zstd": (b"\x28\xb5\x2f\xfd" + bytes(20), "packed with zstd"),
    "npy": (written(lambda buffer: np.save(buffer, VECTORS)), r"\(\.npy\): it holds vectors"),
    "npz": (written(lambda buffer: np.savez(buffer, a=VECTORS)), r"\(\.npz\): it holds vectors"),
    "parquet": (
        written(lambda buffer: pd.DataFrame(VECTORS).add_prefix("d").to_parquet(buffer)),
        "a Parquet file: it holds vectors or a table and no index. Open it on the Data page",
    ),
    "feather": (
        written(lambda buffer: pd.DataFrame(VECTORS).add_prefix("d").to_feather(buffer)),
        "an Arrow file: it holds vectors",
    ),
    "hdf5": (hdf5_file(), "an HDF5 file: it holds vectors"),
    "csv": (
        pd.DataFrame(VECTORS).to_csv().encode(),
        "This is text, and no index. If it holds vectors, open it on the Data",
    ),
    "json": (json.dumps(VECTORS.tolist()).encode(), "This is JSON, and no index"),
    "xml": (b"<?xml version='1.0'?><a/>", "This is XML, and no index"),
    "web page": (b"\n<!DOCTYPE html>\n<html><title>Sign in</title>", "a web page .HTML., saved"),
    "safetensors": (struct.pack("<Q", 40) + b'{"a":1}'.ljust(40) + bytes(9), "a safetensors file"),
    "fbin": (struct.pack("<II", 20, 8) + VECTORS.tobytes(), "a file of bare vectors"),
    "u8bin": (struct.pack("<II", 20, 8) + bytes(range(160)), "a file of bare vectors"),
    "fvecs": (
        b"".join(struct.pack("<I", 8) + row.tobytes() for row in VECTORS),
        "a file of bare vectors",
    ),
    "sqlite": (sqlite_file(), "an SQLite database. Chroma keeps its graph beside"),
    "voyager": (b"VOYA" + bytes(60), "an index of Voyager"),
    "annoy, angular": (annoy_file(3 + 8), "an index of Annoy: a forest of trees"),
    "annoy, euclidean": (annoy_file(4 + 8), "an index of Annoy: a forest of trees"),
    "annoy, one id left out": (
        annoy_file(11)[: 4 * 11] + bytes(4 * 11) + annoy_file(11)[8 * 11 :],
        "an index of Annoy",
    ),
    "nmslib, packed": (nmslib_packed(), "an HNSW index of nmslib"),
    "nmslib, plain": (nmslib_plain(), "an HNSW index of nmslib"),
    "diskann": (struct.pack("<QIIQ", 200, 32, 5, 0).ljust(200, b"\x03"), "a Vamana graph of Di"),
    "diskann on disk": (diskann_on_disk(), "a Vamana graph of DiskANN"),
    "lucene": (
        bytes.fromhex("3fd76c17") + b"\x0eLucene95Vector" + bytes(40),
        r"a file of Lucene's own \(Lucene95Vector\)",
    ),
    "lance": (bytes([3, 200]) * 50 + b"\0\0\0\0LANC", "a file of Lance"),
    "pgvector": (pgvector_file(), "the file of a pgvector HNSW index"),
    "redis": (b"REDIS0011" + bytes(30), "a Redis database file"),
    "unknown": (bytes([200, 3, 7, 255]) * 9, "its kind is not known. Index files of hnswlib"),
}


@pytest.mark.parametrize("kind", CASES)
def test_a_file_of_another_kind_is_named(kind: str) -> None:
    content, said = CASES[kind]
    with pytest.raises(IndexFileError, match=said) as raised:
        read_index(content, name="mine.bin", metric="euclidean")
    message = str(raised.value)
    assert message.startswith("mine.bin: ")
    assert not re.search(r"b'|\\x|begins with", message)
    with pytest.raises(IndexFileError, match=said):
        index_file_kind(content)


def test_a_text_may_end_within_a_letter() -> None:
    assert "This is text" in foreign(("x" * 4095 + "é").encode())
    assert "not known" in foreign(b"text \xff text \xff")


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    mark = tmp_path / "opened"

    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (mark,)

    with pytest.raises(IndexFileError, match="pickle"):
        read_index(pickle.dumps(Trap()))
    assert not mark.exists()


@pytest.mark.parametrize("kind", CASES)
def test_a_file_of_another_kind_cut_or_changed_is_an_error(kind: str) -> None:
    content = CASES[kind][0]
    for cut in range(0, len(content), max(1, len(content) // 150)):
        with pytest.raises(IndexFileError):
            read_index(content[:cut], metric="euclidean")
        wrong = content[:cut] + b"\xff\xff\xff\xff" + content[cut + 4 :]
        with pytest.raises(IndexFileError):
            read_index(wrong, metric="euclidean")


@given(st.binary(max_size=300), st.sampled_from(sorted(CASES)))
@settings(max_examples=300, deadline=None)
def test_every_message_is_made_of_words(tail: bytes, kind: str) -> None:
    message = foreign(CASES[kind][0][:40] + tail)
    assert message.isprintable()
    assert message.endswith((".", "read."))
