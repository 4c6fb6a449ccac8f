"""The name of a call: the function's qualified name and a fingerprint of all its arguments.

Nothing that a result depends on can be left out, for whatever the function gets is in the name.

| argument                          | named by                                             |
|-----------------------------------|------------------------------------------------------|
| has an `identity` (sets)          | its type and that: the content and what it is called |
| has a `fingerprint` (graphs)      | its type and that fingerprint                        |
| numpy array                       | its type, its shape and a blake2b of its bytes       |
| frozen dataclass                  | its type and every field                             |
| number, text, bytes, None, range  | its type and value                                   |
| tuple, list, set, dict            | its parts; order counts in tuples and lists alone    |

Anything else is refused: an object that can change, or whose text does not tell its content, would
give one call another's result.
"""

import hashlib
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from inspect import Signature
from typing import Any, Generic, TypeVar

import numpy as np

T = TypeVar("T")
Key = tuple[str, str]
_DIGEST = 16
SOURCES_KNOWN = 20_000

_sources: OrderedDict[str, str] = OrderedDict()
_lock = threading.Lock()

_known: dict[int, tuple[weakref.ref[Any], str]] = {}


@dataclass(frozen=True, eq=False)
class Named(Generic[T]):
    """A value under a name of its own, where to go through its content would take too long.

    fingerprint: differs from that of every other value, as what the value was made of does.
    """

    fingerprint: str
    value: T


def key_of(
    function: Callable[..., Any], signature: Signature, args: tuple[Any, ...], kwargs: Any
) -> tuple[Key, tuple[Any, ...]]:
    """The key of `function(*args, **kwargs)`, and its arguments in order with the defaults.

    So that f(1), f(x=1) and f() with a default of 1 are one call. Raises TypeError where the
    arguments do not fit the signature or one cannot be named.
    """
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    values = tuple(bound.arguments.values())
    key = qualified_name(function), fingerprint(values)
    if key[1] not in _sources:
        note_source(key[1], next(filter(None, map(_source, values)), ""))
    return key, values


def source_of(key: Key) -> str:
    """The fingerprint of the data that a call is about; "" where it is not known."""
    return _sources.get(key[1], "")


def note_source(name: str, source: str) -> None:
    """Note of which data a call, or a graph, is; name: its fingerprint."""
    with _lock:
        _sources[name] = source
        while len(_sources) > SOURCES_KNOWN:
            _sources.popitem(last=False)


def _source(value: Any) -> str:
    """The fingerprint of the vectors of a set, also within another value; "" without one."""
    bare = getattr(value, "bare", None)
    if bare is not None:
        return str(bare.fingerprint)
    if isinstance(value, Named):
        return _source(value.value)
    if is_dataclass(value) and hasattr(value, "embeddings"):
        return _source(value.embeddings)
    return _sources.get(value.fingerprint, "") if hasattr(value, "fingerprint") else ""


def qualified_name(function: Callable[..., Any]) -> str:
    """Module and name of a function."""
    return f"{function.__module__}.{function.__qualname__}"


def fingerprint(value: Any) -> str:
    """32 hex digits that name a value; equal values of one type have one, others another.

    Fingerprints of frozen dataclasses and of read-only arrays are kept as long as these live.
    Raises TypeError for a value whose content cannot be named.

    >>> fingerprint((1, "a")) == fingerprint((1, "a")), fingerprint(1) == fingerprint(True)
    (True, False)
    """
    if not _stays(value):
        return _digest(value)
    known = _known.get(id(value))
    if known is not None and known[0]() is value:
        return known[1]
    digest = _digest(value)
    place = id(value)
    _known[place] = (weakref.ref(value, lambda _gone: _known.pop(place, None)), digest)
    return digest


def _stays(value: Any) -> bool:
    """Whether the value cannot change, and lives long enough to be worth remembering."""
    if isinstance(value, np.ndarray):
        return not value.flags.writeable and value.base is None
    return is_dataclass(value) and not isinstance(value, type)


def _digest(value: Any) -> str:
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    digest = hashlib.blake2b(kind.encode(), digest_size=_DIGEST)
    for part in _parts(value):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def _parts(value: Any) -> Iterable[Any]:
    """Bytes that tell the value from every other of its type."""
    named = getattr(value, "identity", None) or getattr(value, "fingerprint", None)
    if isinstance(named, str):
        return [named.encode()]
    if isinstance(value, np.ndarray):
        return _array_parts(value)
    if value is None or isinstance(value, bool | int | float | complex | str | range | np.generic):
        return [repr(value).encode()]
    if isinstance(value, bytes):
        return [value]
    if isinstance(value, tuple | list):
        return [fingerprint(each).encode() for each in value]
    if isinstance(value, set | frozenset):
        return sorted(fingerprint(each).encode() for each in value)
    if isinstance(value, Mapping):
        return sorted(fingerprint(each).encode() for each in value.items())
    return _field_parts(value)


def _array_parts(array: np.ndarray[Any, Any]) -> list[Any]:
    if array.dtype.hasobject:
        raise TypeError(f"an array of {array.dtype} cannot name a call; pass what made it.")
    head = repr((array.dtype.str, array.shape)).encode()
    return [head, np.ascontiguousarray(array).view(np.uint8).reshape(-1).data]


def _field_parts(value: Any) -> list[bytes]:
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"a {type(value).__name__} cannot name a call; pass what made it.")
    if not value.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        raise TypeError(f"{type(value).__name__} can change, so it cannot name a call: freeze it.")
    return [
        f"{each.name}={fingerprint(getattr(value, each.name))}".encode() for each in fields(value)
    ]
