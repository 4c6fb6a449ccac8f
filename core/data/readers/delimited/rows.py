"""Delimited text as typed columns, block by block, with every line accounted for.

Read by pyarrow.csv, each cell as text, and typed here (`typed`). It is as fast as pandas' parser
and much faster than Python's csv; every setting can be stated; a line with another number of values
is handed over, where pandas fills it up or cuts it off; a text has no limit and stays as it is.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from core.data import watch
from core.data.readers.delimited.cells import is_blank
from core.data.readers.delimited.head import LONGEST_ROW, line_too_long
from core.data.readers.delimited.lines import contains, lines_of_rows, without_returns
from core.data.readers.delimited.typed import TypedColumn, Values
from core.data.readers.text import check_cells
from core.errors import DataError

MOST_RAGGED = 1_000
SHOWN = 60
MOST_TRIES = 3
CONVERSION = re.compile(r"In CSV column #(\d+)")
MOST_LEFT_OUT = 20_000  # lines of blanks, and comments: each is looked at in Python
Repair = Callable[[str], str | None]


@dataclass(frozen=True)
class Grid:
    """How the lines after the heading fall into cells.

    separator: one character. width: cells of a row. blank_rows: an empty line is a row of empty
    cells; else it is passed over. decimal: "." or ",". fractions: columns that seem to be numbers,
    and are read as such until a cell is none. texts: columns that are text whatever they hold.
    repair: a line of another width as one of `width` cells, its words' separators replaced by
    `stand_in`, or None where it cannot be. skipped: lines of the file before the first row.
    """

    separator: str
    quoted: bool
    width: int
    blank_rows: bool = False
    decimal: str = "."
    fractions: frozenset[int] = frozenset()
    texts: frozenset[int] = frozenset()
    repair: Repair | None = None
    stand_in: str = ""
    skipped: int = 0


class _NoFraction(Exception):  # noqa: N818 - no error: another way to read is taken
    """A cell of a column of `Grid.fractions` is no number, or none that a float holds.

    column: its place, or None where it is not known.
    """

    def __init__(self, column: int | None) -> None:
        super().__init__(column)
        self.column = column


@dataclass(frozen=True)
class Ragged:
    """A row with another number of values.

    row: its number from 0. where: the line of the file, or where cells may span lines the record,
    from 1. values: how many it has. text: its start. spans: whether it spans lines. is_open:
    whether its quotation marks are an odd number.
    """

    row: int
    where: str
    values: int
    text: str
    spans: bool
    is_open: bool


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
    letters, they are letters: a lone one must not take in the rows up to the next.
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
    """Takes the lines of another width as they are met.

    places: of those that are rows, from 0; lines: what stands for each. numbers: of the ragged
    records, from 1.
    """

    grid: Grid
    places: list[int] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    ragged: list[Ragged] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    comments: int = 0
    blank: int = 0

    def take(self, row: Any) -> str:
        """What pyarrow asks for: "skip", or "error" to end the reading."""
        blank = is_blank([row.text])
        repaired = None if blank or self.grid.repair is None else self.grid.repair(row.text)
        if blank and not self.grid.blank_rows:
            self.blank += 1
        elif not blank and repaired is None and row.text.startswith("#"):
            self.comments += 1
        else:
            self._add(row, repaired, ragged=not blank and repaired is None)
        too_many = max(self.blank, self.comments) > MOST_LEFT_OUT or len(self.ragged) > MOST_RAGGED
        return "error" if too_many else "skip"

    def _add(self, row: Any, repaired: str | None, *, ragged: bool) -> None:
        place = row.number - 1 - self.comments - self.blank
        self.places.append(place)
        self.lines.append(self.grid.separator * (self.grid.width - 1) if ragged else repaired or "")
        if ragged:
            where = f"record {row.number + self.grid.skipped:,}"
            shape = {"spans": "\n" in row.text, "is_open": row.text.count('"') % 2 == 1}
            self.ragged.append(Ragged(place, where, row.actual_columns, row.text[:SHOWN], **shape))
            self.numbers.append(row.number)

    def order(self, n: int) -> npt.NDArray[np.int64] | None:
        """(n,) for each row its place where these rows stand behind the others; None if as is."""
        if not self.places:
            return None
        odd = np.zeros(n, bool)
        odd[self.places] = True
        order = np.empty(n, np.int64)
        order[~odd] = np.arange(n - len(self.places))
        order[odd] = np.arange(n - len(self.places), n)
        return order


def _read(view: memoryview, grid: Grid) -> Rows:
    """Columns that are no numbers after all are read as text; after a few tries, all are."""
    for _ in range(MOST_TRIES):
        try:
            return _read_once(view, grid)
        except _NoFraction as found:
            at_fault = grid.fractions if found.column is None else {found.column}
            grid = replace(grid, fractions=grid.fractions - at_fault)
    return _read_once(view, replace(grid, fractions=frozenset()))


def _read_once(view: memoryview, grid: Grid) -> Rows:
    view, stand_in = without_returns(view)
    columns = [
        TypedColumn(decimal=grid.decimal, text=number in grid.texts) for number in range(grid.width)
    ]
    odd, n = _fill(view, grid, stand_in, dict(enumerate(columns)))
    values = []
    for number, column in enumerate(columns):
        watch.items_read(number, len(columns), "columns")
        values.append(column.finish())
    words = [column.words for column in columns]
    again = {i: TypedColumn(text=True) for i, column in enumerate(columns) if column.lost}
    if again:
        _fill(view, replace(grid, fractions=frozenset()), stand_in, again)
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
        n += len(batch)
        check_cells(n, grid.width, len(view))
        _add(batch, columns, stand_in, "\r")
    lines = memoryview("\n".join(odd.lines).encode() + b"\n") if odd.lines else memoryview(b"")
    again = replace(grid, blank_rows=True, repair=None)
    for batch in _batches(lines, again, _OddLines(again), sorted(columns)):
        n += len(batch)
        _add(batch, columns, grid.stand_in, grid.separator)
    return odd, n


def _add(
    batch: pa.RecordBatch, columns: dict[int, TypedColumn], stand_in: str, letter: str
) -> None:
    for number, cells in zip(sorted(columns), batch.columns, strict=True):
        if pa.types.is_floating(cells.type):
            if not columns[number].add_numbers(cells):
                raise _NoFraction(number)
        else:
            restored = pc.replace_substring(cells, stand_in, letter) if stand_in else cells
            columns[number].add(restored)


def _batches(
    view: memoryview, grid: Grid, odd: _OddLines, columns: Sequence[int]
) -> Iterator[pa.RecordBatch]:
    if not len(view):
        return
    names = [str(number) for number in range(grid.width)]
    done = 0
    try:
        for batch in arrow_csv.open_csv(
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
                column_types={
                    name: pa.float64() if number in grid.fractions else pa.string()
                    for number, name in enumerate(names)
                },
                decimal_point=grid.decimal,
                include_columns=[names[number] for number in columns],
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        ):
            done = min(done + LONGEST_ROW, len(view))  # a batch is what one block holds
            watch.bytes_read(done, len(view))
            yield batch
    except pa.ArrowInvalid as error:
        if "conversion error" in str(error):
            raise _NoFraction(_column_at_fault(error)) from error
        raise _refusal(error, odd) from error


def _column_at_fault(error: pa.ArrowInvalid) -> int | None:
    match = CONVERSION.search(str(error))
    return None if match is None else int(match[1])


def _refusal(error: pa.ArrowInvalid, odd: _OddLines) -> DataError:
    if "straddling" in str(error):
        return line_too_long()
    if max(odd.blank, odd.comments) > MOST_LEFT_OUT:
        return DataError(
            f"More than {MOST_LEFT_OUT:,} lines hold only blanks, or begin with #. Leave them out."
        )
    if odd.ragged:
        return DataError(
            f"More than {MOST_RAGGED:,} lines do not have {odd.grid.width:,} values as most of "
            f"the first lines do, such as {odd.ragged[0].text!r}. Give every row the same columns."
        )
    return DataError(f"The rows cannot be read: {error}. Write each row on its own line.")


def _spans_lines(rows: Rows) -> bool:
    return any(ragged.spans for ragged in rows.ragged) or any(
        pc.any(pc.match_substring(column, "\n")).as_py()
        for column in rows.columns
        if isinstance(column, pa.ChunkedArray)
    )


def _is_regular(view: memoryview, grid: Grid) -> bool:
    """Whether every line that is not blank has the same number of values."""
    odd = _OddLines(replace(grid, repair=None, fractions=frozenset()))
    view, _ = without_returns(view)
    try:
        regular = all(not odd.places for _ in _batches(view, odd.grid, odd, (0,)))
    except DataError:
        return False
    return regular and not odd.places


def _check_closed(view: memoryview, rows: Rows) -> None:
    """Refuse a quotation mark that is open to the end: it took all lines after it for one cell."""
    last = rows.columns[-1]
    spans = isinstance(last, pa.ChunkedArray) and "\n" in (last[-1].as_py() or "")
    spans |= any(ragged.is_open and ragged.row == rows.n - 1 for ragged in rows.ragged)
    if spans and not bytes(view[-4:]).rstrip(b"\r\n").endswith(b'"'):
        raise DataError(
            "A quotation mark is never closed, so that the lines after it stand in one cell. Close "
            "it, or leave out the quotation marks."
        )
