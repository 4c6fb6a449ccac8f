"""Rows that are projected alone: named in the link, held by the server for every session."""

import threading
from collections import OrderedDict
from dataclasses import replace

import numpy as np

from core.data import EmbeddingSet
from pages.map.drawing import Rows
from pages.ui import jobs
from pages.ui.display.text import count
from pages.ui.jobs.key import fingerprint
from pages.ui.session.workspace import Workspace

ALL_ROWS = "all rows"
FEWEST_ROWS = 5
AT_MOST = 32
LETTERS = 8  # of a fingerprint, which tell one selection from another

_held: OrderedDict[tuple[str, str], Rows] = OrderedDict()
_lock = threading.Lock()


def add(embeddings: EmbeddingSet, rows: Rows) -> str:
    """Hold these rows, and give the name that a link has for them."""
    kept = np.array(rows, dtype=np.int64)
    kept.setflags(write=False)
    name = f"{count(len(kept), 'row')} {fingerprint(kept)[:LETTERS]}"
    with _lock:
        _held[_of(embeddings), name] = kept
        while len(_held) > AT_MOST:
            _held.popitem(last=False)
    return name


def rows_of(embeddings: EmbeddingSet, name: str) -> Rows | None:
    """The rows of this name; None for all rows, and for a name that is not held for these data."""
    with _lock:
        return _held.get((_of(embeddings), name))


def names(embeddings: EmbeddingSet) -> list[str]:
    """What can be projected: all rows, then the selections held, the newest first."""
    vectors = _of(embeddings)
    with _lock:
        return [ALL_ROWS, *(name for data, name in reversed(_held) if data == vectors)]


def part_of(work: Workspace, rows: Rows) -> Workspace:
    """A workspace of these rows alone, with the settings of the index of all."""
    return replace(work, embeddings=_part(work.embeddings, rows), opened=None, queries=None)


@jobs.cached
def _part(embeddings: EmbeddingSet, rows: Rows) -> EmbeddingSet:
    name = f"{count(len(rows), 'item')} of {embeddings.name}"
    return EmbeddingSet.from_arrays(embeddings.vectors[rows], name=name)


def _of(embeddings: EmbeddingSet) -> str:
    return fingerprint(embeddings.bare)
