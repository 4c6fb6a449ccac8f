"""Products of matrices on one thread, where other work takes the cores."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any


class _OneThread:
    """Keeps BLAS on one thread while any caller needs it; the setting is the whole process's."""

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
                _take_control()
                self.limiter = _blas().limit(limits=1, user_api="blas")
            self.users += 1

    def _leave(self) -> None:
        with self.lock:
            self.users -= 1
            if self.users == 0 and self.limiter is not None:
                _take_control()
                self.limiter.restore_original_limits()


def _take_control() -> None:
    """Let this thread set the number, whichever thread has set it before.

    threadpoolctl from 3.8 on heeds one thread of a process alone, as long as that thread lives, which
    a thread of jobs always does.
    """
    from threadpoolctl import OpenBLASController

    clear = getattr(OpenBLASController, "clear_controlling_thread", None)
    if clear is not None:
        clear(force=True)


@cache
def _blas() -> Any:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


one_blas_thread = _OneThread()
