"""The operating point on the screen as bounds for a pipeline."""

import math

from core.gate import Bounds, FarBound, OpisBound, PairSettings, TarBound
from core.gate.bounds import Bound
from core.metrics import OperatingPoint, ScoreUnit
from core.metrics.pair_resamples import Over
from core.studies import Consistency, Estimate
from pages.thresholds import operating
from pages.thresholds.lab import Lab
from pages.ui.display import gate_file
from pages.ui.display.text import percent
from pages.ui.session.workspace import Workspace

NAME = "threshold_bounds.toml"
DIGITS = 6


def show(
    work: Workspace,
    lab: Lab,
    point: OperatingPoint,
    unit: ScoreUnit,
    rates: tuple[Estimate, Estimate],
    fitted: Consistency,
    over: Over,
) -> None:
    """Offer the bounds of the operating point; rates: FAR and TAR."""
    bounds = bounds_of(work, lab, point, unit, rates, fitted)
    words = margins(point, unit, bounds, over)
    gate_file.offer(bounds, words, work, NAME, gate_file.command(work, NAME))


def bounds_of(
    work: Workspace,
    lab: Lab,
    point: OperatingPoint,
    unit: ScoreUnit,
    rates: tuple[Estimate, Estimate],
    fitted: Consistency,
) -> Bounds:
    """FAR, TAR and OPIS up to the ends of their intervals; an end that is not known bounds nothing.

    rates: FAR and TAR at the point.
    """
    far, tar = rates
    threshold, name = float(unit.of(point.score)), unit.name
    bounds: list[Bound] = []
    if not math.isnan(far.high):
        bounds.append(FarBound(threshold, _up(max(far.high, point.far)), name))
    if not math.isnan(tar.low):
        bounds.append(TarBound(threshold, _down(min(tar.low, point.tar)), name))
    bounds.append(OpisBound(_up(max(fitted.interval[1], fitted.opis.opis))))
    singletons = "negatives" if lab.keep_singletons else "drop"
    return Bounds(
        tuple(bounds),
        gate_file.data_settings(work),
        gate_file.index_settings(work),
        pairs=PairSettings(lab.rows or 0, lab.study.seed, singletons),  # type: ignore[arg-type]
    )


def margins(point: OperatingPoint, unit: ScoreUnit, bounds: Bounds, over: Over) -> list[str]:
    """How far the rates and OPIS may go, beside what they are now."""
    at = operating.value_text(unit, point.score)
    said = [f"The bounds are the ends of the 95 % intervals, by drawing {over}."]
    for bound in bounds.bounds:
        if isinstance(bound, FarBound):
            said.append(f"FAR at {at}: {percent(point.far)} now, at most {percent(bound.at_most)}.")
        elif isinstance(bound, TarBound):
            said.append(
                f"TAR at {at}: {percent(point.tar)} now, at least {percent(bound.at_least)}."
            )
        elif isinstance(bound, OpisBound):
            said.append(f"OPIS: at most {bound.at_most:.4g}.")
    return said


def _up(value: float) -> float:
    return min(1.0, gate_file.rounded_up(value, DIGITS))


def _down(value: float) -> float:
    return gate_file.rounded_down(value, DIGITS)
