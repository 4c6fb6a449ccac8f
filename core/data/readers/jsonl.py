"""JSON lines: one object per row, or one list of numbers per row."""

import json

import pandas as pd

from core.data.readers.columns import split_table
from core.data.readers.found import Content, Found, Options
from core.data.readers.text import check_cells, decode
from core.errors import DataError


def read(content: bytes, options: Options) -> Found:
    """Vectors in a field that holds lists."""
    return split_table(frame(content), options)


def frame(content: Content) -> pd.DataFrame:
    """Rows in order, a column for each name; blank lines are passed over."""
    text = decode(content)
    rows = [
        _parse(line, number)
        for number, line in enumerate(text.split("\n"), start=1)
        if line.strip()
    ]
    names = {name: None for row in rows for name in row}
    check_cells(len(rows), len(names), len(text))
    return pd.DataFrame({name: pd.Series([row.get(name) for row in rows]) for name in names})


def _parse(line: str, number: int) -> dict[str, object]:
    try:
        value = json.loads(line)
        if "\\ud" in line.casefold():  # half a surrogate pair is JSON, but no text
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"Line {number:,} is not JSON: {error}. Each line must hold one object or one list."
        ) from error
    if isinstance(value, list):
        return {"vector": value}
    if not isinstance(value, dict):
        raise DataError(
            f"Line {number:,} must hold one object or one list of numbers; got {line[:60]!r}."
        )
    return value
