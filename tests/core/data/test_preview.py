"""What is understood of a file before it is used, and what a person corrects."""

import json
from typing import Any

import numpy as np
import pytest

from core.data import Preview, ReadSettings, preview_embeddings
from core.data.readers.found import Role
from tests.core.data.files import (
    VECTORS,
    WORDS,
    as_hdf5,
    as_npy,
    as_npz,
    as_sqlite,
    as_word2vec,
    as_zip,
    xlsx_of_rows,
)

BEFORE: dict[str, Role] = {"x0": "vector", "x1": "vector", "votes": "vector", "kind": "text"}


def test_a_good_file_has_its_set_and_the_type_of_its_numbers() -> None:
    found = preview_embeddings(b"x0,x1,label\n1,2.5,a\n3,4,b\n", name="two.csv")
    assert found.embeddings is not None
    assert found.embeddings.vectors.tolist() == [[1, 2.5], [3, 4]]
    assert (found.embeddings.name, found.stored_as) == ("two", "float64")
    assert (found.problem, found.candidates, found.bad_rows) == ("", (), ())


def test_bad_rows_are_told_by_number_and_left_out_when_told() -> None:
    text = b"x0,x1\n1,2\nnan,3\n4,5\n6,inf\n"
    found = preview_embeddings(text, name="four.csv")
    assert (found.embeddings, found.bad_rows) == (None, (1, 3))
    without = preview_embeddings(text, name="four.csv", settings=ReadSettings(drop_bad_rows=True))
    assert without.embeddings is not None
    assert without.embeddings.vectors.tolist() == [[1, 2], [4, 5]]


def test_metadata_beside_the_vectors_must_be_as_many() -> None:
    vectors, words = b"1\t2\n3\t5\n", b"one\ntwo\n"
    found = preview_embeddings(vectors, name="v.tsv", metadata=words, metadata_name="m.tsv")
    assert found.embeddings is not None
    assert found.embeddings.metadata["label"].tolist() == ["one", "two"]
    more = preview_embeddings(vectors, name="v.tsv", metadata=words + b"three\nfour\n")
    assert more.embeddings is None
    assert "2 vectors and 4 rows of metadata" in more.problem


def test_a_table_beside_adds_its_columns_to_those_of_the_file() -> None:
    vectors = b"x0,x1,label,kind\n1,2.5,a,p\n3,5,b,q\n"
    found = preview_embeddings(
        vectors, name="v.csv", metadata=b"word\tlabel\none\tc\ntwo\td\n", metadata_name="m.tsv"
    )
    assert found.embeddings is not None
    assert found.embeddings.metadata.to_dict("list") == {
        "kind": ["p", "q"],
        "word": ["one", "two"],
        "label": ["c", "d"],
    }
    said = "taken from the table of metadata, and not beside the vectors: label"
    assert said in found.embeddings.notes
    assert roles(found) == {
        "x0": "vector",
        "x1": "vector",
        "kind": "text",
        "word": "text",
        "label": "label",
    }


def roles(found: Preview) -> dict[str, Role]:
    named = [each.name for each in found.columns]
    assert len(set(named)) == len(named)
    return {each.name: each.role for each in found.columns}


TABLE: list[list[Any]] = [
    [f"{word}{i}", label, *map(float, row)]
    for i, (word, label, row) in enumerate(zip(WORDS, "abab", VECTORS, strict=True))
]
NAMES = ["word", "label", "v0", "v1", "v2"]
FILES = {
    "a.npz": as_npz(vectors=VECTORS, word=np.array(WORDS), label=np.array(list("abab"))),
    "a.h5ad": as_hdf5(
        **{
            "X": VECTORS,
            "obs/word": np.array(WORDS, "S4"),
            "obs/label": np.array(list("abab"), "S1"),
        }
    ),
    "a.zip": as_zip({"v.npy": as_npy(VECTORS), "m.tsv": b"word\tlabel\nw\ta\nx\tb\ny\ta\nz\tb\n"}),
    "a.xlsx": xlsx_of_rows([NAMES, *TABLE]),
    "a.db": as_sqlite(
        "CREATE TABLE t (word TEXT, label TEXT, v0 REAL, v1 REAL, v2 REAL)",
        rows={"t": [tuple(row) for row in TABLE]},
    ),
    "a.csv": "\n".join(",".join(map(str, row)) for row in [NAMES, *TABLE]).encode(),
    "a.json": json.dumps([dict(zip(NAMES, row, strict=True)) for row in TABLE]).encode(),
}


@pytest.mark.parametrize("name", list(FILES))
class TestSettingsInEveryFormat:
    def test_a_column_is_left_out_and_can_come_back(self, name: str) -> None:
        settings = ReadSettings(left_out=frozenset({"word"}))
        found = preview_embeddings(FILES[name], name=name, settings=settings)
        assert found.embeddings is not None
        assert list(found.embeddings.metadata.columns) == ["label"]
        assert roles(found)["word"] == "left out"
        assert roles(found)["label"] == "label"

    def test_another_label_is_chosen_and_shown(self, name: str) -> None:
        assert roles(preview_embeddings(FILES[name], name=name))["label"] == "label"
        settings = ReadSettings(label_column="word")
        found = preview_embeddings(FILES[name], name=name, settings=settings)
        assert found.embeddings is not None
        assert found.embeddings.label_column == "word"
        assert (roles(found)["word"], roles(found)["label"]) == ("label", "text")


@pytest.mark.parametrize("content", [as_word2vec(WORDS, VECTORS), b"cat 1 2.5\nfox 3 4\n"])
def test_the_words_of_word_vectors_are_left_out_when_told(content: bytes) -> None:
    settings = ReadSettings(left_out=frozenset({"word"}))
    found = preview_embeddings(content, name="words.bin", settings=settings)
    assert found.embeddings is not None
    assert list(found.embeddings.metadata.columns) == []
    assert roles(found)["word"] == "left out"


def test_what_is_no_file_of_vectors_is_a_problem_and_no_error() -> None:
    found = preview_embeddings(b"not an array", name="x.npy")
    assert found.embeddings is None
    assert found.problem


@pytest.mark.parametrize(
    ("after", "settings"),
    [
        ({"votes": "number"}, ReadSettings(not_vectors=frozenset({"votes"}))),
        ({"votes": "left out"}, ReadSettings(left_out=frozenset({"votes"}))),
        ({"kind": "label"}, ReadSettings(label_column="kind")),
        ({"kind": "vector"}, ReadSettings(vector_column="kind")),
        ({"kind": "text", "x0": "vector"}, ReadSettings()),
        (
            {"kind": "label", "votes": "id"},
            ReadSettings(label_column="kind", not_vectors=frozenset({"votes"})),
        ),
    ],
)
def test_another_role_is_another_setting(after: dict[str, Role], settings: ReadSettings) -> None:
    assert ReadSettings().with_roles(BEFORE, after) == settings


def test_roles_are_taken_back() -> None:
    start = ReadSettings(
        label_column="kind", left_out=frozenset({"a"}), not_vectors=frozenset({"votes"})
    )
    roles: dict[str, Role] = {"kind": "label", "a": "left out", "votes": "number"}
    back = start.with_roles(roles, {"kind": "text", "a": "text", "votes": "vector"})
    assert back == ReadSettings()
    chosen = ReadSettings(vector_column="x").with_roles({"x": "vector"}, {"x": "number"})
    assert chosen == ReadSettings(not_vectors=frozenset({"x"}))


def test_a_column_that_is_left_out_is_no_longer_the_label_or_the_vectors() -> None:
    start = ReadSettings(vector_column="v", label_column="kind")
    roles: dict[str, Role] = {"kind": "label", "v": "vector"}
    left = start.with_roles(roles, {"kind": "left out", "v": "left out"})
    assert left == ReadSettings(left_out=frozenset({"kind", "v"}))


def test_the_options_of_a_reader_have_every_setting() -> None:
    options = ReadSettings("v", "l", frozenset("a"), frozenset("b"), drop_bad_rows=True).options
    assert (options.vector_column, options.label_column) == ("v", "l")
    assert options.bad_rows == "drop"
    assert ReadSettings().options.bad_rows == "error"
    assert (options.left_out, options.not_vectors) == (frozenset("a"), frozenset("b"))
