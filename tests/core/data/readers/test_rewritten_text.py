"""Text in forms that are rewritten as delimited text, and text that only looks like them."""

import numpy as np
import pytest

from core.data import read_embeddings, read_metadata
from core.errors import DataError

TWO = np.array([[0.5, -1], [2, 3]], np.float32)


def test_backslashes_before_quotation_marks() -> None:
    found = read_embeddings(b'a,b,t\n0.5,-1,"say \\"hi\\", he"\n2,3,plain\n', name="a.csv")
    np.testing.assert_array_equal(found.vectors, TWO)
    assert found.metadata["t"].tolist() == ['say "hi", he', "plain"]
    assert "quotation marks within cells are written with a backslash" in found.notes


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (b'"C:\\"', "C:\\"),
        (b'"a ""b"" C:\\"', 'a "b" C:\\'),
        (b'"{""a"", ""\\""q""}"', '{"a", "\\"q"}'),
        (b"a\\b", "a\\b"),
    ],
)
def test_a_backslash_that_ends_a_cell_or_stands_before_a_doubled_mark(
    cell: bytes, text: str
) -> None:
    content = b"a,b,t\n0.5,-1," + cell + b"\n2,3," + cell + b"\n"
    assert read_embeddings(content, name="a.csv").metadata["t"].tolist() == [text, text]


def test_backslashes_in_tab_separated_text_stay() -> None:
    found = read_metadata(b'n\tt\n1\tsay \\"hi\\" now\n2\tb\n', name="a.tsv")
    assert found["t"].tolist() == ['say \\"hi\\" now', "b"]


def test_words_before_bracketed_numbers() -> None:
    found = read_embeddings(b"a-1  [ 0.5 -1 ]\nb-2  [ 2 3e0 ]\n", name="a.ark")
    np.testing.assert_array_equal(found.vectors, TWO)
    assert found.metadata["word"].tolist() == ["a-1", "b-2"]


def test_a_matrix_of_several_rows_after_a_word_is_no_vector() -> None:
    with pytest.raises(DataError, match="do not fall into columns"):
        read_embeddings(b"a-1  [\n 0.5 -1\n 1 2 ]\nb-2  [\n 2 3\n 4 5 ]\n", name="a.ark")


def test_a_printed_matrix_over_several_lines() -> None:
    wide = np.random.default_rng(3).normal(size=(5, 40)).astype(np.float32)
    content = np.array2string(wide, threshold=10_000, floatmode="unique").encode()
    found = read_embeddings(content, name="a.txt")
    np.testing.assert_array_equal(found.vectors, wide)
    assert "a matrix as numpy prints it" in found.notes


def test_a_printed_matrix_that_was_cut_off() -> None:
    content = np.array2string(np.ones((2_000, 3)) * 0.5).encode()
    with pytest.raises(DataError, match="cut off by printing"):
        read_embeddings(content, name="a.txt")


@pytest.mark.parametrize(
    "text", ["1 1:0.5 3:2\n-1 2:1e-3\n", "0,2 qid:3 1:0.5 # a\n1 qid:3 1:0.5\n"]
)
def test_pairs_of_index_and_value_are_sparse(text: str) -> None:
    with pytest.raises(DataError, match="sparse vectors, pairs of index and value"):
        read_embeddings(text.encode(), name="a.txt")


def test_times_of_day_are_no_pairs() -> None:
    with pytest.raises(DataError) as error:
        read_embeddings(b"one 12:30 a\ntwo 12:31 b\n", name="a.txt")
    assert "sparse" not in str(error.value)


class TestTypedHeading:
    ORANGE = "t\te0\te1\ttopic\nstring\tcontinuous\tcontinuous\tdiscrete\nmeta\t\t\tclass\n"

    def test_three_lines(self) -> None:
        content = (self.ORANGE + "a\t0.5\t-1\tx\nb\t2\t3\ty\n").encode()
        found = read_embeddings(content, name="a.tab")
        np.testing.assert_array_equal(found.vectors, TWO)
        assert found.metadata["topic"].tolist() == ["x", "y"]
        assert "the second and the third line say the types of the columns" in found.notes

    def test_letters_before_the_names(self) -> None:
        content = b"mS#t\tC#e0\tC#e1\tcD#topic\na\t0.5\t-1\tx\nb\t2\t3\ty\n"
        found = read_embeddings(content, name="a.tab")
        np.testing.assert_array_equal(found.vectors, TWO)
        assert list(found.metadata.columns) == ["t", "topic"]

    @pytest.mark.parametrize("name", ["C#", "item#", "mD#"])
    def test_other_names_with_the_sign_stay(self, name: str) -> None:
        found = read_embeddings(f"{name},e0,e1\nx,0.5,-1\ny,2,3\n".encode(), name="a.csv")
        assert list(found.metadata.columns) == [name]

    def test_words_such_as_types_in_the_rows_are_rows(self) -> None:
        content = b"kind,e0,e1\ncontinuous,0.5,-1\ndiscrete,2,3\n"
        found = read_embeddings(content, name="a.csv")
        assert found.metadata["kind"].tolist() == ["continuous", "discrete"]


def test_words_in_quotation_marks_between_blanks() -> None:
    content = b'"V1" "V2" "kind"\n"1" 0.5 -1 "x"\n"2" 2 3 "y"\n'
    found = read_embeddings(content, name="a.txt")
    np.testing.assert_array_equal(found.vectors, TWO)
    assert found.metadata["kind"].tolist() == ["x", "y"]


def test_a_lone_mark_among_word_vectors_is_a_word() -> None:
    content = b'the 0.5 -1\n" 2 3\n'
    assert read_embeddings(content, name="a.txt").metadata["word"].tolist() == ["the", '"']


def test_lists_in_words_on_each_line_are_not_cut_at_their_commas() -> None:
    wide = np.random.default_rng(5).normal(size=(6, 500)).astype(np.float32)
    content = "".join(f"tensor({row})\n" for row in wide.tolist()).encode()
    np.testing.assert_array_equal(read_embeddings(content, name="a.txt").vectors, wide)
