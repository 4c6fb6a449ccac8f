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

from core.data import watch
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
BLANKS = re.compile(r"[ \t\r\n]*")
OPENING = re.compile(r"([\[{])[ \t\r\n]*[\[{\"]")  # a list of lists or objects, or an object
LONG = 1_000_000  # characters of a document whose items are read one by one
DEEPEST = 3  # levels of such items
TOLD = 256  # items between two reports
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
    decoder = json.JSONDecoder(object_pairs_hook=_Objects(len(text)))
    check_halves = HALF_PAIR.search(text) is not None
    place = _after_space(text, 0)
    while place < len(text):
        try:
            watch.bytes_read(place, len(text))
            value, end = _value(decoder, text, place)
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


def _value(decoder: json.JSONDecoder, text: str, place: int, depth: int = 0) -> tuple[Any, int]:
    """The value that begins at `place`, and where it ends, as `raw_decode` gives them.

    The items of a long document are read one by one, so that the reading can be stopped between
    them. What is faulty is read again as a whole, for the message.
    """
    if depth < DEEPEST and len(text) - place > LONG:
        match = OPENING.match(text, place)
        if match is not None and not (depth == 0 and _is_line(text, place)):
            try:
                if match[1] == "[":
                    return _list(decoder, text, match.end(1), depth)
                return _members(decoder, text, match.end(1), depth)
            except (ValueError, IndexError):
                pass
    return decoder.raw_decode(text, place)


def _is_line(text: str, place: int) -> bool:
    """Whether the value is one of JSON lines: what begins in its line ends there."""
    end = text.find("\n", place)
    return 0 <= end <= place + LONG and text[place:end].rstrip()[-1:] in ("}", "]")


def _list(decoder: json.JSONDecoder, text: str, place: int, depth: int) -> tuple[list[Any], int]:
    """The rest of a list of lists or objects, from behind its bracket; ValueError if faulty."""
    items, mark = list[Any](), ","
    while mark == ",":
        if len(items) % TOLD == 0:
            watch.bytes_read(place, len(text))
        item, end = _value(decoder, text, _after_blanks(text, place), depth + 1)
        items.append(item)
        place = _after_blanks(text, end)
        mark, place = text[place], place + 1
    if mark != "]":
        raise ValueError("the list does not end")
    return items, place


def _members(decoder: json.JSONDecoder, text: str, place: int, depth: int) -> tuple[Any, int]:
    """The rest of an object, from behind its brace; ValueError if faulty."""
    pairs, mark = list[tuple[str, Any]](), ","
    while mark == ",":
        if len(pairs) % TOLD == 0:
            watch.bytes_read(place, len(text))
        name, end = decoder.raw_decode(text, _after_blanks(text, place))
        place = _after_blanks(text, end)
        if not isinstance(name, str) or text[place] != ":":
            raise ValueError("a name must be followed by a colon")
        value, end = _value(decoder, text, _after_blanks(text, place + 1), depth + 1)
        pairs.append((name, value))
        place = _after_blanks(text, end)
        mark, place = text[place], place + 1
    if mark != "}":
        raise ValueError("the object does not end")
    return decoder.object_pairs_hook(pairs), place


def _after_blanks(text: str, place: int) -> int:
    """The place behind white space of JSON."""
    match = BLANKS.match(text, place)
    return place if match is None else match.end()


def _after_space(text: str, place: int) -> int:
    match = SPACE.match(text, place)
    return place if match is None else match.end()


class _Objects:
    """Makes the objects of a text of so many characters, and says how many there are so far."""

    def __init__(self, characters: int) -> None:
        self._characters, self._made = characters, 0

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """One object from its names and values."""
        self._made += 1
        if self._made % TOLD == 0:
            watch.still_reading(f"{self._made:,} objects")
        return _object(pairs)


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
    structures = 0
    for mark in "{[":
        watch.still_reading(f"{len(text) / 1e6:,.0f} M characters")
        structures += text.count(mark)
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
