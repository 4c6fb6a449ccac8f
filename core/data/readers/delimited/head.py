"""The first lines of a text, and how they fall into records and cells."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.data.readers.text import MAX_COLUMNS
from core.errors import DataError

LONGEST_ROW = 16_000_000  # bytes of one record
HEAD_RECORDS = 101  # the first and the hundred that it is compared with
HEAD_BYTES = 250_000  # or more, where these are fewer lines; cells may span lines
MOST_HEAD_BYTES = 4_000_000
FEWEST_LINES = 3
BLANKS = re.compile(r"[ \t]+")


@dataclass(frozen=True)
class Head:
    """Whole lines from the start of a text; complete: there is nothing after them."""

    text: str
    complete: bool


@dataclass(frozen=True)
class Records:
    """The rows of a head as cells.

    ends: for each row, the place in the head after its line end. well_formed: whether every
    quotation mark that opens a cell has one that closes it.
    """

    rows: list[list[str]]
    ends: list[int]
    well_formed: bool = True


def read_head(view: memoryview) -> Head:
    """At least three lines, and a hundred of usual length; raises DataError for a line too long."""
    start = bytes(view[: LONGEST_ROW + 1])
    end, lines = 0, 0
    while (
        lines < FEWEST_LINES
        or end < HEAD_BYTES
        or (lines <= HEAD_RECORDS and end < MOST_HEAD_BYTES)
    ):
        found = start.find(b"\n", end)
        if found < 0:
            break
        end, lines = found + 1, lines + 1
    if len(start) == len(view) and (found < 0):
        return Head(start.decode(), complete=True)
    if lines == 0:
        raise line_too_long()
    return Head(start[:end].decode(), complete=end == len(view))


def line_too_long() -> DataError:
    """What to raise for a record that is longer than any that is read."""
    return DataError(
        f"A line is longer than {LONGEST_ROW / 1e6:,.0f} MB, or a quotation mark is never closed. "
        "Write each row on its own line."
    )


def too_many_columns(count: int) -> DataError:
    """What to raise for a line of more columns than are read."""
    return DataError(
        f"The first lines have {count:,} columns or more, and at most {MAX_COLUMNS:,} are read. "
        "Use fewer columns."
    )


def split_records(head: Head, separator: str, *, quoted: bool, runs: bool = False) -> Records:
    """The first records of the head; separator "": one cell a line; runs: of blanks and tabs."""
    if quoted and '"' in head.text:
        return _quoted_records(head, separator)
    lines = head.text.split("\n", HEAD_RECORDS)
    if not lines[-1]:
        lines.pop()
    rows, ends, end = [], [], 0
    for line in lines[:HEAD_RECORDS]:
        end += len(line) + 1
        rows.append(_cells(line.removesuffix("\r"), separator, runs))
        ends.append(min(end, len(head.text)))
    return Records(rows, ends)


def usual_width(rows: Iterable[Sequence[str]], first: Sequence[str] = ()) -> int:
    """Cells that most rows have; of widths as common that of `first`, else the least; or 0."""
    widths = Counter(map(len, rows))
    return max(widths, key=lambda w: (widths[w], w == len(first), -w), default=0)


def _cells(line: str, separator: str, runs: bool) -> list[str]:
    if runs:
        return BLANKS.split(line.strip(" \t"))
    return line.split(separator) if separator else [line]


def _quoted_records(head: Head, separator: str) -> Records:
    """Cells in quotation marks may hold separators, line ends, and "" for one mark."""
    cell = _cell_pattern(separator)
    text, rows, ends = head.text, list[list[str]](), list[int]()
    row, place = list[str](), 0
    while place < len(text) and len(rows) < HEAD_RECORDS:
        match = cell.match(text, place)
        if match is None:
            cut_off = not head.complete and text.find('"', place + 1) < 0 and len(rows) > 1
            return Records(rows, ends, well_formed=cut_off)
        inside, plain, end = match.groups()
        row.append(plain if inside is None else inside.replace('""', '"'))
        place = match.end()
        if end != separator or not separator:
            rows.append(row)
            ends.append(place)
            row = []
    if row:  # the text ends in a separator
        rows.append([*row, ""])
        ends.append(place)
    return Records(rows, ends)


def _cell_pattern(separator: str) -> re.Pattern[str]:
    """One cell with what ends it: the separator, a line end, or the end of the text."""
    part = re.escape(separator)
    plain = rf'[^"\n{part}][^\n{part}]*?' if separator else r'[^"\n][^\n]*?'
    end = rf"{part}|\r?\n|\Z" if separator else r"\r?\n|\Z"
    return re.compile(rf'(?:"([^"]*(?:""[^"]*)*)"|({plain}|))({end})')
