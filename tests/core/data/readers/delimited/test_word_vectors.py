"""GloVe, word2vec and fastText, whatever the file is called."""

import numpy as np
import pytest

from core.data import EmbeddingSet, preview_embeddings, read_embeddings
from core.errors import BadRowsError
from tests.core.data.files import VECTORS

WORDS = ["the", '"', ",", "1,000"]


def glove(words: list[str], end: str = "\n", separator: str = " ") -> bytes:
    pairs = zip(words, VECTORS.tolist(), strict=True)
    rows = (separator.join([word, *map(str, row)]) for word, row in pairs)
    return "".join(row + end for row in rows).encode()


def read(content: bytes, name: str = "a.txt") -> EmbeddingSet:
    found = read_embeddings(content, name=name)
    np.testing.assert_array_equal(found.vectors, VECTORS)
    assert list(found.metadata.columns) == ["word"]
    assert "word vectors of 3 numbers" in found.notes
    return found


@pytest.mark.parametrize("name", ["a.txt", "a.vec", "a.csv", "a.tsv"])
@pytest.mark.parametrize("end", ["\n", " \n", "\r\n"])
@pytest.mark.parametrize("first", [b"", b"4 3\n"])
def test_every_writer_under_every_name(name: str, end: str, first: bytes) -> None:
    found = read(first + glove(WORDS, end), name)
    assert found.metadata["word"].tolist() == WORDS
    assert not any("states" in note for note in found.notes)


@pytest.mark.parametrize(
    "words", [["the", ". . .", "at name@x.org", "of"], ["nan", "NA", "#", "x"]]
)
def test_words_may_hold_blanks_and_be_anything(words: list[str]) -> None:
    assert read(glove(words)).metadata["word"].tolist() == words
    assert read(b"4 3\n" + glove(words, " \n")).metadata["word"].tolist() == words


def test_odd_white_space_is_part_of_a_word() -> None:
    words = ["new\u00a0york", "a\u2028b", "c\x85", "d"]
    assert read(glove(words)).metadata["word"].tolist() == words


def test_numbers_as_words_where_the_first_line_counts() -> None:
    words = ["1", "2", "1990", "007"]
    assert read(b"4 3\n" + glove(words)).metadata["word"].tolist() == words
    assert read(b"4\t3\n" + glove(words, separator="\t")).metadata["word"].tolist() == words


def test_another_count_is_told() -> None:
    found = read(b"5 3\n" + glove(WORDS))
    assert "the first line states 5 rows of 3 numbers, but there are 4 of 3" in found.notes


def test_a_line_of_too_few_numbers_is_named() -> None:
    content = glove(WORDS) + b"last 0.5\n"
    with pytest.raises(BadRowsError, match=r"line 5 has 2 \('last 0.5'\)") as error:
        read_embeddings(content, name="a.txt")
    assert error.value.rows == (4,)
    assert read_embeddings(content, name="a.txt", bad_rows="drop").n == 4


def test_a_word_among_the_numbers_far_below_is_named() -> None:
    content = b"the 0.5 1\n" * 300 + b"of oops 2\n"
    said = r"row 300 holds 'oops' as number 1 \(2 such rows\)"
    content += b"and 0.5 2\nto 1 none-at-all\n"
    with pytest.raises(BadRowsError, match=said) as error:
        read_embeddings(content, name="a.txt")
    assert error.value.rows == (300, 302)
    assert preview_embeddings(content, name="a.txt").bad_rows == (300, 302)
    left = read_embeddings(content, name="a.txt", bad_rows="drop")
    assert left.metadata["word"].tolist() == ["the"] * 300 + ["and"]


def test_whole_numbers_beyond_those_that_are_exact_are_rounded() -> None:
    found = read_embeddings(b"the 99999999999999999999 1\nof 0.5 2\n", name="a.txt")
    assert found.vectors[:, 0].tolist() == [np.float32(1e20), 0.5]


def test_a_table_of_numbers_has_no_words() -> None:
    found = read_embeddings(b"0.5 1\n2 3\n", name="a.txt")
    assert found.vectors.tolist() == [[0.5, 1], [2, 3]]
    assert found.metadata.columns.empty
