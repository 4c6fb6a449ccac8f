"""Feather, Arrow files and streams, and nested columns of Parquet."""

import io
import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import read_embeddings
from core.data.readers import arrow_ipc
from core.data.readers.found import Options
from core.errors import DataError
from tests.core.data.files import as_arrow_stream, as_feather
from tests.core.data.test_traps import parquet_of

N, DIM = 30, 6
VECTORS = np.random.default_rng(0).normal(size=(N, DIM)).astype(np.float32)
WORDS = [f"w{i}" for i in range(N)]
FLAT = pa.array(VECTORS.ravel())


def lists(kind: str) -> pa.Array:
    places = np.arange(N + 1) * DIM
    if kind == "list":
        return pa.ListArray.from_arrays(pa.array(places, pa.int32()), FLAT)
    if kind == "large list":
        return pa.LargeListArray.from_arrays(pa.array(places), FLAT)
    if kind == "list of fixed size":
        return pa.FixedSizeListArray.from_arrays(FLAT, DIM)
    offsets, sizes = pa.array(places[:-1], pa.int32()), pa.array([DIM] * N, pa.int32())
    return pa.ListViewArray.from_arrays(offsets, sizes, FLAT)


def as_file(table: pa.Table, **how: Any) -> bytes:
    buffer = io.BytesIO()
    with pa.ipc.new_file(buffer, table.schema, options=pa.ipc.IpcWriteOptions(**how)) as file:
        file.write_table(table)
    return buffer.getvalue()


TABLE = pa.table({"word": WORDS, "v": lists("list")})
WRITERS = {
    "feather": lambda: as_feather(TABLE.to_pandas()),
    "feather, zstd": lambda: as_feather(TABLE.to_pandas(), compression="zstd"),
    "feather, not packed": lambda: as_feather(TABLE.to_pandas(), compression="uncompressed"),
    "file": lambda: as_file(TABLE),
    "stream": lambda: as_arrow_stream(TABLE),
    "stream of many batches": lambda: as_arrow_stream(TABLE, rows=7),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_files_and_streams(writer: str) -> None:
    found = read_embeddings(WRITERS[writer](), name="a.arrow")
    np.testing.assert_array_equal(found.vectors, VECTORS)
    assert found.metadata["word"].tolist() == WORDS


@pytest.mark.parametrize("kind", ["list", "large list", "list of fixed size", "list view"])
@pytest.mark.parametrize("rows", [None, 7])
def test_every_kind_of_list(kind: str, rows: int | None) -> None:
    content = as_arrow_stream(pa.table({"v": lists(kind)}), rows=rows)
    np.testing.assert_array_equal(read_embeddings(content, name="a.arrow").vectors, VECTORS)


def test_missing_and_short_lists_are_named_across_batches() -> None:
    rows: list[Any] = VECTORS.tolist()
    rows[8], rows[20] = None, [1.0]
    content = as_arrow_stream(pa.table({"v": rows}), rows=7)
    with pytest.raises(DataError, match=r"2 rows \(8, 20\) cannot be used; row 20 .* has 1 values"):
        read_embeddings(content, name="a.arrow")
    kept = read_embeddings(content, name="a.arrow", bad_rows="drop")
    np.testing.assert_array_equal(kept.vectors, np.delete(VECTORS, [8, 20], axis=0))


NESTED = pa.table(
    {
        "id": range(N),
        "payload": [{"title": word, "id": f"p{word}", "deep": {"n": 1}} for word in WORDS],
        "embedding": [{"list": [{"element": float(x)} for x in v]} for v in VECTORS],
        "kind": pa.array(["a", "b"] * (N // 2)).dictionary_encode(),
        "price": pa.array([1.5] * N).cast(pa.decimal128(6, 2)),
        "tags": [["x", "y"]] * N,
        "counts": pa.array([[("a", 1)]] * N, pa.map_(pa.string(), pa.int64())),
    }
)


@pytest.mark.parametrize("write", [parquet_of, as_arrow_stream])
def test_fields_of_structs_are_columns(write: Any) -> None:
    found = read_embeddings(
        write(NESTED), name="a" + (".parquet", ".arrow")[write is not parquet_of]
    )
    np.testing.assert_array_equal(found.vectors, VECTORS)
    frame = found.metadata
    names = ["id", "title", "payload.id", "n", "kind", "price", "tags", "counts"]
    assert list(frame.columns) == names
    assert frame["title"].tolist() == WORDS
    assert frame["payload.id"][3] == "pw3"
    assert frame["price"].tolist() == [1.5] * N
    assert frame["tags"][0] == "['x', 'y']"
    assert frame["kind"].tolist() == ["a", "b"] * (N // 2)
    assert found.label_column == "kind"


def test_texts_that_are_views() -> None:
    long = ["a text that is longer than twelve letters", None, "short"] * (N // 3)
    table = pa.table({"v": lists("list"), "text": pa.array(long, pa.string_view())})
    found = read_embeddings(as_arrow_stream(table), name="a.arrow")
    assert found.metadata["text"].fillna("").tolist() == [text or "" for text in long]


def test_the_metric_in_the_schema() -> None:
    content = as_arrow_stream(TABLE.replace_schema_metadata({"metric": "euclidean"}))
    assert read_embeddings(content, name="a.arrow").metric == "euclidean"


def test_a_mapped_file_is_not_copied(tmp_path: Path) -> None:
    path = tmp_path / "big.arrow"
    path.write_bytes(as_file(TABLE))
    with path.open("rb") as file:
        content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        found = arrow_ipc.read(content, Options())
        mapped = np.frombuffer(content, np.uint8)
        assert np.shares_memory(found.vectors, mapped)
        np.testing.assert_array_equal(found.vectors, VECTORS)


class TestHostile:
    def test_the_first_version_of_feather_is_named(self) -> None:
        with pytest.raises(DataError, match="Feather's first version"):
            read_embeddings(b"FEA1" + bytes(100), name="a.feather")

    @pytest.mark.parametrize("packing", ["zstd", "lz4"])
    def test_a_packed_batch_that_grows(self, packing: str, monkeypatch: pytest.MonkeyPatch) -> None:
        # 500,000 float64 zeros: 4 MB from a few kB
        content = as_file(pa.table({"x": np.zeros(500_000)}), compression=packing)
        assert len(content) < 40_000
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "3")
        with pytest.raises(DataError, match="The unpacked table is too large: 4 MB"):
            read_embeddings(content, name="a.arrow")

    def test_a_dictionary_that_grows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        table = pa.table({"v": [[1.0, 2.0]], "t": pa.array(["a" * 4_000_000]).dictionary_encode()})
        content = as_file(table, compression="zstd")
        assert len(content) < 40_000
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "3")
        with pytest.raises(DataError, match="The unpacked table is too large: 4 MB"):
            read_embeddings(content, name="a.arrow")

    def test_one_text_that_many_views_show(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # 1,000 views of one text of 10,000 letters: 10 MB from 26 kB
        text, n = b"a" * 10_000, 1_000
        view = np.array([len(text), int.from_bytes(text[:4], "little"), 0, 0], np.int32)
        views = pa.py_buffer(np.tile(view, n).tobytes())
        array = pa.Array.from_buffers(pa.string_view(), n, [None, views, pa.py_buffer(text)])
        array.validate(full=True)
        content = as_arrow_stream(pa.table({"v": [[1.0, 2.0]] * n, "t": array}))
        assert read_embeddings(content, name="a.arrow").n == n
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "9")
        with pytest.raises(DataError, match="text of the unpacked table is too large: 10 MB"):
            read_embeddings(content, name="a.arrow")

    def test_rows_without_a_buffer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NEARFIELD_MAX_VALUES", "1000")
        content = as_arrow_stream(pa.table({"n": pa.nulls(2_000)}))
        with pytest.raises(DataError, match="2,000 x 1 = 2,000 values"):
            read_embeddings(content, name="a.arrow")

    @pytest.mark.parametrize("writer", WRITERS)
    @given(data=st.data())
    @settings(deadline=None, max_examples=60)
    def test_changed_and_cut_files(self, writer: str, data: st.DataObject) -> None:
        content = bytearray(WRITERS[writer]())
        for _ in range(data.draw(st.integers(0, 4))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        end = data.draw(st.integers(1, len(content)))
        try:
            read_embeddings(bytes(content[:end]), name="a.arrow")
        except DataError:
            return


def test_an_empty_table() -> None:
    for frame in (pd.DataFrame({"v": []}), pd.DataFrame()):
        with pytest.raises(DataError, match="has no rows"):
            read_embeddings(as_feather(frame), name="a.feather")
