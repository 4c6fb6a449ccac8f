"""Types by name: those of `core` that travel as values, and no others.

A manifest names the type of each value, "core.index.graph:HnswGraph". Only a frozen dataclass, a
named tuple or an enumeration that a module of `core` defines is found, and the classes of `PLAIN`;
whatever else a manifest names is refused before anything is called.
"""

import enum
import importlib
import re
from dataclasses import is_dataclass
from typing import Any

from core.errors import StoreError

NAME = re.compile(r"(core(?:\.[A-Za-z0-9_]+)+):([A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*)")

# Classes that work their attributes out of arguments, once, and that results hold.
PLAIN = frozenset({"core.metrics.class_pairs:ClassOrder", "core.metrics.class_pairs:ClassPairs"})


def name_of(kind: type) -> str:
    """The name of a type in manifests; raises StoreError where its values are not kept."""
    name = f"{kind.__module__}:{kind.__qualname__}"
    if not NAME.fullmatch(name) or not _travels(kind):
        raise StoreError(
            f"A {kind.__module__}.{kind.__qualname__} cannot be kept in the store: it keeps frozen "
            "dataclasses, named tuples and enumerations of core, arrays, frames and plain values."
        )
    return name


def kind_of(name: object) -> Any:
    """The type of this name; raises StoreError where there is none that travels.

    >>> kind_of("core.index.params:HnswParams").__name__
    'HnswParams'
    """
    found = NAME.fullmatch(name) if isinstance(name, str) else None
    if found is None:
        raise StoreError(f"It names a type that is none of core: {str(name)[:120]!r}.")
    try:
        kind: Any = importlib.import_module(found[1])
        for part in found[2].split("."):
            kind = vars(kind)[part]
    except (ImportError, KeyError, TypeError) as error:
        raise StoreError(
            f"It names a type that this version of Nearfield does not have: {found[0]}."
        ) from error
    if not isinstance(kind, type) or kind.__module__ != found[1] or not _travels(kind):
        raise StoreError(f"It names a type whose values are not kept: {found[0]}.")
    return kind


def is_named_tuple(kind: type) -> bool:
    """Whether the type is made by `NamedTuple`."""
    return issubclass(kind, tuple) and hasattr(kind, "_fields")


def is_plain(kind: type) -> bool:
    """Whether the type is one of `PLAIN`."""
    return f"{kind.__module__}:{kind.__qualname__}" in PLAIN


def _travels(kind: type) -> bool:
    if issubclass(kind, enum.Enum) or is_named_tuple(kind) or is_plain(kind):
        return True
    made: Any = getattr(kind, "__dataclass_params__", None)
    return is_dataclass(kind) and bool(made.frozen)
