"""The job runner that all sessions share; it knows nothing of Streamlit.

Asking twice for the same key gives the same job. Results are kept, the least recently asked for
leave first. A job that was stopped or failed is forgotten at the next `restart`.
"""

import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args

from core.errors import CoreError
from pages.ui.jobs.executors import (
    DaemonExecutor,
    InlineExecutor,
    Progress,
    Stopped,
    run_in_process,
)
from pages.ui.jobs.key import Key

LOGGER = logging.getLogger("nearfield")
State = Literal["queued", "running", "done", "failed", "stopped"]
Lane = Literal["thread", "quick", "long", "process"]
QUICK_THREADS = 2
PARTIALS_KEPT = 8  # of stopped jobs
FORGOTTEN_AFTER = 10.0  # seconds without a look at a job until its visitor counts as gone
WORTH_KEEPING = 2.0  # seconds of a job from which its result goes to the keeper
LOCAL = "local"  # the owner of what is asked for without one


class Keeper(Protocol):
    """Where results outlive this process; asked from the thread that would run the job.

    It may raise anything: the job is then run, or its result not kept, and the log says so.
    """

    def get(self, key: Key) -> tuple[Any, float] | None:
        """The result of the job of this key and its seconds; None where it is not kept."""

    def put(self, key: Key, value: Any, owner: str, seconds: float) -> None:
        """Keep a result that took `seconds`, on the account of the one who asked for it."""


class OutOfTimeError(CoreError):
    """A job ran longer than this server allows."""


@dataclass(eq=False)
class Job:
    """One piece of work in the background; read its fields, stop it through the runner.

    owner: who asked for it first. partial: its result as far as it has come, None where it has
    told none or has ended; partials: how many it has told.
    """

    key: Key
    label: str
    seconds_allowed: float
    owner: str = LOCAL
    fraction: float = 0.0
    message: str = ""
    future: "Future[Any]" = field(default_factory=Future)
    clock: Callable[[], float] = time.monotonic
    created: float = field(init=False)
    started: float | None = None
    ended: float | None = None
    reference: str = ""
    watchers: dict[str, float] = field(default_factory=dict)
    partial: Any = None
    partials: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _kill: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.created = self.clock()

    @property
    def state(self) -> State:
        """Where the job stands."""
        if self.ended is None:
            if self._stop.is_set():
                return "stopped"
            return "queued" if self.started is None else "running"
        error = self.future.exception()
        if error is None:
            return "done"
        return "stopped" if isinstance(error, Stopped) else "failed"

    @property
    def result(self) -> Any:
        """What the function returned; raises its error if it failed."""
        return self.future.result(timeout=0)

    @property
    def error(self) -> BaseException | None:
        """What the function raised, once it has ended."""
        return None if self.ended is None else self.future.exception(timeout=0)

    @property
    def elapsed(self) -> float:
        """Seconds since the start, or from start to end."""
        if self.started is None:
            return 0.0
        return (self.clock() if self.ended is None else self.ended) - self.started

    @property
    def age(self) -> float:
        """Seconds since the job was asked for first."""
        return self.clock() - self.created

    def wait(self, seconds: float) -> bool:
        """Wait up to `seconds` for the end; tell whether it has come."""
        deadline = time.monotonic() + seconds
        while self.ended is None and time.monotonic() < deadline:
            time.sleep(0.005)
        return self.ended is not None

    def stop(self) -> None:
        """Stop for everybody: at the function's next call of `progress`, or its process at once."""
        self._stop.set()
        self.kill()

    def kill(self) -> None:
        """End the process that the job runs in, if it has one."""
        self._kill()

    def report(self, fraction: float, message: str = "", partial: Any = None) -> None:
        """The `progress` that the function gets."""
        if self._stop.is_set():
            raise Stopped
        if self.elapsed > self.seconds_allowed:
            raise OutOfTimeError(
                f"{self.label} took longer than the {self.seconds_allowed:,.0f} s this server "
                "allows. Use fewer rows or cheaper settings."
            )
        self.fraction, self.message = min(max(fraction, 0.0), 1.0), message
        if partial is not None:
            self.partial, self.partials = partial, self.partials + 1

    def set_kill(self, kill: Callable[[], None]) -> None:
        """Remember how to end the process that the job runs in."""
        self._kill = kill
        if self._stop.is_set():
            kill()


class Runner:
    """Runs jobs in four lanes and keeps the last `keep` results.

    threads, processes: of the lanes "thread" and "process"; "quick" has two threads, "long" one.
    seconds: that a job may take, by `clock`; a process that never speaks is ended by the real one.
    results: is asked before a job runs, and gets the results that took `WORTH_KEEPING` or longer.
    """

    def __init__(
        self,
        *,
        threads: int = 2,
        processes: int = 1,
        keep: int = 48,
        seconds: float = 1800.0,
        inline: bool = False,
        clock: Callable[[], float] = time.monotonic,
        results: Keeper | None = None,
    ) -> None:
        self._inline, self._results = inline, results
        self._lanes: dict[Lane, Executor] = (
            {lane: InlineExecutor() for lane in get_args(Lane)}
            if inline
            else {
                "thread": DaemonExecutor(threads, "job"),
                "quick": DaemonExecutor(QUICK_THREADS, "job-quick"),
                "long": DaemonExecutor(1, "job-long"),
                "process": DaemonExecutor(processes, "job-process"),
            }
        )
        self._jobs: OrderedDict[Key, Job] = OrderedDict()
        self._left: OrderedDict[Key, Any] = OrderedDict()
        self._keep, self._seconds, self._clock = keep, seconds, clock
        self._lock = threading.Lock()

    def submit(
        self,
        key: Key,
        label: str,
        function: Callable[..., Any],
        *args: Any,
        lane: Lane = "thread",
        owner: str = LOCAL,
    ) -> Job:
        """The job of this key: the one that exists, or a new one of `function(*args, progress=)`.

        key: names the work and everything it depends on. "thread" is for code that releases the
        GIL; "quick" for such code of well under a second, so that what a click asks for never
        waits behind a build; "long" for such code that takes minutes and refines what is shown
        already, so that nobody's page waits behind it; "process" for code that holds the GIL (its
        function, arguments and result are pickled).
        """
        with self._lock:
            if key in self._jobs:
                self._jobs.move_to_end(key)
                return self._jobs[key]
            job = self._jobs[key] = Job(key, label, self._seconds, owner, clock=self._clock)
            self._drop_oldest()
        self._lanes[lane].submit(self._run, job, function, args, lane)
        return job

    def jobs(self) -> list[Job]:
        """All that are known, of everybody."""
        with self._lock:
            return list(self._jobs.values())

    def get(self, key: Key) -> Job | None:
        """The job of this key, if it is known."""
        return self._jobs.get(key)

    def partial(self, key: Key) -> Any:
        """The result of a job as far as it has come, also once it was stopped; None without one."""
        job = self._jobs.get(key)
        told = None if job is None else job.partial
        return self._left.get(key) if told is None else told

    def forget(self, key: Key) -> None:
        """Forget an ended or stopped job, so that the next `submit` starts it afresh."""
        with self._lock:
            self._jobs.pop(key, None)

    def watch(self, job: Job, visitor: str) -> None:
        """Note that `visitor` waits for the job."""
        job.watchers[visitor] = self._clock()

    def leave(self, key: Key, visitor: str) -> None:
        """`visitor` no longer waits: the job is stopped unless somebody else does."""
        job = self.get(key)
        if job is None or job.ended is not None:
            return
        job.watchers.pop(visitor, None)
        alive = self._clock() - FORGOTTEN_AFTER
        if not any(seen > alive for seen in list(job.watchers.values())):
            job.stop()
            self._keep_partial(job)
            self.forget(key)

    def _keep_partial(self, job: Job) -> None:
        """What a stopped job had told stays, that of the last few."""
        if job.partial is None:
            return
        with self._lock:
            self._left[job.key] = job.partial
            self._left.move_to_end(job.key)
            while len(self._left) > PARTIALS_KEPT:
                self._left.popitem(last=False)

    def _drop_oldest(self) -> None:
        ended = [key for key, job in self._jobs.items() if job.ended is not None]
        for key in ended[: max(0, len(self._jobs) - self._keep)]:
            del self._jobs[key]

    def _run(
        self, job: Job, function: Callable[..., Any], args: tuple[Any, ...], lane: Lane
    ) -> None:
        job.started = self._clock()
        try:
            job.report(0.0)
            job.future.set_result(self._result(job, function, args, lane))
        except BaseException as error:
            if not isinstance(error, CoreError | Stopped):
                job.reference = secrets.token_hex(4)
                LOGGER.exception("job %r failed, reference %s", job.label, job.reference)
            job.future.set_exception(error)
        if job.future.exception() is None:
            job.partial = None
            with self._lock:
                self._left.pop(job.key, None)
        job.ended = self._clock()

    def _result(
        self, job: Job, function: Callable[..., Any], args: tuple[Any, ...], lane: Lane
    ) -> Any:
        """What the keeper has of the job, or what the function returns."""
        kept = self._kept(job)
        if kept is not None:
            result, seconds = kept
            job.started = self._clock() - seconds  # what it took, whoever it was that waited
            return result
        result = self._call(job, function, args, lane)
        if self._results is not None and job.elapsed >= WORTH_KEEPING:
            try:
                self._results.put(job.key, result, job.owner, job.elapsed)
            except Exception:
                LOGGER.exception("the result of %r could not be kept", job.label)
        return result

    def _kept(self, job: Job) -> tuple[Any, float] | None:
        try:
            return None if self._results is None else self._results.get(job.key)
        except Exception:
            LOGGER.exception("the kept result of %r could not be read", job.label)
            return None

    def _call(
        self, job: Job, function: Callable[..., Any], args: tuple[Any, ...], lane: Lane
    ) -> Any:
        progress: Progress = job.report
        if lane != "process" or self._inline:
            return function(*args, progress=progress)
        timer = threading.Timer(job.seconds_allowed, job.kill)
        timer.daemon = True
        timer.start()
        try:
            return run_in_process(function, args, progress, job.set_kill)
        finally:
            timer.cancel()
