"""`nearfield check`: bounds held against data or an index, for a build pipeline."""

import argparse
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from core.data.limits import raise_limits
from core.errors import CoreError
from core.gate.checking import check_files
from core.gate.json_report import json_text
from core.gate.junit import junit_error, junit_text
from core.gate.page import html_page
from core.gate.report import GateReport
from core.visible import marked

NAME = "check"
PASSED, BROKEN, NOT_CHECKED = 0, 1, 2
STATUSES = "Exit status: 0 all bounds hold, 1 a bound is broken, 2 it cannot be checked."


def main(arguments: Sequence[str]) -> int:
    """Check, say each bound in the terminal, write the files that were asked for."""
    asked = _parser().parse_args(arguments)
    started = time.perf_counter()
    raise_limits(Path(asked.data))
    try:
        report = check_files(asked.data, asked.bounds, index=asked.index, queries=asked.queries)
        seconds = time.perf_counter() - started
        print(said(report))
        _write(asked.json, lambda: json_text(report))
        _write(asked.junit, lambda: junit_text(report, seconds=seconds))
        _write(asked.html, lambda: html_page(report))
    except CoreError as error:
        return _refused(asked, marked(str(error)), time.perf_counter() - started)
    except OSError as error:
        return _refused(asked, f"{error.filename}: {error.strerror}.", 0.0)
    except Exception as error:  # else Python would end with the status of a broken bound
        traceback.print_exc()
        return _refused(asked, f"The check failed: {type(error).__name__}.", 0.0)
    return PASSED if report.passed else BROKEN


def said(report: GateReport) -> str:
    """The report in lines for the terminal: the answer, the bounds, what they rest on."""
    lines = [report.answer]
    for checked in report.checks:
        lines.append(f"  {'passed' if checked.passed else 'BROKEN'}  {checked.sentence}")
        if not checked.passed:
            lines += [f"            {each}" for each in checked.named]
    return "\n".join(marked(line) for line in [*lines, *(f"  {each}" for each in report.about)])


def _refused(asked: argparse.Namespace, reason: str, seconds: float) -> int:
    """Say why it cannot be checked; to the build server too, where it reads JUnit."""
    print(f"nearfield: {reason}", file=sys.stderr)
    if asked.junit is not None:
        try:
            _write(asked.junit, lambda: junit_error(reason, seconds=seconds))
        except OSError as error:
            print(f"nearfield: {error.filename}: {error.strerror}.", file=sys.stderr)
    return NOT_CHECKED


def _write(path: str | None, content: Callable[[], str]) -> None:
    if path is not None:
        Path(path).write_text(content(), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nearfield check",
        description="Hold vectors, or an index of them, against the bounds of a file.",
        epilog=STATUSES,
    )
    parser.add_argument("data", help="vectors of any format that is read, or an index file")
    parser.add_argument("--bounds", metavar="FILE", required=True, help="TOML; see docs/gate.md")
    parser.add_argument("--index", metavar="FILE", help="an index file of the data")
    parser.add_argument("--queries", metavar="FILE", help="vectors to search with")
    parser.add_argument("--json", metavar="FILE", help="write the report as JSON")
    parser.add_argument("--junit", metavar="FILE", help="write it as JUnit XML")
    parser.add_argument("--html", metavar="FILE", help="write it as one HTML page")
    return parser
