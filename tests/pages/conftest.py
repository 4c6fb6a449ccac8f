"""AppTest runs no JavaScript, so nothing would poll a job in the background: jobs run inline."""

import io
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest, local_script_runner
from streamlit.testing.v1.local_script_runner import LocalScriptRunner
from streamlit.util import calc_hash

from pages import PAGES, STATUS
from tests.conftest import quickly
from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", autouse=True)
def components_of_packages() -> Iterator[None]:
    """Streamlit searches every installed package for components at each new app: once will do."""
    scan = cache(manifest_scanner.scan_component_manifests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_waits() -> Iterator[None]:
    """A script has a thread of its own, whose end Streamlit looks for a thousand times a second."""
    look = local_script_runner.require_widgets_deltas

    def wait(runner: LocalScriptRunner, timeout: float = 3) -> None:
        if runner._script_thread is not None:
            runner._script_thread.join(timeout)
        if not runner.script_stopped():
            look(runner, 0)  # which ends it, and raises

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner, "require_widgets_deltas", wait)
        patch.setattr(AppTest, "_run", quickly(AppTest._run))  # not what is measured
        yield


@pytest.fixture(autouse=True)
def inline_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEARFIELD_JOBS", "inline")


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit puts its script in place of the main module, which new processes import."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(autouse=True)
def no_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing outlives a session, but where a test has a store of its own."""
    monkeypatch.setenv("NEARFIELD_STORE", "off")


@pytest.fixture
def app() -> AppTest:
    """The routed app, not yet run; set `query_params`, then `run` or `switch_page(...).run()`."""
    return new_app()


def new_app() -> AppTest:
    """It knows its pages before its first run, as a browser does that follows a link to one."""
    routed = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    for info in (*PAGES, STATUS):
        name = calc_hash(info.folder)
        routed._registered_pages[name] = {
            "script_path": str(ROOT / info.path),
            "page_script_hash": name,
            "url_pathname": info.folder,
        }
    return routed


def bring_file(app: AppTest, name: str, content: bytes, *, place: Any = None) -> AppTest:
    """Upload a file of vectors, by default in the side bar, and use it where it can be used."""
    (app.sidebar if place is None else place).file_uploader[0].set_value([(name, content, "")])
    app.run()
    return accept(app)


def accept(app: AppTest) -> AppTest:
    """Press the button of the preview, if it has one."""
    buttons = [button for button in app.button if button.key == "_arrival_use"]
    return buttons[0].click().run() if buttons else app


class Downloads:
    """The files that pages offered, by name, written as the server does: outside of any run."""

    def __init__(self) -> None:
        self.offered: dict[str, bytes | Callable[[], bytes]] = {}

    def content(self, name: str) -> bytes:
        """What a visitor gets who presses the button."""
        data = self.offered[name]
        return data() if callable(data) else data

    def text(self, name: str) -> str:
        return self.content(name).decode()

    def csv(self, name: str) -> pd.DataFrame:
        return pd.read_csv(io.BytesIO(self.content(name)))


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> Downloads:
    """What the buttons of this test's pages give; a later button of the same name replaces one."""
    noted, button = Downloads(), st.download_button

    def note(label: str, data: Any, **how: Any) -> bool:
        noted.offered[how["file_name"]] = data
        return button(label, data, **how)

    monkeypatch.setattr(st, "download_button", note)
    return noted
