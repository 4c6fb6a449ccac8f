"""Text that would take much time or memory is refused before it does, and says why.

Each file is small enough for a test; the limit it meets does not grow with the file.
"""

import tracemalloc
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import EmbeddingSet, read_embeddings, read_metadata
from core.data.readers.delimited import head
from core.errors import DataError

MB = 1_000_000


def wide(cell: str, columns: int, rows: int = 3) -> bytes:
    names = ",".join(f"c{i}" for i in range(columns))
    return "\n".join([names, *[",".join([cell] * columns)] * rows]).encode()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "many columns of text": (lambda: wide("x", 16_000), r"16,000 columns of text, and at most"),
    "many columns of lists": (lambda: wide("[1]", 16_000), r"16,000 columns of text, and at most"),
    "too many columns": (lambda: wide("1", 20_001), r"20,001 columns or more, and at most 20,000"),
    "too many separators": (lambda: b"1" + b",1" * 3 * MB + b"\n", r"columns or more, and at most"),
    "a long line": (lambda: b"a" * 17 * MB, "A line is longer than 16 MB"),
    "a long line of numbers": (lambda: b"1," * 9 * MB, "A line is longer than 16 MB"),
    "a long line below": (lambda: b"x0,x1\n" + b"1,2\n" * 9 + b"1," * 20 * MB, "longer than 16 MB"),
    "an open mark": (
        lambda: b"w,x\n" + b'"a, b",1\n' * 50_000 + b'"b,1\n' + b"c,1,2\n" * 3 * MB,
        "uotation mark is never closed",
    ),
    "marks alone": (lambda: b'"' * 17 * MB, "longer than 16 MB, or a quotation mark"),
    "separators alone": (lambda: b",,,,\n" * MB, "hold only separators"),
    "blank": (lambda: b"\n" * MB, "holds no text"),
    "NUL": (lambda: b"x0,x1\n1,2\n" + bytes(MB), "NUL characters, the first at byte 10"),
    "lines of blanks": (
        lambda: b"x0,x1\n1,2\n" + b"  \n" * 20_001 + b"1,2\n",
        "More than 20,000 lines hold only blanks",
    ),
    "comments": (
        lambda: b"x0,x1\n" + b"1,2\n" * 70_000 + b"# no\n" * 20_001 + b"1,2\n",
        "More than 20,000 lines hold only blanks, or begin with #",
    ),
    "lines of other widths": (
        lambda: b"x0,x1\n" + b"1,2\n" * 70_000 + b"1\n1,2,3\n" * MB,
        r"More than 1,000 lines do not have 2 values .* such as '1'",
    ),
    "words of too few numbers": (
        lambda: b"the 0.1 0.2\n" * 30_000 + b"of 0.1\n" * MB,
        r"More than 1,000 lines do not have 3 values",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused(case: str) -> None:
    make, said = REFUSED[case]
    with pytest.raises(DataError, match=said):
        read_embeddings(make(), name="a.csv")


PIECES = (
    *("1", "0.5", "-2", "w1", "nan", "NA", "True", "[1,2]", "0108", "1e400", "9" * 20, "9" * 5_000),
    *("\n", "\n", "\n", "\r\n", "\r", ",", ",", ";", "\t", " ", "  ", "|", '"', '""', "#", "# "),
    *("\x0b", "\x1f", "\u2028", "\ufeff", "word", "x0", "sep=;\n", "4 3\n", "1,5", "inf", "-0"),
)


@settings(max_examples=40)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_text_is_read_or_refused(pieces: list[str]) -> None:
    content = "".join(pieces).encode()
    for ending in (".csv", ".tsv", ".txt"):
        with suppress(DataError):
            found = read_embeddings(content, name=f"a{ending}", bad_rows="drop")
            assert found.n >= 1
        for rows in (None, 3):
            with suppress(DataError):
                assert len(read_metadata(content, name=f"a{ending}", rows=rows)) >= 1


def test_blank_lines_of_metadata_are_bounded() -> None:
    for content in (b"w\tx\na\t1\n" + b"\n" * (MB + 1), b"a\n" + b"\n" * (MB + 1) + b"b\n"):
        with pytest.raises(DataError, match=r"1,000,00\d blank lines, and each would be a row"):
            read_metadata(content, name="m.tsv")


def test_blank_lines_of_vectors_cost_nothing() -> None:
    found = read_embeddings(b"x0,x1\n1,2\n" + b"\n" * MB + b"3,4\n" + b"\n" * MB, name="a.csv")
    assert found.vectors.tolist() == [[1, 2], [3, 4]]


def test_many_columns_of_numbers_are_read() -> None:
    assert read_embeddings(wide("0.5", 5_000), name="a.csv").vectors.shape == (3, 5_000)


def test_a_long_line_is_met_before_much_is_held() -> None:
    content = b"1," * 30 * MB
    tracemalloc.start()
    with pytest.raises(DataError, match="longer than 16 MB"):
        read_embeddings(content, name="a.csv")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * head.LONGEST_ROW


def test_many_words_with_blanks_are_held_as_text() -> None:
    lines = b"".join(
        b"new york %d 0.5 1\n" % i if i % 3 == 1 else b"w %d 0 1\n" % i for i in range(9_000)
    )
    found: EmbeddingSet = read_embeddings(lines, name="a.txt")
    assert found.n == 9_000
    assert found.vectors[:3].tolist() == [[0, 0, 1], [1, 0.5, 1], [2, 0, 1]]
    assert found.metadata["word"].tolist()[:3] == ["w", "new york", "w"]
