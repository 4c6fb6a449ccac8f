"""The job runner that all sessions share; it knows nothing of Streamlit.

Asking twice for the same key gives the same job. Results are kept within a bound in bytes (see
`kept`), the least recently asked for leave first. A job that was stopped or failed is forgotten at
the next `restart`. A job whose visitors have all gone ends, also before its turn.
"""

import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from core.errors import CoreError
from pages.ui.jobs.asker import on_account_of
from pages.ui.jobs.executors import DaemonExecutor, Progress, Stopped
from pages.ui.jobs.kept import Ledger
from pages.ui.jobs.key import Key
from pages.ui.jobs.processes import Workers
from pages.ui.session.access import LOCAL_OWNER

LOGGER = logging.getLogger("nearfield")
State = Literal["queued", "running", "done", "failed", "stopped"]
Lane = Literal["thread", "quick", "long", "process", "long process"]
PROCESSES: tuple[Lane, ...] = "process", "long process"
QUICK_THREADS = 2
PARTIALS_KEPT = 8  # of stopped jobs
FORGOTTEN_AFTER = 6.0  # seconds without a sign of a job's visitor until that one counts as gone
SWEEP = 1.0  # seconds between two looks for those who are gone
LATE = 5.0  # seconds that a job has for its next word, once it was stopped or its time is over
LOOK = 0.2  # seconds between two looks at a job that another one waits for
ENDING = 3.0  # seconds that jobs have to end with the server
WORTH_KEEPING = 2.0  # seconds of a job from which its result goes to the keeper


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
    told none or has ended; partials: how many it has told. watchers: when each visitor who waits
    for it was here last. is_private: whether its result is of use to these visitors alone.
    """

    key: Key
    label: str
    seconds_allowed: float
    owner: str = LOCAL_OWNER
    fraction: float = 0.0
    message: str = ""
    future: "Future[Any]" = field(default_factory=Future)
    clock: Callable[[], float] = time.monotonic
    created: float = field(init=False)
    started: float | None = None
    ended: float | None = None
    reference: str = ""
    watchers: dict[str, float] = field(default_factory=dict)
    is_private: bool = False
    partial: Any = None
    partials: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _stopped: float = 0.0
    _kill: Callable[[], None] = lambda: None
    _lock: threading.Lock = field(default_factory=threading.Lock)

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
        if not self._stop.is_set():
            self._stopped = self.clock()
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
            raise self.out_of_time()
        self.fraction, self.message = min(max(fraction, 0.0), 1.0), message
        if partial is not None:
            self.partial, self.partials = partial, self.partials + 1

    def out_of_time(self) -> "OutOfTimeError":
        """Why it was ended."""
        return OutOfTimeError(
            f"{self.label} took longer than the {self.seconds_allowed:,.0f} s this server "
            "allows. Use fewer rows or cheaper settings."
        )

    def finish(self, result: Any, error: BaseException | None = None) -> bool:
        """Set what it has come to, unless that is known; tell whether it was not."""
        with self._lock:
            if self.ended is not None:
                return False
            if error is None:
                self.future.set_result(result)
                self.partial = None
            else:
                _bare(error)
                self.future.set_exception(error)
            self.ended = self.clock()
        return True

    def late_by(self, now: float) -> float:
        """Seconds since it should have ended, while its function goes on."""
        if self._stop.is_set():
            return now - self._stopped
        return 0.0 if self.started is None else now - self.started - self.seconds_allowed

    def is_left(self, now: float) -> bool:
        """Whether it had visitors, and all are gone."""
        seen = list(self.watchers.values())
        return bool(seen) and all(now - each >= FORGOTTEN_AFTER for each in seen)

    def set_kill(self, kill: Callable[[], None]) -> None:
        """Remember how to end the process that the job runs in."""
        self._kill = kill
        if self._stop.is_set():
            kill()


def _bare(error: BaseException) -> None:
    """Without the frames that it came through, whose variables hold data."""
    known = set[int]()
    each: BaseException | None = error
    while each is not None and id(each) not in known:
        known.add(id(each))
        each.__traceback__ = None
        each = each.__cause__ or each.__context__


class Runner:
    """Runs jobs in five lanes and keeps at most `keep` results, within the bytes of a ledger.

    threads, processes: of the lanes "thread" and "process"; "quick" has two, the long ones one.
    seconds: that a job may take, by `clock`; a process that never speaks is ended by the real one.
    results: is asked before a job runs, and gets the results that took `WORTH_KEEPING` or longer.
    is_here: whether a visitor is here, though no look at a job says so.
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
        ledger: Ledger | None = None,
        is_here: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._inline, self._results, self._is_here = inline, results, is_here
        self._lanes: dict[Lane, DaemonExecutor] = (
            {}
            if inline
            else {
                "thread": DaemonExecutor(threads, "job"),
                "quick": DaemonExecutor(QUICK_THREADS, "job-quick"),
                "long": DaemonExecutor(1, "job-long"),
                "process": DaemonExecutor(processes, "job-process"),
                "long process": DaemonExecutor(1, "job-long-process"),
            }
        )
        self._workers = Workers(processes)
        self._ledger = Ledger() if ledger is None else ledger
        self._jobs: OrderedDict[Key, Job] = OrderedDict()
        self._at_work: dict[Job, tuple[Lane, Future[Any]]] = {}
        self._left: OrderedDict[Key, Any] = OrderedDict()
        self._keep, self._seconds, self._clock = keep, seconds, clock
        self._lock = threading.Lock()
        self._is_sweeping = False

    def submit(
        self,
        key: Key,
        label: str,
        function: Callable[..., Any],
        *args: Any,
        lane: Lane = "thread",
        owner: str = LOCAL_OWNER,
        is_private: bool = False,
    ) -> Job:
        """The job of this key: the one that exists, or a new one of `function(*args, progress=)`.

        key: names the work and everything it depends on. "thread" is for code that releases the
        GIL; "quick" for such code of well under a second, so that what a click asks for never
        waits behind a build; "long" for such code that takes minutes and refines what is shown
        already, so that nobody's page waits behind it; "process" for code that holds the GIL, or
        takes the cores for long (its function, arguments and result travel; see `parcels`);
        "long process" is both.
        is_private: nobody but its visitors can ask for the same, so it leaves with them.
        """
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                job = Job(key, label, self._seconds, owner, clock=self._clock)
                job.is_private = is_private
                self._jobs[key] = job
                gone = self._oldest()
                is_new = True
            else:
                self._jobs.move_to_end(key)
                gone, is_new = [], False
        for each in gone:
            self._ledger.drop((id(self), each))
        if not is_new:
            self._ledger.use((id(self), key), owner)
        elif self._inline:
            self._run(job, function, args, lane)
        else:
            lanes, run = self._lanes[lane], (self._run, job, function, args, lane)
            with self._lock:
                self._at_work[job] = lane, lanes.submit_for(owner, *run)
        return job

    def within(
        self,
        progress: Progress,
        key: Key,
        label: str,
        function: Callable[..., Any],
        *args: Any,
        lane: Lane,
        owner: str,
    ) -> Any:
        """The result of a job inside of another, whose `progress` it reports to.

        It is waited for where it runs already, or in a process; else it runs here, for a job that
        waits in its lane may wait for this one.
        """
        job, visitor = self.get(key), f"a job in thread {threading.get_ident()}"
        awaited = ["running"]
        if lane in PROCESSES and not self._inline:
            job = self.submit(key, label, function, *args, lane=lane, owner=owner)
            awaited.append("queued")
        try:
            while job is not None and job.state in awaited:
                self.watch(job, visitor)
                progress(job.fraction, job.message)
                job.wait(LOOK)
        except BaseException:
            self.leave(key, visitor)
            raise
        if job is not None and job.ended is not None and job.state != "stopped":
            return job.result
        own = Job(key, label, self._seconds, owner, clock=self._clock)
        own.started = own.created
        result = self._found_or_made(
            own, function, args, lambda: function(*args, progress=progress)
        )
        self._adopt(own, result, args)
        return result

    def _adopt(self, job: Job, result: Any, args: tuple[Any, ...]) -> None:
        """Keep a result as that of a job which has ended, unless there is one."""
        job.finish(result)
        with self._lock:
            if self._jobs.setdefault(job.key, job) is not job:
                return
        self._enter(job, args)

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
        self._ledger.drop((id(self), key))

    def watch(self, job: Job, visitor: str) -> None:
        """Note that `visitor` waits for the job."""
        job.watchers[visitor] = self._clock()

    def leave(self, key: Key, visitor: str) -> None:
        """`visitor` no longer waits: the job is stopped unless somebody else does."""
        job = self.get(key)
        if job is None or job.ended is not None:
            return
        job.watchers.pop(visitor, None)
        self._note_present(job)
        if not job.watchers or job.is_left(self._clock()):
            self._stop(job)

    def sweep(self) -> None:
        """End what nobody waits for any more, and what is late; let private results go.

        A thread cannot be ended: one that says nothing is left alone, and another takes its place.
        """
        for job in list(self._jobs.values()):
            self._note_present(job)
            if job.is_left(self._clock()) and (job.ended is None or job.is_private):
                self._stop(job)
        self._end_late()
        self._ledger.sweep()

    def _end_late(self) -> None:
        for job, (lane, future) in list(self._at_work.items()):
            is_stopped = job.state == "stopped"
            if is_stopped and self._lanes[lane].drop(future):
                job.finish(None, Stopped())
                with self._lock:
                    self._at_work.pop(job, None)
                continue
            if job.late_by(self._clock()) < LATE:
                continue
            job.finish(None, Stopped() if is_stopped else job.out_of_time())
            if self._lanes[lane].replace(future):
                LOGGER.warning("job %r goes on without a word, in a thread of its own", job.label)
                with self._lock:
                    self._at_work.pop(job, None)

    def keep_sweeping(self) -> None:
        """Sweep from now on, in a thread, as long as the server runs."""
        with self._lock:
            if self._is_sweeping or self._inline:
                return
            self._is_sweeping = True
        threading.Thread(target=self._sweep_on, name="job-sweeper", daemon=True).start()

    def prepare(self) -> None:
        """Have a process ready for a job that is likely to be asked for."""
        if not self._inline:
            self._workers.prepare()

    def close(self) -> bool:
        """Stop all jobs with the server; whether all have ended, for which it waits some seconds.

        A thread that is in native code when the process ends would abort it.
        """
        self._is_sweeping = False
        for job in list(self._at_work):
            job.stop()
        self._workers.close()
        deadline = time.monotonic() + ENDING
        while self._at_work and time.monotonic() < deadline:
            time.sleep(0.01)
        return not self._at_work

    def _sweep_on(self) -> None:
        while self._is_sweeping:
            try:
                self.sweep()
            except Exception:
                LOGGER.exception("looking for jobs that nobody waits for has failed")
            time.sleep(SWEEP)

    def _note_present(self, job: Job) -> None:
        for visitor in list(job.watchers):
            if self._is_here(visitor):
                job.watchers[visitor] = self._clock()

    def _stop(self, job: Job) -> None:
        if job.ended is None:
            job.stop()
            self._keep_partial(job)
        self.forget(job.key)

    def _keep_partial(self, job: Job) -> None:
        """What a stopped job had told stays, that of the last few."""
        if job.partial is None:
            return
        with self._lock:
            self._left[job.key] = job.partial
            self._left.move_to_end(job.key)
            while len(self._left) > PARTIALS_KEPT:
                self._left.popitem(last=False)

    def _oldest(self) -> list[Key]:
        ended = [key for key, job in self._jobs.items() if job.ended is not None]
        gone = ended[: max(0, len(self._jobs) - self._keep)]
        for key in gone:
            del self._jobs[key]
        return gone

    def _run(
        self, job: Job, function: Callable[..., Any], args: tuple[Any, ...], lane: Lane
    ) -> None:
        job.started = self._clock()
        result, failure = None, None
        try:
            with on_account_of(job.owner):
                job.report(0.0)
                result = self._result(job, function, args, lane)
        except BaseException as error:
            failure = error
            if not isinstance(error, CoreError | Stopped):
                job.reference = secrets.token_hex(4)
                LOGGER.exception("job %r failed, reference %s", job.label, job.reference)
        if failure is None:
            with self._lock:
                self._left.pop(job.key, None)
        if job.finish(result, failure) and failure is None:
            self._enter(job, args)
        with self._lock:
            self._at_work.pop(job, None)

    def _enter(self, job: Job, args: tuple[Any, ...]) -> None:
        """Count the bytes of a result, which may make others leave."""
        place = id(self), job.key
        if self._jobs.get(job.key) is job:  # and not one that was left while it ran
            self._ledger.keep(
                place,
                job.result,
                made_of=args,
                owner=job.owner,
                leave=lambda: self._let_go(job),
            )

    def _let_go(self, job: Job) -> None:
        with self._lock:
            if self._jobs.get(job.key) is job:
                del self._jobs[job.key]

    def _result(
        self, job: Job, function: Callable[..., Any], args: tuple[Any, ...], lane: Lane
    ) -> Any:
        """What the keeper has of the job, or what the function returns."""
        if job.is_private:
            return self._call(job, function, args, lane)
        return self._found_or_made(
            job, function, args, lambda: self._call(job, function, args, lane)
        )

    def _found_or_made(
        self,
        job: Job,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        make: Callable[[], Any],
    ) -> Any:
        kept = self._kept(job, function, args)
        if kept is not None:
            result, seconds = kept
            job.started = self._clock() - seconds  # what it took, whoever it was that waited
            return result
        result = make()
        if self._results is not None and job.elapsed >= WORTH_KEEPING:
            how = getattr(function, "kept_as", None)
            try:
                parts = result if how is None or result is None else how.to_parts(result)
                self._results.put(job.key, parts, job.owner, job.elapsed)
            except Exception:
                LOGGER.exception("the result of %r could not be kept", job.label)
        return result

    def _kept(
        self, job: Job, function: Callable[..., Any], args: tuple[Any, ...]
    ) -> tuple[Any, float] | None:
        how = getattr(function, "kept_as", None)
        try:
            found = None if self._results is None else self._results.get(job.key)
            if found is None or how is None:
                return found
            return how.from_parts(found[0], *args), found[1]
        except Exception:
            LOGGER.exception("the kept result of %r could not be read", job.label)
            return None

    def _call(
        self, job: Job, function: Callable[..., Any], args: tuple[Any, ...], lane: Lane
    ) -> Any:
        progress: Progress = job.report
        if lane not in PROCESSES or self._inline:
            return function(*args, progress=progress)
        progress(0.0, "starting")
        timer = threading.Timer(job.seconds_allowed, job.kill)
        timer.daemon = True
        timer.start()
        try:
            return self._workers.run(function, args, progress, job.set_kill)
        finally:
            timer.cancel()
