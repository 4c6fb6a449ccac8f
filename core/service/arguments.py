"""The arguments of a call: a frozen dataclass, checked once, also where it came as JSON.

Each field is declared with `said`, which gives the words, the default and the range; from the same
declaration `schema` makes the JSON Schema that the descriptions of both surfaces show.
"""

import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from types import NoneType
from typing import Any, Literal, Self, get_args, get_origin, get_type_hints

from core.checks import check_choice, check_number, check_whole
from core.errors import ParameterError

LONGEST_TEXT = 4_000  # characters of one text
LONGEST_LIST = 65_536  # numbers of one list


def said(
    words: str,
    *,
    default: Any = MISSING,
    low: float | None = None,
    high: float | None = None,
) -> Any:
    """A field of `Arguments`. words: what it is. low, high: ends of its range, both in it.

    A whole number has both, a number both or none.
    """
    return field(default=default, metadata={"says": words, "low": low, "high": high})


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """Base of the arguments of all calls.

    A field is text, a whole number, a number, yes or no, one of some words (`Literal`), a list of
    numbers (`tuple[float, ...]`), or one of these or None. Raises ParameterError for a value of
    another type or out of its range.
    """

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            object.__setattr__(self, each.name, _checked(value, _hints(type(self)), each))

    @classmethod
    def read(cls, given: object) -> Self:
        """The arguments that a JSON object names; raises ParameterError."""
        if not isinstance(given, Mapping):
            raise ParameterError(f"The arguments must be a JSON object; got {_kind(given)}.")
        known = {each.name: each for each in fields(cls)}
        unknown = [str(name) for name in given if name not in known]
        if unknown:
            raise ParameterError(
                f"There is no argument {unknown[0][:80]!r}. There are: "
                f"{', '.join(known) or 'none'}."
            )
        missing = [
            name for name, each in known.items() if each.default is MISSING and name not in given
        ]
        if missing:
            raise ParameterError(
                f"The argument {missing[0]} is missing: {_words(known[missing[0]])}."
            )
        return cls(**given)

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """The JSON Schema (2020-12) of the arguments."""
        hints = _hints(cls)
        return {
            "type": "object",
            "properties": {each.name: _schema(hints[each.name], each) for each in fields(cls)},
            "required": [each.name for each in fields(cls) if each.default is MISSING],
            "additionalProperties": False,
        }


def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _words(each: "Field[Any]") -> str:
    return str(each.metadata["says"])


def _inner(hint: Any) -> tuple[Any, bool]:
    """The type without None, and whether None is allowed."""
    if NoneType not in get_args(hint):
        return hint, False
    (inner,) = (each for each in get_args(hint) if each is not NoneType)
    return inner, True


def _checked(value: Any, hints: Mapping[str, Any], each: "Field[Any]") -> Any:
    hint, may_be_none = _inner(hints[each.name])
    if value is None and may_be_none:
        return None
    low, high = each.metadata["low"], each.metadata["high"]
    if get_origin(hint) is Literal:
        check_choice(_single(value, each.name), each.name, get_args(hint))
        return value
    if hint is int:
        return check_whole(_single(value, each.name), each.name, low, high)
    if hint is float:
        return _number(value, each.name, low, high)
    if hint is bool:
        if not isinstance(value, bool):
            raise ParameterError(f"{each.name} must be true or false; got {_kind(value)}.")
        return value
    return _text(value, each.name) if hint is str else _numbers(value, each.name)


def _number(value: Any, name: str, low: float | None, high: float | None) -> float:
    try:
        number = check_number(_single(value, name), name)
    except OverflowError:  # a whole number that no float holds
        number = math.inf
    if not math.isfinite(number):
        raise ParameterError(f"{name} must be a finite number; got {number}.")
    if low is not None and high is not None and not low <= number <= high:
        raise ParameterError(f"{name} must be between {low:g} and {high:g}; got {number!r}.")
    return number


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise ParameterError(f"{name} must be text; got {_kind(value)}.")
    if not 0 < len(value) <= LONGEST_TEXT:
        raise ParameterError(
            f"{name} must have 1 to {LONGEST_TEXT:,} characters; got {len(value):,}."
        )
    return value


def _numbers(value: Any, name: str) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or len(value) > LONGEST_LIST:
        raise ParameterError(
            f"{name} must be a list of at most {LONGEST_LIST:,} numbers; got {_kind(value)}."
        )
    return tuple(_number(each, name, None, None) for each in value)


def _single(value: Any, name: str) -> Any:
    """The value, or the begin of a long text, which a refusal repeats; it is no list or object."""
    if isinstance(value, list | dict):
        raise ParameterError(f"{name} must be a single value; got {_kind(value)}.")
    return value[:80] if isinstance(value, str) else value


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")


def _schema(hint: Any, each: "Field[Any]") -> dict[str, Any]:
    inner, may_be_none = _inner(hint)
    found: dict[str, Any] = {"description": _words(each)}
    if get_origin(inner) is Literal:
        choices = [*get_args(inner), *([None] if may_be_none else [])]
        found |= {"enum": choices}
    elif inner in (int, float, bool, str):
        name = {int: "integer", float: "number", bool: "boolean", str: "string"}[inner]
        found |= {"type": [name, "null"] if may_be_none else name}
    else:
        items = {"items": {"type": "number"}, "maxItems": LONGEST_LIST}
        found |= {"type": ["array", "null"] if may_be_none else "array"} | items
    ends = {"minimum": each.metadata["low"], "maximum": each.metadata["high"]}
    found |= {name: end for name, end in ends.items() if end is not None}
    if each.default is not MISSING:
        found["default"] = each.default
    return found
