"""How a text is written: separator, quotation marks, decimal sign. Judged by the whole head."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from core.data.readers.delimited.cells import (
    closes_lists,
    is_blank,
    kind_of,
    kind_of_column,
    parts_a_list,
)
from core.data.readers.delimited.head import (
    Head,
    Records,
    split_records,
    too_many_columns,
    usual_width,
)
from core.data.readers.text import MAX_COLUMNS

TAB, BLANK = "\t", " "
PREFERRED = (TAB, ",", ";", "|", BLANK)  # where nothing else tells them apart
NAMES = {TAB: "tabs", ",": "commas", ";": "semicolons", "|": "bars", BLANK: "blanks"}
JUDGED_ROWS, JUDGED_COLUMNS = 30, 400
CONSISTENT = 0.9
CUT_LISTS = 0.5
NEARLY_ALL = 0.95
NO_WORDS = ("number", "whole", "flag", "empty")
QUOTED_TEXT = re.compile(r'"[^"\n]*"')


@dataclass(frozen=True)
class Dialect:
    """How the cells are written.

    separator: one character, or "" for one cell a line. quoted: cells may stand in quotation
    marks. runs: several blanks or tabs part two cells. decimal: "." or ",".
    """

    separator: str
    quoted: bool = False
    runs: bool = False
    decimal: str = "."

    def records(self, head: Head) -> Records:
        """The first records of the head in this dialect."""
        return split_records(head, self.separator, quoted=self.quoted, runs=self.runs)


@dataclass(frozen=True)
class _Verdict:
    """How well a dialect fits; width: cells of most lines after the first, fitting: their share.

    numbers: the share of numbers among their cells that are not empty. fits_first: the first line
    has as many cells, or one fewer, as where the column of row names has no name.
    """

    dialect: Dialect
    width: int
    fitting: float
    numbers: float
    fits_first: bool

    @property
    def consistent(self) -> bool:
        return self.fitting >= CONSISTENT and self.fits_first

    @property
    def rank(self) -> tuple[bool, float, float, int]:
        """Larger is better."""
        preference = -PREFERRED.index(self.dialect.separator)
        return self.consistent, round(self.numbers, 1), round(self.fitting, 1), preference


def find_dialect(head: Head, ending: str) -> Dialect:
    """The dialect in which the lines of the head have equally many cells, and most numbers.

    Each separator is tried on the whole head. A separator that cuts lists in pieces does not fit;
    blanks part cells only where the cells after the first, or most of a regular table, are numbers,
    for words hold blanks too.
    Quotation marks are letters in tab separated text; elsewhere they quote unless the head shows
    that they do not. Decimal commas are taken as such where no column has decimal points. In a file
    named .tsv without any tab, another separator must yield numbers.

    Raises DataError for more columns than are read.
    """
    verdicts = [verdict for separator in PREFERRED if (verdict := _try(head, separator))]
    verdicts = [verdict for verdict in verdicts if not _is_within(verdict, verdicts, head)]
    if ending == ".tsv":
        verdicts = [v for v in verdicts if v.dialect.separator == TAB or v.numbers >= 0.5]
    if verdicts:
        return max(verdicts, key=lambda verdict: verdict.rank).dialect
    _check_columns(head)
    quoted = split_records(head, "", quoted=True)
    return Dialect("", quoted='"' in head.text and ending != ".tsv" and quoted.well_formed)


def _try(head: Head, separator: str) -> _Verdict | None:
    if separator not in head.text and not (separator == BLANK and TAB in head.text):
        return None
    if _widest(head, separator) >= MAX_COLUMNS:
        return None
    return _try_blanks(head) if separator == BLANK else _try_character(head, separator)


def _try_character(head: Head, separator: str) -> _Verdict | None:
    plain = _judge(Dialect(separator), head)
    if separator == TAB:
        return plain
    quoted = _judge(Dialect(separator, quoted=True), head)
    if quoted is None or plain is None:
        return quoted or plain
    return quoted if quoted.fitting >= plain.fitting else plain


def _try_blanks(head: Head) -> _Verdict | None:
    """Blanks, one each time if the lines have equally many cells so, else in runs."""
    single = _judge(Dialect(BLANK), head)
    quoted = _judge(Dialect(BLANK, quoted=True), head) if '"' in head.text else None
    if quoted is not None and quoted.consistent and _marks_all_words(head):
        best: _Verdict | None = quoted
    elif single is not None and single.consistent and not _has_gaps(single.dialect.records(head)):
        best = single
    elif quoted is not None and quoted.consistent:
        best = quoted
    else:
        runs = _judge(Dialect(BLANK, runs=True), head)
        best = max((v for v in (single, runs) if v), key=lambda v: v.fitting, default=None)
    if best is None:
        return None
    table = best.consistent and best.width > 2 and best.numbers >= 0.5
    return best if table or _all_numbers(best, head) else None


def _marks_all_words(head: Head) -> bool:
    """Whether every word stands in quotation marks, as R writes them."""
    rows = split_records(head, BLANK, quoted=False).rows[:JUDGED_ROWS]
    words = [cell for row in rows for cell in row if kind_of(cell) not in NO_WORDS]
    return bool(words) and all(
        len(word) > 1 and word[0] == word[-1] == '"' and '"' not in word[1:-1] for word in words
    )


def _is_within(verdict: _Verdict, verdicts: Sequence[_Verdict], head: Head) -> bool:
    """Whether blanks only part numbers in one cell of another dialect: "cat,0.1 0.2 0.3"."""
    if verdict.dialect.separator != BLANK:
        return False
    firsts = [row[0] for row in _body(verdict.dialect.records(head).rows)]
    if all(kind_of(cell, verdict.dialect.decimal) != "text" for cell in firsts):
        return False
    return any(
        other.consistent and all(other.dialect.separator in cell for cell in firsts)
        for other in verdicts
        if other is not verdict
    )


def _has_gaps(records: Records) -> bool:
    """Whether most lines have an empty cell before the last: blanks stand in runs."""
    rows = records.rows[1:] or records.rows
    return sum("" in row[:-1] for row in rows) > len(rows) / 2


def _all_numbers(verdict: _Verdict, head: Head) -> bool:
    """Whether the cells after the first of a row are numbers, the first line left aside."""
    rows = _body(verdict.dialect.records(head).rows)
    decimal = verdict.dialect.decimal
    tails = [row[1:] for row in rows if len(row) == verdict.width]
    kinds = Counter(kind_of(cell, decimal) for tail in tails for cell in tail[:JUDGED_COLUMNS])
    firsts = {kind_of(row[0], decimal) for row in rows}
    enough = verdict.width > 2 or firsts <= {"number", "whole"}
    others = kinds["text"] + kinds["list"] + kinds["flag"]
    return enough and others <= (1 - NEARLY_ALL) * kinds.total()


def _body(rows: list[list[str]]) -> list[list[str]]:
    """The first rows after the one that may be a heading."""
    return (rows[1:] or rows)[:JUDGED_ROWS]


def _judge(dialect: Dialect, head: Head) -> _Verdict | None:
    """None where most lines have one cell or lists in pieces, or quotation marks do not close."""
    records = dialect.records(head)
    rows = [row for row in records.rows if not is_blank(row)]
    rows = _without_comments(rows)
    if len(rows) > 1 and is_count_line(rows[0]):
        del rows[0]
    if not records.well_formed or not rows:
        return None
    body = rows[1:] or rows
    width = usual_width(body, rows[0])
    if width < 2:
        return None
    cut = [parts_a_list(row[:JUDGED_COLUMNS]) for row in body]
    whole = [in_pieces and closes_lists(row) for row, in_pieces in zip(body, cut, strict=True)]
    if sum(whole) > CUT_LISTS * len(body):
        return None
    fitting = [
        len(row) == width and not in_pieces for row, in_pieces in zip(body, cut, strict=True)
    ]
    looked_at = [row[:JUDGED_COLUMNS] for row in _body(rows) if len(row) == width]
    decimal = _decimal(dialect.separator, looked_at)
    kinds = Counter(kind_of(cell, decimal) for cell in chain.from_iterable(looked_at))
    return _Verdict(
        dialect=Dialect(dialect.separator, dialect.quoted, dialect.runs, decimal),
        width=width,
        fitting=sum(fitting) / len(body),
        numbers=(kinds["number"] + kinds["whole"]) / max(kinds.total() - kinds["empty"], 1),
        fits_first=len(rows[0]) == width or len(rows[0]) == width - 1 > 1,
    )


def _without_comments(rows: list[list[str]]) -> list[list[str]]:
    first = next((i for i, row in enumerate(rows) if not row[0].startswith("#")), 0)
    return rows[first:]


def is_count_line(row: Sequence[str]) -> bool:
    """Whether the row is "12 4", with which word2vec states its rows and dimensions."""
    cells = [cell for cell in row if not is_blank([cell])]
    return len(cells) == 2 and all(kind_of(cell) == "whole" and len(cell) < 12 for cell in cells)


def _decimal(separator: str, rows: Sequence[Sequence[str]]) -> str:
    """A comma where a column of numbers has one, and no column of numbers has a point.

    rows: of equal width.
    """
    columns = list(zip(*rows, strict=True))
    commas = separator != "," and any(_is_written_with(",", column) for column in columns)
    return "," if commas and not any(_is_written_with(".", column) for column in columns) else "."


def _is_written_with(decimal: str, column: Sequence[str]) -> bool:
    signed = any(decimal in cell for cell in column)
    return signed and kind_of_column(column, decimal) in ("number", "whole")


def _widest(head: Head, separator: str) -> int:
    """Separators in the line that has most of them, those in quotation marks left out."""
    text = head.text if separator in (TAB, BLANK) else QUOTED_TEXT.sub("", head.text)
    return max(line.count(separator) for line in text.split("\n"))


def _check_columns(head: Head) -> None:
    widest = max(_widest(head, separator) for separator in PREFERRED if separator != BLANK)
    if widest >= MAX_COLUMNS:
        raise too_many_columns(widest + 1)
