"""A table written in any dialect is read back: every row, and every cell as it was."""

import csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.readers.delimited import read_table

LETTERS = "abzÀß猫NAnu0159.-+# '`\u2028\u2029\x0b\x0c\x1c\x85\u00a0"
WORDS = ("NA", "null", "nan", "None", "0108", "5", "1e5", "True", "", '"', "#", "x")


@dataclass(frozen=True)
class Writing:
    """One way to write a table."""

    separator: str
    quoting: int
    line_end: str
    encoding: str
    heading: bool
    trailing: bool
    last_line_end: bool
    blank_lines: int
    decimal: str


@st.composite
def writings(draw: st.DrawFn) -> Writing:
    separator = draw(st.sampled_from([",", ";", "|", "\t"]))
    quoting = csv.QUOTE_NONE
    if separator != "\t":
        quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
    return Writing(
        separator=separator,
        quoting=quoting,
        line_end=draw(st.sampled_from(["\n", "\r\n"])),
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])),
        heading=draw(st.booleans()),
        trailing=draw(st.booleans()),
        last_line_end=draw(st.booleans()),
        blank_lines=draw(st.integers(0, 2)),
        decimal="." if separator == "," else draw(st.sampled_from([".", ","])),
    )


@st.composite
def tables(draw: st.DrawFn, writing: Writing) -> list[list[Any]]:
    """Rows of a text, a whole number and two numbers; the texts of a column are not all numbers."""
    letters = LETTERS + ('",;\t|\n' if writing.quoting != csv.QUOTE_NONE else '"')
    texts = st.one_of(st.sampled_from(WORDS), st.text(letters, max_size=8))
    n = draw(st.integers(1, 8))
    rows: list[list[Any]] = [
        [
            draw(texts),
            draw(st.integers(-(2**63), 2**63 - 1)),
            draw(st.floats(-1e6, 1e6)) + 0.5,
            draw(st.floats(-1, 1)),
        ]
        for _ in range(n)
    ]
    rows[0][0] = "w" + rows[0][0]
    return rows


def written(rows: list[list[Any]], writing: Writing) -> bytes:
    buffer = io.StringIO(newline="")
    plain = writing.quoting == csv.QUOTE_NONE
    writer = csv.writer(
        buffer,
        delimiter=writing.separator,
        quoting=writing.quoting,  # type: ignore[arg-type]
        quotechar=None if plain else '"',
        lineterminator=writing.line_end,
    )
    end = [""] if writing.trailing else []
    if writing.heading:
        writer.writerow(["word", "count", "x0", "x1", *end])
    for word, whole, *numbers in rows:
        texts = [repr(float(number)).replace(".", writing.decimal) for number in numbers]
        cells: list[Any] = list(texts) if writing.decimal == "," or plain else numbers
        writer.writerow([word, whole, *cells, *end])
    text = buffer.getvalue()
    if writing.last_line_end:
        text += writing.line_end * writing.blank_lines
    else:
        text = text.removesuffix(writing.line_end)
    return text.encode(writing.encoding)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_every_cell_comes_back(data: st.DataObject) -> None:
    writing = data.draw(writings())
    rows = data.draw(tables(writing))
    table = read_table(written(rows, writing))
    frame = table.frame
    named = ["word", "count", "x0", "x1"] if writing.heading else ["0", "1", "2", "3"]
    assert list(frame.columns) == named
    assert len(frame) == len(rows)
    words, wholes, *numbers = (frame[name] for name in frame.columns)
    assert [None if pd.isna(word) else word for word in words] == [row[0] or None for row in rows]
    assert wholes.dtype == np.int64
    assert wholes.tolist() == [row[1] for row in rows]
    for column, place in zip(numbers, (2, 3), strict=True):
        np.testing.assert_array_equal(column, [row[place] for row in rows])
