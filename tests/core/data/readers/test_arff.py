"""ARFF: names, quotation marks, missing values, comments; what is refused."""

import numpy as np
import pytest

from core.data import read_embeddings, read_metadata
from core.errors import BadRowsError, DataError

HEAD = """% A comment.

@relation 'two words'
@attribute 'the title' string
@Attribute\te0 numeric
@attribute "e1" REAL % the second
@attribute class {yes, 'not yet'}

@data
"""


def arff(*rows: str, head: str = HEAD) -> bytes:
    return (head + "\n".join(rows) + "\n").encode()


def test_names_quotation_marks_and_comments() -> None:
    rows = (
        "'it\\'s, here' , 1.5,-2,yes",
        "% none",
        '"a \\"b\\"",\t3,4e1,\'not yet\'',
        "",
        "c,5,6,yes",
    )
    found = read_embeddings(arff(*rows), name="a.arff")
    np.testing.assert_array_equal(found.vectors, np.array([[1.5, -2], [3, 40], [5, 6]], np.float32))
    assert found.metadata["the title"].tolist() == ["it's, here", 'a "b"', "c"]
    assert found.metadata["class"].tolist() == ["yes", "not yet", "yes"]
    assert found.label_column == "class"


@pytest.mark.parametrize("mark", ["", "'"])
def test_a_question_mark_is_a_missing_value(mark: str) -> None:
    rows = (f"{mark}a{mark},1.5,?,yes", f"{mark}?{mark},2.5,3, ? ", "d,4,5,yes")
    with pytest.raises(BadRowsError) as error:
        read_embeddings(arff(*rows), name="a.arff")
    assert error.value.rows == (0,)
    found = read_embeddings(arff(*rows), name="a.arff", bad_rows="drop")
    np.testing.assert_array_equal(found.vectors, np.array([[2.5, 3], [4, 5]], np.float32))
    assert found.metadata["class"].fillna("missing").tolist() == ["missing", "yes"]
    title = found.metadata["the title"].fillna("missing").tolist()[0]
    assert title == ("?" if mark else "missing")


def test_it_is_found_by_its_content_and_read_as_metadata() -> None:
    assert read_embeddings(arff("a,1,2,yes", "b,3,4,yes"), name="a.csv").dim == 2
    frame = read_metadata(arff("a,1,2,yes", "b,3,4,yes"), name="a.arff")
    assert list(frame.columns) == ["the title", "e0", "e1", "class"]
    assert len(frame) == 2


def test_attributes_called_by_numbers_are_names_and_no_row() -> None:
    head = "@relation r\n@attribute 0 numeric\n@attribute 1 numeric\n@data\n"
    found = read_embeddings(arff("5,7", "6,9", head=head), name="a.arff")
    assert found.vectors.tolist() == [[5, 7], [6, 9]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (arff("{1 0.5, 3 yes}", "{2 1}"), "sparse"),
        (arff("'a,1,2,yes", "b,3,4,yes"), "quotation mark is not closed"),
        (HEAD.replace("@data", "").encode(), "no @DATA line"),
        (b"@relation r\n@data\n1,2\n", "states no attribute"),
        (b"@relation r\n@attribute\n@data\n1\n", "no name or no type"),
        (arff("a,1,2", "b,3,4,yes", "c,5,6,yes"), "not have 4 values"),
        (arff(), "no rows"),
    ],
)
def test_refused(content: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_embeddings(content, name="a.arff")
