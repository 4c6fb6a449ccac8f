"""Keeps collections of Python's garbage short and rare, for they hold up every thread.

Streamlit collects in full after every run of a script, also after that of a fragment that looks at
a job, unless `runner.postScriptGC` is off, as it is in .streamlit/config.toml. With numba, plotly
and pandas loaded this goes through a quarter of a million objects, for 0.1 to 0.3 s in which no
other thread runs Python: a page that waits for a build holds up everybody's. So it is done here, in
a thread of its own, once a second at most, and where something was made since.

What survives a slow collection is mostly modules, classes, compiled code and the state of sessions.
`gc.freeze` takes it out of all later ones. Objects in it are still freed when nothing refers to
them, but not circles of them, such as a session that has ended leaves behind: so it is all gone
through again once in a while, and soon where this process has grown. What was freed then goes back
to the system, which the C library would keep for later.
"""

import ctypes
import gc
import os
import sys
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

EVERY = 1.0  # seconds between two full collections
SLOW = 0.02  # CPU seconds of a full collection from which what survived it is spared
THOROUGH = 300.0  # seconds after which what was spared is gone through
GROWN = 200_000_000  # bytes by which this process grows until what was spared is gone through
AGAIN = 20.0  # seconds between two of these, at least
_FULL = 2  # the generation that a full collection is of


class Sparing:
    """Collects what nothing refers to, and spares what survived a slow collection.

    seconds: of CPU of the last full collection. young: collections of what was made since.
    resident: gives the bytes that this process has in memory.
    """

    def __init__(self, resident: Callable[[], int] = lambda: resident_bytes()) -> None:
        self.seconds, self.times, self.young = 0.0, 0, 0
        self._started = self._thorough = self._again = 0.0
        self._resident, self._before = resident, resident()

    def note(self, phase: str, info: dict[str, Any]) -> None:
        """Take the time of a collection; one of `gc.callbacks`."""
        if info["generation"] != _FULL:
            self.young += phase == "stop"
        elif phase == "start":
            self._started = time.thread_time()
        else:
            self.seconds, self.young = time.thread_time() - self._started, 0

    def tend(self, now: float) -> None:
        """Collect in full where something was made since; now: as for `spare`."""
        if self.young:
            gc.collect()
            self.spare(now)
        held = self._resident()
        self._before = min(self._before, held)
        if now >= self._again and held >= self._before + GROWN:
            self._thorough = now
            self.spare(now)
            give_back()
            self._again, self._before = now + AGAIN, self._resident()

    def spare(self, now: float) -> bool:
        """Take what there is out of later collections, if the last one was slow; tell whether.

        now: seconds of a clock that never goes back.
        """
        if self.times > 0 and now >= self._thorough:
            gc.unfreeze()
            gc.collect()
            self.times = 0
        elif self.seconds < SLOW:
            return False
        self.times += 1
        if self.times == 1:
            self._thorough = now + THOROUGH
        gc.freeze()
        self.seconds = 0.0
        return True


def resident_bytes() -> int:
    """Bytes of this process in memory; 0 where the system does not say it (not Linux)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def give_back() -> None:
    """Hand freed memory back to the system, where the C library can (glibc: malloc_trim(3))."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)


_sparing = Sparing()


@cache
def keep_short() -> None:
    """Tend to the garbage of this process from now on."""
    gc.callbacks.append(_sparing.note)
    threading.Thread(target=_tend_on, name="garbage", daemon=True).start()


def _tend_on() -> None:
    while True:
        time.sleep(EVERY)
        _sparing.tend(time.monotonic())
