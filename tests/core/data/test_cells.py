"""A vector in one cell, in every form in which programs write one."""

import base64
import io
import json
import pickle
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.data import EmbeddingSet, read_embeddings
from core.data.pictures import is_picture_link
from core.data.readers.delimited.cells import kind_of
from core.data.readers.table import coded
from core.data.readers.table.cells import CellError, may_hold_vector, read_cell
from core.errors import BadRowsError, DataError
from tests.core.data.files import as_csv, as_lines, as_npy, as_parquet
from tests.core.data.test_traps import parquet_of

N, DIM = 12, 4
VECTORS = np.random.default_rng(0).normal(size=(N, DIM)).astype(np.float32)
WORDS = [f"w{i}" for i in range(N)]


def numbers(vector: Any) -> list[str]:
    return [repr(float(value)) for value in vector]


WRITTEN: dict[str, Callable[[Any], str]] = {
    "numpy": str,
    "fwrite of data.table": lambda v: "|".join(numbers(v)),
    "CSV.jl": lambda v: f"Float32[{', '.join(numbers(v))}]",
    "numpy over several lines": lambda v: np.array2string(v, max_line_width=20),
    "numpy scalars": lambda v: "[" + ", ".join(f"np.float32({n})" for n in numbers(v)) + "]",
    "repr of an array": repr,
    "an array with its type": lambda v: repr(v.astype(np.float64)).replace(")", ", dtype=float64)"),
    "tensor": lambda v: f"tensor([{', '.join(numbers(v))}], device='cuda:0', dtype=torch.float32)",
    "a tensor with a gradient": lambda v: f"tensor([{', '.join(numbers(v))}], requires_grad=True)",
    "a dense vector of Spark": lambda v: f"DenseVector([{', '.join(numbers(v))}])",
    "JSON": lambda v: json.dumps(v.tolist()),
    "JSON within JSON": lambda v: json.dumps([v.tolist()]),
    "JSON with texts": lambda v: json.dumps(numbers(v)),
    "an object": lambda v: json.dumps({"values": v.tolist()}),
    "a typed array": lambda v: json.dumps(dict(enumerate(v.tolist()))),
    "tuple": lambda v: f"({', '.join(numbers(v))})",
    "PostgreSQL": lambda v: "{" + ",".join(numbers(v)) + "}",
    "commas": lambda v: ", ".join(numbers(v)),
    "blanks": lambda v: " ".join(numbers(v)),
    "semicolons": lambda v: ";".join(numbers(v)),
    "decimal commas": lambda v: "; ".join(numbers(v)).replace(".", ","),
    "base64": lambda v: base64.b64encode(v.tobytes()).decode(),
    "base64 without padding": lambda v: base64.b64encode(v.tobytes()).decode().rstrip("="),
    "base64 of float64": lambda v: base64.b64encode(v.astype("<f8").tobytes()).decode(),
    "bytea": lambda v: "\\x" + v.tobytes().hex(),
    "hexadecimal": lambda v: "0x" + v.tobytes().hex().upper(),
    "bytes of Python": lambda v: str(v.tobytes()),
}


@pytest.mark.parametrize("form", WRITTEN)
def test_each_written_form_is_read(form: str) -> None:
    frame = pd.DataFrame({"text": WORDS, "embedding": [WRITTEN[form](v) for v in VECTORS]})
    found = read_embeddings(as_csv(frame), name="a.csv")
    np.testing.assert_allclose(found.vectors, VECTORS, rtol=1e-4, atol=1e-6)
    assert list(found.metadata.columns) == ["text"]
    assert "vectors taken from the column 'embedding'" in found.notes


def saved(array: Any, **how: Any) -> bytes:
    content = io.BytesIO()
    np.save(content, array, **how)
    return content.getvalue()


STORED: dict[str, tuple[Callable[[Any], Any], float]] = {
    "bytes of float32": (lambda v: v.tobytes(), 1e-7),
    "bytes of float64": (lambda v: v.astype(np.float64).tobytes(), 1e-7),
    "bytes of float16": (lambda v: v.astype(np.float16).tobytes(), 1e-3),
    "bytes of float32, high first": (lambda v: v.astype(">f4").tobytes(), 1e-7),
    "an .npy file packed by zlib": (lambda v: zlib.compress(as_npy(v)), 1e-7),
    "numbers by their places": (
        lambda v: [
            {"address": {"x": str(j)}, "value": float(v[j])} for j in reversed(range(len(v)))
        ],
        1e-7,
    ),
    "list of elements": (lambda v: {"list": [{"element": float(x)} for x in v]}, 1e-7),
    "a dense vector of Spark": (
        lambda v: {"type": 1, "size": None, "indices": None, "values": v.tolist()},
        1e-7,
    ),
    "list within a list": (lambda v: [v.tolist()], 1e-7),
    "numpy.save": (saved, 0),
    "numpy.save of (1, d)": (lambda v: saved(v[None]), 0),
    "lists of float32": (lambda v: v, 0),
}


@pytest.mark.parametrize("form", STORED)
def test_each_stored_form_is_read(form: str) -> None:
    store, tolerance = STORED[form]
    table = pa.table({"text": WORDS, "embedding": [store(v) for v in VECTORS]})
    found = read_embeddings(parquet_of(table), name="a.parquet")
    np.testing.assert_allclose(found.vectors, VECTORS, rtol=tolerance)
    assert found.metadata["text"].tolist() == WORDS


def test_decimals_are_numbers() -> None:
    column = pa.array([[1.5, 2.25], [3, 4]], pa.list_(pa.float64())).cast(
        pa.list_(pa.decimal128(10, 2))
    )
    found = read_embeddings(parquet_of(pa.table({"v": column})), name="a.parquet")
    assert found.vectors.tolist() == [[1.5, 2.25], [3, 4]]


def test_a_list_within_a_list_is_said() -> None:
    found = read_embeddings(as_lines(*({"v": [v.tolist()]} for v in VECTORS)), name="a.jsonl")
    assert "each vector was a list within a list, (1, d), and is taken as (d,)" in found.notes


class TestRefused:
    def test_numbers_cut_off_by_printing(self) -> None:
        cells = [f"[{v[0]} {v[1]} ... {v[2]} {v[3]}]" for v in VECTORS]
        with pytest.raises(DataError, match=r"cut off by printing \('\.\.\.'\).*numpy\.save"):
            read_embeddings(as_csv(pd.DataFrame({"id": WORDS, "v": cells})), name="a.csv")

    @pytest.mark.parametrize(
        "cell",
        [
            "{1:0.5,3:0.25}/4",
            {"indices": [1, 3], "values": [0.5, 0.25]},
            {"type": 0, "size": 4, "indices": [1, 3], "values": [0.5, 0.25]},
        ],
    )
    def test_sparse_vectors(self, cell: object) -> None:
        lines = as_lines(*({"id": word, "v": cell} for word in WORDS))
        with pytest.raises(DataError, match="'v' cannot be used: it holds a sparse vector"):
            read_embeddings(lines, name="a.jsonl")

    @pytest.mark.parametrize(
        ("cell", "reason"),
        [
            ("[1, 2", "no list of numbers but '\\[1, 2'"),
            ("[[1, 2], [3, 4]]", "lists or objects"),
            ("[1 2] [3 4]", "several lists"),
            ("[1_000, 2]", "no list of numbers"),
            ('["a", 2]', "holds 'a', which is no number"),
            ('{"a": [1], "b": [2]}', "no list of numbers"),
            (7, "but 7"),
        ],
    )
    def test_one_cell(self, cell: object, reason: str) -> None:
        with pytest.raises(CellError, match=reason):
            read_cell(cell)

    @pytest.mark.parametrize(
        "cell",
        ["System.Single[]", "[F@1b6d3586", "<numpy.ndarray object at 0x7f>", "[object Object]"],
    )
    def test_names_of_types(self, cell: str) -> None:
        content = as_csv(pd.DataFrame({"word": WORDS, "v": [cell] * N}))
        with pytest.raises(DataError, match=r"'v' cannot be used: it holds .* the name of a type"):
            read_embeddings(content, name="a.csv")

    def test_several_vectors(self) -> None:
        rows = [[[0.5] * 8] * (i % 3 + 2) for i in range(N)]
        content = parquet_of(pa.table({"word": WORDS, "v": rows}))
        with pytest.raises(DataError, match=r"a cell holds several vectors \(2\)"):
            read_embeddings(content, name="a.parquet")

    def test_boxes_and_points_stay_columns(self) -> None:
        rows = [
            {"v": v.tolist(), "boxes": [[1.5, 2, 3, 4]] * 2, "points": [[1, 2]] * 3}
            for v in VECTORS
        ]
        found = read_embeddings(as_lines(*rows), name="a.jsonl")
        np.testing.assert_allclose(found.vectors, VECTORS)
        assert list(found.metadata.columns) == ["boxes", "points"]

    @pytest.mark.parametrize(
        ("cells", "reason"),
        [
            ([{"address": {"x": "0"}, "value": 1}, {"address": {"x": "2"}, "value": 1}], "sparse"),
            (
                [{"address": {"x": "a"}, "value": 1}, {"address": {"x": "b"}, "value": 1}],
                "no place",
            ),
            ([{"address": {"x": "0", "y": "0"}, "value": 1}], "no place"),
            ([{"address": {"x": "0"}, "value": 1}, 5], "no place"),
        ],
    )
    def test_numbers_without_their_places(self, cells: list[Any], reason: str) -> None:
        with pytest.raises(CellError, match=reason):
            read_cell(cells)

    def test_a_bomb_of_zlib_is_no_array(self) -> None:
        content = zlib.compress(as_npy(np.zeros(50_000_000, np.uint8)), 9)
        assert coded.saved_array(content) is None
        assert coded.saved_array(zlib.compress(b"text")) is None
        assert coded.saved_array(b"\x78\x9c no zlib") is None

    def test_pickled_objects(self) -> None:
        table = pa.table({"word": WORDS, "v": [pickle.dumps(v) for v in VECTORS]})
        with pytest.raises(DataError, match=r"'v' cannot be used: it holds pickled objects, which"):
            read_embeddings(parquet_of(table), name="a.parquet")
        objects = [saved(np.array([v, 1], dtype=object), allow_pickle=True) for v in VECTORS]
        with pytest.raises(DataError, match="No vectors were found"):
            read_embeddings(parquet_of(pa.table({"w": WORDS, "v": objects})), name="a.parquet")

    def test_empty_cells_are_missing(self) -> None:
        for cell in (None, np.nan, pd.NA, "", "  ", "null", "NaN"):
            assert read_cell(cell) is None

    def test_missing_numbers_are_nan(self) -> None:
        for cell in ("[1, null]", "{1,NULL}", "[1. nan]", [1, None], ["1", pd.NA]):
            np.testing.assert_array_equal(read_cell(cell), [1, np.nan])


class TestRows:
    """A row that cannot be read is named, and can be left out."""

    many = as_lines(*({"v": [i + 0.5, 2], "w": str(i)} for i in range(20)))

    def test_its_number_and_the_reason(self) -> None:
        content = self.many + b'\n{"v": "oops", "w": "x"}\n{"v": [1, 2, 3]}\n{"v": null}'
        with pytest.raises(BadRowsError, match=r"3 rows \(20, 21, 22\) cannot be used; row 20 of "):
            read_embeddings(content, name="a.jsonl")
        with pytest.raises(BadRowsError, match=r"'oops'.*leave out") as caught:
            read_embeddings(content, name="a.jsonl")
        assert caught.value.rows == (20, 21, 22)
        kept = read_embeddings(content, name="a.jsonl", bad_rows="drop")
        assert kept.metadata["w"].tolist() == [str(i) for i in range(20)]
        assert "3 rows dropped: missing or not finite" in kept.notes

    def test_another_length(self) -> None:
        with pytest.raises(BadRowsError, match="row 20 of the column 'v' has 3 values, the other"):
            read_embeddings(self.many + b'\n{"v": [1, 2, 3]}', name="a.jsonl")

    def test_bytes_of_another_length(self) -> None:
        cells = [base64.b64encode(v.tobytes()).decode() for v in VECTORS]
        cells[3], cells[5] = cells[3][:11], "oops!"
        content = as_csv(pd.DataFrame({"w": WORDS, "v": cells}))
        with pytest.raises(BadRowsError, match=r"row 3 .* has 2 values") as caught:
            read_embeddings(content, name="a.csv")
        assert caught.value.rows == (3, 5)
        kept = np.delete(VECTORS, [3, 5], axis=0)
        found = read_embeddings(content, name="a.csv", bad_rows="drop")
        np.testing.assert_array_equal(found.vectors, kept)


class TestCoded:
    """Bytes are vectors only where their numbers look like those of vectors."""

    def test_hashes_and_ids_are_no_vectors(self) -> None:
        random = np.random.default_rng(1)
        for size in (8, 12, 16, 20, 32):
            contents = [random.bytes(size) for _ in range(N)]
            assert coded.type_of(contents) is None
            frame = pd.DataFrame({"hash": [c.hex() for c in contents], "v": VECTORS.tolist()})
            found = read_embeddings(as_csv(frame), name="a.csv")
            np.testing.assert_array_equal(found.vectors, VECTORS)
            assert list(found.metadata.columns) == ["hash"]

    def test_an_id_with_many_zeros_is_none(self) -> None:
        assert coded.type_of([bytes.fromhex(f"{i:024x}") for i in range(5)]) is None

    def test_one_letter_again_and_again_is_none(self) -> None:
        assert coded.type_of([b"a" * 400] * 3) is None

    @pytest.mark.parametrize("name", coded.TYPES)
    @pytest.mark.parametrize("scale", [0.05, 1.0])
    def test_the_type_is_found(self, name: str, scale: float) -> None:
        vectors = (np.random.default_rng(2).normal(size=(50, 64)) * scale).astype(name)
        assert coded.type_of([v.tobytes() for v in vectors]) == np.dtype(name)

    def test_a_buffer_of_node(self) -> None:
        lines = [{"w": "x", "v": {"type": "Buffer", "data": list(v.tobytes())}} for v in VECTORS]
        found = read_embeddings(as_lines(*lines), name="a.jsonl")
        np.testing.assert_array_equal(found.vectors, VECTORS)


def test_a_matrix_of_a_parquet_file_is_taken_without_a_copy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[Any] = []
    make = EmbeddingSet.from_arrays

    def note(vectors: Any, **how: Any) -> EmbeddingSet:
        taken.append(vectors)
        return make(vectors, **how)

    monkeypatch.setattr(EmbeddingSet, "from_arrays", note)
    frame = pd.DataFrame({"v": list(np.tile(VECTORS, (1_000, 1)))})
    found = read_embeddings(as_parquet(frame), name="a.parquet")
    assert found.vectors.shape == (12_000, DIM)
    assert np.shares_memory(found.vectors, taken[0])


LONG = 200_000


@pytest.mark.parametrize(
    "text",
    [
        "{" + "1:2 " * LONG + "x",
        "{" + "1:2," * LONG + "x",
        "1" * LONG + "x",
        "1" + " " * LONG + "x",
        "1 , " * LONG + "x",
        "[" + " " * LONG + "x",
        "a" * LONG + "(",
        "f(" * LONG,
        "(" * LONG + "1" + ")" * LONG,
        "[" * LONG + "1" + "]" * LONG,
        ",dtype" + " " * LONG,
        "ab" * LONG + "!",
    ],
)
def test_no_text_takes_longer_than_it_is_long(text: str) -> None:
    """A pattern that tries a text in many ways would not end within the life of the test."""
    may_hold_vector(text)
    with suppress(CellError):
        read_cell(text)
    coded.bytes_of(text)
    kind_of(text)


@pytest.mark.parametrize("cell", [b"1" * 1_900 + b"x", b"1" + b" " * 3_000 + b"x"])
def test_a_column_of_texts_that_begin_as_numbers_is_text(cell: bytes) -> None:
    content = b"a,b,t\n" + b"".join(b'1.5,2,"%s"\n' % cell for _ in range(300))
    assert read_embeddings(content, name="long.csv").metadata["t"].tolist() == [cell.decode()] * 300


def test_blanks_within_a_line_of_numbers_apart_by_blanks() -> None:
    rows = [b"%d  %d.5" % (i, i) for i in range(5_000)]
    rows[4_000] = b"4000" + b" " * LONG + b"4000.5"
    vectors = read_embeddings(b"\n".join(rows), name="wide.txt").vectors
    assert vectors.tolist() == [[i, i + 0.5] for i in range(5_000)]


def test_an_address_of_a_picture_has_a_bounded_length() -> None:
    assert is_picture_link("http://host/" + "a" * 100 + ".png?x=1")
    assert not is_picture_link("http://host/" + ".png?" * LONG + " ")
