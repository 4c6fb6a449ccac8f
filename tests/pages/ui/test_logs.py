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
from pages.ui.server import logs

SECRET = "merger with Smith & Sons.csv"


class Kept(logging.Handler):
    """Keeps the events as they would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logs.Lines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def event(self) -> dict[str, Any]:
        (line,) = self.lines
        assert "\n" not in line
        assert "Smith" not in line
        found: dict[str, Any] = json.loads(line)
        return found


@pytest.fixture
def kept() -> Iterator[Kept]:
    """Hears our logger, and one of another library."""
    handler = Kept()
    loggers = [logging.getLogger("nearfield"), logging.getLogger("another")]
    for logger in loggers:
        logger.addHandler(handler)
    yield handler
    for logger in loggers:
        logger.removeHandler(handler)


def fail() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        raise DataError(f"{SECRET} cannot be used.") from error


def test_an_error_has_its_reference_kind_and_place(kept: Kept) -> None:
    try:
        fail()
    except DataError:
        logging.getLogger("nearfield").exception("unexpected error, reference %s", "0a1b2c3d")
    event = kept.event()
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


def test_others_are_told_without_what_fills_them_in(kept: Kept) -> None:
    logging.getLogger("another").error("No file %s in session %s", SECRET, "s")
    event = kept.event()
    assert event["message"] == "No file %s in session %s"
    assert event["filled_in"]["letters"] == len(str((SECRET, "s")))
    assert event["time"].endswith("+00:00")


def test_every_log_of_the_process_is_written_so(monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    for logger in streamlits._loggers.values():
        monkeypatch.setattr(logger, "handlers", list(logger.handlers))
    monkeypatch.setattr(streamlits, "setup_formatter", streamlits.setup_formatter)
    monkeypatch.setenv(LOG, "json")
    logs.set_up()
    logging.captureWarnings(False)
    streamlits.update_formatter()  # as Streamlit does once it has read its settings
    for logger in (root, *streamlits._loggers.values()):
        assert [type(each.formatter) for each in logger.handlers] == [logs.Lines]


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
