"""Quick results kept between reruns and shared by all sessions.

For work of up to about 300 ms; what takes longer is a job. Calls are named as jobs are (see `key`).
Every cache is bounded, and a page never changes a value that it got from one.
"""

import inspect
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from core.limits import CACHE_ENTRIES
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
            result: T = store.get(key, lambda: function(*values))  # type: ignore[call-arg]
            return result

        return call

    return keep


class _Store:
    """Results by key. Who asks for one that another thread works out waits for it."""

    def __init__(self, entries: int) -> None:
        self._results: OrderedDict[Key, Any] = OrderedDict()
        self._entries, self._lock = entries, threading.Lock()
        self._turns: dict[Key, threading.Lock] = {}

    def get(self, key: Key, make: Callable[[], Any]) -> Any:
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:
            with self._lock:
                if key in self._results:
                    return self._results[key]
            try:
                result = make()
            finally:
                with self._lock:
                    self._turns.pop(key, None)
            with self._lock:
                self._results[key] = result
                while len(self._results) > self._entries:
                    self._results.popitem(last=False)
        return result
