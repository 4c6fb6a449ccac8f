"""Files that are well formed and yet lose rows, fail late, or grow in memory beyond their size."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data import EmbeddingSet, read_embeddings
from core.errors import BadRowsError, DataError
from tests.core.data.files import VECTORS, as_csv, as_npy, as_npz


def parquet_of(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return sink.getvalue().to_pybytes()


class TestFirstLine:
    @pytest.mark.filterwarnings("ignore")  # as a server runs: pandas would cut with a warning
    def test_a_first_row_with_values_too_many_is_refused(self) -> None:
        for content in (b"a0,a1\n1,2,3\n4,5,6\n", b"\na0,a1\n  \n1,2,3\n"):
            with pytest.raises(DataError, match="has 2 columns: the next line has 3 values"):
                read_embeddings(content, name="a.csv")

    def test_counted_names_as_pandas_writes_them(self) -> None:
        found = read_embeddings(as_csv(pd.DataFrame(VECTORS)), name="a.csv")
        np.testing.assert_array_equal(found.vectors, VECTORS)
        assert "first line of numbers taken as column names" in found.notes

    def test_a_row_with_a_label_is_no_line_of_names(self) -> None:
        found = read_embeddings(b"0.1,-2,cat\n0.3,4,dog\n", name="a.csv", label_column="2")
        np.testing.assert_array_equal(found.vectors, np.array([[0.1, -2], [0.3, 4]], np.float32))
        assert found.class_names == ("cat", "dog")
        assert "first line of numbers taken as a row, so the columns are numbered" in found.notes

    def test_years_beside_a_name_are_names(self) -> None:
        found = read_embeddings(b"word,1990,1991\nx,1,2\n", name="a.csv")
        assert found.vectors.tolist() == [[1, 2]]
        assert found.metadata["word"].tolist() == ["x"]


def stating(header: str, data: bytes) -> bytes:
    text = header.encode()
    text += b" " * (63 - (10 + len(text)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


@pytest.mark.parametrize(
    ("descr", "shape", "size"),
    [
        ("('<f4', (2,))", "(2, 1)", 16),
        ("'<f4'", f"({2**70}, 0)", 0),
        ("'<f4'", f"({'1, ' * 70})", 4),
        ("'<f4'", "(True, 2)", 8),
    ],
)
def test_impossible_headers(descr: str, shape: str, size: int) -> None:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"
    with pytest.raises(DataError, match="states an impossible array"):
        read_embeddings(stating(header, bytes(size)), name="a.npy")


class TestColumnsOfAnNpz:
    @pytest.mark.parametrize(
        ("values", "names"),
        [
            (np.array([10, 9, 9, 10], ">i8"), ("9", "10")),
            (np.array([1.5, 0, 0, 2], ">f4"), ("0", "1.5", "2")),
            (np.array([1.5, 0, 0, 2], np.longdouble), ("0", "1.5", "2")),
            (np.array([1, 2, 2, 1], "m8"), ("1", "2")),
            (np.array([2**62] * 4).view("M8[Y]"), (str(2**62),)),
            (np.array(["a", "b", "a", "b"], ">U1"), ("a", "b")),
            (np.zeros(4, [("x", "<i4")]), ("(0,)",)),
        ],
    )
    def test_every_kind_of_label(self, values: np.ndarray, names: tuple[str, ...]) -> None:
        found = read_embeddings(as_npz(vectors=VECTORS, label=values), name="a.npz")
        assert found.class_names == names
        assert len(found.fingerprint) == 32

    def test_dates_stay_dates(self) -> None:
        days = np.array(["2001-02-03"] * 4, "M8[D]")
        found = read_embeddings(as_npz(vectors=VECTORS, day=days), name="a.npz")
        assert found.metadata["day"][0] == pd.Timestamp(2001, 2, 3)

    @pytest.mark.parametrize("code", [0x110000, 0xD800])
    def test_text_that_is_not_unicode(self, code: int) -> None:
        text = np.full(4, code, "<u4").view("<U1")
        with pytest.raises(DataError, match="array 'word' holds text that is not Unicode"):
            read_embeddings(as_npz(vectors=VECTORS, word=text), name="a.npz")


def test_labels_that_are_lists_are_told_by_their_text() -> None:
    lines = b'{"vector": [1], "label": {"a": 1}}\n{"vector": [2], "label": [2]}\n{"vector": [3]}'
    found = read_embeddings(lines, name="a.jsonl")
    assert found.class_names == ("[2]",)
    assert found.labels is not None
    assert found.labels.tolist() == [-1, 0, -1]
    assert found.metadata["a"].tolist()[0] == 1  # an object's fields are columns


def test_lists_of_tags_are_no_vectors() -> None:
    table = pa.table({"tags": [[], ["x", "y"]], "v": [[1.0, 2.0], [3.0, 4.0]]})
    found = read_embeddings(parquet_of(table), name="a.parquet")
    assert found.vectors.tolist() == [[1, 2], [3, 4]]
    assert list(found.metadata.columns) == ["tags"]


def test_something_else_among_lists_is_named() -> None:
    match = r"row 1 of the column 'v': it is no list .* but 5"
    with pytest.raises(BadRowsError, match=match) as bad:
        read_embeddings(b'{"v": [1, 2]}\n{"v": 5}\n{"v": [3, 4]}', name="a.jsonl")
    assert bad.value.rows == (1,)


def test_text_of_parquet_that_is_not_utf8() -> None:
    content = parquet_of(pa.table({"vector": [[1.0], [2.0]], "word": ["abcd", "efgh"]}))
    for damaged in (b"abc\xff", b"ab\xc3d"):
        with pytest.raises(DataError, match=r"not readable Parquet.*UTF8"):
            read_embeddings(content.replace(b"abcd", damaged), name="a.parquet")


def test_half_a_surrogate_pair_is_refused_and_a_whole_one_read() -> None:
    for line in (b'{"vector": [1], "w": "\\uD800"}', b'{"vector": [1], "\\ud800": 1}'):
        with pytest.raises(DataError, match=r"Line 1 .* surrogates not allowed"):
            read_embeddings(line, name="a.jsonl")
    found = read_embeddings(b'{"vector": [1], "w": "\\ud835\\udc65"}', name="a.jsonl")
    assert found.metadata["w"].tolist() == ["\N{MATHEMATICAL ITALIC SMALL X}"]


def test_a_path_with_a_nul() -> None:
    with pytest.raises(DataError, match=r"cannot be read: .*null"):
        read_embeddings(Path("a\0.npy"))


def test_notes_name_what_became_of_queries_and_truth() -> None:
    rows = VECTORS.copy()
    rows[1, 1] = np.nan
    content = as_npz(train=rows, test=VECTORS[:1].astype(np.float64), neighbors=np.array([[0]]))
    found = read_embeddings(content, name="a.npz", bad_rows="drop")
    assert found.ground_truth is None
    assert "ground truth left out: it numbers the rows before some were dropped" in found.notes
    assert "queries: float64 converted to float32" in found.notes


def test_shared_arrays_cannot_be_written() -> None:
    found = EmbeddingSet.from_arrays(
        VECTORS,
        metadata=pd.DataFrame({"label": list("abab")}),
        name="x",
        queries=VECTORS[:1],
        ground_truth=[[0]],
    )
    for array in (found.vectors, found.labels, found.queries, found.ground_truth):
        assert array is not None
        assert not array.flags.writeable


class TestGrowth:
    """Each file is small; what it would unpack to is not."""

    @pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_packings_whose_growth_cannot_be_bounded(self, packing: int) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", packing) as archive:
            archive.writestr("vectors.npy", as_npy(VECTORS))
        with pytest.raises(DataError, match=r"'vectors\.npy' is packed in a way"):
            read_embeddings(buffer.getvalue(), name="a.npz")

    def test_runs_of_equal_numbers_in_parquet(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # 400,000 float64 values: 3.2 MB from a few kB
        content = parquet_of(pa.table({f"x{i}": np.zeros(200_000) for i in range(2)}))
        assert len(content) < 20_000
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "3")
        with pytest.raises(DataError, match="The unpacked table is too large: 3 MB"):
            read_embeddings(content, name="a.parquet")

    def test_lists_of_equal_numbers_in_parquet(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # 8,000 lists of 100 float32 values: 3.2 MB from a few kB
        content = parquet_of(pa.table({"vector": [np.zeros(100, np.float32)] * 8_000}))
        assert len(content) < 20_000
        assert read_embeddings(content, name="a.parquet").vectors.shape == (8_000, 100)
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "3")
        with pytest.raises(DataError, match="The unpacked table is too large: 3 MB"):
            read_embeddings(content, name="a.parquet")

    @pytest.mark.parametrize("kind", ["flat", "list", "struct", "map"])
    def test_one_long_text_in_every_row_of_parquet(
        self, kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # 100 rows of 100,000 letters: 10 MB, stored once
        text = "a" * 100_000
        column = {
            "flat": pa.array([text] * 100),
            "list": pa.array([[text]] * 100),
            "struct": pa.array([{"t": text}] * 100),
            "map": pa.array([[(text, 1)]] * 100, pa.map_(pa.string(), pa.int64())),
        }[kind]
        content = parquet_of(pa.table({"vector": [[1.0, 2.0]] * 100, "word": column}))
        assert len(content) < 100_000
        assert read_embeddings(content, name="a.parquet").dim == 2
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "9")
        with pytest.raises(DataError, match=r"text of the unpacked table is too large: 10 MB"):
            read_embeddings(content, name="a.parquet")

    def test_a_new_key_in_every_line(self) -> None:
        lines = "\n".join(f'{{"vector":[1],"k{i}":1}}' for i in range(4_000))
        with pytest.raises(DataError, match=r"4,000 rows x 4,001 columns, most of them empty"):
            read_embeddings(lines.encode(), name="a.jsonl")

    def test_short_rows_under_a_long_line_of_names(self) -> None:
        text = ",".join(f"c{i}" for i in range(20_000)) + "\n1" * 1_000
        with pytest.raises(DataError, match=r"has 20,000 columns: the next line has 1 value"):
            read_embeddings(text.encode(), name="a.csv")

    def test_line_breaks_within_quotes_are_no_rows(self) -> None:
        names = ",".join(f"x{i}" for i in range(2_000))
        values = ",".join("1" for _ in range(2_000))
        text = f'{names},text\n{values},"{chr(10) * 10_000}"\n'
        assert read_embeddings(text.encode(), name="a.csv").vectors.shape == (1, 2_000)
