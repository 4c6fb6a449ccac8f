"""Threads of this process in which a job's function runs, or waits for its process.

`DaemonExecutor` follows `concurrent.futures.Executor`, so that another executor (a distributed
one) can take its place. Unlike the standard pool it never holds up the end of the server.
"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any, Protocol

ABANDONED = 4  # threads that were given up and still run, of each pool, at most


class Progress(Protocol):
    """What a job's function calls to say how far it is; it raises `Stopped` once nobody waits.

    partial: the result as far as it has come, frozen as a result is, for pages that draw it (see
    `JobKind.partial`). It takes the place of the one before and may travel between processes, so
    give one a second at most.
    """

    def __call__(self, fraction: float, message: str = "", partial: Any = None) -> None: ...


class Stopped(BaseException):
    """Raised by `progress` inside a job that was stopped; jobs let it pass."""


@dataclass(eq=False)
class _Task:
    """state: "waiting", "running", "abandoned" or "over"."""

    owner: str
    call: Callable[[], Any]
    future: Future[Any] = field(default_factory=Future)
    state: str = "waiting"


class DaemonExecutor(Executor):
    """A pool of `threads` daemon threads.

    The next task is the first of the owner who has the fewest running.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._name, self._started = name, 0
        self._tasks = list[_Task]()
        self._at_work = dict[Future[Any], _Task]()
        self._changed = threading.Condition()
        for _ in range(threads):
            self._start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue `fn(*args, **kwargs)` and return its future."""
        return self.submit_for("", fn, *args, **kwargs)

    def submit_for(
        self, owner: str, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        """The same on the account of an owner."""
        task = _Task(owner, lambda: fn(*args, **kwargs))
        with self._changed:
            self._tasks.append(task)
            self._changed.notify()
        return task.future

    def replace(self, future: Future[Any]) -> bool:
        """Go on without the thread that is at this task, which cannot be ended; whether that is.

        It ends after the task, and another takes its place now, unless too many were given up.
        """
        with self._changed:
            task = self._at_work.get(future)
            given_up = sum(each.state == "abandoned" for each in self._at_work.values())
            if task is None or task.state != "running" or given_up >= ABANDONED:
                return False
            task.state = "abandoned"
            self._start()
            return True

    def drop(self, future: Future[Any]) -> bool:
        """Take a task out of the queue; False where it has begun."""
        with self._changed:
            found = [task for task in self._tasks if task.future is future]
            for task in found:
                self._tasks.remove(task)
            return bool(found)

    def _start(self) -> None:
        self._started += 1
        name = f"{self._name}-{self._started}"
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while True:
            task = self._take()
            _fulfill(task.future, task.call)
            with self._changed:
                was_given_up, task.state = task.state == "abandoned", "over"
                del self._at_work[task.future]
            del task  # what it was called with is not held while the thread waits
            if was_given_up:
                return

    def _take(self) -> _Task:
        with self._changed:
            while not self._tasks:
                self._changed.wait()
            running = Counter(
                task.owner for task in self._at_work.values() if task.state == "running"
            )
            task = min(self._tasks, key=lambda each: running[each.owner])  # the first of equals
            self._tasks.remove(task)
            self._at_work[task.future], task.state = task, "running"
            return task


def _fulfill(future: Future[Any], call: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(call())
    except BaseException as error:
        future.set_exception(error)
