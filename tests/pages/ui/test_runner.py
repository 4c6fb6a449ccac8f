"""The job runner: sharing, progress, stop, failure, time limit, what it keeps; its lanes."""

import os
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from core.errors import DataError
from core.limits import default_threads
from pages.ui.jobs.executors import ABANDONED, Progress
from pages.ui.jobs.kept import Ledger
from pages.ui.jobs.key import Key
from pages.ui.jobs.processes import ProcessEndedError
from pages.ui.jobs.runner import (
    FORGOTTEN_AFTER,
    LATE,
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


def test_a_job_that_nobody_looks_at_ends(gate: threading.Event, clock: Clock) -> None:
    here = {"bob"}
    runner = Runner(threads=1, clock=clock, is_here=here.__contains__)
    kept = runner.submit(("b", ""), "B", half_way, gate, lane="long")
    left, behind, unwatched = (
        runner.submit((name, ""), name, half_way, gate) for name in ("a", "c", "d")
    )
    until(lambda: (left.fraction, kept.fraction) == (0.5, 0.5))
    for job, visitor in ((left, "ann"), (kept, "ann"), (kept, "bob"), (behind, "ann")):
        runner.watch(job, visitor)
    clock.now += FORGOTTEN_AFTER - 0.1
    runner.sweep()
    assert [job.state for job in (left, kept, behind)] == ["running", "running", "queued"]
    clock.now += 0.1
    runner.sweep()
    assert [runner.get(job.key) for job in (left, behind)] == [None, None]
    assert behind.state == "stopped"
    assert left.wait(PATIENCE)
    assert behind.wait(PATIENCE)  # its turn is not waited for
    assert (kept.state, runner.get(unwatched.key)) == ("running", unwatched)
    here.clear()
    clock.now += FORGOTTEN_AFTER
    runner.sweep()
    assert kept.wait(PATIENCE)
    gate.set()
    assert unwatched.wait(PATIENCE)
    assert unwatched.state == "done"


def test_a_private_result_leaves_with_its_visitor(clock: Clock) -> None:
    here = {"ann"}
    runner = Runner(inline=True, clock=clock, is_here=here.__contains__)
    keys: list[Key] = [("a", "private"), ("a", "shared")]
    for key in keys:
        job = runner.submit(key, "A", double, 1, is_private=key[1] == "private")
        runner.watch(job, "ann")
    clock.now += FORGOTTEN_AFTER
    runner.sweep()
    assert None not in [runner.get(key) for key in keys]
    here.clear()
    clock.now += FORGOTTEN_AFTER
    runner.sweep()
    assert [runner.get(key) is None for key in keys] == [True, False]


def silent(gate: threading.Event, *, progress: Progress) -> str:  # noqa: ARG001
    gate.wait(PATIENCE)
    return "at last"


def test_a_thread_that_says_nothing_ends_in_words_and_holds_up_nobody(
    gate: threading.Event, clock: Clock
) -> None:
    runner = Runner(threads=1, seconds=60.0, clock=clock)
    mute = runner.submit(("a", ""), "Thinking", silent, gate)
    until(lambda: mute.state == "running")
    behind = runner.submit(("b", ""), "B", double, 4)
    clock.now = 60.0 + LATE - 0.1
    runner.sweep()
    assert (mute.state, behind.state) == ("running", "queued")
    clock.now = 60.0 + LATE
    runner.sweep()
    assert mute.state == "failed"
    assert isinstance(mute.error, OutOfTimeError)
    assert str(mute.error).startswith("Thinking took longer than the 60 s this server allows.")
    assert behind.wait(PATIENCE)
    assert behind.result == 8
    gate.set()
    until(lambda: not runner._at_work)
    assert mute.state == "failed"  # what it returned in the end is not taken


def test_no_more_threads_are_given_up_than_a_few(gate: threading.Event, clock: Clock) -> None:
    runner = Runner(threads=1, clock=clock)
    mute = [runner.submit(("a", f"{number}"), "A", silent, gate) for number in range(ABANDONED + 1)]
    for job in mute:
        until(lambda job=job: job.started is not None)  # type: ignore[misc]
        job.stop()
        clock.now += LATE
        runner.sweep()
    last = runner.submit(("b", ""), "B", double, 4)
    runner.sweep()
    assert last.state == "queued"
    assert {job.state for job in mute} == {"stopped"}
    gate.set()
    assert last.wait(PATIENCE)


def test_whoever_has_the_least_at_work_is_next(gate: threading.Event) -> None:
    runner = Runner(threads=2)
    asked = [runner.submit(("a", f"{each}"), "A", half_way, gate, owner="ann") for each in "12"]
    until(lambda: [job.state for job in asked] == ["running"] * 2)
    asked += [
        runner.submit((owner, f"{number}"), "A", half_way, gate, owner=owner)
        for number, owner in enumerate(("ann", "ann", "bob"))
    ]
    asked[0].stop()
    until(lambda: asked[4].state == "running")
    assert [job.state for job in asked[1:]] == ["running", "queued", "queued", "running"]
    gate.set()
    assert all(job.wait(PATIENCE) for job in asked)


def within(runner: Runner, key: Key, *, progress: Progress) -> str:
    return f"{runner.within(progress, key, 'A', double, 4, lane='thread', owner='ann')} inside"


def test_a_job_inside_of_another_is_run_there_once(gate: threading.Event) -> None:
    runner = Runner(threads=1)
    outer = runner.submit(("outer", ""), "Outer", within, runner, ("double", "4"))
    assert outer.wait(PATIENCE)
    assert outer.result == "8 inside"
    inner = runner.get(("double", "4"))
    assert inner is not None
    assert inner.result == 8
    assert runner.submit(("double", "4"), "A", fail, DataError("again")) is inner
    running = runner.submit(("double", "5"), "A", half_way, gate)
    until(lambda: running.fraction == 0.5)
    waiting = runner.submit(("other", ""), "Other", within, runner, running.key, lane="long")
    until(lambda: waiting.message == "half way")
    assert len(running.watchers) == 1
    gate.set()
    assert waiting.wait(PATIENCE)
    assert waiting.result == "through inside"


def test_a_job_inside_of_one_that_is_stopped_is_left(gate: threading.Event) -> None:
    runner = Runner(threads=1)
    inner = runner.submit(("double", "5"), "A", half_way, gate)
    until(lambda: inner.fraction == 0.5)
    outer = runner.submit(("other", ""), "Other", within, runner, inner.key, lane="long")
    until(lambda: outer.message == "half way")
    runner.leave(outer.key, "nobody")
    assert inner.wait(PATIENCE)
    assert (inner.state, outer.state) == ("stopped", "stopped")


def test_all_jobs_end_with_the_server(gate: threading.Event) -> None:
    runner = Runner(threads=1)
    running = runner.submit(("a", ""), "A", half_way, gate)
    queued = runner.submit(("b", ""), "B", half_way, gate)
    hanging = runner.submit(("p", ""), "P", work.hang, lane="process")
    until(lambda: hanging.message == "hanging")
    until(lambda: running.fraction == 0.5)
    assert runner.close()
    assert [job.state for job in (running, queued, hanging)] == ["stopped"] * 3


def test_an_error_does_not_hold_what_its_function_held() -> None:
    job = Runner(inline=True).submit(("a", ""), "A", fail, ZeroDivisionError("oh"))
    assert job.error is not None
    assert job.error.__traceback__ is None


def block(megabytes: int, *, progress: Progress) -> np.ndarray:
    progress(0.5)
    return np.zeros(megabytes * 10**6, np.uint8)


def test_results_take_no_more_than_their_bytes() -> None:
    ledger = Ledger(lambda: 25 * 10**6)
    runner = Runner(inline=True, ledger=ledger)
    for name in "abc":
        runner.submit(("block", name), "A", block, 10)
    kept = [runner.get(("block", name)) is not None for name in "abc"]
    assert (kept, ledger.bytes) == ([False, True, True], 20 * 10**6)
    runner.forget(("block", "b"))
    assert ledger.bytes == 10**7
    runner.submit(("block", "c"), "A", block, 10, owner="bob")
    assert ledger.bytes_by_owner() == {"local": 10**7, "bob": 10**7}


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


def test_a_process_takes_one_call_after_another_and_keeps_none() -> None:
    runner = Runner()
    numbers = {
        runner.submit(("p", f"{value}"), "P", work.process_id, lane="process").future.result(
            PATIENCE
        )
        for value in range(3)
    }
    assert len(numbers) == 1
    assert os.getpid() not in numbers


def test_arrays_come_and_go_by_file() -> None:
    runner = Runner()
    values = np.arange(400_000, dtype=np.float64)
    values.setflags(write=False)
    job = runner.submit(("p", ""), "P", work.halves, values, lane="process")
    same, half, how = job.future.result(PATIENCE)
    assert same is values  # it was not sent back
    np.testing.assert_array_equal(half, values[::2])
    assert half.flags.writeable
    assert how == {
        "nice": True,
        "mapped": True,
        "threads": f"{default_threads()}",
        "writeable": False,
    }


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
