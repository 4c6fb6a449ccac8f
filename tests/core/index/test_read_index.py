"""`read_index` itself: where a file comes from, what it is called, vectors passed beside it."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import CoreError, IndexFileError, ParameterError
from core.index import index_file_kind, read_index
from tests.core.index.index_files import faiss_bytes, hnswlib_bytes, rows, usearch_bytes

VECTORS = rows(25, 4)
FILES = {
    "hnswlib": hnswlib_bytes(VECTORS),
    "faiss": faiss_bytes(VECTORS),
    "usearch": usearch_bytes(VECTORS),
}


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_is_told_and_leaves_the_file_where_it_stood(kind: str) -> None:
    file = io.BytesIO(b"before" + FILES[kind])
    file.seek(6)
    assert index_file_kind(file) == kind
    expected = read_index(FILES[kind], metric="euclidean").fingerprint
    assert read_index(file, metric="euclidean").fingerprint == expected


def test_the_three_kinds_of_equal_vectors_hold_equal_rows() -> None:
    for content in FILES.values():
        graph = read_index(content, metric="euclidean", dim=4)
        np.testing.assert_array_equal(graph.vectors, VECTORS)
        assert graph.labels.dtype == np.int64
        assert graph.labels.tolist() == list(range(25))


@pytest.mark.parametrize(
    ("content", "options", "error"),
    [
        (FILES["hnswlib"], {}, ParameterError),
        (FILES["hnswlib"][:-1], {"metric": "euclidean"}, IndexFileError),
        (FILES["faiss"], {"dim": 3}, IndexFileError),
        (b"no index", {}, IndexFileError),
    ],
)
def test_messages_begin_with_the_name(
    content: bytes, options: dict[str, Any], error: type[CoreError], tmp_path: Path
) -> None:
    with pytest.raises(error) as bare:
        read_index(content, **options)
    with pytest.raises(error, match=r"^mine\.bin: ") as named:
        read_index(content, name="mine.bin", **options)
    assert str(named.value) == f"mine.bin: {bare.value}"
    path = tmp_path / "on disk.bin"
    path.write_bytes(content)
    for source in (path, str(path)):
        with pytest.raises(error, match=r"^on disk\.bin: "):
            read_index(source, **options)
    with path.open("rb") as file, pytest.raises(error, match=r"^on disk\.bin: "):
        read_index(file, **options)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(IndexFileError, match=r"^none\.bin: The file cannot be read: No such f"):
        read_index(tmp_path / "none.bin")
    with pytest.raises(IndexFileError, match="cannot be read: embedded null"):
        index_file_kind("a\0b")
    closed = io.BytesIO(FILES["faiss"])
    closed.close()
    with pytest.raises(IndexFileError, match=r"^x: The file cannot be read: I/O operation on cl"):
        read_index(closed, name="x")
    with pytest.raises(ParameterError, match="opened in binary mode; reading it gave str"):
        read_index(io.StringIO("text"))  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", FILES)
def test_vectors_beside_a_file_that_holds_its_own_must_have_its_shape(kind: str) -> None:
    graph = read_index(FILES[kind], metric="euclidean", vectors=VECTORS + 1)
    np.testing.assert_array_equal(graph.vectors, VECTORS)
    with pytest.raises(ParameterError, match=r"25 rows of 4 dimensions.* got shape \(24, 4\)"):
        read_index(FILES[kind], metric="euclidean", vectors=VECTORS[1:])


def test_an_unknown_metric_is_refused_before_the_file_is_parsed() -> None:
    with pytest.raises(ParameterError, match="metric must be one of"):
        read_index(FILES["hnswlib"], metric="l2")  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", FILES)
def test_a_graph_of_a_file_is_its_content_not_its_origin(kind: str) -> None:
    graph = read_index(FILES[kind], metric="euclidean")
    other = read_index(FILES[kind], metric="euclidean", name="elsewhere")
    assert graph.fingerprint == other.fingerprint
    assert graph.source.startswith(kind)
    assert not graph.vectors.flags.writeable


@pytest.mark.parametrize("kind", FILES)
def test_a_graph_does_not_keep_the_file_in_memory(kind: str) -> None:
    graph = read_index(FILES[kind], metric="euclidean")
    assert graph.vectors.flags.owndata
    assert graph.vectors.flags.aligned
    assert graph.vectors.base is graph.labels.base is graph.base.targets.base is None
