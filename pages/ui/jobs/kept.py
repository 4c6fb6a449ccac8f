"""How much of this server's memory results may take: those of jobs, and quick ones, together.

`Ledger` knows what is kept, its bytes, on whose account, and what it was made of; who keeps it (the
runner, a cache) is told to let it go. Bytes are of arrays that came with the result: those of the
call's own arguments are held, and counted, elsewhere. A result leaves soon after the data that it
was made of: when no store and no session holds that any more.
"""

import math
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from core.limits import KEPT_RESULTS_MB
from pages.ui.jobs.contents import Contents, contents_of

Leave = Callable[[], None]
SOON = 30.0  # seconds since it was asked for last that a result stays without its data


@dataclass(eq=False)
class _Entry:
    """inputs: the contents of the call's arguments. own: what the result holds beside them.

    asked: when it was asked for last.
    """

    value: Any
    inputs: Contents
    own: dict[int, int]
    rest: int
    leave: Leave
    asked: float
    owners: set[str] = field(default_factory=set)


class Ledger:
    """At most `most()` bytes of results; those least recently asked for leave first.

    Each owner has a fair share, the same part of the whole for all who have something here. What
    one asks for never pushes out what another holds within its share: a result leaves only where
    all who asked for it have more than theirs. There always is such a one: were each result held by
    somebody within a share, these shares together would hold everything. The newest result stays,
    however large it is.
    """

    def __init__(
        self,
        most: Callable[[], int] = lambda: KEPT_RESULTS_MB.bytes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._clock = most, clock
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._held: Counter[int] = Counter()
        self._sizes: dict[int, int] = {}
        self._rest = 0
        self._lock = threading.RLock()

    @property
    def bytes(self) -> int:
        """Bytes of all results, each array once."""
        with self._lock:
            return self._rest + sum(self._sizes.values())

    def bytes_by_owner(self) -> dict[str, int]:
        """Bytes of what each owner has asked for; of what several share, for each in full."""
        with self._lock:
            return {owner: _bytes(entries) for owner, entries in self._by_owner().items()}

    def keep(
        self, place: Hashable, value: Any, *, made_of: Any = (), owner: str, leave: Leave
    ) -> None:
        """Note that a value is kept; leave: called when it has to go, from any thread.

        place: names who keeps it, and the call. made_of: the arguments of the call.
        """
        inputs, found = contents_of(made_of), contents_of(value)
        own = {name: size for name, size in found.buffers.items() if name not in inputs.buffers}
        with self._lock:
            self._remove(place)
            self._entries[place] = _Entry(
                value, inputs, own, found.rest, leave, self._clock(), {owner}
            )
            self._held.update(own.keys())
            for name, size in own.items():
                self._sizes[name] = max(size, self._sizes.get(name, 0))
            self._rest += found.rest
            gone = self._make_room()
        _tell(gone)

    def use(self, place: Hashable, owner: str) -> None:
        """Note that a kept value was asked for."""
        with self._lock:
            entry = self._entries.get(place)
            if entry is not None:
                entry.owners.add(owner)
                entry.asked = self._clock()
                self._entries.move_to_end(place)

    def drop(self, place: Hashable) -> None:
        """Note that a value is no longer kept; nobody is told."""
        with self._lock:
            self._remove(place)

    def clear(self) -> None:
        """Let everything go."""
        with self._lock:
            gone = [self._remove(place) for place in list(self._entries)]
        _tell(gone)

    def sweep(self) -> None:
        """Let go what was made of data that nobody holds any more, and what was made of that."""
        with self._lock:
            held, gone = set[str](), set[str]()
            for entry in self._entries.values():
                for name, data in entry.inputs.data:
                    (gone if data() is None else held).add(name)
            found = self._made_of(gone - held, before=self._clock() - SOON)
        _tell(found)

    def forget(self, fingerprints: Iterable[str]) -> None:
        """Let go what was made of data or graphs of these fingerprints, and what was made of that.

        For whoever deletes data.
        """
        with self._lock:
            gone = self._made_of(set(fingerprints))
        _tell(gone)

    def _made_of(self, fingerprints: set[str], before: float = math.inf) -> list["_Entry | None"]:
        """Remove what was made of these, directly or not, and was asked for before a time."""
        gone, arrays = list[_Entry | None](), set[int]()
        while True:
            found = [
                place
                for place, entry in self._entries.items()
                if entry.asked <= before
                and not (
                    fingerprints.isdisjoint(entry.inputs.fingerprints)
                    and arrays.isdisjoint(entry.inputs.buffers)
                )
            ]
            if not found:
                return gone
            for place in found:
                entry = self._entries[place]
                arrays |= entry.own.keys()
                made = contents_of(entry.value).fingerprints
                fingerprints = fingerprints | (made - entry.inputs.fingerprints)
                gone.append(self._remove(place))

    def _make_room(self) -> list[_Entry | None]:
        gone = list[_Entry | None]()
        while len(self._entries) > 1 and self.bytes > self._most():
            gone.append(self._remove(self._next_to_leave()))
        return gone

    def _next_to_leave(self) -> Hashable:
        """The least recently asked for of those whose owners all have more than their share."""
        used = {owner: _bytes(entries) for owner, entries in self._by_owner().items()}
        share, newest = self._most() / len(used), next(reversed(self._entries))
        places = [place for place in self._entries if place != newest]
        for place in places:
            if all(used[owner] > share for owner in self._entries[place].owners):
                return place
        return places[0]

    def _by_owner(self) -> dict[str, list[_Entry]]:
        entries: dict[str, list[_Entry]] = {}
        for entry in self._entries.values():
            for owner in entry.owners:
                entries.setdefault(owner, []).append(entry)
        return entries

    def _remove(self, place: Hashable) -> _Entry | None:
        entry = self._entries.pop(place, None)
        if entry is None:
            return None
        for name in entry.own:
            self._held[name] -= 1
            if not self._held[name]:
                del self._held[name], self._sizes[name]
        self._rest -= entry.rest
        return entry


def _bytes(entries: list[_Entry]) -> int:
    own: dict[int, int] = {}
    for entry in entries:
        own |= entry.own
    return sum(own.values()) + sum(entry.rest for entry in entries)


def _tell(entries: list[_Entry | None]) -> None:
    """Outside of the lock: who keeps results has a lock of its own."""
    for entry in entries:
        if entry is not None:
            entry.leave()


ledger = Ledger()
