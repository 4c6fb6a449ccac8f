"""What is said of text that is no table of vectors."""

import pytest

from core.data import read_embeddings
from core.errors import ChoiceError, DataError


def test_lines_that_do_not_fall_into_columns() -> None:
    content = b"x0,x1\n1\n2,3,4\n5\n6,7,8\n9\n"
    with pytest.raises(
        DataError, match=r"do not fall into columns.*'x0,x1', '1', '2,3,4'\. No vec"
    ):
        read_embeddings(content, name="a.csv")


def test_a_heading_above_one_value_a_line() -> None:
    with pytest.raises(DataError, match="has 3 columns: the next line has 1 value"):
        read_embeddings(b"a,b,c\n1\n2\n", name="a.csv")


def test_columns_that_could_all_hold_the_vectors_are_still_offered() -> None:
    content = b'left,right\n"[1, 2]","[3, 4]"\n"[5, 6]","[7, 8]"\n'
    with pytest.raises(ChoiceError) as error:
        read_embeddings(content, name="a.csv")
    assert error.value.candidates == ("left", "right")
