"""What each column of a table was taken for."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.data.column_names import is_id_name
from core.data.labels import propose_label
from core.data.pictures import is_picture, is_picture_link
from core.data.readers.found import ColumnRole, Options, Role
from core.data.readers.table.vector_column import VectorColumn

SHORT_LIST = 32  # numbers: a longer list is no text to read beside an item
LOOKED_AT = 100


def used_columns(
    frame: pd.DataFrame, lists: Mapping[str, VectorColumn]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """The columns that are of use beside vectors, and why each other one is not."""
    unused = {name: why for name in frame.columns if (why := _why_unused(frame[name], lists))}
    return frame.drop(columns=list(unused)), unused


def roles_of(
    frame: pd.DataFrame,
    metadata: pd.DataFrame,
    vectors: Mapping[str, str],
    unused: Mapping[str, str],
    aside: Mapping[str, str],
    options: Options,
) -> tuple[ColumnRole, ...]:
    """One role for each column of `frame`, in its order.

    vectors, unused, aside: names of columns, and why they are the vectors, not used, or numbers
    that are no dimension.
    """
    label = options.label_column or propose_label(metadata)
    roles = []
    for name in map(str, frame.columns):
        if name in options.left_out:
            roles.append(ColumnRole(name, "left out", "as asked"))
        elif name in vectors:
            roles.append(ColumnRole(name, "vector", vectors[name]))
        elif name in unused:
            roles.append(ColumnRole(name, "left out", unused[name]))
        elif name == label:
            roles.append(ColumnRole(name, "label", _label_reason(frame[name], name, options)))
        else:
            roles.append(ColumnRole(name, *_role(frame[name], aside.get(name))))
    return tuple(roles)


def _why_unused(column: "pd.Series[Any]", lists: Mapping[str, VectorColumn]) -> str | None:
    found = lists.get(str(column.name))
    if found is not None and found.refusal is not None:
        return "vectors that cannot be read"
    if found is not None and (found.dim > SHORT_LIST or "bytes" in found.reason):
        return f"{found.reason}, beside the vectors"
    if column.dtype != object:
        return None
    cells = column.dropna().head(LOOKED_AT).tolist()
    if cells and isinstance(cells[0], bytes) and not is_picture(cells[0]):
        return None if all(map(_is_text, cells)) else "bytes of an unknown kind"
    numbers = (cell for cell in cells if isinstance(cell, np.ndarray) and cell.dtype.kind in "iuf")
    return "lists of numbers" if any(cell.size > SHORT_LIST for cell in numbers) else None


def _role(column: "pd.Series[Any]", aside: str | None) -> tuple[Role, str]:
    kind = column.dtype.kind
    if aside is not None:
        return ("id" if "id" in aside.split() else "number"), aside
    if kind in "iufcm":
        return (
            ("id", "an id by its name") if is_id_name(str(column.name)) else ("number", "numbers")
        )
    if kind == "b":
        return "number", "yes or no"
    if kind == "M":
        return "number", "dates"
    cells = column.dropna().head(LOOKED_AT).tolist()
    if not cells:
        return "left out", "every cell is empty"
    if is_picture(cells[0]):
        return "picture", "pictures"
    if is_picture_link(cells[0]):
        return "picture", "addresses of pictures"
    if is_id_name(str(column.name)):
        return "id", "an id by its name"
    return "text", "text" if isinstance(cells[0], str) else "values shown as text"


def _label_reason(column: "pd.Series[Any]", name: str, options: Options) -> str:
    if options.label_column == name:
        return "as asked"
    return f"{column.astype(str).nunique():,} different values"


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except (UnicodeDecodeError, AttributeError):
        return False
    return True
