"""Worker processes for heavy jobs: prepared before they are needed, and used again.

A worker has imported what the jobs need, runs at a low priority and with its share of the cores,
and takes one call after another. One that was stopped is ended, and another is prepared in its
place.
"""

import atexit
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import CoreError
from core.limits import default_threads
from pages.ui.jobs import frames
from pages.ui.jobs.executors import Progress
from pages.ui.jobs.parcels import Shared

ROOT = Path(__file__).resolve().parents[3]
THREADS_OF = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
prepared_modules: set[str] = set()  # imported by each worker at its start


class ProcessEndedError(CoreError):
    """The process of a job ended without an answer."""


class Workers:
    """Processes for calls, at most `most` of which are kept, or prepared for a call to come."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._shared: Shared | None = None
        self._is_closed = False

    def prepare(self) -> None:
        """Start a worker that imports what calls need, unless one waits or all are at work."""
        with self._lock:
            if not self._idle and len(self._busy) < self._most and not self._is_closed:
                self._idle.append(self._start())

    def run(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        progress: Progress,
        on_start: Callable[[Callable[[], None]], None],
    ) -> Any:
        """Call `function(*args, progress=...)` in a worker and return its result.

        `function` is a module's own (it travels by name), arguments and result can be pickled.
        `on_start` gets a callable which kills the process while it is at this call; `progress` then
        has to raise.
        """
        worker = self._take()
        try:
            self.prepare()
            on_start(worker.kill)
            return worker.call(function, args, progress)
        finally:
            on_start(lambda: None)
            self._give_back(worker)

    def close(self) -> None:
        """End all processes; no other is started."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
            busy = list(self._busy)
        for worker in busy:  # the thread that has called it does the rest
            worker.kill()
        for worker in idle:
            worker.end()
        if self._shared is not None:
            shutil.rmtree(self._shared.folder, ignore_errors=True)

    def _take(self) -> "_Worker":
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.is_alive:
                    break
                worker.end()
            else:
                worker = self._start()
            self._busy.add(worker)
            return worker

    def _give_back(self, worker: "_Worker") -> None:
        with self._lock:
            self._busy.discard(worker)
            is_kept = worker.is_free and not self._is_closed
            if is_kept and len(self._idle) + len(self._busy) < self._most:
                self._idle.append(worker)
                return
        worker.end()
        self.prepare()

    def _start(self) -> "_Worker":
        if self._shared is None:
            folder = Path(tempfile.mkdtemp(prefix="nearfield-jobs-"))
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            self._shared = Shared(folder)
        return _Worker(self._shared, threads=max(1, default_threads() // self._most))


class _Worker:
    """One process, and the call that it is at."""

    def __init__(self, shared: Shared, *, threads: int) -> None:
        self._shared = shared
        command = [sys.executable, "-m", "pages.ui.jobs.worker", str(shared.folder)]
        self._process = subprocess.Popen(
            [*command, *sorted(prepared_modules)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | dict.fromkeys(THREADS_OF, str(threads)),
        )
        self.is_free = True
        self.end = weakref.finalize(self, _end, self._process)  # also where it is forgotten

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], progress: Progress) -> Any:
        self.is_free = False
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            frames.send(self._process.stdin, self._shared.pack((function, args)))
            while True:
                kind, value = self._shared.unpack(frames.receive(self._process.stdout))
                if kind == "progress":
                    progress(*value)
                    continue
                self.is_free = True
                if kind == "error":
                    raise value
                return value
        except (EOFError, OSError) as error:
            if self.is_free:  # an error of the function itself
                raise
            progress(1.0)  # raises, if the process was killed on purpose
            raise ProcessEndedError(
                "The process of this job ended by itself, most likely because memory ran out. "
                "Use fewer rows or cheaper settings."
            ) from error
        finally:
            if not self.is_free:
                self.end()


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill the process and wait for its end."""
    process.kill()
    with contextlib.suppress(OSError, ValueError):
        process.communicate()
