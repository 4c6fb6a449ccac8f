"""Metadata as plain columns: text, numbers, yes or no, dates.

pandas has many more types. Each becomes one of these four as the data comes in, so that the pages
know only four. What is missing stays missing.

| type                                          | becomes                                         |
|-----------------------------------------------|-------------------------------------------------|
| numbers, yes or no, dates of numpy; text      | stay as they are                                |
| categories, ordered or not                    | what their values become                        |
| nullable and Arrow numbers, sparse columns    | numbers                                         |
| nullable and Arrow booleans                   | yes or no; text where some are missing          |
| nullable and Arrow strings                    | text                                            |
| dates with a time zone                        | dates in UTC                                    |
| periods                                       | dates: their start                              |
| durations                                     | numbers: seconds                                |
| intervals, times of day, complex numbers      | text                                            |
| decimals and objects that are all numbers     | numbers                                         |
| objects that are all dates                    | dates                                           |
| lists, dicts, bytes and mixed objects         | text                                            |

Whole numbers of which some are missing become floats, or text where a float could not hold them.
Dates that pandas cannot hold become text.
"""

from collections.abc import Callable
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

EXACT_IN_FLOAT = 2**53
NUMBERS = ("integer", "floating", "mixed-integer-float", "decimal")
DATES = ("datetime64", "datetime", "date")
DURATIONS = ("timedelta64", "timedelta")
IN_SECONDS, IN_UTC, BY_START = "durations in seconds", "dates in UTC", "periods by their start"


def plain_frame(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The frame with plain columns, and notes on those that are now in another unit.

    The names of the columns differ. A frame of plain columns comes back as it is.

    >>> frame = pd.DataFrame({"size": pd.Categorical(["small", None]), "n": [1, 2]})
    >>> plain_frame(frame)[0]["size"].fillna("").tolist()
    ['small', '']
    """
    columns = {name: plain_column(frame[name]) for name in frame.columns}
    if all(columns[name].dtype == frame[name].dtype for name in frame.columns):
        return frame, []
    notes = [f"{name}: {note}" for name in columns if (note := _note(frame[name], columns[name]))]
    return pd.DataFrame(columns, index=frame.index), notes


def plain_column(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """The column as text, numbers, yes or no, or dates."""
    values = _without_extension(column)
    kind = values.dtype.kind
    if kind == "m":
        return _seconds(values)
    if kind == "c":
        return _texts(values)
    if values.dtype == np.float16:  # which pandas cannot sort
        return values.astype(np.float32)
    return _of_objects(values) if values.dtype == object else values


def _without_extension(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """The same values in a type of numpy, in pandas' own text, or as objects."""
    dtype: Any = column.dtype
    if isinstance(dtype, pd.SparseDtype):
        return _without_extension(pd.Series(column.to_numpy(), column.index, name=column.name))
    if isinstance(dtype, pd.ArrowDtype):
        values: pd.Series[Any] = pa.array(column.array).to_pandas(integer_object_nulls=True)
        return _without_extension(values.set_axis(column.index))
    if isinstance(dtype, pd.DatetimeTZDtype):
        return _dates(column)
    if isinstance(dtype, pd.PeriodDtype):
        return _or_texts(lambda periods: periods.dt.to_timestamp(), column)
    own_text = isinstance(dtype, pd.StringDtype) and dtype.na_value is not pd.NA
    if own_text or not pd.api.types.is_extension_array_dtype(dtype):
        return column
    return column.astype(object)


def _of_objects(column: "pd.Series[Any]") -> "pd.Series[Any]":
    found = pd.api.types.infer_dtype(column, skipna=True)
    if found in ("string", "empty"):
        return column
    if found == "boolean" and not column.isna().any():
        return column.astype(bool)
    if found in NUMBERS or (found.startswith("mixed") and _all_numbers(column)):
        return _or_texts(_numbers, column)
    if found in DATES:
        return _or_texts(_dates, column)
    if found in DURATIONS:
        return _or_texts(_seconds, column)
    return _texts(column)


def _or_texts(
    convert: "Callable[[pd.Series[Any]], pd.Series[Any]]", column: "pd.Series[Any]"
) -> "pd.Series[Any]":
    try:
        return convert(column)
    except (ValueError, TypeError, OverflowError):  # beyond what the type can hold
        return _texts(column)


def _all_numbers(column: "pd.Series[Any]") -> bool:
    return all(
        isinstance(value, Real | Decimal) and not isinstance(value, bool | np.bool_)
        for value in column.dropna()
    )


def _numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    present = column.dropna()
    whole = all(isinstance(value, int | np.integer) for value in present)
    if whole and len(present) == len(column):
        return column.astype(np.int64 if max(present) < 2**63 else np.uint64)
    if any(isinstance(v, int | np.integer) and abs(int(v)) > EXACT_IN_FLOAT for v in present):
        raise OverflowError("a float would round these numbers")
    missing = column.isna()
    floats = [np.nan if gone else float(v) for v, gone in zip(column, missing, strict=True)]
    return pd.Series(floats, column.index, np.float64, column.name)


def _dates(column: "pd.Series[Any]") -> "pd.Series[Any]":
    return pd.to_datetime(column, utc=True).dt.tz_localize(None)


def _seconds(column: "pd.Series[Any]") -> "pd.Series[Any]":
    return pd.to_timedelta(column).dt.total_seconds()


def _texts(column: "pd.Series[Any]") -> "pd.Series[Any]":
    missing = column.isna()
    texts = [None if gone else _text(v) for v, gone in zip(column, missing, strict=True)]
    return pd.Series(texts, column.index, name=column.name)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value.tolist() if isinstance(value, np.ndarray) else value)


def _note(before: "pd.Series[Any]", after: "pd.Series[Any]") -> str:
    """What to say of a column whose values are now in another unit; "" for nothing."""
    dtype: Any = before.dtype
    known = pd.api.types.infer_dtype(before, skipna=True) if dtype.kind == "O" else ""
    if after.dtype.kind == "f" and (dtype.kind == "m" or known in DURATIONS):
        return IN_SECONDS
    if after.dtype.kind != "M":
        return ""
    if isinstance(dtype, pd.PeriodDtype):
        return BY_START
    zoned = isinstance(dtype, pd.DatetimeTZDtype) or (
        known == "datetime" and any(value.tzinfo for value in before.dropna())
    )
    return IN_UTC if zoned else ""
