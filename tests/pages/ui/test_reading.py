"""An upload is read in a job: shown, stopped, begun again, refused in words, and used once."""

import threading

import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, watch
from core.errors import DataError
from pages.ui.controls import reading, uploaders
from pages.ui.jobs import progress_bar
from pages.ui.jobs.runner import Runner
from pages.ui.session import workspace
from pages.ui.session.received import File
from tests.patience import PATIENCE

GATE = threading.Event()
LOADED = EmbeddingSet.from_arrays([[1.0, 2.0], [3.0, 4.0]], name="Birds")
CURRENT = [LOADED]


def read(file: File) -> int:
    watch.bytes_read(1_000_000, 4_000_000)
    assert GATE.wait(PATIENCE)
    watch.bytes_read(4_000_000, 4_000_000)
    if file.name == "bad.npy":
        raise DataError("bad.npy is no table.")
    return len(file.content)


def script() -> None:
    """Two uploaders, as two parts of a page have them."""
    from functools import partial

    import streamlit as st

    from pages.ui import jobs
    from pages.ui.controls import reading, uploaders
    from tests.pages.ui.test_reading import LOADED, read

    def take(key: str, name: str) -> None:
        use = partial(st.session_state.__setitem__, f"held {name}")
        uploaders.read(key, read, use, about=name, of=LOADED)

    jobs.begin_run()
    reading.settle()
    for name in ("left", "right"):
        key = f"_{name}_{uploaders.turn()}"
        st.file_uploader(name, key=key, on_change=take, args=(key, name))
        uploaders.show_state(name)
        st.text(f"{name} {st.session_state.get(f'held {name}')}")


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    runner = Runner()
    monkeypatch.setattr(progress_bar, "runner", lambda: runner)
    monkeypatch.setattr(reading, "PATIENCE", 0.0)
    monkeypatch.setattr(workspace, "is_current", lambda each: each is CURRENT[-1])
    GATE.clear()
    return AppTest.from_function(script, default_timeout=PATIENCE).run()


def bring(session: AppTest, name: str, file: str = "a.npy") -> AppTest:
    uploader = next(each for each in session.file_uploader if each.label == name)
    return uploader.set_value((file, b"12345", "")).run()


def press(session: AppTest, label: str) -> AppTest:
    return next(each for each in session.button if each.label == label).click().run()


def ended(session: AppTest) -> AppTest:
    """The page after all that is being read has ended."""
    for job in progress_bar.runner().jobs():
        assert job.wait(PATIENCE)
    return session.run()


def told(session: AppTest) -> list[str]:
    assert not session.exception
    return [text.value for text in session.text]


def test_two_are_read_side_by_side_and_used_at_the_begin_of_a_later_run(session: AppTest) -> None:
    bring(session, "left")
    bring(session, "right")
    assert told(session) == ["left None", "right None"]
    assert len(session.get("progress")) == 2
    assert [each.label for each in session.button] == ["Stop", "Close"] * 2
    GATE.set()
    assert told(ended(session)) == ["left 5", "right 5"]
    assert session.button == []
    assert progress_bar.runner().jobs() == []  # what was read is held where it is used
    assert uploaders._TURN in session.session_state
    assert session.session_state[uploaders._TURN] == 2


def test_what_is_stopped_can_be_begun_again_or_closed(session: AppTest) -> None:
    press(bring(session, "left"), "Stop")
    assert [each.value for each in session.info] == ["Reading the file: stopped."]
    GATE.set()
    press(session, "Start again")
    assert told(ended(session)) == ["left 5", "right None"]
    GATE.clear()
    press(bring(session, "right"), "Close")
    assert (len(session.get("progress")), session.button) == (0, [])
    assert told(session) == ["left 5", "right None"]
    GATE.set()


def test_what_is_wrong_is_said_where_the_file_was_brought(session: AppTest) -> None:
    bring(session, "left", "bad.npy")
    GATE.set()
    assert told(ended(session)) == ["left None", "right None"]
    assert [each.value.replace("\\", "") for each in session.error] == ["bad.npy is no table."]
    CURRENT.append(EmbeddingSet.from_arrays([[1.0]], name="Fish"))
    ended(bring(session, "right"))
    CURRENT.pop()
    assert told(session) == ["left None", "right None"]
    assert [each.value.split(",")[0] for each in session.error] == [
        "The file was read to go with Birds"
    ]
