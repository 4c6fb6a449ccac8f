"""A report as JSON, in a form that has a version.

| field | what it holds |
|---|---|
| schema | "nearfield-gate/1"; a change that a reader must know of makes it another number |
| passed, answer | whether every bound holds, and the same as a sentence |
| data | name, n, dim |
| index, queries, pairs, notes | what the figures rest on, in words |
| bounds | one object for each bound, in the order of the file |

Of a bound: kind, settings (as in the file), name, figure, interval ([low, high] or null), side
("at_least" or "at_most"), limit, counts (what is compared), judged (its value), passed, items, of,
unit, named (up to 10 items that break it), rebuild_noise (by how much the figure of two builds of
this setting differs, or null), sentence. A figure that is not defined is null.
"""

import json
import math
from typing import Any

from core.gate.report import Checked, GateReport

SCHEMA = "nearfield-gate/1"


def json_text(report: GateReport) -> str:
    """The report as a JSON document."""
    document = {
        "schema": SCHEMA,
        "passed": report.passed,
        "answer": report.answer,
        "data": {"name": report.data, "n": report.n, "dim": report.dim},
        "index": report.index,
        "queries": report.queries,
        "pairs": report.pairs,
        "notes": list(report.notes),
        "bounds": [_bound(each) for each in report.checks],
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _bound(checked: Checked) -> dict[str, Any]:
    interval = checked.interval
    return {
        "kind": checked.bound.kind,
        "settings": dict(checked.settings),
        "name": checked.name,
        "figure": _number(checked.figure),
        "interval": None if interval is None else [_number(end) for end in interval],
        "side": checked.side,
        "limit": checked.limit,
        "counts": checked.counts,
        "judged": _number(checked.judged),
        "passed": checked.passed,
        "items": checked.items,
        "of": checked.of,
        "unit": checked.unit,
        "named": list(checked.named),
        "rebuild_noise": checked.noise,
        "sentence": checked.sentence,
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
