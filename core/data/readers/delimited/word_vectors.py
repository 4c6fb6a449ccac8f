"""Word vectors as text: GloVe's lines, and those of word2vec and fastText, counted in a first line.

A line is a word, a blank, and the numbers parted by blanks; fastText ends each line in a blank.
word2vec writes "rows dimensions" first. Words may hold blanks: the numbers are the last cells of a
line. Formats: https://nlp.stanford.edu/projects/glove/ ("word-vector pairs") and
https://fasttext.cc/docs/en/english-vectors.html ("the first line of the file contains the number of
words ... and the size of the vectors").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.data.readers.delimited.cells import is_blank, kind_of
from core.data.readers.delimited.dialect import BLANK, TAB, Dialect, is_count_line
from core.data.readers.delimited.head import usual_width

WORD = "word"
NUMBERS = ("number", "whole")


@dataclass(frozen=True)
class WordVectors:
    """dim: numbers of a line. trailing: lines end in a blank. stated: (rows, dim) or None."""

    dim: int
    trailing: bool
    stated: tuple[int, int] | None

    @property
    def width(self) -> int:
        """Cells of a line."""
        return 1 + self.dim + self.trailing

    def repair(self, separator: str, stand_in: str) -> Callable[[str], str | None]:
        """Puts `stand_in` for each separator in the word; None for a line of too few numbers."""

        def repaired(line: str) -> str | None:
            cells = line.rstrip(separator).rsplit(separator, self.dim)
            if len(cells) <= self.dim or any(kind_of(cell) not in NUMBERS for cell in cells[1:]):
                return None
            cells[0] = cells[0].replace(separator, stand_in)
            return separator.join([*cells, *[""] * self.trailing])

        return repaired

    def difference(self, rows: int) -> str:
        """What to tell where the first line states other counts than the file has; else ""."""
        if self.stated is None or self.stated == (rows, self.dim):
            return ""
        return (
            f"the first line states {self.stated[0]:,} rows of {self.stated[1]:,} numbers, but "
            f"there are {rows:,} of {self.dim:,}"
        )


def find_word_vectors(rows: Sequence[Sequence[str]], dialect: Dialect) -> WordVectors | None:
    """None where the first rows are no word vectors.

    They are if the first line counts rows and dimensions; or if blanks part the cells, the first
    one holds words, and the first line has numbers, so that it is no heading.

    >>> find_word_vectors([["the", "0.1", "0.2"], ["of", "0.3", "0.4"]], Dialect(" "))
    WordVectors(dim=2, trailing=False, stated=None)
    """
    if dialect.separator not in (BLANK, TAB):
        return None
    stated = _stated(rows)
    body = rows[1:] if stated else rows
    width = usual_width(body)
    whole = [row for row in body if len(row) == width]
    trailing = width > 2 and all(not row[-1] for row in whole)
    dim = width - 1 - trailing
    if dim < 1 or not all(_are_numbers(row[1 : dim + 1], dialect) for row in whole):
        return None
    if stated is None:
        words = any(kind_of(row[0], dialect.decimal) == "text" for row in whole)
        if dialect.separator != BLANK or not words or not _are_numbers(body[0][-dim:], dialect):
            return None
    elif stated[1] != dim and all(kind_of(row[0], dialect.decimal) in NUMBERS for row in whole):
        return None
    return WordVectors(dim, trailing, stated)


def _stated(rows: Sequence[Sequence[str]]) -> tuple[int, int] | None:
    if len(rows) < 2 or not is_count_line(rows[0]):
        return None
    if len(rows[1]) == 2 and kind_of(rows[1][0]) != "text":
        return None  # a table of two columns
    counts = [int(cell) for cell in rows[0] if not is_blank([cell])]
    return (counts[0], counts[1]) if min(counts) > 0 else None


def _are_numbers(cells: Sequence[str], dialect: Dialect) -> bool:
    return all(kind_of(cell, dialect.decimal) in (*NUMBERS, "empty") for cell in cells)
