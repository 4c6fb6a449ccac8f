"""The log as JSON: one line an event, and nothing of what users brought."""

import hashlib
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit import logger as streamlits

from core.errors import DataError, ParameterError
from core.limits import LOG
from pages.ui.session import logs

SECRET = "merger with Smith & Sons.csv"


@pytest.fixture
def lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[list[dict[str, Any]]]:
    """The events logged so far: reads standard error as it is asked for."""
    kept = {name: list(logging.getLogger(name).handlers) for name in ("", *streamlits._loggers)}
    monkeypatch.setenv(LOG, "json")
    monkeypatch.setattr(streamlits, "setup_formatter", streamlits.setup_formatter)
    logs.set_up()

    class Lines(list[dict[str, Any]]):
        def __getitem__(self, place: Any) -> Any:
            self.extend(json.loads(line) for line in capsys.readouterr().err.splitlines())
            return super().__getitem__(place)

    yield Lines()
    logging.captureWarnings(False)
    for name, handlers in kept.items():
        logging.getLogger(name).handlers[:] = handlers


def fail() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        raise DataError(f"{SECRET} cannot be used.") from error


def test_an_error_has_its_reference_kind_and_place(lines: list[dict[str, Any]]) -> None:
    try:
        fail()
    except DataError:
        logging.getLogger("nearfield").exception("unexpected error, reference %s", "0a1b2c3d")
    event = lines[0]
    assert event["message"] == "unexpected error, reference 0a1b2c3d"
    assert (event["level"], event["logger"]) == ("error", "nearfield")
    error = event["error"]
    assert error["type"] == "core.errors.DataError"
    text = f"{SECRET} cannot be used."
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    assert error["text"] == {"letters": len(text), "sha256": digest}
    assert [place.split(":")[0] for place in error["at"]] == ["tests/pages/ui/test_logs.py"] * 2
    assert [place.split()[1] for place in error["at"]][1] == "fail"
    assert error["cause"]["type"] == "builtins.KeyError"
    assert "Smith" not in json.dumps(event)


def test_others_are_told_without_what_fills_them_in(lines: list[dict[str, Any]]) -> None:
    log = streamlits.get_logger("streamlit.a_part")
    log.error("No file %s in session %s", SECRET, "s")
    event = lines[0]
    assert event["message"] == "No file %s in session %s"
    assert event["filled_in"]["letters"] == len(str((SECRET, "s")))
    assert "Smith" not in json.dumps(event)
    assert event["time"].endswith("+00:00")


def test_text_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(logging.getLogger().handlers)
    for form in ("", "text"):
        monkeypatch.setenv(LOG, form)
        logs.set_up()
        assert logging.getLogger().handlers == before
    monkeypatch.setenv(LOG, "xml")
    with pytest.raises(ParameterError, match="NEARFIELD_LOG must be text or json; got 'xml'"):
        logs.set_up()


def test_a_surrogate_is_told_apart() -> None:
    assert logs.told_apart("\udc80")["letters"] == 1
