"""The job runner: sharing, progress, stop, failure, time limit, what it keeps; its lanes."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from core.errors import DataError
from pages.ui.jobs.executors import ProcessEndedError, Progress
from pages.ui.jobs.key import Key
from pages.ui.jobs.runner import (
    FORGOTTEN_AFTER,
    PARTIALS_KEPT,
    WORTH_KEEPING,
    OutOfTimeError,
    Runner,
)
from tests.pages.ui import jobs_for_processes as work
from tests.patience import PATIENCE


class Clock:
    """A clock that goes on when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def half_way(gate: threading.Event, *, progress: Progress) -> str:
    progress(0.5, "half way")
    while not gate.wait(0.01):
        progress(0.5, "half way")
    return "through"


def test_two_who_ask_for_the_same_share_one_job(gate: threading.Event) -> None:
    runner = Runner()
    first = runner.submit(("a", "1"), "A", half_way, gate)
    second = runner.submit(("a", "1"), "A", half_way, gate)
    other = runner.submit(("a", "2"), "A", half_way, gate)
    assert first is second
    assert other is not first
    gate.set()
    assert first.wait(PATIENCE)
    assert (first.state, first.result) == ("done", "through")


def test_progress_is_seen_while_it_runs(gate: threading.Event, clock: Clock) -> None:
    job = Runner(clock=clock).submit(("a", ""), "A", half_way, gate)
    until(lambda: job.fraction == 0.5)
    assert (job.state, job.message) == ("running", "half way")
    clock.now = 3.0
    assert (job.elapsed, job.age) == (3.0, 3.0)
    gate.set()
    assert job.wait(PATIENCE)
    clock.now = 8.0
    assert (job.elapsed, job.age) == (3.0, 8.0)


def test_jobs_queue_where_all_threads_are_busy(gate: threading.Event) -> None:
    runner = Runner(threads=1)
    busy = runner.submit(("a", ""), "A", half_way, gate)
    queued = runner.submit(("b", ""), "B", half_way, gate)
    until(lambda: busy.state == "running")
    assert queued.state == "queued"
    assert queued.elapsed == 0
    gate.set()
    assert queued.wait(PATIENCE)


def test_a_quick_job_waits_for_no_other(gate: threading.Event) -> None:
    runner = Runner(threads=1)
    for lane in ("thread", "long"):
        runner.submit((lane, ""), lane, half_way, gate, lane=lane)
    behind = runner.submit(("b", ""), "B", half_way, gate)
    quick = runner.submit(("c", ""), "C", lambda progress: "at once", lane="quick")  # noqa: ARG005
    assert quick.wait(PATIENCE)
    assert (quick.result, behind.state) == ("at once", "queued")


def test_a_stopped_job_ends_at_its_next_word(gate: threading.Event) -> None:
    job = Runner().submit(("a", ""), "A", half_way, gate)
    until(lambda: job.fraction == 0.5)
    job.stop()
    assert job.wait(PATIENCE)
    assert job.state == "stopped"


def test_a_job_goes_on_while_somebody_waits(gate: threading.Event) -> None:
    runner = Runner()
    job = runner.submit(("a", ""), "A", half_way, gate)
    runner.watch(job, "ann")
    runner.watch(job, "bob")
    runner.leave(job.key, "ann")
    until(lambda: job.fraction == 0.5)
    assert job.state == "running"
    runner.leave(job.key, "bob")
    assert job.wait(PATIENCE)
    assert job.state == "stopped"
    assert runner.get(job.key) is None


def test_a_visitor_who_went_away_holds_no_job(gate: threading.Event, clock: Clock) -> None:
    runner = Runner(clock=clock)
    job = runner.submit(("a", ""), "A", half_way, gate)
    runner.watch(job, "ann")
    runner.watch(job, "bob")
    clock.now += FORGOTTEN_AFTER
    runner.leave(job.key, "ann")
    assert job.wait(PATIENCE)
    assert job.state == "stopped"


def fail(error: Exception, *, progress: Progress) -> None:
    progress(0.1)
    raise error


def drafts(gate: threading.Event, *, progress: Progress) -> str:
    progress(0.2, "", "one")
    progress(0.5, "", "two")
    while not gate.wait(0.01):
        progress(0.6, "writing on")
    return "whole"


def test_what_a_job_has_so_far_is_there_until_it_ends(gate: threading.Event) -> None:
    runner = Runner()
    assert runner.partial(("a", "")) is None
    job = runner.submit(("a", ""), "A", drafts, gate)
    until(lambda: job.fraction == 0.6)
    assert (runner.partial(("a", "")), job.partials) == ("two", 2)
    gate.set()
    assert job.wait(PATIENCE)
    assert (job.result, runner.partial(("a", ""))) == ("whole", None)


def test_a_stopped_job_leaves_what_it_had(gate: threading.Event) -> None:
    runner = Runner(threads=PARTIALS_KEPT + 1)
    keys = [("a", str(index)) for index in range(PARTIALS_KEPT + 1)]
    for key in keys:
        job = runner.submit(key, "A", drafts, gate)
        until(lambda job=job: job.fraction == 0.6)  # type: ignore[misc]
        runner.leave(key, "nobody")
        assert runner.get(key) is None
    assert [runner.partial(key) for key in keys] == [None] + ["two"] * PARTIALS_KEPT
    gate.set()
    again = runner.submit(keys[-1], "A", drafts, gate)
    assert again.wait(PATIENCE)
    assert runner.partial(keys[-1]) is None


def test_a_process_tells_what_it_has_and_leaves_it_when_it_is_killed() -> None:
    runner = Runner()
    job = runner.submit(("p", ""), "P", work.draft, lane="process")
    until(lambda: job.fraction == 0.75)
    assert (runner.partial(("p", "")), job.partials) == ("a half", 2)
    runner.leave(("p", ""), "nobody")
    assert job.wait(PATIENCE)
    assert (job.state, runner.partial(("p", ""))) == ("stopped", "a half")


def test_a_failure_is_kept_until_it_is_forgotten() -> None:
    runner = Runner()
    job = runner.submit(("a", ""), "A", fail, DataError("row 3 is empty"))
    assert job.wait(PATIENCE)
    assert job.state == "failed"
    assert str(job.error) == "row 3 is empty"
    assert job.reference == ""
    assert runner.submit(("a", ""), "A", fail, DataError("x")) is job
    runner.forget(job.key)
    assert runner.submit(("a", ""), "A", fail, DataError("x")) is not job


def test_an_unexpected_failure_is_logged_under_a_reference(
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = Runner().submit(("a", ""), "A", fail, ZeroDivisionError("oh"))
    assert job.wait(PATIENCE)
    assert len(job.reference) == 8
    assert job.reference in caplog.text
    assert "ZeroDivisionError: oh" in caplog.text


def test_a_job_that_takes_too_long_says_so(gate: threading.Event, clock: Clock) -> None:
    job = Runner(seconds=60.0, clock=clock).submit(("a", ""), "Building", half_way, gate)
    until(lambda: job.fraction == 0.5)
    clock.now += 60.0
    assert job.state == "running"  # not longer than it may
    clock.now += 0.5
    assert job.wait(PATIENCE)
    assert isinstance(job.error, OutOfTimeError)
    assert "Building took longer" in str(job.error)


def double(value: int, *, progress: Progress) -> int:
    progress(1.0)
    return 2 * value


def test_the_least_recently_asked_result_leaves_first() -> None:
    runner = Runner(keep=2)
    for value in (1, 2):
        assert runner.submit(("double", f"{value}"), "A", double, value).wait(PATIENCE)
    runner.submit(("double", "1"), "A", double, 1)
    assert runner.submit(("double", "3"), "A", double, 3).wait(PATIENCE)
    assert runner.get(("double", "2")) is None
    kept = [runner.get(("double", "1")), runner.get(("double", "3"))]
    assert [job.result for job in kept if job is not None] == [2, 6]


def test_a_running_job_is_never_dropped(gate: threading.Event) -> None:
    runner = Runner(keep=1)
    running = runner.submit(("a", ""), "A", half_way, gate)
    assert runner.submit(("b", ""), "B", double, 1).wait(PATIENCE)
    runner.submit(("c", ""), "C", double, 1)
    assert runner.get(("a", "")) is running
    assert runner.get(("b", "")) is None


def test_inline_jobs_are_done_when_asked_for() -> None:
    runner = Runner(inline=True)
    assert runner.submit(("double", "1"), "A", double, 21).result == 42
    assert runner.submit(("double", "2"), "A", double, 21, lane="process").result == 42


def test_a_process_answers_with_progress_and_a_result() -> None:
    job = Runner().submit(("p", ""), "P", work.add, 2, 3, lane="process")
    assert job.wait(PATIENCE)
    assert (job.result, job.message) == (5, "adding")


def test_an_error_of_a_process_comes_back() -> None:
    job = Runner().submit(("p", ""), "P", work.refuse, lane="process")
    assert job.wait(PATIENCE)
    assert isinstance(job.error, DataError)
    assert str(job.error) == "no rows"


def test_a_stopped_process_ends_at_once() -> None:
    job = Runner().submit(("p", ""), "P", work.hang, lane="process")
    until(lambda: job.message == "hanging")
    job.stop()
    assert job.wait(PATIENCE)
    assert job.state == "stopped"


def test_a_process_that_dies_is_a_failure() -> None:
    job = Runner().submit(("p", ""), "P", work.die, lane="process")
    assert job.wait(PATIENCE)
    assert isinstance(job.error, ProcessEndedError)


def test_a_process_that_never_speaks_ends_in_time() -> None:
    job = Runner(seconds=1.0).submit(("p", ""), "P", work.hang, lane="process")
    assert job.wait(PATIENCE)
    assert isinstance(job.error, OutOfTimeError)


class Shelf:
    """A keeper in memory that can break."""

    def __init__(self) -> None:
        self.held: dict[Key, tuple[object, float]] = {}
        self.accounts: list[tuple[str, float]] = []
        self.is_broken = False

    def get(self, key: Key) -> tuple[object, float] | None:
        if self.is_broken:
            raise OSError("no disk")
        return self.held.get(key)

    def put(self, key: Key, value: object, owner: str, seconds: float) -> None:
        if self.is_broken:
            raise OSError("no disk")
        self.held[key] = value, seconds
        self.accounts.append((owner, seconds))


def slowly(clock: Clock, seconds: float, calls: list[str], *, progress: Progress) -> str:
    progress(0.5)
    calls.append("run")
    clock.now += seconds
    return "made"


def test_what_took_long_is_kept_elsewhere_and_found_there(clock: Clock) -> None:
    shelf, calls = Shelf(), list[str]()
    runner = Runner(inline=True, clock=clock, results=shelf)
    brief = runner.submit(("a", "1"), "A", slowly, clock, WORTH_KEEPING / 2, calls, owner="ann")
    long = runner.submit(("a", "2"), "A", slowly, clock, WORTH_KEEPING, calls, owner="ann")
    assert (brief.result, long.result, calls) == ("made", "made", ["run", "run"])
    assert shelf.held == {("a", "2"): ("made", WORTH_KEEPING)}
    assert shelf.accounts == [("ann", WORTH_KEEPING)]
    again = Runner(inline=True, clock=clock, results=shelf)
    found = again.submit(("a", "2"), "A", slowly, clock, WORTH_KEEPING, calls, owner="bob")
    assert (found.result, len(calls), len(shelf.accounts)) == ("made", 2, 1)
    assert found.elapsed == WORTH_KEEPING  # what it took, not how long it was looked for


def test_a_keeper_that_breaks_costs_no_result(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    shelf, calls = Shelf(), list[str]()
    shelf.is_broken = True
    runner = Runner(inline=True, clock=clock, results=shelf)
    assert runner.submit(("a", ""), "A", slowly, clock, WORTH_KEEPING, calls).result == "made"
    assert "the kept result of 'A' could not be read" in caplog.text
    assert "the result of 'A' could not be kept" in caplog.text
