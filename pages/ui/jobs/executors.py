"""Where a job's function runs: daemon threads of this process, or a process of its own.

`DaemonExecutor` follows `concurrent.futures.Executor`, so that another executor (a distributed
one) can take its place. Unlike the standard pool it never holds up the end of the server.
"""

import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, Protocol

from core.errors import CoreError

ROOT = Path(__file__).resolve().parents[3]


class Progress(Protocol):
    """What a job's function calls to say how far it is; it raises `Stopped` once nobody waits.

    partial: the result as far as it has come, frozen as a result is, for pages that draw it (see
    `JobKind.partial`). It takes the place of the one before and may travel between processes, so
    give one a second at most.
    """

    def __call__(self, fraction: float, message: str = "", partial: Any = None) -> None: ...


class Stopped(BaseException):
    """Raised by `progress` inside a job that was stopped; jobs let it pass."""


class ProcessEndedError(CoreError):
    """The process of a job ended without an answer."""


class DaemonExecutor(Executor):
    """A pool of `threads` daemon threads, first come, first served."""

    def __init__(self, threads: int, name: str) -> None:
        self._tasks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        for index in range(threads):
            threading.Thread(target=self._work, name=f"{name}-{index}", daemon=True).start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue `fn(*args, **kwargs)` and return its future."""
        future: Future[Any] = Future()
        self._tasks.put(lambda: _fulfill(future, fn, args, kwargs))
        return future

    def _work(self) -> None:
        while True:
            self._tasks.get()()


class InlineExecutor(Executor):
    """Runs each task at once, in the thread that submits it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `fn(*args, **kwargs)` and return its finished future."""
        future: Future[Any] = Future()
        _fulfill(future, fn, args, kwargs)
        return future


def _fulfill(future: Future[Any], function: Callable[..., Any], args: Any, kwargs: Any) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(function(*args, **kwargs))
    except BaseException as error:
        future.set_exception(error)


def run_in_process(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    progress: Progress,
    on_start: Callable[[Callable[[], None]], None],
) -> Any:
    """Call `function(*args, progress=...)` in a process of its own and return its result.

    `function` is a module's own (it travels by name), arguments and result can be pickled.
    `on_start` gets a callable which kills the process; `progress` then has to raise.
    """
    command = [sys.executable, "-m", "pages.ui.jobs.worker"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        on_start(process.kill)
        try:
            pickle.dump((function, args), process.stdin, protocol=5)
            process.stdin.flush()
            while True:
                kind, value = pickle.load(process.stdout)
                if kind == "progress":
                    progress(*value)
                elif kind == "error":
                    raise value
                else:
                    return value
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
            progress(1.0)  # raises, if the process was killed on purpose
            raise ProcessEndedError(
                "The process of this job ended by itself, most likely because memory ran out. "
                "Use fewer rows or cheaper settings."
            ) from error
        finally:
            process.kill()
