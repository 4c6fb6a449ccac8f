"""What is understood of a file before it is used, and what a person corrects."""

import pytest

from core.data import ReadSettings, preview_embeddings
from core.data.readers.found import Role

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


def test_the_options_of_a_reader_have_every_setting() -> None:
    options = ReadSettings("v", "l", frozenset("a"), frozenset("b"), drop_bad_rows=True).options
    assert (options.vector_column, options.label_column) == ("v", "l")
    assert options.bad_rows == "drop"
    assert ReadSettings().options.bad_rows == "error"
    assert (options.left_out, options.not_vectors) == (frozenset("a"), frozenset("b"))
