"""Products of matrices on one thread, where other work takes the cores."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock, Thread
from typing import Any


class _OneThread:
    """Keeps BLAS on one thread while any caller needs it; the setting is the whole process's.

    From its release 3.7 on threadpoolctl hears but the first thread that sets anything, as long as
    that one lives. So each setting comes from a thread of its own, which then ends.
    """

    def __init__(self) -> None:
        self.lock, self.users, self.limiter = Lock(), 0, None

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _enter(self) -> None:
        with self.lock:
            if self.users == 0:
                _from_a_thread(self._limit)
            self.users += 1

    def _leave(self) -> None:
        with self.lock:
            self.users -= 1
            if self.users == 0 and self.limiter is not None:
                _from_a_thread(self.limiter.restore_original_limits)

    def _limit(self) -> None:
        self.limiter = _blas(len(sys.modules)).limit(limits=1, user_api="blas")


def _from_a_thread(setting: Callable[[], None]) -> None:
    thread = Thread(target=setting)
    thread.start()
    thread.join()


@lru_cache(1)
def _blas(_modules: int) -> Any:
    """Every BLAS that is loaded; looked for again where modules were imported since."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


one_blas_thread = _OneThread()
