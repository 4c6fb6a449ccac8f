"""What the callers of a server have loaded and built, in memory, by the name of what it holds.

A name follows from the content, so who loads the same file or builds with the same settings again,
also after a restart, gets the same name. What was asked for least recently leaves first.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.data import EmbeddingSet
from core.encoders import EncoderFit
from core.errors import NotHereError
from core.index import HnswGraph, HnswParams
from core.limits import KEPT_UPLOADS, KEPT_UPLOADS_MB
from core.studies import HeldOut

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Indexed:
    """An index with its items. data: the name of the set that it was built or opened for.

    items: a set whose row i is row i of the graph. params: that it was built with here, None for
    one that was opened from a file.
    """

    name: str
    data: str
    items: EmbeddingSet
    graph: HnswGraph
    params: HnswParams | None


class Shelf(Generic[T]):
    """Values by name, within a number and within bytes; the newest stays, however large it is."""

    def __init__(self, what: str, bytes_of: Callable[[T], int], again: str) -> None:
        self._what, self._bytes_of, self._again = what, bytes_of, again
        self._held: OrderedDict[str, T] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, name: str, value: T) -> None:
        """Keep a value, in place of the one that has its name."""
        with self._lock:
            self._held[name] = value
            self._held.move_to_end(name)
            while len(self._held) > 1 and self._is_too_much():
                self._held.popitem(last=False)

    def find(self, name: str) -> T | None:
        """The value of this name, or None."""
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)
            return self._held.get(name)

    def get(self, name: str) -> T:
        """The value of this name; raises NotHereError."""
        found = self.find(name)
        if found is None:
            raise NotHereError(f"There is no {self._what} {name[:80]!r} here. {self._again}")
        return found

    def names(self) -> list[str]:
        """All names, the one that was asked for last at the end."""
        with self._lock:
            return list(self._held)

    def _is_too_much(self) -> bool:
        held = sum(self._bytes_of(value) for value in self._held.values())
        return len(self._held) > KEPT_UPLOADS.value or held > KEPT_UPLOADS_MB.bytes


class Holdings:
    """The shelves of one server: sets, indexes, indexes without held-out rows, and fits of texts.

    Each has room for `NEARFIELD_KEPT_UPLOADS` values and `NEARFIELD_KEPT_UPLOADS_MB`.
    """

    def __init__(self) -> None:
        self.sets = Shelf[EmbeddingSet](
            "data", lambda held: held.vectors.nbytes, "Load the data (again) to get its name."
        )
        self.indexes = Shelf[Indexed](
            "index", lambda held: held.graph.memory_bytes, "Build or open the index (again)."
        )
        self.held_out = Shelf[HeldOut]("index", lambda held: held.graph.memory_bytes, "")
        self.fits = Shelf[EncoderFit]("fit", lambda held: held.rows.nbytes, "")

    def keep_set(self, embeddings: EmbeddingSet) -> str:
        """Keep a set; its name."""
        name = f"data-{embeddings.identity[:16]}"
        self.sets.put(name, embeddings)
        return name

    def keep_index(
        self, data: str, items: EmbeddingSet, graph: HnswGraph, params: HnswParams | None
    ) -> Indexed:
        """Keep an index; with its name."""
        made = Indexed(index_name(data, params or graph.fingerprint), data, items, graph, params)
        self.indexes.put(made.name, made)
        return made


def index_name(data: str, of: HnswParams | str) -> str:
    """The name of an index of the data of a name. of: its settings, or what its graph holds.

    >>> index_name("data-1", HnswParams(m=8)) == index_name("data-1", HnswParams(m=8, threads=1))
    True
    """
    return f"index-{hashlib.blake2b(repr((data, of)).encode(), digest_size=8).hexdigest()}"
