"""The callback of an uploader: a file is taken once, however often the browser tells of it."""

from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.runtime.uploaded_file_manager import DeletedFile

from core.errors import DataError
from pages.ui.controls import uploaders
from pages.ui.session import received
from pages.ui.session.received import File


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The state of a session; no file of it is with Streamlit."""
    held: dict[str, Any] = {uploaders._TURN: 3, uploaders._ERROR: ("data", DataError("before"))}
    monkeypatch.setattr(uploaders, "st", SimpleNamespace(session_state=held))
    monkeypatch.setattr(uploaders, "file_of", lambda each: File(each, each.encode()))
    monkeypatch.setattr(received, "let_go", lambda _files: None)
    return held


def test_a_file_is_taken_and_the_uploader_renewed(state: dict[str, Any]) -> None:
    taken: list[File] = []
    state["here"] = "a.npy"
    uploaders.take("here", taken.append)
    assert [file.content for file in taken] == [b"a.npy"]
    assert state == {"here": "a.npy", uploaders._TURN: 4, uploaders._ERROR: None}


@pytest.mark.parametrize("uploaded", [DeletedFile("1"), [DeletedFile("1"), DeletedFile("2")]])
def test_a_file_that_was_let_go_is_not_taken_again(state: dict[str, Any], uploaded: Any) -> None:
    before = dict(state)
    state["here"] = uploaded
    taken: list[Any] = []
    uploaders.take("here", taken.append)
    assert taken == []
    assert state == before | {"here": uploaded}


def test_an_error_leaves_the_uploader_as_it_is_and_an_emptied_one_lets_it_go(
    state: dict[str, Any],
) -> None:
    def refuse(_file: File) -> None:
        raise DataError("not this one")

    state["here"] = "a.npy"
    uploaders.take("here", refuse)
    about, error = state[uploaders._ERROR]
    assert (about, str(error), state[uploaders._TURN]) == ("data", "not this one", 3)
    state["here"] = []
    uploaders.take("here", refuse)
    assert state[uploaders._ERROR] is None


def test_what_the_server_takes_now_is_said_where_it_is_less_than_usual() -> None:
    assert uploaders.room_words(400 * 2**20, 400) == ""
    assert uploaders.room_words(7_500_000, 400) == (
        "Uploads that are in use fill this server: it takes 7.50 MB more now."
    )
    assert uploaders.room_words(0, 400).endswith("it takes 0 B more now.")
