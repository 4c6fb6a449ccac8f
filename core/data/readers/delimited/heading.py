"""Whether the first line names the columns or is a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.data.labels import LABEL_NAMES
from core.data.readers.delimited.cells import WHITE_SPACE, Kind, kind_of, kind_of_column

AS_NAMES = "first line taken as column names"
AS_ROW = "first line taken as a row, so the columns are numbered"
NUMBERS_AS_NAMES = "first line of numbers taken as column names"
NUMBERS_AS_ROW = "first line of numbers taken as a row, so the columns are numbered"
USUAL = {
    *LABEL_NAMES,
    *("word", "words", "token", "tokens", "term", "name", "names", "title", "text", "texts"),
    *("sentence", "sentences", "id", "ids", "key", "index", "item", "items", "classes", "category"),
    *("categories", "tag", "tags", "url", "image", "filename", "file", "description", "lemma"),
}
VALUES = ("number", "whole", "flag", "list")
FEW_COLUMNS = 4
MOST_DIGITS = 18


@dataclass(frozen=True)
class Heading:
    """named: the first line names the columns. said: what to tell, "" where it is obvious."""

    named: bool
    said: str = ""


def find_heading(
    rows: Sequence[Sequence[str]], decimal: str = ".", surplus: int | None = None
) -> Heading:
    """Compare the first row with the next hundred, column by column.

    rows: the first rows as cells. surplus: how many lines more there are than the table must have
    rows, None where that is not known; 0 and 1 decide.

    - Words above a column of numbers, lists or yes and no are names.
    - A number that is not whole, a list, or True is no name; nor are whole numbers, unless they
      are names as programs make them: 0, 1, 2, ..., or years with equal steps beside a word.
    - With words alone, several columns have names unless these are repeated or stand again below;
      one column has a name only if it is a usual one, such as "word".

    >>> find_heading([["x0", "x1"], ["1", "2"]])
    Heading(named=True, said='')
    >>> find_heading([["cat", "1", "0"], ["dog", "0.5", "1"]]).named
    False
    """
    if not rows or surplus == 0:
        return Heading(False, AS_ROW)
    if surplus == 1:
        return Heading(True, AS_NAMES)
    first, body = rows[0], rows[1:]
    if not body:
        return _of_one_row(first)
    kinds = [kind_of(cell, decimal) for cell in first]
    below = [
        kind_of_column((row[column] for row in body if column < len(row)), decimal)
        for column in range(len(first))
    ]
    if any(kind in ("number", "flag", "list") for kind in kinds) or "-" in _signs(first, kinds):
        return Heading(False, NUMBERS_AS_ROW)
    if "whole" in kinds:
        named = _are_numbered(first, kinds, below, body)
        return Heading(named, NUMBERS_AS_NAMES if named else NUMBERS_AS_ROW)
    if any(a == "text" and b in VALUES for a, b in zip(kinds, below, strict=True)):
        return Heading(True)
    return _of_words(first, body)


def _of_one_row(first: Sequence[str]) -> Heading:
    """A line alone: names, which leave no row, only if none of its cells is a number."""
    if any(kind_of(cell) in VALUES for cell in first):
        return Heading(False, NUMBERS_AS_ROW)
    named = len(first) > 1
    return Heading(named, AS_NAMES if named else AS_ROW)


def _signs(first: Sequence[str], kinds: Sequence[Kind]) -> str:
    return "".join(
        cell.strip(WHITE_SPACE)[0]
        for cell, kind in zip(first, kinds, strict=True)
        if kind == "whole"
    )


def _are_numbered(
    first: Sequence[str],
    kinds: Sequence[Kind],
    below: Sequence[Kind],
    body: Sequence[Sequence[str]],
) -> bool:
    """Whether the whole numbers of the first line are names."""
    if any(len(cell) > MOST_DIGITS for cell in first):
        return False
    numbers = [int(cell) for cell, kind in zip(first, kinds, strict=True) if kind == "whole"]
    others = [
        (cell.strip(WHITE_SPACE), column)
        for column, (cell, kind) in enumerate(zip(first, kinds, strict=True))
        if kind != "whole"
    ]
    steps = {after - before for before, after in pairwise(numbers)}
    if len(steps) > 1 or steps & {0} or (steps and min(steps) < 0):
        return False
    if not others:
        counted = len(numbers) > 1 and steps == {1} and numbers[0] in (0, 1)
        fractions = "number" in below
        return counted and (fractions or (numbers[0] == 0 and len(numbers) >= FEW_COLUMNS))
    words = [(cell, column) for cell, column in others if cell]
    if not words:
        return steps <= {1} and numbers[0] in (0, 1)
    above_values = any(below[column] in VALUES for _, column in words)
    usual = all(cell.casefold() in USUAL for cell, _ in words)
    return (above_values or usual) and not _stand_below(words, body)


def _of_words(first: Sequence[str], body: Sequence[Sequence[str]]) -> Heading:
    names = [cell.strip(WHITE_SPACE) for cell in first]
    words = [(name, column) for column, name in enumerate(names) if name]
    if not words or _stand_below(words, body):
        return Heading(False, AS_ROW)
    if len(first) == 1:
        usual = names[0].casefold() in USUAL
        return Heading(usual, AS_NAMES if usual else AS_ROW)
    repeated = len({name for name, _ in words}) < len(words)
    return Heading(not repeated, AS_ROW if repeated else AS_NAMES)


def _stand_below(words: Sequence[tuple[str, int]], body: Sequence[Sequence[str]]) -> bool:
    """Whether one of the words stands again in its own column."""
    return any(
        row[column].strip(WHITE_SPACE) == word
        for row in body
        for word, column in words
        if column < len(row)
    )
