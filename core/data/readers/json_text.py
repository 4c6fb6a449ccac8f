"""JSON: one document of any shape, or values one after another, such as JSON lines.

Read with the standard library: it takes NaN and whole numbers of any size, as Python's writers
make them, and a list of numbers becomes an array as soon as its object ends, so that memory stays
near that of the text. pyarrow.json reads lines alone, all of one schema.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from core.data.limits import check_bytes
from core.data.readers.columns import split_table
from core.data.readers.found import Content, Found, Options
from core.data.readers.json_rows import rows_of
from core.data.readers.nested_names import flat_columns
from core.data.readers.text import check_cells, decode
from core.data.readers.typed_values import is_typed, without_type
from core.errors import DataError

HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
SPACE = re.compile(r"[ \t\r\n\x1e]*")  # \x1e: before each text of an RFC 7464 sequence
STRUCTURE_BYTES = 64  # of an empty list or object of Python
ELEMENT_BYTES = 16
COMPACT_FROM = 8  # numbers
COLUMN_ORDERS = ("index",)


def read(content: Content, options: Options) -> Found:
    """Vectors in a field at any depth, the other fields as columns."""
    table, notes = _read(content)
    found = split_table(table, options)
    return replace(found, notes=(*found.notes, *notes))


def frame(content: Content) -> pd.DataFrame:
    """The rows as a table; `attrs["notes"]` says how they were found."""
    table, notes = _read(content)
    table.attrs["notes"] = notes
    return table


def _read(content: Content) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows in order; where a field `index` counts them in another order, in that order."""
    text = decode(content)
    _check_growth(text)
    try:
        values = list(_values(text))
        rows, notes = rows_of(values)
        columns = flat_columns(rows, partial(check_cells, characters=len(text)))
    except RecursionError:
        raise DataError(
            "The JSON is nested too deep: lists or objects within one another, hundreds of times. "
            "Write one object for each item."
        ) from None
    table, ordered = _in_order(
        pd.DataFrame({name: pd.Series(cells) for name, cells in _out_of_lists(columns).items()})
    )
    return table, (*notes, *ordered)


def _out_of_lists(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The columns, where texts stand each in a list of its own without these lists.

    Then numbers do so as well, as in the fields that OpenSearch gives.
    """
    alone = {name for name, cells in columns.items() if _are_alone(cells, str | int | float)}
    if not any(_are_alone(columns[name], str) for name in alone):
        return columns
    return {
        name: [None if cell is None else cell[0] for cell in cells] if name in alone else cells
        for name, cells in columns.items()
    }


def _are_alone(cells: list[Any], kind: Any) -> bool:
    filled = [cell for cell in cells if cell is not None]
    return len(filled) > 1 and all(
        isinstance(cell, list) and len(cell) == 1 and isinstance(cell[0], kind) for cell in filled
    )


def _values(text: str) -> Iterator[Any]:
    """The values one after another; a faulty one is named by its line."""
    decoder = json.JSONDecoder(object_pairs_hook=_object)
    check_halves = HALF_PAIR.search(text) is not None
    place = _after_space(text, 0)
    while place < len(text):
        try:
            value, end = decoder.raw_decode(text, place)
            if check_halves:
                _check_texts(value)
        except ValueError as error:
            line = text.count("\n", 0, place) + 1
            raise DataError(
                f"Line {line:,} is not JSON: {error}. A file of JSON holds one document, or one "
                "object or list in each line."
            ) from error
        if isinstance(value, dict | list):
            yield value
        else:
            line = text.count("\n", 0, place) + 1
            raise DataError(
                f"Line {line:,} must hold one object or one list of numbers; got "
                f"{text[place : place + 60]!r}."
            )
        place = _after_space(text, end)


def _after_space(text: str, place: int) -> int:
    match = SPACE.match(text, place)
    return place if match is None else match.end()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose lists of numbers are arrays; a name that stands twice is an error."""
    value = {name: _compact(without_type(part)) for name, part in pairs}
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice[:60]!r} stands twice in one object")
    return value


def _compact(part: Any) -> Any:
    if isinstance(part, list):
        part = [without_type(item) for item in part] if is_typed(part[:1]) else part
    if not isinstance(part, list) or len(part) < COMPACT_FROM or not isinstance(part[0], float):
        return part
    try:
        numbers = np.array(part)
    except (ValueError, OverflowError):
        return part
    return numbers if numbers.ndim == 1 and numbers.dtype == np.float64 else part


def _check_growth(text: str) -> None:
    """Raise DataError where the objects of Python would take far more memory than the text."""
    structures = text.count("{") + text.count("[")
    size = STRUCTURE_BYTES * structures + ELEMENT_BYTES * text.count(",")
    check_bytes(size, "The unpacked JSON")


def _check_texts(value: Any) -> None:
    """Raise ValueError for half of a surrogate pair, which is JSON but no text."""
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, list):
        for part in value:
            _check_texts(part)
    elif isinstance(value, dict):
        for name, part in value.items():
            name.encode()
            _check_texts(part)


def _in_order(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The rows as a column `index` counts them, where it counts every row once."""
    for name in COLUMN_ORDERS:
        if name not in frame.columns or frame[name].dtype.kind not in "iu":
            continue
        numbers = frame[name].to_numpy()
        counted = np.arange(len(frame)) + min(numbers.min(), 1)
        if np.array_equal(np.sort(numbers), counted) and not np.array_equal(numbers, counted):
            return frame.iloc[np.argsort(numbers)].reset_index(drop=True), [
                f"rows put in the order of their {name!r}"
            ]
    return frame, []
