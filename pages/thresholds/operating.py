"""The operating point of the Thresholds page: one control, stated in three ways, in any unit."""

import math
from typing import Any

import numpy as np
import streamlit as st

from core.figures.thresholds import reach
from core.metrics import (
    OperatingPoint,
    ScoreUnit,
    point_at,
    point_at_far,
    point_at_tar,
    units_of,
)
from core.metrics.score_counts import ScoreCounts
from pages.thresholds.lab import Lab
from pages.ui.controls import widgets
from pages.ui.display import messages
from pages.ui.display.text import number
from pages.ui.session.slot import Slot, forget_widget, widget_value

BY_FAR, BY_TAR, BY_THRESHOLD = "FAR I can bear", "TAR I need", "Threshold"
STATEMENTS = (BY_FAR, BY_TAR, BY_THRESHOLD)
USUAL_FAR, USUAL_TAR = 0.01, 0.9
STEPS = 400  # of the slider, about
FORMER_UNIT = "L2 on unit vectors"  # of `threshold` in older links
_DRAWN_IN: Slot[tuple[str, str]] = Slot("threshold_drawn_in", lambda: ("", ""))
_WANTED: Slot[float | None] = Slot("threshold_wanted", lambda: None)
_AGAIN: Slot[float | None] = Slot("threshold_wanted_again", lambda: None)


def units(lab: Lab) -> tuple[ScoreUnit, ...]:
    """The units that thresholds can be shown in, the default first."""
    return units_of(lab.metric)


def unit(lab: Lab) -> ScoreUnit:
    """The unit that thresholds are shown in, as it was chosen."""
    known = units(lab)
    held = widgets.held("unit", str, known[0].name)
    return next((each for each in known if each.name == held), known[0])


def draw(lab: Lab) -> OperatingPoint:
    """Draw the control and give the operating point."""
    _open_former_link()
    how, value, of = st.columns([3, 3, 2], vertical_alignment="bottom")
    with how:
        statement = widgets.segmented(
            "The threshold follows from",
            "state",
            STATEMENTS,
            help="FAR: share of the impostor pairs (different classes) that is wrongly accepted. "
            "TAR: share of the genuine pairs (same class) that is accepted. A click on a point of "
            "a picture, or on a line of the table of figures, sets the threshold.",
        )
    with of:
        name = widgets.select(
            "Unit",
            "unit",
            [each.name for each in units(lab)],
            help="; ".join(f"{each.name}: {each.used_by}" for each in units(lab)) + ".",
        )
    chosen = next(each for each in units(lab) if each.name == name)
    _convert(lab, chosen)
    with value:
        if statement == BY_FAR:
            return _by_far(lab)
        if statement == BY_TAR:
            return _by_tar(lab)
        return _by_threshold(lab, chosen)


def held(lab: Lab) -> OperatingPoint:
    """The operating point without drawing its control."""
    with widgets.undrawn():
        return draw(lab)


def set_to(lab: Lab, score: float) -> None:
    """Set the threshold to a score; from a callback."""
    chosen = unit(lab)
    widgets.put(state=BY_THRESHOLD)
    _put(slider_value(lab.counts.totals, chosen, score))


def follow_click(lab: Lab, chart_key: str) -> None:
    """Set the threshold to that of the point clicked on a chart; its callback."""
    state = widget_value(chart_key)
    forget_widget(chart_key)
    score = clicked_score(state)
    if score is not None:
        set_to(lab, score)


def clicked_score(state: Any) -> float | None:
    """The score that the first selected point of a chart carries; None where none does.

    >>> clicked_score({"selection": {"points": [{"customdata": [0.5, 0.1]}]}})
    0.5
    >>> clicked_score({"selection": {"points": []}}) is None
    True
    """
    points = ((state or {}).get("selection") or {}).get("points") or []
    for point in points:
        carried = point.get("customdata")
        first = carried[0] if isinstance(carried, list | tuple) and carried else carried
        if isinstance(first, int | float) and math.isfinite(first):
            return float(first)
    return None


def slider_range(counts: ScoreCounts, of: ScoreUnit) -> tuple[float, float, float]:
    """Low end, high end and step of the slider: where pairs are, in round steps.

    It ends where the scores do: no length is below 0, and no cosine above 1.
    """
    ends = np.sort(of.of(counts.scale.edges[[0, -1]])).tolist()
    low, high = np.clip(reach(counts, of), *ends).tolist()
    step = 10.0 ** math.floor(math.log10((high - low) / STEPS))
    return round(math.floor(low / step) * step, 12), round(math.ceil(high / step) * step, 12), step


def slider_value(counts: ScoreCounts, of: ScoreUnit, score: float) -> float:
    """The value of the slider for a score: within its ends, on a step."""
    low, high, step = slider_range(counts, of)
    value = round(round(float(of.of(score)) / step) * step, 12)
    return min(max(value, low), high)


def value_text(of: ScoreUnit, score: float) -> str:
    """A threshold as it can be pasted: unit, direction and value.

    >>> value_text(units_of("cosine")[1], 0.61804)
    'cosine distance <= 0.382'
    """
    return f"{of.name} {of.sign} {number(float(of.of(score)), 4)}"


def _put(value: float) -> None:
    """Move the slider, which may not have been drawn before.

    Streamlit gives a slider that is new, as one of other ends is, the value of the link that the
    session began with, whatever it was set to; a second run sets it again.
    """
    widgets.put(at=value)
    _WANTED.set(value)


def _by_far(lab: Lab) -> OperatingPoint:
    far = widgets.number(
        BY_FAR,
        "far",
        low=0.0,
        high=1.0,
        value=USUAL_FAR,
        step=0.001,
        format="%g",
        help="Between 0 and 1: 0.001 is one impostor pair in 1,000.",
    )
    point = point_at_far(lab.counts.totals, far)
    if point is not None:
        return point
    least = 1.0 / lab.counts.totals.n_impostor
    messages.note(
        f"{number(far)} is less than one of the {lab.counts.totals.n_impostor:,.0f} impostor "
        f"pairs; the least FAR that they can show is {number(least)}, and the threshold accepts "
        "none of them."
    )
    return point_at_far(lab.counts.totals, 0.0) or point_at(lab.counts.totals, math.inf)


def _by_tar(lab: Lab) -> OperatingPoint:
    tar = widgets.number(
        BY_TAR,
        "tar",
        low=0.0,
        high=1.0,
        value=USUAL_TAR,
        step=0.01,
        format="%g",
        help="Between 0 and 1: 0.9 accepts nine of ten genuine pairs.",
    )
    return point_at_tar(lab.counts.totals, tar)


def _by_threshold(lab: Lab, of: ScoreUnit) -> OperatingPoint:
    counts = lab.counts.totals
    low, high, step = slider_range(counts, of)
    usual = point_at_far(counts, USUAL_FAR) or point_at(counts, math.inf)
    value = widgets.slider(
        f"Accept if {of.name} {of.sign}",
        "at",
        low=low,
        high=high,
        value=slider_value(counts, of, usual.score),
        step=step,
        format=f"%.{max(0, -math.floor(math.log10(step)))}f",
    )
    wanted = _WANTED.get()
    _WANTED.set(None)
    if wanted is not None and value != wanted:
        _AGAIN.set(wanted)
        st.rerun()
    return point_at(counts, float(of.to_score(value)))


def _convert(lab: Lab, of: ScoreUnit) -> None:
    """Keep the threshold where the unit changes, and start anew where the data does."""
    if (again := _AGAIN.get()) is not None:
        _AGAIN.set(None)
        widgets.put(at=again)
    data, before = _DRAWN_IN.get()
    here = (f"{lab.embeddings.fingerprint} {lab.metric}", of.name)
    if (data, before) == here:
        return
    if data and data != here[0]:
        widgets.forget("at")
    elif before:
        known = next((each for each in units(lab) if each.name == before), of)
        value = widgets.held("at", float, math.nan)
        if math.isfinite(value):
            score = float(np.asarray(known.to_score(value)))
            _put(slider_value(lab.counts.totals, of, score))
    _DRAWN_IN.set(here)


def _open_former_link() -> None:
    """Older links name a threshold as an L2 distance of unit vectors."""
    text = st.query_params.get("threshold")
    if text is None:
        return
    del st.query_params["threshold"]
    try:
        value = float(text)
    except ValueError:
        return
    if not math.isfinite(value):
        return
    widgets.put(state=BY_THRESHOLD, unit=FORMER_UNIT, at=value)
