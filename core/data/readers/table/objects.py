"""Columns of JSON text, one object in each cell, as a column for each of their fields.

So do Pinecone's Parquet files, LangChain's tables in PostgreSQL and GeoJSON in a CSV hold what
belongs to a row.
"""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from core.data.readers.nested_names import Path, flat_fields, is_leaf, short_names
from core.data.readers.table.vector_column import sample_of
from core.data.readers.text import check_cells
from core.errors import DataError


def unfolded(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The table with the fields of its objects in columns, and a note on each column unfolded.

    A column is unfolded where every cell that is not empty is the text of an object of several
    fields. One list alone, numbers by their places and sparse vectors stay as they are.

    >>> table, notes = unfolded(pd.DataFrame({"meta": ['{"year": 1990, "tag": "x"}', None]}))
    >>> table.to_dict("list"), notes
    ({'year': [1990.0, nan], 'tag': ['x', nan]}, ["fields of 'meta' taken as columns: year, tag"])
    """
    parts: dict[Path, pd.Series[Any]] = {}
    opened = []
    for name, column in frame.items():
        fields = _fields_of(str(name), column)
        opened += [str(name)] if fields else []
        parts |= fields or {(str(name),): column}
    if not opened:
        return frame, []
    names = short_names(parts)
    table = pd.DataFrame({names[path]: column for path, column in parts.items()}, frame.index)
    return table, [
        f"fields of {name!r} taken as columns: "
        + ", ".join(names[path] for path in parts if path[0] == name and len(path) > 1)
        for name in opened
    ]


def _fields_of(name: str, column: "pd.Series[Any]") -> "dict[Path, pd.Series[Any]]":
    """A column for each field of the objects; none where some cell is no text of an object."""
    cells = sample_of(column)
    if not cells or not all(map(_may_be_object, cells)) or not all(map(_has_fields, cells)):
        return {}
    rows: list[dict[str, Any]] = []
    for cell in column:
        if isinstance(cell, str) and cell.strip():
            value = _object_of(cell)
            if value is None:
                return {}
            rows.append(value)
        else:
            rows.append({})
    characters = sum(len(cell) for cell in column if isinstance(cell, str))
    try:
        fields = flat_fields(rows, partial(check_cells, characters=characters))
    except (DataError, RecursionError):
        return {}
    return {(name, *path): pd.Series(cells, column.index) for path, cells in fields.items()}


def _may_be_object(cell: object) -> bool:
    return isinstance(cell, str) and cell.lstrip()[:1] == "{" and cell.rstrip()[-1:] == "}"


def _has_fields(cell: str) -> bool:
    """Whether a text is an object of more than one list."""
    value = _object_of(cell)
    if value is None or is_leaf(value):
        return False
    return len(value) > 1 or not all(isinstance(part, list | dict) for part in value.values())


def _object_of(cell: str) -> dict[str, Any] | None:
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    return dict(value) if isinstance(value, Mapping) else None
