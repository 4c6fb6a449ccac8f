"""A value from elsewhere, checked through to each number: readers trust their own store."""

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from core.checks import check_finite
from core.data.embedding_set import EmbeddingSet
from core.errors import StoreError
from core.index.graph import HnswGraph
from core.store import arrays, typed


def check(value: Any) -> None:
    """Raise StoreError where a set or graph is not finite or has a false fingerprint, and where a
    field is of another type than its own.
    """
    for held in _parts(value):
        if isinstance(held, np.ndarray):
            arrays.check_texts(held)
        elif isinstance(held, EmbeddingSet):
            check_finite(held.vectors, "The vectors")
            if held.queries is not None:
                check_finite(held.queries, "The queries")
            _check_fingerprint(held.bare)
            _check_fingerprint(held)
        elif isinstance(held, HnswGraph):
            check_finite(held.vectors, "The vectors of the graph")
            _check_fingerprint(held)
        if is_dataclass(held) and (field := typed.misfit(held)):
            raise StoreError(f"A {type(held).__name__} has a {field!r} of another type.")


def _parts(value: Any) -> Any:
    """The value and all that it holds, each set and graph as a whole."""
    yield value
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _parts(key)
            yield from _parts(part)
    elif isinstance(value, tuple | list | set | frozenset):
        for part in value:
            yield from _parts(part)
    elif is_dataclass(value):
        for each in fields(value):
            yield from _parts(getattr(value, each.name))


def _check_fingerprint(held: Any) -> None:
    stated = vars(held).pop("fingerprint", None)
    if stated is not None and stated != held.fingerprint:
        raise StoreError("A set or a graph is not the one that it is said to be.")
