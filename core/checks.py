"""What public functions accept, checked once, at the door, by one set of rules.

Numbers that a caller gives as integers or floats of any width are taken; booleans, text and objects
are not, for they are seldom meant as numbers. Integer vectors become float64, floats stay as they
are. A whole number is an integer of Python or numpy, never a float. Every refusal is a
ParameterError that names the argument and what was got.
"""

import numbers
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import ParameterError

Rows = npt.NDArray[np.floating[Any]]
Integers = npt.NDArray[np.integer[Any]]
Anything = npt.NDArray[Any]
VALUES_AT_ONCE = 2**16  # checked in the processor's cache


def as_array(values: npt.ArrayLike, name: str) -> Anything:
    """`values` as an array; lists of unlike lengths are refused."""
    try:
        return np.asarray(values)
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"{name} must be an array; got a {type(values).__name__} that is none: {error}."
        ) from error


def got(values: Anything) -> str:
    """What an array is, in a message."""
    return f"shape {values.shape} of {values.dtype}"


def check_rows(vectors: npt.ArrayLike, name: str, dim: int | None = None) -> Rows:
    """`vectors` as finite floats, (n >= 1, d >= 1); copied only where they are integers.

    dim: the number of dimensions that they must have.
    """
    rows = check_shape(vectors, name, dim)
    rows = rows if rows.dtype.kind == "f" else rows.astype(np.float64)
    check_finite(rows, name)
    return rows


def check_shape(vectors: npt.ArrayLike, name: str, dim: int | None = None) -> Anything:
    """`vectors` as an array of numbers, (n >= 1, d >= 1), of whatever type."""
    rows = as_array(vectors, name)
    if rows.ndim != 2 or rows.shape[1] == 0 or rows.dtype.kind not in "fiu":
        raise ParameterError(
            f"{name} must be a 2-D array of numbers, (rows, dimensions); got {got(rows)}. For a "
            "single vector v pass v.reshape(1, -1)."
        )
    if len(rows) == 0:
        raise ParameterError(f"{name} must have at least one row; got none.")
    if dim is not None and rows.shape[1] != dim:
        raise ParameterError(
            f"{name} must have {dim:,} dimensions, as the indexed vectors have; got "
            f"{rows.shape[1]:,}."
        )
    return rows


def check_finite(rows: Rows, name: str) -> None:
    """Refuse rows (n, d) that hold NaN or infinity; name the first and how many there are."""
    at_once = max(1, VALUES_AT_ONCE // rows.shape[1])
    parts = (rows[start : start + at_once] for start in range(0, len(rows), at_once))
    if not all(np.isfinite(part).all() for part in parts):
        bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
        raise ParameterError(
            f"{name} must be finite in {rows.dtype}; {len(bad):,} rows are not, the first is row "
            f"{bad[0]:,}. Leave them out or correct them."
        )


def check_numbers(values: npt.ArrayLike, name: str) -> npt.NDArray[np.float64]:
    """`values` as float64, of any shape; NaN and infinity are let through."""
    numbers_of_any_type = as_array(values, name)
    if numbers_of_any_type.dtype.kind not in "fiu":
        raise ParameterError(f"{name} must be numbers; got {got(numbers_of_any_type)}.")
    return numbers_of_any_type.astype(np.float64, copy=False)


def check_labels(labels: npt.ArrayLike, n: int | None, name: str = "labels") -> Integers:
    """`labels` as (n,) integer codes, None for any n; one below 0 stands for a missing label."""
    codes = as_array(labels, name)
    wanted = codes.size if n is None else n
    if codes.shape != (wanted,) or codes.dtype.kind not in "iu":
        raise ParameterError(
            f"{name} must be {wanted:,} integer codes, one per vector; got {codes.dtype} of shape "
            f"{codes.shape}. Encode the classes as 0, 1, 2, ..., and a missing one as -1."
        )
    return codes


def check_ids(ids: npt.ArrayLike, name: str, n: int, *, empty: bool) -> Integers:
    """`ids` as an array of row ids from 0 to n - 1, of any shape.

    empty: whether -1 may stand for a place without a row.
    """
    rows = as_array(ids, name)
    if rows.dtype.kind not in "iu":
        raise ParameterError(f"{name} must hold row ids, integers; got {got(rows)}.")
    if rows.size and (rows.min() < (-1 if empty else 0) or rows.max() >= n):
        none = " (or -1 for none)" if empty else ""
        raise ParameterError(
            f"{name} must hold row ids below n = {n:,}{none}; got values from {rows.min()} to "
            f"{rows.max()}. Number the rows from 0."
        )
    return rows


def check_whole(value: Any, name: str, low: int, high: int | None = None) -> int:
    """`value` as an int of at least `low` and at most `high`."""
    try:
        whole = None if isinstance(value, bool | np.bool_) else operator.index(value)
    except TypeError:
        whole = None
    if whole is None or (high is None and whole < low):
        raise ParameterError(f"{name} must be a whole number of at least {low:,}; got {value!r}.")
    if high is not None and not low <= whole <= high:
        raise ParameterError(f"{name} must be between {low:,} and {high:,}; got {whole:,}.")
    return whole


def check_count(value: Any, name: str) -> int:
    """`value` as an int of at least 1."""
    return check_whole(value, name, 1)


def check_counts(values: Any, name: str) -> tuple[int, ...]:
    """`values`, one whole number of at least 1 or several of them, as a tuple."""
    several = isinstance(values, Sequence | np.ndarray) and np.ndim(values) > 0
    given = tuple(values) if several else (values,)
    if not given:
        raise ParameterError(f"{name} must hold at least one whole number; got none.")
    return tuple(check_count(value, name) for value in given)


def check_number(value: Any, name: str) -> float:
    """`value` as a float; its range, NaN and infinity are the caller's to judge."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise ParameterError(f"{name} must be a number; got {value!r}.")
    return float(value)


def check_choice(value: Any, name: str, choices: tuple[str, ...]) -> None:
    """Refuse a value that is none of the names in `choices`."""
    if not isinstance(value, str) or value not in choices:
        raise ParameterError(f"{name} must be one of {', '.join(choices)}; got {value!r}.")
