"""What each column of a table was taken for."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.data.column_names import is_id_name
from core.data.labels import propose_label
from core.data.media import PICTURES, SOUNDS, is_medium
from core.data.pictures import is_picture_link
from core.data.readers.found import ColumnRole, Options, Role
from core.data.readers.table.vector_column import VectorColumn

SHORT_LIST = 32  # numbers: a longer list is no text to read beside an item

Samples = Mapping[str, list[Any]]


def used_columns(
    frame: pd.DataFrame, lists: Mapping[str, VectorColumn], samples: Samples
) -> tuple[pd.DataFrame, dict[str, str]]:
    """The columns that are of use beside vectors, and why each other one is not.

    samples: some cells of each column that are not empty.
    """
    reasons = {name: _why_unused(lists.get(name), samples[name]) for name in frame.columns}
    unused = {name: why for name, why in reasons.items() if why is not None}
    return frame.drop(columns=list(unused)), unused


def roles_of(
    frame: pd.DataFrame,
    samples: Samples,
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
    for called, column in frame.items():
        name = str(called)
        if name in options.left_out:
            roles.append(ColumnRole(name, "left out", "as asked"))
        elif name in vectors:
            roles.append(ColumnRole(name, "vector", vectors[name]))
        elif name in unused:
            roles.append(ColumnRole(name, "left out", unused[name]))
        elif name == label:
            roles.append(ColumnRole(name, "label", _label_reason(column, options)))
        else:
            roles.append(ColumnRole(name, *_role(column, samples[name], aside.get(name))))
    return tuple(roles)


def _why_unused(found: VectorColumn | None, cells: list[Any]) -> str | None:
    if found is not None and found.refusal is not None:
        return "vectors that cannot be read"
    if found is not None and (found.dim > SHORT_LIST or "bytes" in found.reason):
        return f"{found.reason}, beside the vectors"
    if cells and isinstance(cells[0], bytes) and not is_medium(cells[0]):
        return None if all(map(_is_text, cells)) else "bytes of an unknown kind"
    numbers = (cell for cell in cells if isinstance(cell, np.ndarray) and cell.dtype.kind in "iuf")
    return "lists of numbers" if any(cell.size > SHORT_LIST for cell in numbers) else None


def _role(column: "pd.Series[Any]", cells: list[Any], aside: str | None) -> tuple[Role, str]:
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
    if not cells:
        return "left out", "every cell is empty"
    if PICTURES.holds(cells[0]):
        return "picture", "pictures"
    if SOUNDS.holds(cells[0]):
        return "sound", "sounds"
    if is_picture_link(cells[0]):
        return "picture", "addresses of pictures"
    if is_id_name(str(column.name)):
        return "id", "an id by its name"
    return "text", "text" if isinstance(cells[0], str) else "values shown as text"


def _label_reason(column: "pd.Series[Any]", options: Options) -> str:
    if options.label_column == column.name:
        return "as asked"
    return f"{column.astype(str).nunique():,} different values"


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except (UnicodeDecodeError, AttributeError):
        return False
    return True
