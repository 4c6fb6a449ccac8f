"""The Data page offers the files that the deployment names, and opens them where they lie."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data.places import allowed_folders
from core.limits import FOLDERS, URLS
from core.progress import Progress
from pages.ui.controls import arrivals, server_files
from tests.core.data.files import as_npy
from tests.pages.conftest import accept

ROWS = np.random.default_rng(0).normal(size=(70, 6)).astype(np.float32)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "sets" / "sub").mkdir(parents=True)
    (tmp_path / "sets" / "sub" / "mine.npy").write_bytes(as_npy(ROWS))
    monkeypatch.setenv(FOLDERS, str(tmp_path / "sets"))
    return tmp_path / "sets"


def on_data(app: AppTest) -> AppTest:
    return app.switch_page("pages/data/page.py").run()


def test_nothing_is_offered_by_default(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDERS, raising=False)
    monkeypatch.delenv(URLS, raising=False)
    on_data(app)
    assert not any(each.label == "Open from this server" for each in app.expander)


@pytest.mark.usefixtures("folder")
def test_a_file_of_the_folder_is_opened(app: AppTest) -> None:
    on_data(app)
    choice = app.selectbox(key="_server_file")
    assert choice.options == ["sets/sub/mine.npy"]
    accept(choice.select("sets/sub/mine.npy").run())
    assert not app.exception
    assert "70 vectors of 6 dimensions" in " ".join(text.value for text in app.sidebar.markdown)


def test_a_file_that_went_away_is_named(app: AppTest, folder: Path) -> None:
    on_data(app)
    (folder / "sub" / "mine.npy").unlink()
    app.selectbox(key="_server_file").select("sets/sub/mine.npy").run()
    assert "is no file of 'sets' that may be opened" in app.error[0].value


def test_a_file_that_goes_away_after_it_was_read_can_still_be_used(
    app: AppTest, folder: Path
) -> None:
    on_data(app)
    app.selectbox(key="_server_file").select("sets/sub/mine.npy").run()
    (folder / "sub" / "mine.npy").unlink()
    accept(app.run())
    assert not app.exception
    assert "70 vectors of 6 dimensions" in " ".join(text.value for text in app.sidebar.markdown)


@pytest.mark.usefixtures("folder")
def test_a_choice_that_is_told_again_takes_nothing_away(monkeypatch: pytest.MonkeyPatch) -> None:
    # As a browser does that sends the values of the page that the file has just replaced.
    held: dict[str, Any] = {}
    received: list[Any] = []
    monkeypatch.setattr(server_files, "st", SimpleNamespace(session_state=held))
    monkeypatch.setattr(arrivals, "receive_from", lambda place, _name: received.append(place))
    found = server_files.choices(allowed_folders())
    for turn, taken in ((0, 1), (0, 1), (1, 2)):
        held[server_files._FILE] = "sets/sub/mine.npy"
        server_files._open_file(found, turn)
        assert len(received) == taken
    monkeypatch.setenv(URLS, "https://example.org/")
    for turn, taken in ((2, 3), (2, 3)):
        held[server_files._URL] = "https://example.org/a.npy"
        server_files._open_address(turn)
        assert len(received) == taken


def test_an_address_is_fetched_where_it_is_allowed(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URLS, "https://example.org/sets/")
    asked: list[Any] = []

    def fetched(url: str, progress: Progress) -> bytes:
        progress(0.5, "1 MB")
        asked.append(url)
        return as_npy(ROWS)

    monkeypatch.setattr(arrivals, "fetch", fetched)
    on_data(app)
    app.text_input(key="_server_url").input("https://example.org/other/a.npy").run()
    assert "may not be opened here" in app.error[0].value
    assert asked == []
    accept(app.text_input(key="_server_url").input("https://example.org/sets/a.npy?v=1").run())
    assert asked == ["https://example.org/sets/a.npy?v=1"]
    assert "70 vectors of 6 dimensions" in " ".join(text.value for text in app.sidebar.markdown)
