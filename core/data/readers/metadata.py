"""Tables of metadata as text, one row per vector."""

import pandas as pd

from core.data.readers.delimited import read_table
from core.data.readers.found import Content


def frame(content: Content, ending: str, count: int | None = None) -> pd.DataFrame:
    """The table; `frame.attrs["notes"]` is a tuple of what was decided on the way.

    ending: of the file's name. count: how many vectors there are, or None. Then a text of one
    line more than vectors begins with a heading, and blank lines at its end are rows only as far
    as they are needed. One column without a heading is called "label". Raises DataError.
    """
    table = read_table(content, ending, labels=True, count=count)
    named = table.frame
    if list(named.columns) == ["0"]:
        named = named.set_axis(["label"], axis=1)
    found, left_out = _without_counted_rows(named)
    found.attrs["notes"] = (*table.notes, *left_out)
    return found


def _without_counted_rows(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Leave out pandas' index without a name, where it only numbers the rows."""
    first = frame.columns[0]
    counted = first == "Unnamed: 0" and len(frame.columns) > 1
    if not counted or frame[first].tolist() != list(range(len(frame))):
        return frame, ()
    return frame.drop(columns=first), ("the first column, without a name, only numbers the rows",)
