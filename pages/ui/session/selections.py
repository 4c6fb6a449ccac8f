"""Selections of rows that a session keeps by name, for every page to work on."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.data import EmbeddingSet
from pages.ui.session import fitting, slot
from pages.ui.session.slot import Slot

Rows = npt.NDArray[np.int64]
MOST_KEPT = 20  # of all data; the oldest leave first
LONGEST_NAME = 60


@dataclass(frozen=True, eq=False)
class Kept:
    """Rows under a name. rows: ascending row ids. vectors: whose rows, by their fingerprint."""

    name: str
    rows: Rows
    vectors: str


_KEPT: Slot[tuple[Kept, ...]] = Slot(
    "kept_selections",
    tuple,
    kept=slot.Kept("The kept selections could not be opened", True, **slot.of_fields(Kept)),
)


def kept(embeddings: EmbeddingSet) -> tuple[Kept, ...]:
    """The kept selections of this data, the oldest first; other metadata changes nothing."""
    vectors = embeddings.bare.fingerprint
    own = tuple(each for each in _KEPT.get() if each.vectors == vectors)
    fit = tuple(
        each
        for each in own
        if fitting.rows_of(embeddings, each.rows, f"The selection {each.name!r}") is not None
    )
    if len(fit) < len(own):
        _KEPT.set(tuple(each for each in _KEPT.get() if each.vectors != vectors or each in fit))
    return fit


def named(embeddings: EmbeddingSet, name: str) -> Kept | None:
    """The kept selection of this name, or None."""
    return next((each for each in kept(embeddings) if each.name == name), None)


def keep(embeddings: EmbeddingSet, name: str, rows: Rows) -> Kept:
    """Keep rows under a name; those that had the name are replaced."""
    own = np.unique(rows).astype(np.int64)
    own.setflags(write=False)
    made = Kept(clean(name), own, embeddings.bare.fingerprint)
    others = [
        each for each in _KEPT.get() if (each.vectors, each.name) != (made.vectors, made.name)
    ]
    _KEPT.set((*others, made)[-MOST_KEPT:])
    return made


def rename(embeddings: EmbeddingSet, name: str, new: str) -> bool:
    """Give a kept selection another name; False where that is taken or there is none."""
    found, wanted = named(embeddings, name), clean(new)
    if found is None or not wanted or (wanted != name and named(embeddings, wanted) is not None):
        return False
    _KEPT.set(tuple(replace(each, name=wanted) if each is found else each for each in _KEPT.get()))
    return True


def delete(embeddings: EmbeddingSet, name: str) -> None:
    """Let a kept selection go."""
    found = named(embeddings, name)
    _KEPT.set(tuple(each for each in _KEPT.get() if each is not found))


def clean(name: str) -> str:
    """A name on one line, of at most 60 letters.

    >>> clean("  red \\n wine ")
    'red wine'
    """
    return " ".join(name.split())[:LONGEST_NAME].strip()


def selected_group(name: str) -> str:
    """What the two groups of a selection, in and out, are called among groups by a column."""
    return f"in {name} or not"


def free_name(names: Iterable[str]) -> str:
    """The first of Selection 1, Selection 2, ... that is not taken.

    >>> free_name(["Selection 1", "cats"])
    'Selection 2'
    """
    taken = set(names)
    number = 1
    while f"Selection {number}" in taken:
        number += 1
    return f"Selection {number}"
