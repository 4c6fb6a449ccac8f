"""The log as lines of JSON that hold nothing of what users brought.

Our own messages are made of words of ours; what fills them in is a reference or a number. An
exception's text may quote a name, a label or a cell, and so may messages of other libraries: of
these stand the kind, the place in the code, the words before anything was filled in, and the length
and a digest of the rest, by which two events can be told to be the same.
"""

import hashlib
import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from core.limits import logs_json

OURS = "nearfield"
ROOT = Path(__file__).resolve().parents[3]
DIGITS = 12


def set_up() -> None:
    """Write the log of this process as the deployment asks; raises ParameterError."""
    if not logs_json():
        return
    from streamlit import logger as streamlits

    def with_lines(logger: logging.Logger) -> None:
        logger.handlers[:] = [handler]

    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    with_lines(logging.getLogger())
    logging.captureWarnings(True)
    streamlits.setup_formatter = with_lines
    streamlits.update_formatter()


class Lines(logging.Formatter):
    """One line of JSON for each event."""

    def format(self, record: logging.LogRecord) -> str:
        """The event without content of users."""
        event: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _words(record),
        }
        if record.args and record.name != OURS:
            event["filled_in"] = told_apart(record.args)
        if record.exc_info and record.exc_info[1] is not None:
            event["error"] = error_of(record.exc_info[1])
        return json.dumps(event)


def _words(record: logging.LogRecord) -> str:
    """Our own messages whole; of others the words alone."""
    return record.getMessage() if record.name == OURS else str(record.msg)


def error_of(error: BaseException) -> dict[str, Any]:
    """The kind of an error, where it happened, what caused it; of its text length and digest."""
    told: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "text": told_apart(str(error)),
        "at": _places(error.__traceback__),
    }
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return told if cause is None else told | {"cause": error_of(cause)}


def told_apart(value: object) -> dict[str, Any]:
    """The length and a digest of a text, by which it is told from others and not read."""
    text = str(value)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return {"letters": len(text), "sha256": digest[:DIGITS]}


def _places(trace: TracebackType | None) -> list[str]:
    """Files, lines and functions, the outermost first; no line of code, for it may hold a value."""
    frames = traceback.extract_tb(trace, limit=-30)
    return [f"{_file(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _file(name: str) -> str:
    path = Path(name)
    if path.is_relative_to(ROOT):
        return str(path.relative_to(ROOT))
    return "/".join(path.parts[-3:])
