"""What a value holds: the memory of its arrays, each counted once, and the fingerprints in it."""

import mmap
import sys
import weakref
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from core.data import EmbeddingSet

SMALL = 4_096  # bytes of a text or a number that are not worth a line of their own
SEVERAL = 500  # parts of a collection that are looked at one by one
Buffers = dict[int, int]


@dataclass(frozen=True)
class Contents:
    """buffers: bytes by what names the memory, as long as it is held. fingerprints: of its parts.

    rest: bytes of all that is no array, text or table of its own, about. data: the sets in it, by
    their fingerprints, without holding them.
    """

    buffers: Buffers
    fingerprints: frozenset[str]
    rest: int = 0
    data: tuple[tuple[str, "weakref.ref[EmbeddingSet]"], ...] = ()

    @property
    def bytes(self) -> int:
        """Bytes of everything."""
        return self.rest + sum(self.buffers.values())


def contents_of(value: Any) -> Contents:
    """Go through the value once; views of one memory are counted once, and in full.

    Fingerprints are those that have been taken already: what is made of a value took its own.
    Objects are followed through their fields.

    >>> both = np.zeros(1000), np.zeros(1000)[::2]
    >>> sorted(contents_of(both).buffers.values()), contents_of([both[0], both[0][1:]]).bytes
    ([8000, 8000], 8000)
    """
    buffers, fingerprints, rest = Buffers(), set[str](), 0
    data = list[tuple[str, weakref.ref[EmbeddingSet]]]()
    seen, waiting = set[int](), deque([value])
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, np.ndarray | memoryview | mmap.mmap):
            name, size = _memory(each)
            buffers[name] = max(size, buffers.get(name, 0))
            if isinstance(each, np.ndarray) and each.dtype.hasobject:
                rest += _sampled(each.ravel())
        elif isinstance(each, str | bytes | bytearray):
            if len(each) > SMALL:
                buffers[id(each)] = sys.getsizeof(each)
        elif isinstance(each, pd.DataFrame):
            waiting.extend(each.iloc[:, place] for place in range(each.shape[1]))
        elif isinstance(each, pd.Series):
            waiting.append(_column(each))
        elif isinstance(each, _Measured):
            rest += each.size
        elif isinstance(each, Mapping):
            waiting.extend(_parts(list(each.values())))
        elif isinstance(each, list | tuple | set | frozenset | deque):
            waiting.extend(_parts(each))
        elif not isinstance(each, type | ModuleType):
            fields = getattr(each, "__dict__", {})
            named = fields.get("fingerprint")
            if isinstance(named, str):
                fingerprints.add(named)
                if isinstance(each, EmbeddingSet):
                    data.append((named, weakref.ref(each)))
            waiting.extend(fields.values())
            waiting.extend(getattr(each, name, None) for name in _slots(each))
    return Contents(buffers, frozenset(fingerprints), rest, tuple(data))


@dataclass(frozen=True, eq=False)
class _Measured:
    """Stands for something of which only the bytes are known."""

    size: int


def _memory(held: Any) -> tuple[int, int]:
    """What names the memory that a view is of, and its bytes."""
    while True:
        below = held.base if isinstance(held, np.ndarray) else getattr(held, "obj", None)
        if not isinstance(below, np.ndarray | memoryview | mmap.mmap):
            break
        held = below
    if isinstance(held, mmap.mmap):
        return id(held), 0 if held.closed else len(held)
    if isinstance(held, memoryview):
        return id(held.obj), held.nbytes
    owner = held.base
    name = held.__array_interface__["data"][0] if owner is None else id(owner)
    return name, held.nbytes


def _column(column: "pd.Series[Any]") -> Any:
    """What a column is made of: its array, or the bytes that it takes."""
    values = column.array
    if isinstance(values, pd.arrays.NumpyExtensionArray):
        return values.to_numpy()
    inside = getattr(values, "_ndarray", None)
    return inside if isinstance(inside, np.ndarray) else _Measured(int(values.nbytes))


def _parts(values: Any) -> Iterator[Any]:
    """The parts of a collection; of many alike, some, and the bytes of all by these."""
    if len(values) <= SEVERAL or not isinstance(next(iter(values)), str | bytes | int | float):
        yield from values
    else:
        yield _Measured(_sampled(values))


def _sampled(values: Any) -> int:
    """Bytes of the parts of a collection, by the mean of some of them."""
    every = max(1, len(values) // SEVERAL)
    chosen = values[::every] if isinstance(values, list | tuple | np.ndarray) else values
    some = [sys.getsizeof(each) for each in islice(chosen, SEVERAL)]
    return int(len(values) * (8 + sum(some) / max(len(some), 1)))


def _slots(value: Any) -> Iterator[str]:
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        yield from (slots,) if isinstance(slots, str) else slots
