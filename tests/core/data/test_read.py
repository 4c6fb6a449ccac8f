"""Every format read back, and everything wrong with a file named."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.data import SUPPORTED_ENDINGS, EmbeddingSet, read_embeddings, read_metadata
from core.errors import DataError, ParameterError
from tests.core.data.files import (
    VECTORS,
    WORDS,
    as_arff,
    as_arrow_stream,
    as_bin,
    as_csv,
    as_feather,
    as_hdf5,
    as_json,
    as_jsonl,
    as_npy,
    as_npz,
    as_parquet,
    as_safetensors,
    as_sqlite,
    as_vecs,
    as_word2vec,
    as_zip,
    frame_of_columns,
    frame_of_lists,
    xlsx_of_rows,
)

WHOLE = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9], [0, 1, 2]], np.uint8)
SQLITE = as_sqlite(
    "CREATE TABLE items (label TEXT, embedding TEXT)",
    rows={
        "items": [(w, json.dumps(v)) for w, v in zip(WORDS, VECTORS.tolist(), strict=True)],
    },
)
XLSX = xlsx_of_rows(
    [
        ["dim_0", "dim_1", "dim_2", "label"],
        *([*row, word] for row, word in zip(VECTORS.tolist(), WORDS, strict=True)),
    ]
)

FILES = {
    "a.npy": as_npy(VECTORS),
    "a.npz": as_npz(vectors=VECTORS, label=np.array(WORDS)),
    "a.csv": as_csv(frame_of_columns()),
    "a.tsv": as_csv(frame_of_columns(), sep="\t"),
    "a.txt": as_csv(frame_of_columns(), sep="|"),
    "a.vec": as_csv(frame_of_columns(), sep=" "),
    "a.parquet": as_parquet(frame_of_lists()),
    "a.feather": as_feather(frame_of_lists()),
    "a.arrow": as_arrow_stream(pa.Table.from_pandas(frame_of_lists())),
    "a.json": as_json(frame_of_lists().to_dict("records")),
    "a.jsonl": as_jsonl(frame_of_lists()),
    "a.ndjson": as_jsonl(frame_of_lists()),
    "a.h5": as_hdf5(vectors=VECTORS, label=list(WORDS)),
    "a.hdf5": as_hdf5(libver="latest", vectors=VECTORS, label=np.array(WORDS, "S4")),
    "a.h5ad": as_hdf5(**{"X": VECTORS, "obs/label": np.array(WORDS, "S4")}),
    "a.safetensors": as_safetensors(vectors=VECTORS),
    "a.fvecs": as_vecs(VECTORS),
    "a.ivecs": as_vecs(WHOLE.astype("<i4")),
    "a.bvecs": as_vecs(WHOLE),
    "a.fbin": as_bin(VECTORS),
    "a.u8bin": as_bin(WHOLE),
    "a.i8bin": as_bin(WHOLE.astype("i1")),
    "a.ibin": as_bin(WHOLE.astype("<i4")),
    "a.f16bin": as_bin(WHOLE.astype("<f2")),
    "a.bin": as_word2vec(WORDS, VECTORS),
    "a.zip": as_zip(
        {
            "v.npy": as_npy(VECTORS),
            "meta.tsv": "\n".join(("label\tn", *(f"{w}\t1" for w in WORDS))).encode(),
        }
    ),
    "a.sqlite": SQLITE,
    "a.sqlite3": SQLITE,
    "a.db": SQLITE,
    "a.xlsx": XLSX,
    "a.arff": as_arff(frame_of_columns()),
}
OF_WHOLE_NUMBERS = ("a.ivecs", "a.bvecs", "a.u8bin", "a.i8bin", "a.ibin", "a.f16bin")
WITHOUT_LABELS = ("a.npy", "a.safetensors", "a.fvecs", "a.fbin", "a.bin", *OF_WHOLE_NUMBERS)


def test_there_is_a_file_for_every_format() -> None:
    assert {Path(name).suffix for name in FILES} == set(SUPPORTED_ENDINGS)


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_same_vectors_and_labels(name: str) -> None:
    found = read_embeddings(FILES[name], name=name)
    np.testing.assert_array_equal(found.vectors, WHOLE if name in OF_WHOLE_NUMBERS else VECTORS)
    assert found.vectors.dtype == np.float32
    assert not found.vectors.flags.writeable
    assert found.name == "a"
    if name not in WITHOUT_LABELS:
        assert [found.class_names[code] for code in found.labels] == list(WORDS)  # type: ignore[union-attr]


def test_path_bytes_and_open_file_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "some set.npy"
    path.write_bytes(FILES["a.npy"])
    from_path = read_embeddings(path)
    assert from_path.name == "some set"
    with path.open("rb") as file:
        assert read_embeddings(file).fingerprint == from_path.fingerprint
    assert read_embeddings(str(path)).fingerprint == from_path.fingerprint
    assert read_embeddings(FILES["a.npy"], name="x.npy").fingerprint == from_path.fingerprint


@pytest.mark.parametrize("dtype", ["float16", "float64", "int32", "uint8", ">f4"])
def test_other_numbers_are_converted_and_said_so(dtype: str) -> None:
    values = np.arange(6).reshape(3, 2).astype(dtype)
    found = read_embeddings(as_npy(values), name="a.npy")
    np.testing.assert_array_equal(found.vectors, values.astype(np.float32))
    assert f"{values.dtype} converted to float32" in found.notes


def test_fortran_order_is_read_row_by_row() -> None:
    found = read_embeddings(as_npy(np.asfortranarray(VECTORS)), name="a.npy")
    np.testing.assert_array_equal(found.vectors, VECTORS)


class TestColumns:
    def test_numbered_columns_are_the_vectors_and_the_rest_is_metadata(self) -> None:
        found = read_embeddings(as_csv(frame_of_columns(year=[1, 2, 3, 4])), name="a.csv")
        assert list(found.metadata.columns) == ["label", "year"]
        assert "vectors taken from the columns dim_0 to dim_2" in found.notes

    def test_columns_are_ordered_by_their_number(self) -> None:
        frame = pd.DataFrame({f"x{i}": [float(i), -float(i)] for i in (10, 2, 0, 1, *range(3, 10))})
        found = read_embeddings(as_csv(frame), name="a.csv")
        assert found.vectors[0].tolist() == list(range(11))

    def test_lists_in_text_of_a_csv(self) -> None:
        frame = frame_of_lists()
        frame["embedding"] = [json.dumps(v) for v in VECTORS.tolist()]
        found = read_embeddings(as_csv(frame), name="a.csv")
        np.testing.assert_array_equal(found.vectors, VECTORS)

    def test_only_numbers_and_no_names(self) -> None:
        found = read_embeddings(b"1,2\n3,4\n", name="a.csv")
        assert found.vectors.tolist() == [[1, 2], [3, 4]]
        assert "vectors taken from the columns 0 to 1" in found.notes

    def test_other_columns_of_numbers_are_a_guess_and_said_so(self) -> None:
        found = read_embeddings(b"id,height,width,class\n7,1,2,0\n8,3,4,1\n", name="a.csv")
        assert found.vectors.tolist() == [[1, 2], [3, 4]]
        assert list(found.metadata.columns) == ["id", "class"]
        assert found.label_column == "class"
        note = "vectors guessed: all 2 columns of numbers but id (an id by its name)"
        assert note in found.notes

    def test_the_user_may_name_column_prefix_or_array(self) -> None:
        frame = frame_of_lists().assign(other=pd.Series([[1.0], [2.0], [3.0], [4.0]]))
        found = read_embeddings(as_parquet(frame), name="a.parquet", vector_column="other")
        assert found.vectors.tolist() == [[1], [2], [3], [4]]
        two = pd.concat([frame_of_columns(), frame_of_columns().add_prefix("b_")], axis=1)
        assert read_embeddings(as_csv(two), name="a.csv", vector_column="b_dim").dim == 3
        packed = as_npz(first=VECTORS, second=VECTORS[:, :2])
        assert read_embeddings(packed, name="a.npz", vector_column="second").dim == 2

    def test_a_label_column_may_be_named(self) -> None:
        frame = frame_of_columns().rename(columns={"label": "kind"})
        assert read_embeddings(as_csv(frame), name="a.csv").label_column is None
        found = read_embeddings(as_csv(frame), name="a.csv", label_column="kind")
        assert found.class_names == ("bird", "cat", "dog")

    def test_semicolons_and_a_byte_order_mark(self) -> None:
        content = "\ufeffa0;a1;label\n1;2;x\n".encode()
        assert read_embeddings(content, name="a.csv").vectors.tolist() == [[1, 2]]

    def test_projector_pair(self) -> None:
        vectors = as_csv(pd.DataFrame(VECTORS), sep="\t", header=False)
        one = read_embeddings(vectors, name="v.tsv", metadata=b"cat\ndog\ncat\nbird\n")
        assert one.class_names == ("bird", "cat", "dog")
        table = b"word\tlabel\na\tcat\nb\tdog\nc\tcat\nd\tbird\n"
        two = read_embeddings(vectors, name="v.tsv", metadata=table)
        assert two.metadata["word"].tolist() == ["a", "b", "c", "d"]
        with pytest.raises(DataError, match="4 vectors and 3 rows of metadata"):
            read_embeddings(vectors, name="v.tsv", metadata=b"cat\ndog\ncat\n")


class TestQueries:
    def test_queries_and_ground_truth_of_an_npz(self) -> None:
        truth = np.array([[0, 1], [2, 3]])
        content = as_npz(train=VECTORS, test=VECTORS[:2], neighbors=truth)
        found = read_embeddings(content, name="a.npz")
        np.testing.assert_array_equal(found.vectors, VECTORS)
        np.testing.assert_array_equal(found.queries, VECTORS[:2])
        np.testing.assert_array_equal(found.ground_truth, truth)

    def test_queries_of_another_dimension_are_left_out_and_named(self) -> None:
        found = read_embeddings(as_npz(vectors=VECTORS, queries=VECTORS[:, :2]), name="a.npz")
        assert found.queries is None
        assert "queries left out: they have 2 dimensions, and the vectors 3" in found.notes

    def test_queries_with_a_missing_value_are_left_out_with_their_truth(self) -> None:
        asked = np.array([[1, 2, np.nan]], np.float32)
        content = as_npz(train=VECTORS, test=asked, neighbors=np.array([[0]]))
        found = read_embeddings(content, name="a.npz")
        assert (found.queries, found.ground_truth) == (None, None)
        assert any(note.startswith("queries left out: queries: 1 row (0)") for note in found.notes)

    def test_ground_truth_beyond_the_rows_is_left_out_and_named(self) -> None:
        content = as_npz(train=VECTORS, test=VECTORS[:1], neighbors=np.array([[4]]))
        found = read_embeddings(content, name="a.npz")
        assert found.ground_truth is None
        np.testing.assert_array_equal(found.queries, VECTORS[:1])
        assert "ground truth left out: it holds the ids 4 to 4, and the rows are 0 to 3" in (
            found.notes
        )


class TestBadRows:
    frame = frame_of_columns().assign(dim_1=[1.0, np.nan, np.inf, 4.0])

    @pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
    def test_error_names_the_first_rows_and_their_count(self, name: str) -> None:
        content = as_csv(self.frame) if name == "a.csv" else as_parquet(self.frame)
        with pytest.raises(DataError, match=r"2 rows \(1, 2\) hold NaN, infinite or missing"):
            read_embeddings(content, name=name)

    def test_drop_leaves_them_out_and_says_so(self) -> None:
        found = read_embeddings(as_csv(self.frame), name="a.csv", bad_rows="drop")
        np.testing.assert_array_equal(found.vectors[:, 0], VECTORS[[0, 3], 0])
        assert found.metadata["label"].tolist() == [WORDS[0], WORDS[3]]
        assert "2 rows dropped: missing or not finite" in found.notes

    def test_missing_lists_are_bad_rows(self) -> None:
        content = b'{"vector": [1, 2]}\n{"vector": null}\n{"vector": [3, null]}\n'
        with pytest.raises(DataError, match=r"2 rows \(1, 2\)"):
            read_embeddings(content, name="a.jsonl")
        assert read_embeddings(content, name="a.jsonl", bad_rows="drop").vectors.tolist() == [
            [1, 2]
        ]

    def test_values_beyond_float32(self) -> None:
        with pytest.raises(DataError, match=r"1 row \(1\) hold values beyond the range of float32"):
            read_embeddings(as_npy(np.array([[1.0], [1e39]])), name="a.npy")

    def test_nothing_left(self) -> None:
        with pytest.raises(DataError, match="No row is left"):
            read_embeddings(as_npy(np.full((2, 2), np.nan)), name="a.npy", bad_rows="drop")

    def test_unknown_treatment(self) -> None:
        with pytest.raises(ParameterError, match="'error' or 'drop'; got 'keep'"):
            read_embeddings(b"1", name="a.csv", bad_rows="keep")  # type: ignore[arg-type]


def lying_header(shape: str) -> bytes:
    """A .npy whose header states another shape than its data has."""
    content = as_npy(VECTORS)
    stated = b"(4, 3), }"
    return content.replace(stated, shape.encode().ljust(len(stated))[: len(stated)])


WRONG = {
    "one dimension": ("a.npy", as_npy(VECTORS[0]), r"got a 1-D array of shape \(3,\)"),
    "three dimensions": ("a.npy", as_npy(VECTORS[None]), r"3-D array of shape \(1, 4, 3\)"),
    "no rows": ("a.npy", as_npy(VECTORS[:0]), r"at least one row .* got shape \(0, 3\)"),
    "no columns": ("a.npy", as_npy(VECTORS[:, :0]), "at least one row and one dimension"),
    "text": ("a.npy", as_npy(np.array([["a"]])), "must be numbers; got an array of <U1"),
    "objects": (
        "a.npy",
        as_npy(np.array([[1, None]], dtype=object), pickled=True),
        "never unpickled here. Save it again with numpy.save",
    ),
    "cut off": ("a.npy", as_npy(VECTORS)[:-1], "48 bytes, but holds 47. It is cut off"),
    "header says more": ("a.npy", lying_header("(9, 3), }"), "108 bytes, but holds 48"),
    "header says less": ("a.npy", lying_header("(1, 3), }"), "12 bytes, but holds 48"),
    "no npy": ("a.npy", b"\x93NUMPY, this is none", "not a readable .npy array"),
    "no npz": ("a.npz", b"PK\x03\x04 hello", "not a readable .npz archive"),
    "empty": ("a.csv", b"", "The file is empty"),
    "blank": ("a.csv", b"\n \n", "holds no text"),
    "names only": ("a.csv", b"a0,a1,label\n", "has no rows"),
    "no numbers": ("a.csv", b"word,label\nx,y\n", "No vectors were found.*word, label"),
    "too many cells": (
        "a.csv",
        b"a0,a1\n1,2\n1,2,3\n",
        r"A line does not have 2 values as the others have: line 3 has 3 \('1,2,3'\)",
    ),
    "too few cells": (
        "a.csv",
        b"a0,a1\n1,2\n\n1\n",
        r"A line does not have 2 values as the others have: line 4 has 1 \('1'\)",
    ),
    "doubled names": ("a.csv", b"x,x\n1,2\n", "Column names must differ; 'x'"),
    "not UTF-8": ("a.csv", b"a0,a1\n1,\xff\n", "must be UTF-8; byte 8 is not"),
    "NUL": ("a.csv", b"a0,a1\n1,2\0\n", "NUL characters"),
    "ragged lists": ("a.jsonl", b"[1, 2]\n[3]\n", "row 1 of the column 'vector' has 1 values"),
    "lists of text": ("a.jsonl", b'["a", "b"]\n', "No vectors were found"),
    "lists of mixed things": ("a.jsonl", b'[1, {"a": 2}]\n', "No vectors were found"),
    "no JSON": ("a.jsonl", b"[1, 2]\n{oops}\n", "Line 2 is not JSON"),
    "JSON of a number": ("a.jsonl", b"[1]\n5\n", "Line 2 must hold one object or one list"),
    "no parquet": ("a.parquet", b"PAR1 nothing PAR1", "not readable Parquet"),
    "unknown bytes": (
        "a.docx",
        b"\x00\x01\x02\x03\x04",
        r"'a.docx' cannot be read: its first bytes \(00 01 02 03 04\) are those of no format",
    ),
    "two arrays": (
        "a.npz",
        as_npz(one=VECTORS, two=VECTORS),
        r"one 2-D array of vectors; got the arrays one \(4, 3\), two \(4, 3\)",
    ),
    "two lists": (
        "a.parquet",
        as_parquet(pd.DataFrame({"left": [[1.0]], "right": [[2.0]]})),
        "Several columns hold lists: left, right",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_files_are_named(case: str) -> None:
    name, content, message = WRONG[case]
    with pytest.raises(DataError, match=message):
        read_embeddings(content, name=name)


def test_asking_for_columns_that_are_not_there() -> None:
    with pytest.raises(DataError, match=r"vector_column 'emb' is not a column.*dim_0, dim_1"):
        read_embeddings(FILES["a.csv"], name="a.csv", vector_column="emb")
    with pytest.raises(DataError, match="'label' holds no vectors"):
        read_embeddings(FILES["a.csv"], name="a.csv", vector_column="label")
    with pytest.raises(DataError, match=r"label_column 'kind' is not a column.*label"):
        read_embeddings(FILES["a.csv"], name="a.csv", label_column="kind")
    with pytest.raises(DataError, match=r"no array 'x' in the file. Its arrays: vectors \(4, 3\)"):
        read_embeddings(FILES["a.npz"], name="a.npz", vector_column="x")


def test_a_missing_file_and_a_nameless_source(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'gone\.npy' cannot be read: No such file"):
        read_embeddings(tmp_path / "gone.npy")
    assert read_embeddings(io.BytesIO(FILES["a.npy"])).name == "vectors"


class TestLimits:
    def test_a_file_above_the_limit_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "1")
        with pytest.raises(DataError, match=r"The file is too large: 2 MB, .* takes 1 MB"):
            read_embeddings(bytes(2_000_000), name="a.npy")

    def test_content_that_unpacks_above_the_limit_is_refused_unread(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "1")
        zeros = np.zeros((1000, 1000), np.float32)
        packed = as_npz(vectors=zeros)
        assert len(packed) < 50_000
        with pytest.raises(DataError, match="The unpacked file is too large: 4 MB"):
            read_embeddings(packed, name="a.npz")
        table = as_parquet(pd.DataFrame({f"x{i}": np.arange(20_000.0) for i in range(20)}))
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "2")
        if len(table) < 2_000_000:
            with pytest.raises(DataError, match="The unpacked table is too large"):
                read_embeddings(table, name="a.parquet")

    @pytest.mark.parametrize("name", FILES)
    def test_too_many_values(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NEARFIELD_MAX_VALUES", "11")
        with pytest.raises(DataError, match=r"4 x 3 = 12 values.* takes 11|5 x 4|too large"):
            read_embeddings(FILES[name], name=name)

    def test_a_header_that_asks_for_a_terabyte_allocates_nothing(self) -> None:
        header = as_npy(np.zeros((4, 3), np.float64))
        stated = header.replace(b"(4, 3), }         ", b"(999999999, 128), ")
        assert stated != header
        with pytest.raises(DataError, match=r"too large|not a readable"):
            read_embeddings(stated, name="a.npy")

    def test_a_setting_that_is_no_number(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NEARFIELD_MAX_VALUES", "many")
        with pytest.raises(ParameterError, match="NEARFIELD_MAX_VALUES must be a whole number"):
            EmbeddingSet.from_arrays(VECTORS, name="x")


def test_metadata_read_apart() -> None:
    table = read_metadata(b"word,label\na,x\nb,y\n", name="m.csv")
    vectors = EmbeddingSet.from_arrays(VECTORS[:2], name="v", notes=["kept"])
    found = vectors.with_metadata(table)
    assert found.class_names == ("x", "y")
    assert found.metadata["word"].tolist() == ["a", "b"]
    assert found.notes == ("kept", "first line taken as column names")
    np.testing.assert_array_equal(found.vectors, vectors.vectors)
    with pytest.raises(DataError, match="2 vectors and 1 rows of metadata"):
        vectors.with_metadata(table[:1])
    with pytest.raises(DataError, match=r"Metadata is read from .* .m\.npy. is NumPy array"):
        read_metadata(as_npy(VECTORS), name="m.npy")
