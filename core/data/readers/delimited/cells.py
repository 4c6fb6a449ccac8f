"""What one cell of text holds: a number, a yes or no, a list, nothing, or words."""

import re
from collections.abc import Iterable, Sequence
from typing import Literal

WHITE_SPACE = " \t\r\n"  # not the rarer kinds that Python strips: these are letters here
Kind = Literal["number", "whole", "flag", "list", "empty", "text"]

NUMBER = re.compile(
    r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?|[+-]?(inf|infinity)", re.IGNORECASE | re.ASCII
)
DECIMAL_COMMA = re.compile(r"[+-]?(\d+(,\d*)?|,\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
FLAGS = (("True", "False"), ("true", "false"), ("TRUE", "FALSE"))
MISSING_NUMBERS = ("nan", "NaN", "NAN", "-nan", "NA", "N/A", "null", "NULL", "None", r"\N")
CODE = re.compile(r"\s*[+-]?0[0-9]")
LIST = re.compile(r"\s*([\[{]|(array|tensor)\()", re.IGNORECASE | re.ASCII)
NUMBER_STARTS, PARTS, LOOKED_AT = set("0123456789+-."), re.compile(r"[ ,;]+"), 200
OPEN, CLOSE, BRACKET = re.compile(r"[\[{]"), re.compile(r"[\]}]"), re.compile(r"[\[\]{}]")


def is_blank(cells: Iterable[str]) -> bool:
    """Whether there is nothing but blanks in the cells."""
    return not any(cell.strip(WHITE_SPACE) for cell in cells)


def kind_of(cell: str, decimal: str = ".") -> Kind:
    """What the cell holds; a word for a missing number ("nan", "NA") counts as empty.

    >>> [kind_of(cell) for cell in ("1", "-.5e3", "True", "[1, 2]", " ", "NA", "cat")]
    ['whole', 'number', 'flag', 'list', 'empty', 'empty', 'text']
    """
    text = cell.strip(WHITE_SPACE)
    if not text or text in MISSING_NUMBERS:
        return "empty"
    if WHOLE.fullmatch(text):
        return "whole"
    if (NUMBER if decimal == "." else DECIMAL_COMMA).fullmatch(text):
        return "number"
    if any(text in pair for pair in FLAGS):
        return "flag"
    return "list" if LIST.match(text) or _are_numbers(text) else "text"


def _are_numbers(text: str) -> bool:
    """Whether the cell is a list without brackets: "0.1 0.2", "0.1, 0.2"."""
    if text[0] not in NUMBER_STARTS:
        return False
    parts = PARTS.split(text[:LOOKED_AT])
    return len(parts) > 1 and all(NUMBER.fullmatch(part) for part in parts[:-1])


def kind_of_column(cells: Iterable[str], decimal: str = ".") -> Kind:
    """The kind that all cells share, apart from empty ones; "text" where they differ.

    >>> kind_of_column(["1", "", "2.5"]), kind_of_column(["1", "a"]), kind_of_column(["", ""])
    ('number', 'text', 'empty')
    """
    kinds = {kind_of(cell, decimal) for cell in cells} - {"empty"}
    if not kinds:
        return "empty"
    if kinds == {"whole", "number"}:
        return "number"
    return kinds.pop() if len(kinds) == 1 else "text"


def are_fractions(cells: Iterable[str], decimal: str = ".") -> bool:
    """Whether all cells are numbers, some not whole, and none has a leading zero as codes have.

    >>> are_fractions(["1", "0.5"]), are_fractions(["1", "2"]), are_fractions(["007", "0.5"])
    (True, False, False)
    """
    texts = list(cells)
    return kind_of_column(texts, decimal) == "number" and not any(map(CODE.match, texts))


def parts_a_list(row: Sequence[str]) -> bool:
    """Whether a cell opens a bracket that it does not close: a list was cut into cells."""
    return BRACKET.search("".join(row)) is not None and any(
        len(OPEN.findall(cell)) != len(CLOSE.findall(cell)) for cell in row
    )


def closes_lists(row: Sequence[str]) -> bool:
    """Whether the cells of a row together close as many brackets as they open."""
    joined = "".join(row)
    return len(OPEN.findall(joined)) == len(CLOSE.findall(joined))
