"""Layouts that were finished on this server, for every session: found again by their settings."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.data import EmbeddingSet
from core.projection import LayoutSettings, Projection
from pages.ui.jobs.key import fingerprint
from pages.ui.session import fitting
from pages.ui.session.slot import Kept, Slot

AT_MOST = 24
OF_A_SESSION = 8  # maps that a session has seen, which its workspace keeps; the newest


@dataclass(frozen=True)
class Name:
    """What a layout is of. vectors, codes: fingerprints; codes: of the classes that drew it, or
    "". components: 2 or 3.
    """

    vectors: str
    components: int
    settings: LayoutSettings
    codes: str = ""


@dataclass(frozen=True, eq=False)
class KeptMap:
    """A finished layout. before: the settings of the map that it started from, None for a PCA.

    came_along: whether it came with a sample. made: when, in seconds of the clock.
    """

    name: Name
    projection: Projection
    before: LayoutSettings | None
    made: float
    came_along: bool = False


class KeptMaps:
    """The last finished layouts; the least recently shown leave first."""

    def __init__(self, at_most: int = AT_MOST, clock: Callable[[], float] = time.time) -> None:
        self._maps: OrderedDict[Name, KeptMap] = OrderedDict()
        self._at_most, self.clock = at_most, clock
        self._lock = threading.Lock()

    def get(self, name: Name) -> KeptMap | None:
        """The layout of this name, if it is kept."""
        with self._lock:
            if name in self._maps:
                self._maps.move_to_end(name)
            return self._maps.get(name)

    def add(
        self,
        name: Name,
        projection: Projection,
        before: LayoutSettings | None = None,
        *,
        came_along: bool = False,
    ) -> KeptMap:
        """Keep a layout; where two were made of one name, the first stays."""
        made = KeptMap(name, projection, before, self.clock(), came_along)
        with self._lock:
            kept = self._maps.setdefault(name, made)
            self._maps.move_to_end(name)
            while len(self._maps) > self._at_most:
                self._maps.popitem(last=False)
        return kept

    def of(self, vectors: str, components: int) -> list[KeptMap]:
        """The layouts of these vectors, the newest first."""
        with self._lock:
            found = [
                each
                for name, each in self._maps.items()
                if (name.vectors, name.components) == (vectors, components)
            ]
        return sorted(found, key=lambda each: each.made, reverse=True)


KEPT = KeptMaps()


def _to_parts(maps: tuple[KeptMap, ...]) -> Any:
    return tuple({**vars(each), "name": vars(each.name)} for each in maps if not each.came_along)


def _from_parts(parts: Any) -> tuple[KeptMap, ...]:
    return tuple(KeptMap(**{**each, "name": Name(**each["name"])}) for each in parts)


_SEEN: Slot[tuple[KeptMap, ...]] = Slot(
    "seen_maps",
    tuple,
    kept=Kept("The kept maps could not be opened", to_parts=_to_parts, from_parts=_from_parts),
)


def find(embeddings: EmbeddingSet, name: Name) -> KeptMap | None:
    """The layout of this name, of this server or of the workspace that this session has open.

    What a workspace brings is shown in its sessions alone: it may come from a file.
    """
    seen = next((each for each in _seen(embeddings, name.vectors) if each.name == name), None)
    return KEPT.get(name) if seen is None else seen


def _seen(embeddings: EmbeddingSet, vectors: str) -> list[KeptMap]:
    """The maps of this data that came with the session; vectors: names it."""
    own = [each for each in _SEEN.get() if each.name.vectors == vectors]
    fit = [each for each in own if _is_map_of(embeddings, each)]
    if len(fit) < len(own):
        _SEEN.set(
            tuple(each for each in _SEEN.get() if each.name.vectors != vectors or each in fit)
        )
    return fit


def _is_map_of(embeddings: EmbeddingSet, kept: KeptMap) -> bool:
    places = kept.projection.coordinates
    is_whole = places.ndim == 2 and places.shape[1] == kept.name.components
    return fitting.is_for_each_row(embeddings, places if is_whole else (), "A kept map")


def of_session(embeddings: EmbeddingSet, components: int, *, everybodys: bool) -> list[KeptMap]:
    """The finished maps of this data that the session has seen, the newest first.

    everybodys: whether those of all others are among them.
    """
    vectors = fingerprint(embeddings.bare)
    seen = [each for each in _seen(embeddings, vectors) if each.name.components == components]
    names = {each.name for each in seen}
    others = [
        each
        for each in KEPT.of(vectors, components)
        if each.name not in names and (everybodys or each.came_along)
    ]
    return sorted([*seen, *others], key=lambda each: each.made, reverse=True)


def note(shown: KeptMap) -> None:
    """Remember a finished map that the session sees."""
    if shown not in _SEEN.get():
        _SEEN.set((*_SEEN.get(), shown)[-OF_A_SESSION:])
