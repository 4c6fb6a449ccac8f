"""Delimited text as typed columns, block by block, with every line accounted for.

Read by pyarrow.csv, each cell as text, and typed here (`typed`). It is as fast as pandas' parser
and much faster than Python's csv; every setting can be stated; a line with another number of values
is handed over, where pandas fills it up or cuts it off; a text has no limit and stays as it is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from core.data.readers.delimited.head import LONGEST_ROW, line_too_long
from core.data.readers.delimited.lines import contains, lines_of_rows, without_returns
from core.data.readers.delimited.typed import TypedColumn, Values
from core.data.readers.text import check_cells
from core.errors import DataError

MOST_ODD_LINES = 1_000
MAX_TEXT_COLUMNS = 1_000
Repair = Callable[[str], Sequence[str] | None]


@dataclass(frozen=True)
class Grid:
    """How the lines after the heading fall into cells.

    separator: one character. width: cells of a row. blank_rows: an empty line is a row of empty
    cells; else it is passed over. decimal: "." or ",". texts: columns that are text whatever they
    hold. repair: the cells of a line of another width, or None where it has none. skipped: lines of
    the file before the first row.
    """

    separator: str
    quoted: bool
    width: int
    blank_rows: bool = False
    decimal: str = "."
    texts: frozenset[int] = frozenset()
    repair: Repair | None = None
    skipped: int = 0


@dataclass(frozen=True)
class Ragged:
    """A row with another number of values.

    row: its number from 0. where: the line of the file, or where cells may span lines the record,
    from 1. values: how many it has. text: its start.
    """

    row: int
    where: str
    values: int
    text: str


@dataclass(frozen=True, eq=False)
class Rows:
    """columns: of numpy (numbers, yes or no) or of Arrow (texts), n values each.

    n: rows. ragged: those of another width, whose cells are all missing. comments: lines left out
    that begin with #. words: for each column, the cells such as "NA" taken as missing numbers.
    unquoted: quotation marks turned out to be letters.
    """

    columns: list[Values]
    n: int
    ragged: list[Ragged]
    comments: int
    words: list[int]
    unquoted: bool = False


def read_rows(view: memoryview, grid: Grid) -> Rows:
    """The rows of a text without its heading; raises DataError where it is no table.

    Where cells span lines, and yet each line has the same number of values if quotation marks are
    letters, they are letters: a lone one must not swallow the rows up to the next.
    """
    quoted = grid.quoted and contains(view, b'"')
    rows = _read(view, replace(grid, quoted=quoted))
    if quoted and _spans_lines(rows):
        plain = replace(grid, quoted=False)
        if grid.width > 1 and _is_regular(view, plain):
            return replace(_read(view, plain), unquoted=True)
        _check_closed(view, rows)
    return rows


@dataclass
class _OddLines:
    """Takes the lines of another width as they are met: rows by place from 0, and what they are."""

    grid: Grid
    rows: list[tuple[int, Sequence[str] | None]] = field(default_factory=list)
    ragged: list[Ragged] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    comments: int = 0
    blank: int = 0

    def take(self, row: Any) -> str:
        """What pyarrow asks for: "skip", or "error" to end the reading."""
        place = row.number - 1 - self.comments - self.blank
        cells: Sequence[str] | None = None
        if not row.text.strip():
            if not self.grid.blank_rows:
                self.blank += 1
                return "skip"
            cells = [""] * self.grid.width
        elif self.grid.repair is not None:
            cells = self.grid.repair(row.text)
        if cells is None and row.text.startswith("#"):
            self.comments += 1
            return "skip"
        if cells is None:
            where = f"record {row.number + self.grid.skipped:,}"
            self.numbers.append(row.number)
            self.ragged.append(Ragged(place, where, row.actual_columns, row.text[:60]))
        self.rows.append((place, cells))
        return "error" if len(self.ragged) > MOST_ODD_LINES else "skip"

    def cells(self, column: int) -> pa.Array:
        """The column's cells of these rows, null where they are empty or missing."""
        taken = [None if cells is None else cells[column] or None for _, cells in self.rows]
        return pa.array(taken, pa.string())

    def order(self, n: int) -> npt.NDArray[np.int64] | None:
        """(n,) for each row its place where these rows stand behind the others; None if as is."""
        if not self.rows:
            return None
        odd = np.zeros(n, bool)
        odd[[place for place, _ in self.rows]] = True
        order = np.empty(n, np.int64)
        order[~odd] = np.arange(n - len(self.rows))
        order[odd] = np.arange(n - len(self.rows), n)
        return order


def _read(view: memoryview, grid: Grid) -> Rows:
    view, stand_in = without_returns(view)
    columns = [
        TypedColumn(decimal=grid.decimal, text=number in grid.texts) for number in range(grid.width)
    ]
    odd, n = _fill(view, grid, stand_in, dict(enumerate(columns)))
    values = [column.finish() for column in columns]
    words = [column.words for column in columns]
    again = {i: TypedColumn(text=True) for i, column in enumerate(columns) if column.lost}
    if again:
        _fill(view, grid, stand_in, again)
        for number, column in again.items():
            values[number], words[number] = column.finish(), 0
    order = odd.order(n)
    if order is not None:
        values = [_take(column, order) for column in values]
    return Rows(values, n, _by_line(odd, view), odd.comments, words)


def _take(column: Values, order: npt.NDArray[np.int64]) -> Values:
    return column[order] if isinstance(column, np.ndarray) else pc.take(column, pa.array(order))


def _by_line(odd: _OddLines, view: memoryview) -> list[Ragged]:
    """The ragged rows by their lines, where no cell spans lines."""
    if odd.grid.quoted:
        return odd.ragged
    lines = lines_of_rows(view, odd.numbers, blank_rows=odd.grid.blank_rows)
    return [
        replace(row, where=f"line {line + odd.grid.skipped:,}")
        for row, line in zip(odd.ragged, lines, strict=True)
    ]


def _fill(
    view: memoryview, grid: Grid, stand_in: str, columns: dict[int, TypedColumn]
) -> tuple[_OddLines, int]:
    """Add all rows to the columns, those of another width last; the number of rows."""
    odd, n = _OddLines(grid), 0
    for batch in _batches(view, grid, odd, sorted(columns)):
        first = n == 0
        n += len(batch)
        check_cells(n, grid.width, len(view))
        for number, cells in zip(sorted(columns), batch.columns, strict=True):
            columns[number].add(pc.replace_substring(cells, stand_in, "\r") if stand_in else cells)
        if first:
            _check_text_columns(columns)
    for number in columns:
        columns[number].add(odd.cells(number))
    return odd, n + len(odd.rows)


def _check_text_columns(columns: dict[int, TypedColumn]) -> None:
    texts = sum(column.is_text for column in columns.values())
    if texts > MAX_TEXT_COLUMNS:
        raise DataError(
            f"The table has {texts:,} columns of text, and at most {MAX_TEXT_COLUMNS:,} are read "
            f"beside those of numbers. Use fewer columns."
        )


def _batches(
    view: memoryview, grid: Grid, odd: _OddLines, columns: Sequence[int]
) -> Iterator[pa.RecordBatch]:
    if not len(view):
        return
    names = [str(number) for number in range(grid.width)]
    try:
        yield from arrow_csv.open_csv(
            pa.BufferReader(pa.py_buffer(view)),
            arrow_csv.ReadOptions(
                column_names=names, use_threads=False, block_size=LONGEST_ROW, encoding="utf8"
            ),
            arrow_csv.ParseOptions(
                delimiter=grid.separator,
                quote_char='"' if grid.quoted else False,
                double_quote=True,
                escape_char=False,
                newlines_in_values=grid.quoted,
                ignore_empty_lines=not grid.blank_rows,
                invalid_row_handler=odd.take,
            ),
            arrow_csv.ConvertOptions(
                check_utf8=False,  # the whole text was checked
                column_types={name: pa.string() for name in names},
                include_columns=[names[number] for number in columns],
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        raise _refusal(error, odd) from error


def _refusal(error: pa.ArrowInvalid, odd: _OddLines) -> DataError:
    if "straddling" in str(error):
        return line_too_long()
    if odd.ragged:
        return DataError(
            f"More than {MOST_ODD_LINES:,} lines do not have {odd.grid.width:,} values as most of "
            f"the first lines do, such as {odd.ragged[0].text!r}. Give every row the same columns."
        )
    return DataError(f"The rows cannot be read: {error}. Write each row on its own line.")


def _spans_lines(rows: Rows) -> bool:
    return any(
        pc.any(pc.match_substring(column, "\n")).as_py()
        for column in rows.columns
        if isinstance(column, pa.ChunkedArray)
    )


def _is_regular(view: memoryview, grid: Grid) -> bool:
    """Whether every line that is not blank has the same number of values."""
    odd = _OddLines(replace(grid, repair=None))
    view, _ = without_returns(view)
    for _ in _batches(view, grid, odd, ()):
        if odd.rows:
            return False
    return not odd.rows


def _check_closed(view: memoryview, rows: Rows) -> None:
    """Refuse a quotation mark that is open to the end: it took all lines after it for one cell."""
    texts = [column for column in rows.columns if isinstance(column, pa.ChunkedArray)]
    ends_in_a_mark = bytes(view[-4:]).rstrip(b"\r\n").endswith(b'"')
    if not ends_in_a_mark and any("\n" in (text[-1].as_py() or "") for text in texts):
        raise DataError(
            "A quotation mark is never closed, so that the lines after it stand in one cell. Close "
            "it, or leave out the quotation marks."
        )
