"""Small values of a session as JSON, and back: exact, with tuples, sets and keys of any kind.

    (1, {"a"}) -> {"tuple": [1, {"set": ["a"]}]}

Arrays, tables and results are no plain values: the store keeps those in files.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np


class NotPlainError(TypeError):
    """A value that is no JSON."""


def to_plain(value: Any) -> Any:
    """The value as JSON; raises NotPlainError.

    >>> to_plain((1, {"a": None}))
    {'tuple': [1, {'dict': [['a', None]]}]}
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, list):
        return [to_plain(each) for each in value]
    if isinstance(value, tuple):
        return {"tuple": [to_plain(each) for each in value]}
    if isinstance(value, set | frozenset):
        kind = "set" if isinstance(value, set) else "frozenset"
        return {kind: sorted((to_plain(each) for each in value), key=repr)}
    if isinstance(value, Mapping):
        return {"dict": [[to_plain(key), to_plain(each)] for key, each in value.items()]}
    raise NotPlainError(f"a {type(value).__name__} is no plain value.")


def from_plain(told: Any) -> Any:
    """The value of such JSON; raises ValueError for other JSON.

    >>> from_plain(to_plain((1, {"a": None})))
    (1, {'a': None})
    """
    if isinstance(told, list):
        return [from_plain(each) for each in told]
    if not isinstance(told, dict):
        return told
    if len(told) != 1:
        raise ValueError(f"a value has {len(told)} kinds, not one.")
    ((kind, parts),) = told.items()
    if kind == "float":
        return float(parts)
    if kind == "dict":
        return {from_plain(key): from_plain(each) for key, each in parts}
    makers: dict[str, Any] = {"tuple": tuple, "set": set, "frozenset": frozenset}
    if kind not in makers:
        raise ValueError(f"{kind!r} is no kind of plain value.")
    return makers[kind](from_plain(each) for each in parts)
