"""Writes what has changed in workspaces, in the background, each workspace in the order of changes.

A record has the small values in its state, as JSON; arrays, tables and data are contents of the
store, held by their digests:

    state     {"choice": {...}, "page": "map", "slots": {"trails": {...}}}
    holdings  {"<key of an upload>": digest, "slot:kept_curves": digest}

So a file that is damaged takes one part with it, and the rest opens.
"""

import atexit
import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.data import EmbeddingSet
from core.errors import ConflictError, CoreError, NotHereError
from core.index import HnswGraph
from core.store import Store

LOGGER = logging.getLogger("nearfield")
SLOT = "slot:"  # before the name of a slot, among the holdings
FILE = "file:"  # before the key of the file that a server was started with
WRITERS = 2  # so that a large upload does not hold up another's click
TRIES = 20  # of a change while another session changes the same workspace
AT_THE_END = 20.0  # seconds that the end of the server waits for what is not written yet
GONE = "This workspace was deleted. What you see is in this session alone."


@dataclass(frozen=True, eq=False)
class Change:
    """What a run changed. plain, parts: values of slots, by name, in the state and as contents;
    what is in neither stays. emptied: slots that hold nothing any more. view: the choice and the
    page. contents: data and indexes by key. keys: all that the workspace holds from now on.
    """

    view: Mapping[str, Any]
    keys: tuple[str, ...]
    plain: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, Any] = field(default_factory=dict)
    emptied: frozenset[str] = frozenset()
    contents: Mapping[str, EmbeddingSet | HnswGraph] = field(default_factory=dict)

    def then(self, later: "Change") -> "Change":
        """This change and a later one as one."""
        told = later.plain.keys() | later.parts.keys() | later.emptied
        return Change(
            later.view,
            later.keys,
            {name: value for name, value in self.plain.items() if name not in told}
            | dict(later.plain),
            {name: value for name, value in self.parts.items() if name not in told}
            | dict(later.parts),
            (self.emptied - told) | later.emptied,
            {**self.contents, **later.contents},
        )


def state_after(state: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """The state of a record after a change."""
    slots = {
        name: value
        for name, value in state.get("slots", {}).items()
        if name not in change.emptied and name not in change.parts
    }
    return {**state, **change.view, "slots": {**slots, **change.plain}}


def holdings_after(
    holdings: Mapping[str, str], change: Change, digests: Mapping[str, str]
) -> dict[str, str]:
    """The holdings of a record after a change. digests: of its contents and parts, as held."""
    left = {f"{SLOT}{name}" for name in (*change.emptied, *change.plain)}
    kept = {
        name: digest
        for name, digest in holdings.items()
        if name not in left and (name.startswith(SLOT) or name in change.keys)
    }
    return {**kept, **digests}


class Saver:
    """Writes to one store; inline: at once, in the thread that asks."""

    def __init__(self, store: Store, *, inline: bool = False) -> None:
        self._store, self._inline = store, inline
        self._waiting: OrderedDict[str, Change] = OrderedDict()
        self._busy: set[str] = set()
        self._failed: dict[str, str] = {}
        self._left: dict[str, Change] = {}
        self._owners: dict[str, str] = {}
        self._turn = threading.Condition()
        if not inline:
            for number in range(WRITERS):
                threading.Thread(target=self._work, name=f"saver-{number}", daemon=True).start()
            atexit.register(self.wait, AT_THE_END)

    def submit(self, token: str, owner: str, change: Change) -> None:
        """Write a change to the workspace of this token and owner; returns at once.

        What could not be written before is tried again with it.
        """
        with self._turn:
            earlier = self._waiting.get(token, self._left.pop(token, None))
            self._waiting[token] = change if earlier is None else earlier.then(change)
            self._owners[token] = owner
            self._turn.notify_all()
        if self._inline:
            self._write(token, self._waiting.pop(token))

    def is_writing(self, token: str) -> bool:
        """Whether changes of this workspace are not in the store yet."""
        with self._turn:
            return token in self._waiting or token in self._busy

    def problem(self, token: str) -> str:
        """Why the last change could not be written; "" where it could."""
        return self._failed.get(token, "")

    def wait(self, seconds: float) -> bool:
        """Wait until everything is written; tell whether it is."""
        with self._turn:
            return self._turn.wait_for(lambda: not self._waiting and not self._busy, seconds)

    def _work(self) -> None:
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._next() is not None)
                token = self._next()
                assert token is not None
                change = self._waiting.pop(token)
                self._busy.add(token)
            try:
                self._write(token, change)
            finally:
                with self._turn:
                    self._busy.discard(token)
                    self._turn.notify_all()

    def _next(self) -> str | None:
        return next((token for token in self._waiting if token not in self._busy), None)

    def _write(self, token: str, change: Change) -> None:
        try:
            self._save(token, change)
        except NotHereError:
            self._failed[token] = GONE
        except CoreError as error:
            LOGGER.warning("A workspace was not saved: %s", type(error).__name__)
            self._leave(token, change, f"The last change was not saved. {error}")
        except Exception:
            LOGGER.exception("a workspace was not saved")
            self._leave(token, change, "The last change was not saved; the server's log says why.")
        else:
            self._failed.pop(token, None)

    def _leave(self, token: str, change: Change, why: str) -> None:
        self._failed[token], self._left[token] = why, change

    def _save(self, token: str, change: Change) -> None:
        owner = self._owners[token]
        record = self._store.read(token, owner)
        digests = {f"{SLOT}{name}": self._store.put(value) for name, value in change.parts.items()}
        new = (key for key in change.keys if key in change.contents and key not in record.holdings)
        digests |= {key: self._store.put(change.contents[key]) for key in new}
        for _ in range(TRIES):
            held = holdings_after(record.holdings, change, digests)
            after = replace(record, state=state_after(record.state, change), holdings=held)
            try:
                self._store.save(after, owner)
            except ConflictError:
                record = self._store.read(token, owner)
            else:
                return
        raise ConflictError(f"{record.title!r} is being changed in many windows at once.")
