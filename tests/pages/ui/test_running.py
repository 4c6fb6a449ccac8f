"""What runs for a visitor: noted once, shown with the way back, let go when used or stopped."""

import threading
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.jobs import progress_bar
from pages.ui.jobs.declare import job
from pages.ui.jobs.executors import Progress
from pages.ui.jobs.runner import Runner
from pages.ui.sidebar import running
from tests.patience import PATIENCE

GATES = {"Building": threading.Event(), "Sweeping": threading.Event()}


@job("Building")
def build(progress: Progress) -> str:
    progress(0.25, "rows")
    GATES["Building"].wait(PATIENCE)
    return "built"


@job("Sweeping")
def sweep(progress: Progress) -> str:
    progress(0.5, "queries")
    GATES["Sweeping"].wait(PATIENCE)
    return "swept"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("queued", "Build grid: waiting for its turn"),
        ("running", "Build grid: 34 %, 12 s"),
        ("done", "Build grid: ready after 12 s"),
        ("failed", "Build grid: failed"),
    ],
)
def test_how_far_a_job_is(state: str, said: str) -> None:
    assert running.words("Build grid", state, 0.344, 12.0) == said


def test_what_a_screen_reader_says_is_new_only_where_a_job_begins_or_ends() -> None:
    jobs = [("Build grid", "running"), ("Growth", "queued"), ("Updates", "failed")]
    assert running.spoken(jobs) == "Build grid: running. Growth: waiting. Updates: failed."
    assert running.spoken([("Build grid", "done")]) == "Build grid: ready."
    assert running.spoken([]) == ""


def script() -> None:
    """A page that needs the jobs named in its link, then the card of what runs."""
    import streamlit as st

    from pages.ui import jobs
    from pages.ui.controls import page_links
    from pages.ui.jobs import running as state
    from pages.ui.sidebar import running
    from tests.pages.ui.test_running import build, sweep

    jobs.begin_run()
    state.on_page("recall")
    page_links.begin_page("recall")
    for name, kind in {"build": build, "sweep": sweep}.items():
        if name in st.query_params.get("wanted", ""):
            st.text(f"{name}: {kind.need()}")
    places = [each.place for each in state.noted()]
    st.text(f"noted {[dict(place.query)['wanted'] for place in places]}")
    running.card()


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    runner = Runner()
    monkeypatch.setattr(progress_bar, "runner", lambda: runner)
    for gate in GATES.values():
        gate.clear()
    return AppTest.from_function(script, default_timeout=PATIENCE)


def run(session: AppTest, wanted: str) -> str:
    session.query_params["wanted"] = wanted
    session.run()
    assert not session.exception
    texts = [text.value for text in session.text] + [button.label for button in session.button]
    return " | ".join(texts).replace("\\", "")


def test_a_job_is_listed_on_every_page_until_its_result_is_used(session: AppTest) -> None:
    assert run(session, "").startswith("noted []")
    first = run(session, "build,sweep")
    assert "build: None | sweep: None | noted ['build,sweep', 'build,sweep']" in first
    elsewhere = run(session, "")  # another page, which needs neither
    assert "Building: 25 %" in elsewhere
    assert "Sweeping: 50 %" in elsewhere
    GATES["Building"].set()
    job = progress_bar.runner().get(build.key())
    assert job is not None
    assert job.wait(PATIENCE)
    assert "Building: ready after" in run(session, "")
    back = run(session, "build")
    assert back.startswith("build: built | noted ['build,sweep']")
    assert "Building" not in back
    GATES["Sweeping"].set()


def test_a_job_stopped_from_the_list_ends_and_leaves_it(session: AppTest) -> None:
    run(session, "sweep")
    job = progress_bar.runner().get(sweep.key())
    assert job is not None
    run(session, "")
    next(button for button in session.button if button.label == "Stop").click()
    assert "Sweeping" not in run(session, "")
    assert job.state == "stopped"
    GATES["Sweeping"].set()
    assert any("Sweeping: stopped" in info.value for info in _again(session))


def _again(session: AppTest) -> list[Any]:
    run(session, "sweep")
    return list(session.info)


def test_the_title_says_running_only_while_something_runs_or_waits() -> None:
    assert running.title(["done", "running"]) == "Running"
    assert running.title(["queued"]) == "Running"
    assert running.title(["done", "failed"]) == "Ended"
