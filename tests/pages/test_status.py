"""The page Status: what it says, whom it is shown to, and that a job can be stopped there."""

import logging
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.limits import JOB_THREADS, Limit
from core.store import open_store
from pages import STATUS
from pages.status import words
from pages.status import work as work_of
from pages.ui.jobs import progress_bar
from pages.ui.jobs.runner import Job, Runner
from pages.ui.server import state
from pages.ui.server.state import Failure, Failures, Memory
from pages.ui.session import visitor
from pages.ui.session.visitor import LOCAL, Visitor
from tests.pages.conftest import ROOT, new_app

NAMELESS = Visitor("visitor:x", "a visitor", is_local=False, is_admin=False)


def test_the_sentence() -> None:
    states = ["running", "done", "queued", "running", "failed", "queued", "queued"]
    assert words.answer(11_520, states, Memory(1_200_000_000, 4 * 10**9, 10**9), 0) == (
        "This server has run for 3 h 12 min: 2 jobs at work, 3 waiting, 1.20 GB of memory in use, "
        "nothing failed."
    )
    assert words.answer(61, ["running"], None, 1) == (
        "This server has run for 1 min 1 s: 1 job at work, 1 failure."
    )


def test_memory_and_disk_in_words() -> None:
    assert words.memory_words(Memory(10**9, 4 * 10**9, 2 * 10**9), 30 * 10**9) == (
        "1 GB in use by this server and its processes, 25 % of 4 GB; 2 GB are free.  \n"
        "30 GB of the disk are free for uploads."
    )
    assert words.memory_words(None, None) == ("This system does not say how much memory is in use.")


def job(label: str, clock: list[float], owner: str = "local") -> Job:
    return Job((label, "key"), label, 60.0, owner, clock=lambda: clock[0])


def test_jobs_that_run_come_before_those_that_wait() -> None:
    clock = [0.0]
    waiting, running, ended = (job(label, clock) for label in ("Second", "First", "Third"))
    clock[0] = 5.0
    running.started, running.fraction = 5.0, 0.25
    ended.started = ended.ended = 5.0
    ended.future.set_result(1)
    clock[0] = 95.0
    assert words.in_order([ended, waiting, running]) == [running, waiting]
    assert words.job_words(running, "Anna Lind") == "First, for Anna Lind: 25 % after 1 min 30 s"
    assert words.job_words(waiting, "Anna Lind") == "Second, for Anna Lind: waits since 1 min 35 s"


def test_what_owners_keep(tmp_path: Path) -> None:
    kept = {"local": 2_000_000, "login:b": 500_000_000, "login:a": 2_000_000}
    assert words.kept_words(kept) == (
        "504 MB in workspaces of 3 owners; results of jobs are beside them."
    )
    rows = words.kept_rows(kept, {owner: owner.upper() for owner in kept}, 10**9)
    assert rows["owner"].tolist() == ["login:b", "local", "login:a"]
    assert rows.iloc[0].tolist() == ["LOGIN:B", "500 MB", "50 %", "login:b"]
    store = open_store(str(tmp_path))
    assert store.owners() == []
    for owner in ("b", "a", "b"):
        store.create(owner, "A title", {}, {})
    assert store.owners() == ["a", "b"]
    store.close()


def test_limits_say_whether_they_were_set() -> None:
    here, there = Limit("NEARFIELD_HERE", "things", 1_500), Limit("NEARFIELD_THERE", "others", 7)
    rows = words.limit_rows([here, there], {"NEARFIELD_HERE": "1500"})
    assert rows["variable"].tolist() == ["NEARFIELD_HERE", "NEARFIELD_THERE"]
    assert rows["here"].tolist() == ["1,500", "7"]
    assert rows["set"].tolist() == ["set", "default"]
    assert rows["bounds"].tolist() == ["things", "others"]


def record(message: str, *args: object, error: Exception | None = None) -> logging.LogRecord:
    told = None if error is None else (type(error), error, None)
    return logging.LogRecord("nearfield", logging.ERROR, "", 0, message, args, told)


def test_failures_are_kept_by_reference_without_what_the_exception_says() -> None:
    heard = Failures()
    heard.filter(record("job %r failed, reference %s", "Layout", "0123abcd", error=KeyError("x")))
    heard.filter(record("unexpected error, reference %s", "89abcdef", error=ValueError("secret")))
    heard.filter(record("The store cannot be opened"))
    newest, oldest = heard.last()
    assert (newest.what, newest.reference) == ("unexpected error: ValueError", "89abcdef")
    assert (oldest.what, oldest.reference) == ("job 'Layout' failed: KeyError", "0123abcd")
    for _ in range(state.FAILURES_KEPT):
        heard.filter(record("unexpected error, reference %s", "00000000"))
    assert len(heard.last()) == state.FAILURES_KEPT
    assert {failure.reference for failure in heard.last()} == {"00000000"}


def test_who_listens_leaves_the_log_as_it_is() -> None:
    log = logging.getLogger("nearfield")
    before = list(log.handlers)
    assert state.failures() is state.failures()
    assert log.handlers == before
    assert state.failures().filter(record("anything else"))
    code = (
        "import logging; from pages.ui.server import state; state.failures();"
        "logging.getLogger('nearfield').error('unexpected error, reference %s', '01234567');"
        "print(state.failures().last()[0].what)"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert ran.stderr.decode().splitlines()[-1] == "unexpected error, reference 01234567"
    assert ran.stdout.decode() == "unexpected error\n"


def test_failures_as_a_table() -> None:
    when = datetime(2026, 5, 1, 12, tzinfo=UTC)
    rows = words.failure_rows([Failure(when, "unexpected error: KeyError", "0123abcd")])
    assert rows.iloc[0].tolist() == [when, "unexpected error: KeyError", "0123abcd"]
    assert words.failure_rows([]).empty


def machine(folder: Path, ours: int = 300) -> Path:
    """A folder like /proc: this process of `ours` kB, a child, its child, and another's."""
    (folder / "meminfo").write_text(
        "MemTotal:  4000 kB\nMemAvailable: 1500 kB\nHugePages_Total: 0\n"
    )
    for number, parent, used in (
        (os.getpid(), 1, ours),
        (1_000_001, os.getpid(), 200),
        (1_000_002, 1_000_001, 100),
        (1_000_003, 1, 999),
    ):
        (folder / str(number)).mkdir()
        (folder / str(number) / "status").write_text(f"Name:\tpython\nVmRSS:\t {used} kB\n")
        (folder / str(number) / "stat").write_text(f"{number} (a name) (x) S {parent} 0 0")
    return folder


def test_memory_is_that_of_this_process_and_its_own(tmp_path: Path) -> None:
    proc = machine(tmp_path)
    assert sorted(state.children(proc)) == [1_000_001, 1_000_002]
    found = state.memory(proc, tmp_path / "none")
    assert found == Memory(600 * 1024, 4000 * 1024, 1500 * 1024)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"memory.max": "2048000", "memory.current": "1024000"}, (2_048_000, 1_024_000)),
        ({"memory.max": "max", "memory.current": "1024000"}, (4_096_000, 1_536_000)),
        (
            {
                "memory/memory.limit_in_bytes": "2048000",
                "memory/memory.usage_in_bytes": "2040000",
            },
            (2_048_000, 8_000),
        ),
        (
            {
                "memory/memory.limit_in_bytes": "9223372036854771712",
                "memory/memory.usage_in_bytes": "1",
            },
            (4_096_000, 1_536_000),
        ),
    ],
)
def test_a_container_has_a_limit_of_its_own(
    files: dict[str, str], expected: tuple[int, int], tmp_path: Path
) -> None:
    (tmp_path / "proc").mkdir()
    groups = tmp_path / "groups"
    for name, text in files.items():
        (groups / name).parent.mkdir(parents=True, exist_ok=True)
        (groups / name).write_text(text)
    found = state.memory(machine(tmp_path / "proc"), groups)
    assert found is not None
    assert (found.limit, found.free) == expected


def test_a_system_without_proc_says_nothing(tmp_path: Path) -> None:
    assert state.memory(tmp_path / "none", tmp_path / "none") is None


def opened(who: Visitor, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(visitor, "asked_by", lambda: who)
    app = new_app()
    app.switch_page(STATUS.path)
    return app.run()


def test_the_local_user_sees_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(JOB_THREADS.variable, "3")
    app = opened(LOCAL, monkeypatch)
    assert not app.exception
    assert app.title[0].value.startswith("This server has run for ")
    limits = app.dataframe[-1].value
    assert limits.set_index("variable").loc[JOB_THREADS.variable, "here"] == "3"
    assert limits.set_index("variable").loc[JOB_THREADS.variable, "set"] == "set"


def test_others_never_come_to_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(NAMELESS, monkeypatch)
    assert not app.exception
    assert not any(title.value.startswith("This server") for title in app.title)
    assert JOB_THREADS.variable not in str(app.main)


def test_only_who_manages_the_server_stops_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    runner = Runner(inline=True)
    started = runner.submit(("index", "key"), "Building", lambda progress: progress(1.0))
    started.ended = None
    monkeypatch.setattr(progress_bar, "runner", lambda: runner)
    monkeypatch.setattr(visitor, "asked_by", lambda: NAMELESS)
    work_of._stop(started.key)
    assert started.state == "running"
    monkeypatch.setattr(visitor, "asked_by", lambda: LOCAL)
    work_of._stop(started.key)
    assert started.state == "stopped"
    work_of._stop(("index", "gone"))
