"""The recall on the screen as bounds for a pipeline."""

import math

from core.gate import Bounds, QuerySettings, RecallBound
from core.studies import EfTradeoff
from pages.ui.controls.queries import GIVEN, HELD_OUT, SELECTED, UPLOADED
from pages.ui.display import gate_file, messages
from pages.ui.results import tradeoffs
from pages.ui.results.tradeoffs import Curves
from pages.ui.session.workspace import Workspace

NAME = "recall_bounds.toml"
DIGITS, SCALE = 4, 10_000
NOT_IN_A_FILE = (
    "A selection stands in no file, so that bounds for it could not be checked. Choose other "
    "queries to export a gate."
)


def show(work: Workspace, found: Curves, study: EfTradeoff, ef: int) -> None:
    """Offer the bounds of the curve at an ef."""
    if found.source.kind == SELECTED:
        messages.note(NOT_IN_A_FILE)
        return
    run = gate_file.command(work, NAME, queries=found.source.kind == UPLOADED)
    bounds = bounds_of(work, found, study, ef)
    gate_file.offer(bounds, [margin(study, ef)], work, NAME, run)


def bounds_of(work: Workspace, found: Curves, study: EfTradeoff, ef: int) -> Bounds:
    """Mean recall at ef of at least the lower end of its interval, for the same queries."""
    kinds = {HELD_OUT: "held_out", GIVEN: "data", UPLOADED: ""}
    source = kinds.get(found.source.kind, "index")
    size = found.count
    if found.source.given is not None and size == found.source.available:
        size = 0  # all, however many a later file has
    return Bounds(
        (RecallBound(k=study.curve.k, ef=ef, at_least=least(study, ef)),),
        index=gate_file.index_settings(work),
        queries=QuerySettings(source, size, tradeoffs.SEED),  # type: ignore[arg-type]
    )


def least(study: EfTradeoff, ef: int) -> float:
    """The lower end of the interval of mean recall at ef, rounded down."""
    low = float(study.interval[0][study.at(ef)])
    return math.floor(low * SCALE) / SCALE


def margin(study: EfTradeoff, ef: int) -> str:
    """How far recall may fall, and why so far."""
    mean = float(study.mean_recall[study.at(ef)])
    return (
        f"Mean recall@{study.curve.k} at ef {ef:,} is {mean:.{DIGITS}f} and may fall to "
        f"{least(study, ef):.{DIGITS}f}, the lower end of its 95 % interval over these queries."
    )
