"""The operating point of the Thresholds page: one control, stated in three ways, in any unit."""

import math
from functools import partial
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
from pages.thresholds.lab import Pairs
from pages.ui.controls import widgets
from pages.ui.display import chart, messages
from pages.ui.display.text import number
from pages.ui.results.labeled_pairs import (
    BY_FAR,
    BY_TAR,
    BY_THRESHOLD,
    STATEMENTS,
    USUAL_FAR,
    USUAL_TAR,
    held_unit,
    key_of,
)
from pages.ui.session.slot import Slot, forget_widget, widget_value

STEPS = 400  # of the slider, about
FORMER_UNIT = "L2 on unit vectors"  # of `threshold` in older links
_DRAWN_FOR: Slot[str] = Slot("threshold_drawn_for", str)
_WANTED: Slot[dict[str, float]] = Slot("threshold_wanted", dict)
_AGAIN: Slot[dict[str, float]] = Slot("threshold_wanted_again", dict)


def units(lab: Pairs) -> tuple[ScoreUnit, ...]:
    """The units that thresholds can be shown in, the default first."""
    return units_of(lab.metric)


def unit(lab: Pairs) -> ScoreUnit:
    """The unit that thresholds are shown in, as it was chosen."""
    return held_unit(lab.metric)


def draw(lab: Pairs) -> OperatingPoint:
    """Draw the control and give the operating point."""
    _open_former_link()
    _start_anew(lab)
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
            then=partial(convert, lab, unit(lab)),
        )
    chosen = next(each for each in units(lab) if each.name == name)
    with value:
        if statement == BY_FAR:
            return _by_far(lab)
        if statement == BY_TAR:
            return _by_tar(lab)
        return _by_threshold(lab, chosen)


def held(lab: Pairs) -> OperatingPoint:
    """The operating point without drawing its control."""
    with widgets.undrawn():
        return draw(lab)


def set_to(lab: Pairs, score: float) -> None:
    """Set the threshold to a score; from a callback."""
    chosen = unit(lab)
    widgets.put(state=BY_THRESHOLD)
    _put(chosen, slider_value(lab.totals, chosen, score))


def follow_click(lab: Pairs, chart_key: str) -> None:
    """Set the threshold to that of the point clicked on a chart; its callback."""
    state = widget_value(chart_key)
    forget_widget(chart_key)
    score = clicked_score(state)
    if score is not None:
        set_to(lab, score)


def clicked_score(state: Any) -> float | None:
    """The score that the first selected point of a chart carries; None where none does.

    >>> clicked_score({"selection": {"points": [{"customdata": {"0": 0.5, "1": 0.1}}]}})
    0.5
    >>> clicked_score({"selection": {"points": []}}) is None
    True
    """
    for carried in chart.clicked(state):
        if carried and isinstance(carried[0], int | float) and math.isfinite(carried[0]):
            return float(carried[0])
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
    'cosine distance <= 0.3820'
    """
    return f"{of.name} {of.sign} {number(float(of.of(score)), 4)}"


def _by_far(lab: Pairs) -> OperatingPoint:
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
    point = point_at_far(lab.totals, far)
    if point is not None:
        return point
    least = 1.0 / lab.totals.n_impostor
    messages.note(
        f"{number(far)} is less than one of the {lab.totals.n_impostor:,.0f} impostor "
        f"pairs; the least FAR that they can show is {number(least)}, and the threshold accepts "
        "none of them."
    )
    return point_at_far(lab.totals, 0.0) or point_at(lab.totals, math.inf)


def _by_tar(lab: Pairs) -> OperatingPoint:
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
    return point_at_tar(lab.totals, tar)


def _by_threshold(lab: Pairs, of: ScoreUnit) -> OperatingPoint:
    counts = lab.totals
    low, high, step = slider_range(counts, of)
    usual = point_at_far(counts, USUAL_FAR) or point_at(counts, math.inf)
    value = widgets.slider(
        f"Accept if {of.name} {of.sign}",
        key_of(of),
        low=low,
        high=high,
        value=slider_value(counts, of, usual.score),
        step=step,
        format=f"%.{max(0, -math.floor(math.log10(step)))}f",
    )
    wanted = _WANTED.get().get(key_of(of))
    _WANTED.set({})
    if wanted is not None and value != wanted:
        _AGAIN.set({key_of(of): wanted})
        st.rerun()
    return point_at(counts, float(of.to_score(value)))


def _put(of: ScoreUnit, value: float) -> None:
    """Move the slider of a unit, which may not have been drawn before.

    Streamlit gives a slider that is new the value of the link that the session began with, whatever
    it was set to; a second run sets it again.
    """
    widgets.put(**{key_of(of): value})
    _WANTED.set({key_of(of): value})


def _start_anew(lab: Pairs) -> None:
    """Forget the threshold of other data or of another metric."""
    widgets.put(**_AGAIN.get())
    _AGAIN.set({})
    here = f"{lab.embeddings.fingerprint} {lab.metric}"
    if _DRAWN_FOR.get() not in ("", here):
        for each in units(lab):
            widgets.forget(key_of(each))
    _DRAWN_FOR.set(here)


def convert(lab: Pairs, before: ScoreUnit) -> None:
    """Keep the threshold where the unit changes from `before`; the callback of the choice."""
    value, after = widgets.held(key_of(before), float, math.nan), unit(lab)
    if math.isfinite(value):
        score = float(before.to_score(value))
        _put(after, slider_value(lab.totals, after, score))


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
    former = next(each for each in units_of("cosine") if each.name == FORMER_UNIT)
    widgets.put(state=BY_THRESHOLD, unit=FORMER_UNIT, **{key_of(former): value})
