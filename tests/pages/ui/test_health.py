"""The health check: it searches, says which check fails, is kept, and never holds up who asks."""

import asyncio
import json
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from starlette.requests import Request
from starlette.responses import Response

from core.index import SearchResult
from pages.ui.server import health
from pages.ui.server.health import CHECKS, FAILED, KEPT, START, CheckError, Health
from tests import loops
from tests.patience import PATIENCE

REQUEST = cast(Request, None)
Now = list[float]


def told(response: Response) -> tuple[int, dict[str, object]]:
    return response.status_code, json.loads(bytes(response.body))


def ask(asked: Health, *, ready: bool = False) -> tuple[int, dict[str, object]]:
    return told(loops.run(asked.ready(REQUEST) if ready else asked.health(REQUEST)))


def test_the_search_of_the_sample_is_well() -> None:
    status, said = ask(Health(patience=PATIENCE))
    assert (status, said["status"]) == (200, "ok")
    assert said["checks"] == {"search": "ok", "disk": "ok"}
    assert [route.path for route in Health().routes()] == ["/health", "/ready"]


@pytest.mark.parametrize(
    "distances", [[0.0, np.nan, np.nan], [0.5, 1.0, 2.0], [0.0, 2.0, 1.0]], ids=str
)
def test_a_wrong_answer_of_the_search_is_told(
    distances: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = np.array([distances])
    wrong = SearchResult(
        np.zeros((1, 3), np.int64), found, np.ones(1, np.int64), np.ones(1, np.int64)
    )
    monkeypatch.setattr(health, "search", lambda *_: wrong)
    status, said = ask(Health(patience=PATIENCE))
    assert (status, said["status"]) == (FAILED, "failed")
    assert said["checks"] == {"search": "a row was not found by its own vector", "disk": "ok"}
    assert ask(Health(patience=PATIENCE), ready=True)[0] == FAILED


def test_a_disk_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(CheckError, match="no temporary file"):
        CHECKS["disk"]()
    asked = Health({"search": lambda: None, "disk": CHECKS["disk"]}, patience=PATIENCE)
    said = {"search": "ok", "disk": "no temporary file can be written"}
    status, found = ask(asked)  # a restart would end sessions and mend nothing
    assert (status, found["status"], found["checks"]) == (200, "failed", said)
    assert ask(asked, ready=True)[0] == FAILED


def test_an_error_is_told_by_its_kind_alone() -> None:
    def fail() -> None:
        raise KeyError("a column of somebody")

    status, said = ask(Health({"search": fail}, patience=PATIENCE))
    assert (status, said["checks"]) == (FAILED, {"search": "KeyError"})


def test_an_answer_stands_for_some_seconds() -> None:
    now, runs = [0.0], list[int]()
    asked = Health({"search": lambda: runs.append(1)}, clock=lambda: now[0], patience=PATIENCE)
    for at, count in ((0.0, 1), (KEPT - 0.1, 1), (KEPT, 2), (KEPT + 1, 2)):
        now[0] = at
        assert ask(asked)[0] == 200
        assert len(runs) == count


@pytest.fixture
def released() -> threading.Event:
    return threading.Event()


def hanging(released: threading.Event, now: Now) -> Health:
    return Health({"search": lambda: _wait(released)}, patience=0.0, clock=lambda: now[0])


def _wait(released: threading.Event) -> None:
    released.wait()


def ended(asked: Health) -> None:
    """Wait until the run of the checks has ended."""
    running: Callable[[], object] = lambda: asked._running  # noqa: E731
    while running() is not None:
        threading.Event().wait(0.001)


def test_the_first_search_may_take_its_time(released: threading.Event) -> None:
    now: Now = [0.0]
    asked = hanging(released, now)
    assert ask(asked) == (
        200,
        {"status": "starting", "checks": {"search": "starting"}, "seconds": 0.0},
    )
    assert ask(asked, ready=True)[0] == FAILED
    now[0] = START
    status, said = ask(asked)
    assert (status, said["checks"]) == (FAILED, {"search": "no answer after 300 s"})
    released.set()
    ended(asked)
    assert ask(asked) == (200, {"status": "ok", "checks": {"search": "ok"}, "seconds": 300.0})


def test_a_later_search_that_hangs_is_told_and_holds_up_nobody(released: threading.Event) -> None:
    now: Now = [0.0]
    asked = hanging(released, now)
    released.set()
    ask(asked)
    ended(asked)
    released.clear()
    now[0] = KEPT + 1

    async def together() -> list[Response]:
        return await asyncio.gather(*(asked.health(REQUEST) for _ in range(5)))

    answers = [told(each) for each in loops.run(together())]
    assert [status for status, _ in answers] == [FAILED] * 5
    assert answers[0][1]["checks"] == {"search": "no answer after 0 s"}
    released.set()
    ended(asked)
