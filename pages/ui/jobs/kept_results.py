"""Results of jobs in the store: what one has computed, nobody waits for again.

By the key that they have in memory, and what this release is made of: another release may compute
another thing. A result that comes from no data that is known is not kept, for it could not go with
the data; nor is a job that gives nothing, or that measures this machine.
"""

import hashlib
import logging
import queue
import threading
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import StoreError
from core.index import HnswGraph
from core.store import Store
from pages.ui.jobs import key as keys
from pages.ui.jobs.key import Key
from pages.ui.session import stores

LOGGER = logging.getLogger("nearfield")
ROOT = Path(__file__).resolve().parents[3]
MEASURED = ("core", "pages")
TIMED = ("pages.ui.results.tradeoffs._latency",)  # of searches, on this machine
WAITING = 16  # results that wait to be written; more are not kept


@cache
def release() -> str:
    """16 hex digits that name the code of this server."""
    digest = hashlib.blake2b(digest_size=8)
    for package in MEASURED:
        for path in sorted((ROOT / package).rglob("*.py")):
            digest.update(f"{path.relative_to(ROOT)}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


class KeptResults:
    """What the runner asks before it runs a job, and gets what took long; a `Keeper`.

    inline: whether a result is written before `put` returns.
    """

    def __init__(self, *, inline: bool = False) -> None:
        self._inline = inline
        self._refused: set[str] = set()
        self._queue: queue.Queue[tuple[Store, str, Any, str, str]] = queue.Queue(WAITING)
        if not inline:
            threading.Thread(target=self._work, name="results", daemon=True).start()

    def get(self, key: Key) -> tuple[Any, float] | None:
        """A result and the seconds that it took; None where it is not kept."""
        store = stores.store()
        kept = None if store is None else store.result(name_of(key))
        if kept is None:
            return None
        value, seconds = kept
        _note_graph(key, value)
        return value, seconds

    def put(self, key: Key, value: Any, owner: str, seconds: float) -> None:
        """Keep a result of known data, on the account of who asked for it; returns at once."""
        store, source = stores.store(), keys.source_of(key)
        is_kept = value is not None and source and key[0] not in (*TIMED, *self._refused)
        if store is None or not is_kept:
            return
        _note_graph(key, value)
        job = store, name_of(key), (value, seconds), owner, source
        if self._inline:
            self._write(*job)
            return
        try:
            self._queue.put_nowait(job)
        except queue.Full:
            LOGGER.warning("a result was not kept: many wait to be written")

    def wait(self) -> None:
        """Wait until all is written."""
        self._queue.join()

    def _work(self) -> None:
        while True:
            job = self._queue.get()
            try:
                self._write(*job)
            except Exception:
                LOGGER.exception("a result could not be kept")
            finally:
                self._queue.task_done()

    def _write(self, store: Store, name: str, value: Any, owner: str, source: str) -> None:
        try:
            store.keep_result(name, value, owner, source)
        except StoreError as error:
            self._refused.add(name.split(":")[1])
            LOGGER.info("results of %s are not kept: %s", name.split(":")[1], error)


def name_of(key: Key) -> str:
    """What a result is kept under."""
    return f"{release()}:{key[0]}:{key[1]}"


def _note_graph(key: Key, value: Any) -> None:
    """What is computed from a graph goes with the data of the graph."""
    if isinstance(value, HnswGraph):
        keys.note_source(value.fingerprint, keys.source_of(key))
