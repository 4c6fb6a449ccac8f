"""Tables of metadata, one row per vector, in every format that holds a table."""

from collections.abc import Callable

import pandas as pd

from core.data.readers import jsonl, parquet
from core.data.readers.delimited import read_table
from core.data.readers.found import Content

TEXT_ENDINGS = (".tsv", ".csv", ".txt")
FRAMES: dict[str, Callable[[Content], pd.DataFrame]] = {
    ".jsonl": jsonl.frame,
    ".parquet": parquet.frame,
}
METADATA_ENDINGS = (*TEXT_ENDINGS, *FRAMES)


def read_frame(content: Content, ending: str, count: int | None = None) -> pd.DataFrame:
    """The table; `frame.attrs["notes"]` is a tuple of what was decided on the way.

    ending: one of METADATA_ENDINGS. count: how many vectors there are, or None. Then a text of one
    line more than vectors begins with a heading, and blank lines at its end are rows only as far
    as they are needed. One column without a heading is called "label". Raises DataError.
    """
    if ending in FRAMES:
        return FRAMES[ending](content)
    table = read_table(content, ending, labels=True, count=count)
    frame, notes = table.frame, table.notes
    if list(frame.columns) == ["0"]:
        frame = frame.set_axis(["label"], axis=1)
    frame, left_out = _without_counted_rows(frame)
    frame.attrs["notes"] = (*notes, *left_out)
    return frame


def _without_counted_rows(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Leave out pandas' index without a name, where it only numbers the rows."""
    first = frame.columns[0]
    counted = first == "Unnamed: 0" and len(frame.columns) > 1
    if not counted or frame[first].tolist() != list(range(len(frame))):
        return frame, ()
    return frame.drop(columns=first), ("the first column, without a name, only numbers the rows",)
