"""Two jobs of one kind on a page: the second stops the first, unless it is a further one."""

import threading

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.jobs import progress_bar
from pages.ui.jobs.declare import job
from pages.ui.jobs.executors import Progress
from pages.ui.jobs.runner import Runner
from tests.patience import PATIENCE

GATE = threading.Event()


@job("Measuring", patience=0)
def measure(progress: Progress, name: str) -> str:
    GATE.wait(PATIENCE)
    progress(0.5, "")  # ends a job that nobody waits for
    return name


def script() -> None:
    import contextlib

    import streamlit as st

    from pages.ui import jobs
    from tests.pages.ui.jobs.test_further import measure

    jobs.begin_run()
    measure.need("first")
    with jobs.further() if "further" in st.query_params else contextlib.nullcontext():
        measure.need("second")


@pytest.mark.parametrize("is_further", [True, False])
def test_a_further_job_leaves_the_first_alone(
    monkeypatch: pytest.MonkeyPatch, is_further: bool
) -> None:
    runner = Runner()
    monkeypatch.setattr(progress_bar, "runner", lambda: runner)
    GATE.clear()
    app = AppTest.from_function(script, default_timeout=PATIENCE)
    if is_further:
        app.query_params["further"] = "1"
    app.run()
    assert not app.exception
    first, second = (runner.get(measure.key(name)) for name in ("first", "second"))
    assert (first is not None) == is_further  # one that is left is dropped
    GATE.set()
    for found in (first, second):
        if found is not None:
            found.wait(PATIENCE)
            assert found.state == "done"
