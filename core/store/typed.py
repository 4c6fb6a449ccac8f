"""Whether the fields of a value hold what their annotations say, where these can be followed."""

import types
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

NOT_FOLLOWED: tuple[Any, ...] = (type, Callable)
WHOLE, NUMBERS = (int, np.integer), (int, float, np.number)


def misfit(value: Any) -> str | None:
    """The first field of a dataclass whose value is of another type; None where all fit.

    A float may be a whole number, and a number may be one of numpy; what an annotation cannot tell
    fits.
    """
    kind: Any = type(value)
    for name, hint in hints(kind).items():
        if hasattr(value, name) and not fits(getattr(value, name), hint):
            return name
    return None


@cache
def hints(kind: Any) -> Mapping[str, Any]:
    """The annotations of a type; none where one of them names what is not imported at run time."""
    try:
        return get_type_hints(kind)
    except (NameError, TypeError, AttributeError):
        return {}


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is of the type of an annotation.

    >>> fits(3, float), fits("3", float), fits((1, "a"), tuple[int, ...]), fits(None, int | None)
    (True, False, False, True)
    """
    origin, parts = get_origin(hint), get_args(hint)
    if hint is Any or isinstance(hint, TypeVar | str):
        return True
    if hint is None or hint is type(None):
        return value is None
    if origin in (Union, types.UnionType):
        return any(fits(value, part) for part in parts)
    if origin is Literal:
        return value in parts
    if origin is np.ndarray:
        return _fits_array(value, parts)
    if origin is tuple:
        return _fits_tuple(value, parts)
    if isinstance(origin, type) and origin not in NOT_FOLLOWED:
        return _fits_many(value, origin, parts)
    return _fits_one(value, hint)


def _fits_one(value: Any, hint: Any) -> bool:
    if not isinstance(hint, type) or hint is type or getattr(hint, "_is_protocol", False):
        return True
    if hint is bool:
        return isinstance(value, bool | np.bool_)
    if hint is int:
        return isinstance(value, WHOLE) and not isinstance(value, bool)
    if hint is float:
        return isinstance(value, NUMBERS) and not isinstance(value, bool)
    return isinstance(value, hint)


def _fits_array(value: Any, parts: tuple[Any, ...]) -> bool:
    """parts: the shape, which tells nothing, and the type of the numbers."""
    if not isinstance(value, np.ndarray):
        return False
    kinds = get_args(parts[1]) if len(parts) == 2 else ()
    given = kinds[0] if kinds else Any
    if get_origin(given) in (Union, types.UnionType):
        return any(_fits_kind(value, each) for each in get_args(given))
    return _fits_kind(value, given)


def _fits_kind(value: Any, given: Any) -> bool:
    kind: Any = get_origin(given) or given
    if kind is Any or not isinstance(kind, type):
        return True
    for numbers, letters in ((np.integer, "iu"), (np.floating, "iuf")):
        if issubclass(kind, numbers):  # of any width: arithmetic may give the one for the other
            return value.dtype.kind in letters
    return issubclass(value.dtype.type, kind)


def _fits_tuple(value: Any, parts: tuple[Any, ...]) -> bool:
    if not isinstance(value, tuple):
        return False
    if len(parts) == 2 and parts[1] is Ellipsis:
        return all(fits(each, parts[0]) for each in value)
    return len(value) == len(parts) and all(map(fits, value, parts))


def _fits_many(value: Any, origin: Any, parts: tuple[Any, ...]) -> bool:
    if not isinstance(value, origin):
        return False
    if issubclass(origin, Mapping) and len(parts) == 2:
        return all(fits(key, parts[0]) and fits(each, parts[1]) for key, each in value.items())
    if issubclass(origin, Sequence | set | frozenset) and len(parts) == 1:
        return isinstance(value, str) or all(fits(each, parts[0]) for each in value)
    return True
