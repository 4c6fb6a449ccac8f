"""Parts of a long result, each by a key of its own: in memory, and in the store as they come."""

import logging
import time
from collections.abc import Callable
from typing import Any

from pages.ui.jobs.key import Key, fingerprint, note_source
from pages.ui.jobs.runner import WORTH_KEEPING, Keeper

LOGGER = logging.getLogger("nearfield")


class KeptParts(dict[Any, Any]):
    """Parts by key. One that is not here is looked for in the store when it is asked for (`in`).

    So what was stopped goes on where it stood, after a restart and on another server, too. A key
    that cannot name a call (see `pages.ui.jobs.key`) names its part here alone.
    """

    def __init__(
        self,
        keeper: Keeper,
        kind: str,
        name: str,
        *,
        source: str,
        owner: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """kind: of the work, such as the name of the job. name: of the whole, which no other whole
        of the kind has. source: the fingerprint of the data. owner: on whose account they are.
        """
        super().__init__()
        self._clock, self._begun = clock, clock()
        self._unwritten = dict[Any, Any]()
        self._keeper, self._kind, self._name = keeper, kind, name
        self._source, self._owner = source, owner
        self._missing = set[Any]()

    def __contains__(self, key: object) -> bool:
        """Whether the part is there, which it is from then on."""
        if super().__contains__(key):
            return True
        if key in self._missing:
            return False
        found = self._found(key)
        if found is None:
            self._missing.add(key)
            return False
        super().__setitem__(key, found[0])
        return True

    def __setitem__(self, key: Any, value: Any) -> None:
        """Keep a part, which is written in the background once the whole has taken long enough."""
        super().__setitem__(key, value)
        self._unwritten[key] = value
        if self._clock() - self._begun >= WORTH_KEEPING:
            unwritten, self._unwritten = self._unwritten, {}
            for each, part in unwritten.items():
                self._write(each, part)

    def _write(self, key: Any, value: Any) -> None:
        named = self._named(key)
        try:
            if named is not None:
                self._keeper.put(named, value, self._owner, 0.0)
        except Exception:
            LOGGER.exception("a part of %s could not be kept", self._kind)

    def _found(self, key: Any) -> tuple[Any, float] | None:
        named = self._named(key)
        try:
            return None if named is None else self._keeper.get(named)
        except Exception:
            LOGGER.exception("a part of %s could not be read", self._kind)
            return None

    def _named(self, key: Any) -> Key | None:
        try:
            name = fingerprint((self._name, key))
        except TypeError:
            return None
        note_source(name, self._source)
        return f"{self._kind}.part", name
