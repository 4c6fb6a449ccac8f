"""Keeps Python's garbage collector from going through what never dies, again and again.

Streamlit collects in full after every run of a script, also after that of a fragment that looks at
a job (`gc.collect(2)` in streamlit/runtime/scriptrunner/script_runner.py). With numba, plotly and
pandas loaded this goes through a quarter of a million objects, for 0.1 to 0.3 s in which no other
thread runs Python: a build that reports its progress stands still, and so do sliders. What
survives a slow collection is mostly modules, classes, compiled code and the state of sessions.
`gc.freeze` takes it out of all later ones. Objects in it are still freed when nothing refers to
them, but not circles of them, such as a session that has ended leaves behind: so it is all gone
through again once in a while.
"""

import gc
import time
from typing import Any

SLOW = 0.02  # CPU seconds of a full collection from which what survived it is spared
THOROUGH = 300.0  # seconds after which what was spared is gone through
_FULL = 2  # the generation that a full collection is of


class Sparing:
    """Notes how long full collections take, and spares what survived a slow one."""

    def __init__(self) -> None:
        self.seconds, self.times = 0.0, 0
        self._started = self._thorough = 0.0

    def note(self, phase: str, info: dict[str, Any]) -> None:
        """Take the time of a collection; one of `gc.callbacks`."""
        if info["generation"] != _FULL:
            return
        if phase == "start":
            self._started = time.thread_time()
        else:
            self.seconds = time.thread_time() - self._started

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


_sparing = Sparing()


def spare() -> None:
    """Spare what survived the last full collection, if that was slow; at the start of a run."""
    if _sparing.note not in gc.callbacks:
        gc.callbacks.append(_sparing.note)
    _sparing.spare(time.monotonic())
