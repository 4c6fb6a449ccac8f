"""pytest's plugin: the fixture `nearfield_gate`, which holds files against bounds in a test.

pytest loads it at each start where Nearfield is installed: nothing of it is imported before use.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from core.gate.report import GateReport

Gate = Callable[..., "GateReport"]


@pytest.fixture
def nearfield_gate(request: pytest.FixtureRequest) -> Gate:
    """Hold vectors, an index file, or both against bounds, and fail with the broken ones in words.

    Called as nearfield_gate(data, bounds="bounds.toml", index=None, queries=None); paths begin at
    the folder of the test. bounds: a file, or `core.gate.Bounds`. Gives the report. An error of
    Nearfield says why it cannot be checked.
    """
    folder = request.path.parent

    def gate(
        data: str | Path,
        *,
        bounds: object,
        index: str | Path | None = None,
        queries: str | Path | None = None,
    ) -> GateReport:
        from core.errors import CoreError
        from core.gate.bounds import Bounds
        from core.gate.checking import check_files

        held = bounds if isinstance(bounds, Bounds) else folder / str(bounds)
        beside = [None if each is None else folder / each for each in (index, queries)]
        try:
            report = check_files(folder / data, held, index=beside[0], queries=beside[1])
        except CoreError as error:
            pytest.fail(f"The gate could not be checked: {error}", pytrace=False)
        if not report.passed:
            pytest.fail(failure(report), pytrace=False)
        return report

    return gate


def failure(report: GateReport) -> str:
    """The broken bounds in lines, each with the items that break it, and what they rest on."""
    from core.visible import marked

    lines = [report.answer]
    for checked in report.broken:
        lines += [f"- {checked.sentence}", *(f"    {each}" for each in checked.named)]
    return "\n".join(marked(line) for line in [*lines, *report.about])
