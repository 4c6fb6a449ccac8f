"""One bad cell among numbered columns is named, never a dimension lost in silence."""

import pytest

from core.data import read_embeddings
from core.errors import DataError


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
