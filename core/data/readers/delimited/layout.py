"""What the first lines of a table say of all of it: the names, and where its rows begin."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.data.names import check_distinct
from core.data.readers.delimited.cells import (
    WHITE_SPACE,
    are_fractions,
    is_blank,
    kind_of,
    kind_of_column,
)
from core.data.readers.delimited.dialect import NAMES, Dialect, find_dialect
from core.data.readers.delimited.head import (
    FEWEST_LINES,
    Head,
    Records,
    too_many_columns,
    usual_width,
)
from core.data.readers.delimited.heading import Heading, find_heading
from core.data.readers.delimited.word_vectors import WORD, WordVectors, find_word_vectors
from core.data.readers.text import MAX_COLUMNS
from core.errors import DataError

UNNAMED = "Unnamed: {}"  # as pandas calls the column of an index without a name
SEPARATORS = ",;\t|"
NO_TEXT = SEPARATORS + ' "\r\n'
TYPED_LINES = 3
TYPES = {"continuous", "discrete", "string", "time", "c", "d", "s", "t"}
FLAGS = {"class", "meta", "ignore", "i", "m"}
FLAGGED = re.compile(r"(?=[^#])[mciw]?[CDST]?#")
TYPES_SAID = "the second and the third line say the types of the columns"
COMPARED_CELLS = 50_000
JUDGED_ROWS = 20
MAX_TEXT_COLUMNS = 1_000


@dataclass(frozen=True)
class Layout:
    """names: of the columns. skipped: lines before the first row; start: its byte.

    fractions: columns that are numbers in the first rows, and not only whole ones. words: set for
    word vectors. notes: what was decided, where it was not obvious.
    """

    dialect: Dialect
    names: tuple[str, ...]
    skipped: int
    start: int
    fractions: frozenset[int]
    words: WordVectors | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Lines:
    """The records of a head, the first `skipped` left out."""

    records: Records
    skipped: int = 0

    @property
    def rows(self) -> list[list[str]]:
        return self.records.rows[self.skipped :]

    def after(self, count: int) -> "_Lines":
        return replace(self, skipped=self.skipped + count)


def find_layout(
    head: Head, ending: str, *, labels: bool = False, surplus: int | None = None
) -> Layout:
    """The layout of a table; raises DataError where the first lines contradict each other.

    labels: the text is metadata, so that in one column a blank line is a row, and a line that
    begins with # as well. surplus: lines of the file beyond the rows that it must have, or None.
    """
    if not head.text.strip(NO_TEXT):
        raise DataError("The first lines hold only separators. Add at least one row of values.")
    dialect = find_dialect(head, ending)
    lines = _Lines(dialect.records(head))
    one_label_a_line = labels and not dialect.separator
    if not one_label_a_line:
        lines = lines.after(_blank_lines(lines.rows))
    if not lines.rows:
        raise DataError("The table has no rows. Add at least one.")
    commented, comment_notes = (None, ()) if one_label_a_line else _comments(lines.rows, dialect)
    lines = lines.after(
        _count_comments(lines.rows) if commented is not None or comment_notes else 0
    )
    words = None if labels else find_word_vectors(lines.rows, dialect)
    notes = (*_dialect_notes(dialect, ending), *comment_notes)
    if words is not None:
        names = (
            WORD,
            *map(str, range(words.dim)),
            *([UNNAMED.format(words.dim + 1)] * words.trailing),
        )
        rows = lines.after(words.stated is not None)
        return _layout(head, dialect, rows, names, comment_notes, words)
    if commented is not None:
        return _layout(head, dialect, lines, _names(commented, lines.rows), notes)
    if surplus is not None:
        spans = dialect.quoted and '"' in head.text
        surplus = None if spans else surplus - lines.skipped
    if (typed := _typed_heading(lines.rows)) is not None:
        return _layout(head, dialect, lines.after(TYPED_LINES), typed, (*notes, TYPES_SAID))
    heading = _heading(lines.rows, dialect, surplus)
    _check_text_columns(lines.rows[1:], dialect)
    notes = (*notes, heading.said) if heading.said else notes
    if heading.named:
        names, flags = _without_flags(_names(lines.rows[0], lines.rows[1:]))
        notes = (*notes, *flags)
    else:
        names = _numbered(lines.rows)
    return _layout(head, dialect, lines.after(heading.named), names, notes)


def _typed_heading(rows: list[list[str]]) -> tuple[str, ...] | None:
    """The names in the first of three lines, the second of types, the third of flags; or None.

    So Orange writes its tables:
    https://orange3.readthedocs.io/projects/orange-data-mining-library/en/latest/reference/data.io.html
    """
    if len(rows) <= TYPED_LINES or len({len(row) for row in rows[:TYPED_LINES]}) > 1:
        return None
    types, flags = ([cell.strip(WHITE_SPACE) for cell in row] for row in rows[1:TYPED_LINES])
    if is_blank(types) or not all(kind in TYPES for kind in types if kind):
        return None
    if not all(flag in FLAGS or "=" in flag for flag in flags if flag):
        return None
    return _names(rows[0], rows[TYPED_LINES:])


def _without_flags(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names without the letters before "#" by which Orange states types, and a note."""
    marked = [name for name in names if "#" in name]
    if not marked or not all(FLAGGED.match(name) for name in marked):
        return names, ()
    plain = tuple(FLAGGED.sub("", name) for name in names)
    if len(set(plain)) < len(plain) or "" in plain:
        return names, ()
    return plain, ("letters before # in the names of columns say their types, and are left out",)


def _layout(
    head: Head,
    dialect: Dialect,
    lines: _Lines,
    names: tuple[str, ...],
    notes: tuple[str, ...],
    words: WordVectors | None = None,
) -> Layout:
    if len(names) > MAX_COLUMNS:
        raise too_many_columns(len(names))
    check_distinct(names)
    end = lines.records.ends[lines.skipped - 1] if lines.skipped else 0
    before = head.text[:end]
    fractions = _fractions(lines.rows, len(names), dialect)
    start = len(before.encode())
    return Layout(dialect, names, before.count("\n"), start, fractions, words, notes)


def _fractions(rows: list[list[str]], width: int, dialect: Dialect) -> frozenset[int]:
    few = max(min(COMPARED_CELLS // width, JUDGED_ROWS), FEWEST_LINES)
    whole = [row for row in rows if len(row) == width][:few]
    columns = enumerate(zip(*whole, strict=True))
    return frozenset(i for i, cells in columns if are_fractions(cells, dialect.decimal))


def _heading(rows: list[list[str]], dialect: Dialect, surplus: int | None) -> Heading:
    rows = rows[: max(COMPARED_CELLS // max(map(len, rows)), FEWEST_LINES)]
    heading = find_heading(rows, dialect.decimal, surplus)
    if not dialect.separator and heading.named and not heading.said:
        parts = [separator for separator in SEPARATORS if separator in rows[0][0]]
        if parts:
            raise _misfit(rows[0][0].count(parts[0]) + 1, 1)
    return heading


def _check_text_columns(body: list[list[str]], dialect: Dialect) -> None:
    """Refuse a table of many columns of text before it is read: each costs much, unlike numbers."""
    if len(body) and len(body[0]) > MAX_TEXT_COLUMNS:
        texts = sum(kind_of(cell, dialect.decimal) in ("text", "list") for cell in body[0])
        if texts > MAX_TEXT_COLUMNS:
            raise DataError(
                f"The table has {texts:,} columns of text, and at most {MAX_TEXT_COLUMNS:,} are "
                "read beside those of numbers. Use fewer columns."
            )


def _blank_lines(rows: list[list[str]]) -> int:
    return next((i for i, row in enumerate(rows) if not is_blank(row)), len(rows))


def _count_comments(rows: list[list[str]]) -> int:
    return next((i for i, row in enumerate(rows) if not row[0].startswith("#")), 0)


def _comments(rows: list[list[str]], dialect: Dialect) -> tuple[list[str] | None, tuple[str, ...]]:
    """The names in the last of the lines with # at the start, or None, and notes on the others.

    `numpy.savetxt(header="x0 x1")` writes the names so. A line that has as many cells as the rows
    below it and is no heading is a row: "#" is a word as well.
    """
    count = _count_comments(rows)
    if not count:
        return None, ()
    width = usual_width(rows[count:])
    last = rows[count - 1]
    cells = _without_sign(last, width)
    if len(cells) == width and find_heading([cells, *rows[count:]], dialect.decimal).named:
        return cells, (comments_left_out(count - 1),) if count > 1 else ()
    return None, () if len(last) == width else (comments_left_out(count),)


def comments_left_out(count: int) -> str:
    """The note on lines that begin with #."""
    lines = "1 line that begins" if count == 1 else f"{count:,} lines that begin"
    return f"{lines} with # left out"


def _without_sign(row: list[str], width: int) -> list[str]:
    first = row[0].lstrip("#").strip(WHITE_SPACE)
    return row[1:] if not first and len(row) == width + 1 else [first, *row[1:]]


def _numbered(rows: list[list[str]]) -> tuple[str, ...]:
    return tuple(map(str, range(_width(rows, rows[0]))))


def _width(rows: list[list[str]], first: Sequence[str]) -> int:
    return usual_width((row for row in rows if not is_blank(row)), first) or 1


def _names(first: list[str], body: list[list[str]]) -> tuple[str, ...]:
    """One name for each cell of the rows; columns without a name are called as pandas does.

    The first line may have one name fewer than the rows have cells: where each row ends in a
    separator, and where the first cells name the rows, as R writes them.
    """
    names = [cell.strip(WHITE_SPACE) for cell in first]
    width = _width(body, names) if body else len(names)
    if len(names) == width + 1 and not names[-1]:
        names.pop()
    if width == len(names) + 1:
        whole = [row for row in body if len(row) == width]
        if is_blank(row[-1] for row in whole):
            names = [*names, ""]
        elif _name_rows([row[0] for row in whole]):
            names = ["", *names]
    if len(names) != width:
        raise _misfit(len(names), width)
    return tuple(name or UNNAMED.format(i) for i, name in enumerate(names))


def _name_rows(cells: list[str]) -> bool:
    """Whether the cells are the names of rows: words, or numbers counted from 0 or 1."""
    counted = (list(map(str, range(first, first + len(cells)))) for first in (0, 1))
    return kind_of_column(cells) == "text" or (len(cells) > 1 and cells in counted)


def _misfit(names: int, values: int) -> DataError:
    return DataError(
        f"The rows do not fit the first line, which has {names:,} columns: the next line has "
        f"{values:,} value{'' if values == 1 else 's'}. Name every column, or correct that line."
    )


def _dialect_notes(dialect: Dialect, ending: str) -> tuple[str, ...]:
    """What is not to be expected of a file with this ending."""
    usual = {"": ",", ".csv": ",", ".tsv": "\t"}.get(ending)
    decimal = " with decimal commas" if dialect.decimal == "," else ""
    if not dialect.separator or (dialect.separator == usual and not decimal):
        return ()
    return (f"columns separated by {NAMES[dialect.separator]}{decimal}",)
