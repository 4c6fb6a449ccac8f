"""Quick results kept between reruns and shared by all sessions.

For work of up to about 300 ms; what takes longer is a job. Calls are named as jobs are (see `key`).
Every cache is bounded, and a page never changes a value that it got from one. All of them, and the
results of jobs, share one bound in bytes (see `kept`).
"""

import inspect
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from core.limits import CACHE_ENTRIES
from pages.ui.jobs.asker import asker
from pages.ui.jobs.kept import Ledger, ledger
from pages.ui.jobs.key import Key, key_of

P = ParamSpec("P")
T = TypeVar("T")


def cached(function: Callable[P, T]) -> Callable[P, T]:
    """Keep the results of a function, the least recently asked for leaving first."""
    return keeping(CACHE_ENTRIES.value)(function)


def keeping(entries: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """`cached` for a stated number of results."""

    def keep(function: Callable[P, T]) -> Callable[P, T]:
        signature, store = inspect.signature(function), _Store(entries)

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            key, values = key_of(function, signature, args, kwargs)
            made: Callable[[], T] = lambda: function(*values)  # type: ignore[call-arg]  # noqa: E731
            result: T = store.get(key, made, values)
            return result

        return call

    return keep


class _Store:
    """Results by key. Who asks for one that another thread works out waits for it."""

    def __init__(self, entries: int, ledger: Ledger = ledger) -> None:
        self._results: OrderedDict[Key, Any] = OrderedDict()
        self._entries, self._lock, self._ledger = entries, threading.Lock(), ledger
        self._turns: dict[Key, threading.Lock] = {}

    def get(self, key: Key, make: Callable[[], Any], made_of: tuple[Any, ...]) -> Any:
        with self._lock:
            known = key in self._results
            if known:
                self._results.move_to_end(key)
                result = self._results[key]
            else:
                turn = self._turns.setdefault(key, threading.Lock())
        if known:
            self._ledger.use((id(self), key), asker())
            return result
        with turn:
            with self._lock:
                if key in self._results:
                    return self._results[key]
            try:
                result = make()
            finally:
                with self._lock:
                    self._turns.pop(key, None)
            self._keep(key, result, made_of)
        return result

    def _keep(self, key: Key, result: Any, made_of: tuple[Any, ...]) -> None:
        oldest = list[Key]()
        with self._lock:
            self._results[key] = result
            while len(self._results) > self._entries:
                oldest.append(self._results.popitem(last=False)[0])
        for each in oldest:
            self._ledger.drop((id(self), each))
        if key not in oldest:
            place, leave = (id(self), key), lambda: self._let_go(key)
            self._ledger.keep(place, result, made_of=made_of, owner=asker(), leave=leave)

    def _let_go(self, key: Key) -> None:
        with self._lock:
            self._results.pop(key, None)
