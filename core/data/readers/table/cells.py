"""One cell of a table as a vector, in every form in which programs write one.

| form                               | written by                                              |
|------------------------------------|---------------------------------------------------------|
| [0.1, 0.2]                         | JSON, Python, pgvector                                  |
| [0.1 0.2], over several lines      | numpy.ndarray.__str__                                   |
| array([0.1, 0.2]), tensor([0.1])   | repr of numpy and torch                                 |
| [np.float32(0.1), np.float32(0.2)] | a list of numpy 2 scalars                               |
| {0.1,0.2}                          | an array of PostgreSQL                                  |
| Float32[0.1, 0.2]                  | CSV.jl of Julia                                         |
| 0.1, 0.2 or 0.1 0.2 or 0.1|0.2     | numbers joined by hand, or by fwrite of R's data.table  |
| {"values": [0.1, 0.2]}             | JSON or a dict with one list                            |
| {"0": 0.1, "1": 0.2}               | a typed array of JavaScript as JSON                     |
| {type, size, indices, values}      | a dense vector of Spark ML                              |
| {"list": [{"element": 0.1}]}       | a list of BigQuery's Parquet export                     |
| {"cells": [{address, value}, ...]} | a tensor of Vespa, its numbers by their places          |
| bytes of an .npy file              | numpy.save into a column of a database; FiftyOne packs  |
|                                    | them with zlib                                          |

Refused by name: sparse vectors (pgvector's sparsevec, Spark, lists of indices and values), several
vectors in a cell, pickled objects, numbers that numpy's print cut off with dots, and names of types
in place of numbers (C#, Java, Python, JavaScript). Bytes of numbers: see `coded`.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.readers.npy_array import parse_array
from core.data.readers.table.coded import saved_array
from core.errors import DataError

Vector = npt.NDArray[np.generic]

# Every pattern takes a time that grows with the text: no part of a text can be matched in two ways.
NUMBER = r"[+-]?(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?|[+-]?(?:nan|inf|infinity)|null|none"
BARE = re.compile(rf"\s*+(?:{NUMBER})(?:(?:\s*+[,;|]\s*+|\s++)(?:{NUMBER}))++\s*+", re.IGNORECASE)
BRACKETED = re.compile(
    r"\s*+(?:[a-z_][\w.]{0,40}\s*+(?:\(\s*+|(?=\[)))?[\[({<]++\s*+"
    r"(?:[a-z_][\w.]{0,40}\(|[+-]?(?:\.?\d|nan|inf)|null|none|\")",
    re.IGNORECASE,
)
WRAPPED = re.compile(r"[A-Za-z_][\w.]*+\s*+\((.*)\)", re.DOTALL)
TYPED = re.compile(r"[A-Za-z_]\w*+(?=\[)")
PARTED = str.maketrans(",;|", "   ")
TYPE_NAME = re.compile(
    r"System\.\w++\[\]|\[++[BCDFIJSZ]@[0-9a-f]++|<[\w. ]{1,200}? object at 0x[0-9a-fA-F]++>|"
    r"\[object \w++\]"
)
SCALAR = re.compile(r"(?<![\w.])[A-Za-z_][\w.]*+\(([^()]*+)\)")
KEYWORDS = re.compile(
    r",\s*+(?:dtype|device|requires_grad|grad_fn|shape|size|layout|weak_type)\s*+=.*+", re.DOTALL
)
SPARSE = re.compile(r"\{(?:\s*+\d++\s*+:[^,{}]*+,?)*+\s*+\}\s*+/\s*+\d++")
MISSING_WORDS = {"null": "nan", "none": "nan"}
OPENING, CLOSING = "[({<", "])}>"
PLACED = {"address", "value"}
LONGEST_BOX = 4  # numbers
MOST_NESTED = 8
LONGEST_SHOWN = 60
HEAD = 2_000  # characters of a text that are looked at before it is read whole


class CellError(DataError):
    """A cell that is no vector: the message says why, without its row."""


class CutOffError(CellError):
    """The numbers of a cell were cut off by numpy's print."""

    def __init__(self) -> None:
        super().__init__(
            "the numbers were cut off by printing ('...'): they are not in the file. Save the "
            "vectors whole, e.g. with numpy.save, or each as a list (vector.tolist())"
        )


class PickleError(CellError):
    """A cell that holds a pickled object."""

    def __init__(self) -> None:
        super().__init__(
            "it holds pickled objects, which are never unpickled here. Save each vector as a list "
            "(vector.tolist()) or as bytes of float32 (vector.tobytes())"
        )


class SparseError(CellError):
    """A cell that holds a sparse vector."""

    def __init__(self) -> None:
        super().__init__(
            "it holds a sparse vector (indices and values), and only dense vectors are read. Save "
            "dense vectors, one number for each dimension"
        )


class TypeNameError(CellError):
    """A cell that holds the name of an array's type in place of its numbers."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"it holds {shown(text)}, the name of a type: the numbers are not in the file. Write "
            "each vector as a list of its numbers"
        )


class SeveralVectorsError(CellError):
    """A cell that holds more than one vector."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"a cell holds several vectors ({count:,}), such as one for each token, and one is "
            "read for each row. Save their mean, or one row for each of them"
        )


def may_hold_vector(text: str) -> bool:
    """Whether a text begins as a written vector does, judged without reading all of it."""
    if BRACKETED.match(text) is not None or TYPE_NAME.fullmatch(text) is not None:
        return True
    head = text if len(text) <= HEAD else text[:HEAD].rpartition(" " if " " in text else ",")[0]
    return BARE.fullmatch(head.rstrip(" ,;")) is not None


def read_cell(value: object) -> Vector | None:
    """The numbers (d,) of a cell, NaN where one is missing; None for an empty cell.

    A list within a list, (1, d), is (d,). Raises CellError.

    >>> read_cell("{0.5,2}").tolist(), read_cell("array([1., 2.], dtype=float32)").tolist()
    ([0.5, 2.0], [1.0, 2.0])
    """
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "biuf":
        return value
    if isinstance(value, str):
        return _of_text(value.strip())
    if isinstance(value, bytes) and (saved := saved_array(value)) is not None:
        return _of_list(_parsed(saved))
    if isinstance(value, Mapping):
        return read_cell(list_of(value))
    if isinstance(value, list | tuple | np.ndarray):
        return _of_list(value)
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(cast(Any, value))):
        return None
    raise CellError(f"it is no list of numbers but {shown(value)}")


def list_of(value: Mapping[Any, Any]) -> object:
    """The one list that an object holds; raises CellError where it holds none or is sparse."""
    keys = {str(key).casefold() for key in value}
    if {"indices", "values"} <= keys:
        if {"type", "size"} <= keys and value["type"] == 1:
            return value["values"]
        raise SparseError
    if all(key.isdecimal() for key in keys) and keys == set(map(str, range(len(keys)))):
        return [value[key] for key in sorted(value, key=lambda key: int(str(key)))]
    lists = [part for part in value.values() if isinstance(part, list | tuple | np.ndarray | dict)]
    if len(lists) != 1:
        raise CellError(f"it is no list of numbers but {shown(value)}")
    return lists[0]


def _parsed(content: bytes) -> npt.NDArray[np.generic]:
    try:
        array = parse_array(content, "the cell")
    except DataError as error:
        raise CellError(str(error).rstrip(".")) from error
    if array.ndim == 0:
        raise CellError("it holds one number, saved by numpy, and no list")
    return array


def _of_list(value: "list[Any] | tuple[Any, ...] | npt.NDArray[Any]") -> Vector:
    if len(value) == 1 and isinstance(value[0], list | tuple | np.ndarray):
        return _of_list(value[0])
    try:
        numbers = np.array(value)
    except (ValueError, OverflowError):  # lists of several lengths, to be named below
        numbers = np.empty(0, dtype=object)
    if numbers.ndim == 1 and numbers.dtype.kind in "biuf":
        return numbers
    items = _elements(value)
    if _are_vectors(items):
        raise SeveralVectorsError(len(items))
    return np.array([_number(item) for item in items], dtype=np.float64)


def _are_vectors(items: list[Any]) -> bool:
    """Whether the items are lists of so many numbers that they are no points and no boxes."""
    if len(items) < 2 or not all(isinstance(item, list | tuple | np.ndarray) for item in items):
        return False
    lengths = {len(item) for item in items}
    numbers = all(isinstance(part, float | int | np.number) for part in items[0])
    return len(lengths) == 1 and lengths.pop() > LONGEST_BOX and numbers


def _elements(value: "list[Any] | tuple[Any, ...] | npt.NDArray[Any]") -> list[Any]:
    """The items, or what each holds where all are objects with the same one key."""
    items = list(value)
    if items and isinstance(items[0], Mapping) and set(items[0]) == PLACED:
        return _in_place(items)
    keys = {tuple(item) if isinstance(item, Mapping) else None for item in items}
    only = keys.pop() if len(keys) == 1 else None
    return items if only is None or len(only) != 1 else [item[only[0]] for item in items]


def _in_place(items: list[Any]) -> list[Any]:
    """The numbers by their places along the one axis that each states."""
    places: dict[int, Any] = {}
    for item in items:
        address = item.get("address") if isinstance(item, Mapping) else None
        label = next(iter(address.values()), "") if isinstance(address, Mapping) else ""
        if not isinstance(address, Mapping) or len(address) != 1 or not str(label).isdecimal():
            raise CellError(f"its list holds {shown(item)}, which has no place in a vector")
        places[int(label)] = item.get("value")
    if sorted(places) != list(range(len(items))):
        raise SparseError
    return [places[place] for place in range(len(items))]


def _number(item: object) -> float:
    if item is None or item is pd.NA:
        return np.nan
    if isinstance(item, Mapping | list | tuple | np.ndarray):
        raise CellError("its list holds lists or objects, not numbers")
    try:
        return float(cast(Any, item))
    except (TypeError, ValueError, OverflowError):
        raise CellError(f"its list holds {shown(item)}, which is no number") from None


def _of_text(text: str) -> Vector | None:
    if not text or text.casefold() in ("null", "none", "nan", "<na>"):
        return None
    if "..." in text or "\N{HORIZONTAL ELLIPSIS}" in text:
        raise CutOffError
    if SPARSE.fullmatch(text):
        raise SparseError
    if TYPE_NAME.fullmatch(text):
        raise TypeNameError(text)
    if text[0] in '[{"':
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            pass
        else:
            return read_cell(value)
    return _of_words(text)


def _of_words(text: str) -> Vector:
    plain = text
    if (typed := TYPED.match(plain)) is not None:
        plain = plain[typed.end() :]
    if (wrapped := WRAPPED.fullmatch(plain)) is not None:
        plain = KEYWORDS.sub("", wrapped[1])
    if "(" in plain[1:]:
        plain = SCALAR.sub(r"\1", plain)
    plain = _without_brackets(plain)
    if sum(map(plain.count, OPENING)) != sum(map(plain.count, CLOSING)):
        raise CellError(f"it is no list of numbers but {shown(text)}")
    if any(mark in plain for mark in OPENING):
        raise CellError("it holds several lists, where one vector was expected")
    if ";" in plain and "." not in plain:  # a decimal comma: semicolons part the numbers
        plain = plain.replace(",", ".")
    words = plain.translate(PARTED).split()
    try:
        if "_" in plain:
            raise ValueError(f"{shown(plain)} is no number")
        return np.array([float(MISSING_WORDS.get(word.casefold(), word)) for word in words])
    except ValueError:
        raise CellError(f"it is no list of numbers but {shown(text)}") from None


def _without_brackets(text: str) -> str:
    plain = text.strip()
    for _ in range(MOST_NESTED):
        if not plain or plain[0] not in OPENING or plain[-1] != CLOSING[OPENING.index(plain[0])]:
            break
        plain = plain[1:-1].strip()
    return plain


def shown(value: object) -> str:
    """The begin of a value as Python writes it, for a message."""
    return repr(value[:LONGEST_SHOWN]) if isinstance(value, str) else str(value)[:LONGEST_SHOWN]
