"""Delimited text as a table: encoding, head, layout, rows, in this order.

Every line after the heading is a row of the table, or named as left out: blank lines, lines that
begin with #, and those of another width where these are allowed.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.limits import check_size
from core.data.readers.delimited.cells import NUMBER
from core.data.readers.delimited.head import read_head
from core.data.readers.delimited.layout import UNNAMED, Layout, comments_left_out, find_layout
from core.data.readers.delimited.lines import (
    blank_lines,
    count_lines,
    filled_end,
    unused,
    with_line_ends,
)
from core.data.readers.delimited.rewritten import refuse_sparse, rewritten
from core.data.readers.delimited.rows import Grid, Ragged, Rows, read_rows
from core.data.readers.delimited.word_vectors import WordVectors
from core.data.readers.found import Content
from core.data.readers.text import to_utf8
from core.data.sheets import GUARD, is_guarded
from core.errors import BadRowsError, DataError

NAMED = 5
SAMPLED = 1_000
MOST_BLANK = 1_000_000
EXCEL_LINE = re.compile(rb"sep=.\r?\n")  # with which Excel is told the separator
GAPS = re.compile(rb"[ \t]+")
EDGES = re.compile(rb"^[ \t]++|(?<![ \t])[ \t]++(?=\r?$)", re.MULTILINE)
NUMBER_CELL = rf"(?i)^\s*({NUMBER.pattern})\s*$"


@dataclass(frozen=True, eq=False)
class Table:
    """frame: one row for each row of the text, in columns of numbers, yes or no, or text.

    notes: what was decided or left out. words: set for word vectors.
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]
    words: WordVectors | None = None


def read_table(
    content: Content,
    ending: str = "",
    *,
    labels: bool = False,
    count: int | None = None,
    drop_ragged: bool = False,
) -> Table:
    r"""The table of a text in any dialect (see `find_dialect`, `find_heading`, `TypedColumn`).

    ending: of the file's name, a hint. labels: the text is metadata, one row for each vector;
    count: how many there are, or None.

    Blank lines are no rows, but in metadata, where each line stands for a vector: in one column
    every line is a row, with an empty label where it is blank; among several columns a blank line
    is a row of missing values, at the end of the text only if `count` asks for it. Lines of
    separators alone at the end, as spreadsheets write them, are taken as blank lines.

    A line with too many or too few values is a BadRowsError; with drop_ragged a row of missing
    values, named in the notes. Raises DataError.

    >>> table = read_table(b"sku;x0\n0108;1,5\n0109;\n", ".csv")
    >>> table.frame.to_dict("list")
    {'sku': ['0108', '0109'], 'x0': [1.5, nan]}
    >>> table.notes
    ('columns separated by semicolons with decimal commas',)
    """
    view, encoding = to_utf8(content)
    view, rewriting = rewritten(_without_excel_line(with_line_ends(view)))
    head = read_head(view)
    if not labels:
        refuse_sparse(head)
    layout = find_layout(head, ending, labels=labels, surplus=_surplus(view, count))
    body, empty = _cut_empty(view[layout.start :], layout)
    kept = 0
    if labels:
        _check_blank_lines(body, empty)
    if layout.dialect.runs:
        body = _one_blank_each(body)
    rows = read_rows(body, _grid(layout, body, labels=labels))
    _check_ragged(rows, allowed=drop_ragged)
    if labels:
        kept = _rows_at_end(empty, rows.n, layout, count)
    frame = _to_frame(rows, layout)
    if kept:
        frame = frame.reindex(pd.RangeIndex(rows.n + kept))
    if len(frame) == 0:
        raise DataError("The table has no rows. Add at least one.")
    frame, dropped = _without_last_column(frame)
    notes = (
        *([f"read as {encoding}"] if encoding != "UTF-8" else ()),
        *([rewriting] if rewriting else ()),
        *layout.notes,
        *dropped,
        *([_empty_note(empty - kept)] if empty > kept else ()),
        *_row_notes(rows, layout),
        *_word_notes(rows, layout),
        *_mixed_notes(rows, layout),
        *_guarded_notes(rows),
    )
    return Table(frame, notes, layout.words)


def _without_excel_line(view: memoryview) -> memoryview:
    match = EXCEL_LINE.match(bytes(view[:8]))
    return view if match is None else view[match.end() :]


def _one_blank_each(view: memoryview) -> memoryview:
    return memoryview(GAPS.sub(b" ", EDGES.sub(b"", view)))


def _grid(layout: Layout, body: memoryview, *, labels: bool) -> Grid:
    words, dialect = layout.words, layout.dialect
    stand_in = "" if words is None else unused(body)
    return Grid(
        separator=dialect.separator or unused(body),
        quoted=dialect.quoted,
        width=len(layout.names),
        blank_rows=labels,
        decimal=dialect.decimal,
        fractions=layout.fractions,
        texts=frozenset() if words is None else frozenset({0}),
        skipped=layout.skipped,
        repair=None if words is None else words.repair(dialect.separator, stand_in),
        stand_in=stand_in,
    )


def _check_ragged(rows: Rows, *, allowed: bool) -> None:
    if not rows.ragged or allowed:
        return
    what = "Some lines do" if len(rows.ragged) > 1 else "A line does"
    marked = any('"' in ragged.text for ragged in rows.ragged)
    hint = "A quotation mark may be missing. " if marked else ""
    raise BadRowsError(
        f"{what} not have {len(rows.columns):,} values as the others have: "
        f"{_listed(rows.ragged)}. {hint}Mend or leave out {_these(rows.ragged)}.",
        [ragged.row for ragged in rows.ragged],
    )


def _listed(ragged: list[Ragged]) -> str:
    named = [f"{row.where} has {row.values:,} ({row.text!r})" for row in ragged[:NAMED]]
    more = len(ragged) - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more else "")


def _these(ragged: list[Ragged]) -> str:
    return "this line" if len(ragged) == 1 else f"these {len(ragged):,} lines"


def _to_frame(rows: Rows, layout: Layout) -> pd.DataFrame:
    check_size(rows.n, len(layout.names))
    columns = {
        name: values if isinstance(values, np.ndarray) else values.to_pandas()
        for name, values in zip(layout.names, rows.columns, strict=True)
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(rows.n), copy=False)


def _cut_empty(body: memoryview, layout: Layout) -> tuple[memoryview, int]:
    """The text without the empty lines at its end, and how many they are."""
    separator = layout.dialect.separator.encode()
    end, empty = filled_end(body, separator + b" \r\n")
    return body[:end], empty


def _rows_at_end(empty: int, rows: int, layout: Layout, count: int | None) -> int:
    """How many of the empty lines at the end of metadata are rows."""
    if count is not None:
        return min(empty, max(count - rows, 0))
    return 0 if layout.dialect.separator else empty


def _surplus(view: memoryview, count: int | None) -> int | None:
    """Lines beyond `count`; None where blank ones at the end may be rows or not."""
    if count is None:
        return None
    _, empty = filled_end(view, b" \r\n")
    surplus = count_lines(view) - count
    return surplus if not empty or not surplus else None


def _check_blank_lines(body: memoryview, empty: int) -> None:
    blank = blank_lines(body) + empty
    if blank > MOST_BLANK:
        raise DataError(
            f"The table has {blank:,} blank lines, and each would be a row. Leave them out."
        )


def _without_last_column(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Leave out a last column without a name in which all cells are empty."""
    last, width = frame.columns[-1], len(frame.columns)
    nameless = last in (UNNAMED.format(width - 1), str(width - 1))
    if width == 1 or not nameless or frame[last].notna().any():
        return frame, ()
    return frame.drop(columns=last), ("each line ends in a separator: no column follows it",)


def _empty_note(count: int) -> str:
    return f"{count:,} empty line{'' if count == 1 else 's'} at the end left out"


def _row_notes(rows: Rows, layout: Layout) -> list[str]:
    notes = []
    if rows.unquoted:
        notes.append("quotation marks taken as letters: else they would join several lines")
    if rows.comments:
        notes.append(comments_left_out(rows.comments))
    if rows.ragged:
        notes.append(f"taken as rows without values: {_listed(rows.ragged)}")
    if layout.words is not None and (said := layout.words.difference(rows.n)):
        notes.append(said)
    return notes


def _word_notes(rows: Rows, layout: Layout) -> list[str]:
    found = [
        f"{name} ({count:,})" for name, count in zip(layout.names, rows.words, strict=True) if count
    ]
    return [f"words such as NA taken as missing numbers in {_shortened(found)}"] if found else []


def _mixed_notes(rows: Rows, layout: Layout) -> list[str]:
    """Columns that are text because of some of their cells."""
    pairs = zip(layout.names, rows.columns, strict=True)
    texts = [(name, column) for name, column in pairs if isinstance(column, pa.ChunkedArray)]
    found = [
        f"{name!r} (row {place:,} holds {column[place].as_py()[:60]!r})"
        for name, column in texts
        if (place := _first_text_among_numbers(column)) is not None
    ]
    return [f"text because some cells are no numbers: {_shortened(found)}"] if found else []


def _guarded_notes(rows: Rows) -> list[str]:
    """How many cells were guarded when they were written for a spreadsheet (`core.data.sheets`)."""
    texts = (column for column in rows.columns if isinstance(column, pa.ChunkedArray))
    begun = (column.filter(pc.starts_with(column, GUARD)).to_pylist() for column in texts)
    found = sum(is_guarded(cell) for cells in begun for cell in cells)
    if not found:
        return []
    cells = f"{found:,} {'cell begins' if found == 1 else 'cells begin'}"
    return [f"{cells} with {GUARD} before =, +, - or @, as files for spreadsheets do: kept"]


def _first_text_among_numbers(texts: pa.ChunkedArray) -> int | None:
    """The place of the first cell that is no number where most cells are; None for other texts."""
    sample = pc.match_substring_regex(texts[:SAMPLED], NUMBER_CELL)
    share = pc.mean(sample).as_py()
    if share is None or share < 0.5:
        return None
    place = pc.index(pc.match_substring_regex(texts, NUMBER_CELL), False).as_py()
    return None if place < 0 else int(place)


def _shortened(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more:,} more" if more > 0 else "")
