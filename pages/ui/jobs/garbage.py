"""Keeps Python's garbage collector from going through what never dies, again and again.

Streamlit collects in full after every run of a script, also after that of a fragment that looks at
a job (`gc.collect(2)` in streamlit/runtime/scriptrunner/script_runner.py). With numba, plotly and
pandas loaded this goes through a quarter of a million objects, for 0.1 to 0.3 s in which no other
thread runs Python: a build that reports its progress stands still, and so do sliders. What
survives a slow collection is mostly modules, classes and compiled code. `gc.freeze` takes it out of
all later ones. Objects in it are still freed when nothing refers to them; only circles of them
would stay, so it is done a few times at most.
"""

import gc
import time
from typing import Any

SLOW = 0.04  # seconds of a full collection from which what survived it is spared
AT_MOST = 12  # times in the life of a server
_FULL = 2  # the generation that a full collection is of


class Sparing:
    """Notes how long full collections take, and spares what survived a slow one."""

    def __init__(self) -> None:
        self.seconds, self.times = 0.0, 0
        self._started = 0.0

    def note(self, phase: str, info: dict[str, Any]) -> None:
        """Take the time of a collection; one of `gc.callbacks`."""
        if info["generation"] != _FULL:
            return
        if phase == "start":
            self._started = time.perf_counter()
        else:
            self.seconds = time.perf_counter() - self._started

    def spare(self) -> bool:
        """Take what there is out of later collections, if the last one was slow; tell whether."""
        if self.seconds < SLOW or self.times >= AT_MOST:
            return False
        self.seconds, self.times = 0.0, self.times + 1
        gc.freeze()
        return True


_sparing = Sparing()


def spare() -> None:
    """Spare what survived the last full collection, if that was slow; at the start of a run."""
    if _sparing.note not in gc.callbacks:
        gc.callbacks.append(_sparing.note)
    _sparing.spare()
