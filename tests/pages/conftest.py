"""AppTest runs no JavaScript, so nothing would poll a job in the background: jobs run inline."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def inline_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEARFIELD_JOBS", "inline")


@pytest.fixture
def app() -> AppTest:
    """The routed app, not yet run; set `query_params`, then `run` or `switch_page(...).run()`."""
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
