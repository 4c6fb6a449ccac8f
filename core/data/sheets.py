"""Tables as CSV for people, who open it in a spreadsheet: no cell is run there as a formula.

A spreadsheet takes a cell for a formula that begins with =, +, -, @, a tab or an end of a line, and
a formula can fetch an address or start a program. Such a text has ' before it, as OWASP says
(https://owasp.org/www-community/attacks/CSV_Injection). A number is no formula, also as text.
"""

import re
from collections.abc import Sequence
from typing import Any

import pandas as pd

_RUN = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_LINE = re.compile(rf"^{_RUN.pattern}", re.MULTILINE)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
GUARD = "'"


def csv_text(frame: pd.DataFrame) -> str:
    """The rows as CSV without the index; cells and names of columns that would run are guarded.

    >>> print(csv_text(pd.DataFrame({"=a": ["=1+1", "-5"], "n": [-1.5, 2.0]})), end="")
    '=a,n
    '=1+1,-1.5
    -5,2.0
    """
    guarded = frame.set_axis([guarded_cell(name) for name in frame.columns], axis=1)
    columns = [_guarded(guarded.iloc[:, place]) for place in range(guarded.shape[1])]
    shown = pd.concat(columns, axis=1) if columns else guarded
    return shown.to_csv(index=False)


def guarded_cell(cell: Any) -> Any:
    """A text as a spreadsheet shows it; anything else as it is.

    A text that begins with ' before such a letter gets another one, so that no two become the same.

    >>> guarded_cell("@x"), guarded_cell("'@x"), guarded_cell("+49"), guarded_cell("a=b")
    ("'@x", "''@x", '+49', 'a=b')
    """
    return f"{GUARD}{cell}" if runs(cell) else cell


def runs(cell: Any) -> bool:
    """Whether `csv_text` guards a cell."""
    return isinstance(cell, str) and bool(_RUN.match(cell)) and not _NUMBER.fullmatch(cell)


def any_runs(texts: Sequence[str]) -> bool:
    """Whether `csv_text` guards one of many texts."""
    return _LINE.search("\n".join(texts)) is not None and any(map(runs, texts))


def is_guarded(cell: object) -> bool:
    """Whether a cell of a file looks like one that was guarded."""
    return isinstance(cell, str) and cell.startswith(GUARD) and bool(_RUN.match(cell))


def _guarded(column: "pd.Series[Any]") -> "pd.Series[Any]":
    if column.dtype.kind in "biufcmM":
        return column
    return column.astype(object).map(guarded_cell, na_action="ignore")
