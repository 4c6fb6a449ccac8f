"""One bad cell among numbered columns is named, never a dimension lost in silence."""

import pytest

from core.data import preview_embeddings, read_embeddings
from core.errors import BadRowsError, DataError


@pytest.mark.parametrize(
    ("column", "row"),
    [("e0", b"oops,2,3,b"), ("e1", b"1,oops,3,b"), ("e2", b"1,2,oops,b")],
)
def test_the_bad_cell_is_named(column: str, row: bytes) -> None:
    content = b"e0,e1,e2,label\n1,2,3,a\n" + row + b"\n"
    with pytest.raises(DataError, match=f"column '{column}' must hold .* row 1 holds 'oops'"):
        read_embeddings(content, name="a.csv")


def test_words_among_numbered_columns_are_metadata() -> None:
    found = read_embeddings(b"col0,col1,col2\ncat,1,2\ndog,3,4\n", name="a.csv")
    assert found.vectors.tolist() == [[1, 2], [3, 4]]
    assert found.metadata["col0"].tolist() == ["cat", "dog"]


TABLE = b"e0,e1,e2,label\n1,2,3,a\n4,oops,6,b\n7,8,9,c\n10,11,none,d\n"


def test_rows_of_bad_cells_are_told_by_number_and_left_out_when_told() -> None:
    with pytest.raises(BadRowsError) as error:
        read_embeddings(TABLE, name="a.csv")
    assert error.value.rows == (1, 3)
    assert preview_embeddings(TABLE, name="a.csv").bad_rows == (1, 3)
    left = read_embeddings(TABLE, name="a.csv", bad_rows="drop")
    assert left.vectors.tolist() == [[1, 2, 3], [7, 8, 9]]
    assert left.metadata.to_dict("list") == {"label": ["a", "c"]}
    assert "vectors taken from the columns e0 to e2" in left.notes
    assert "2 rows dropped: missing or not finite" in left.notes


def test_a_numbered_column_of_mostly_words_is_refused_and_no_row_is_offered() -> None:
    content = b"e0,e1,e2\n1,2,3\n4,x,6\n7,y,9\n"
    found = preview_embeddings(content, name="a.csv")
    assert found.bad_rows == ()
    assert "'e1' must hold numbers, as 'e0' does; row 1 holds 'x' (2 such rows)" in found.problem
    with pytest.raises(DataError, match="'e1' must hold numbers"):
        read_embeddings(content, name="a.csv", bad_rows="drop")
