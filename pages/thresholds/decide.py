"""The section `Decide`: which threshold, and what does it cost?"""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, cast, get_args

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.figures import far_frr, operating_curve, score_histogram
from core.figures.thresholds import Operating
from core.metrics import (
    OperatingPoint,
    ScoredPairs,
    ScoreUnit,
    counted_eer,
    point_at_far,
    threshold_axis,
)
from core.metrics.opis_counted import calibration_ends
from core.metrics.pair_resamples import Over
from core.studies import Estimate, Estimates
from core.studies.thresholds.operating import FARS
from pages.thresholds import chosen_class, judged_lab, operating
from pages.thresholds import lab as labs
from pages.thresholds.judged_lab import JudgedLab
from pages.thresholds.lab import Lab, Pairs
from pages.ui.controls import play_table, widgets
from pages.ui.display import chart, downloads, items, messages, tables
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, number, percent, plain
from pages.ui.session.workspace import Workspace

CURVES = ("FAR and FRR", *get_args(Operating))
CURVES_HELP = (
    "FAR: impostor pairs accepted, FRR: genuine pairs rejected. ROC draws 1 - FRR against FAR, DET "
    "draws FRR against FAR on probit axes, where two normal distributions give a straight line "
    "([Martin et al. 1997](https://doi.org/10.21437/Eurospeech.1997-504))."
)
OVER: tuple[Over, ...] = ("items", "classes")
OVER_HELP = (
    "What is drawn again for the 95 % intervals. Items: how far the figures would be off with "
    "other items of the same classes. Classes: with other classes, as where new people or products "
    "come. Pairs are never drawn, for those that share an item are not independent."
)
HARDLY = 0.6  # AUC below which the space hardly separates the classes
EVEN = 0.5
LISTED = 50
CLASSES, JUDGED = "classes", "judged pairs"
SOURCES = (CLASSES, JUDGED)
NUMBERS = ("AUC", "d'", "gap, inner 98 %")  # figures that are no shares
DEFINITIONS = {
    "EER": "Rate where FAR and FRR are equal, by linear interpolation along the steps of the ROC.",
    "EER, nearest step": "Mean of FAR and FRR at the threshold where they are nearest.",
    "EER, convex hull": "Where the convex hull of the ROC meets FAR = FRR.",
    "TAR at FAR": "Largest share of genuine pairs accepted by a threshold with at most that FAR.",
    "FNMR at FMR": "Share of genuine pairs no nearer than that quantile of the impostor pairs, as "
    "open-metric-learning has it.",
    "AUC": "Chance that a genuine pair is nearer than an impostor pair.",
    "d'": "Distance of the two means of the scores, in pooled standard deviations.",
    "HTER": "Half total error rate at the threshold: (FAR + FRR) / 2.",
    "minDCF": "Least detection cost over all thresholds, at a prior of 0.01 and costs of 1, over "
    "the cost of deciding without looking.",
    "actDCF": "The same at the threshold that the prior asks for, after a logistic calibration by "
    "these pairs.",
    "Cllr": "Cost of the log likelihood ratios of that calibration, in bits; 0 is perfect, 1 says "
    "nothing (Brummer and du Preez 2006).",
    "min Cllr": "The same after the best monotone calibration: what the order of the scores "
    "allows.",
    "UNPG gap": "Smallest genuine less largest impostor score; above 0 one threshold separates all "
    "pairs (Jung et al., arXiv 2203.11593). Extremes of a sample have no interval.",
    "gap, inner 98 %": "The same of the 1 % quantile of the genuine and the 99 % quantile of the "
    "impostor scores.",
}


def show(work: Workspace, heading: Heading) -> None:
    """The section `Decide` of the Thresholds page."""
    judged = judged_lab.held(work)
    if judged is not None and _source(work) == JUDGED:
        _show_judged(judged, heading)
    else:
        _show_classes(work, heading)


def _source(work: Workspace) -> str:
    """Whether classes or judged pairs say which pairs belong together."""
    if labs.eligible_classes(work.embeddings) < 2:
        return JUDGED
    return widgets.segmented("Pairs that belong together are told by", "told_by", SOURCES)


def _show_classes(work: Workspace, heading: Heading) -> None:
    lab = labs.lab(work)
    point = operating.draw(lab)
    unit = operating.unit(lab)
    pictures = st.columns(2)
    below, beside = st.columns([3, 2])
    with beside:
        over = widgets.segmented("Intervals by drawing", "over", OVER, help=OVER_HELP)
        found = labs.estimated(lab, over)
        costs = labs.calibrated(lab, over)
    classes = labs.classes_at(lab, point.score)
    named = classes[classes["members"] >= labs.least_members(lab)]
    auc = None if found is None else found.figures["AUC"]
    heading.answer(answer(point, unit, named, auc))
    _draw_pictures(lab, point, unit, pictures)
    messages.note(plain(f"{counts_at(lab, point)} {lab.basis}"))
    with below:
        st.markdown("**Classes at this threshold, worst first**")
        _class_table(lab, classes)
    with beside:
        _figure_table(lab, figures(lab, point, unit, found, costs))
    labs.narrow(work, lab)


def _show_judged(lab: JudgedLab, heading: Heading) -> None:
    point = operating.draw(lab)
    unit = operating.unit(lab)
    pictures = st.columns(2)
    found, costs = judged_lab.estimated(lab), judged_lab.calibrated(lab)
    auc = None if found is None else found.figures["AUC"]
    heading.answer(judged_answer(point, unit, auc))
    _draw_pictures(lab, point, unit, pictures)
    messages.note(plain(f"{counts_at(lab, point)} {lab.basis}"))
    below, beside = st.columns([3, 2])
    with below:
        for title, accepts in (("Wrongly accepted", True), ("Wrongly rejected", False)):
            wrong = lab.wrong(point.score, accepted=accepts).first(LISTED)
            st.markdown(f"**{title} judged pairs**")
            if not len(wrong.left):
                messages.empty("None at this threshold.", "Move the threshold to see some.")
                continue
            frame = judged_table(lab, wrong, unit)
            tables.show(frame, hide_index=True, height=chart.table_height(frame, 240))
            downloads.download(frame, f"judged_{title.casefold().replace(' ', '_')}")
    with beside:
        _figure_table(lab, figures(lab, point, unit, found, costs))


def judged_answer(point: OperatingPoint, unit: ScoreUnit, auc: Estimate | None = None) -> str:
    """The sentence where judged pairs stand in place of classes."""
    return (
        f"{separation(auc, 'these judged pairs')}At {operating.value_text(unit, point.score)}, "
        f"{accepted(point.far)}, and {percent(point.tar)} of the genuine pairs pass."
    )


def judged_table(lab: JudgedLab, pairs: ScoredPairs, unit: ScoreUnit) -> pd.DataFrame:
    """One line per judged pair: its value in the unit and both items."""
    names = items.short_names(lab.embeddings)
    asked = lab.pairs.of_queries
    first = [f"query {row:,}" for row in pairs.left] if asked else names[pairs.left]
    return pd.DataFrame(
        {
            unit.name: unit.of(pairs.score),
            "query (1)" if asked else "row (1)": pairs.left,
            "name (1)": first,
            "row (2)": pairs.right,
            "name (2)": names[pairs.right],
        }
    )


def _draw_pictures(
    lab: Pairs, point: OperatingPoint, unit: ScoreUnit, columns: Sequence[DeltaGenerator]
) -> None:
    with columns[0]:
        _histogram(lab, point, unit)
    with columns[1]:
        _curve(lab, point, unit)


def answer(
    point: OperatingPoint, unit: ScoreUnit, classes: pd.DataFrame, auc: Estimate | None = None
) -> str:
    """The section's sentence: the threshold, what it lets through, and for whom it fails."""
    worst = classes.iloc[0]
    lost, let_in = float(worst["FRR"]), float(worst["FAR"])
    fails = (
        f"loses {percent(lost)} of its own"
        if lost >= let_in
        else f"lets {percent(let_in)} of its impostor pairs in"
    )
    return (
        f"{separation(auc)}At {operating.value_text(unit, point.score)}, {accepted(point.far)}, "
        f"{percent(point.tar)} of the genuine pairs pass, and the class that is served worst, "
        f"{worst['class']}, {fails}."
    )


def accepted(far: float) -> str:
    """How many impostor pairs are accepted, as one in how many where that is rare.

    >>> accepted(0.001), accepted(0.25), accepted(0.0)
    ('1 in 1,000 impostor pairs is accepted', '25 % of the impostor pairs are accepted', \
'no impostor pair is accepted')
    """
    if far == 0:
        return "no impostor pair is accepted"
    if far > 0.05:
        return f"{percent(far)} of the impostor pairs are accepted"
    return f"1 in {number(1 / far)} impostor pairs is accepted"


def separation(auc: Estimate | None, what: str = "these classes") -> str:
    """A sentence where the space does not separate the classes, or an empty text."""
    if auc is None or auc.value >= HARDLY:
        return ""
    value = f"AUC {number(auc.value)}, 95 %: {number(auc.low)} to {number(auc.high)}; 0.5 is chance"
    if auc.low <= EVEN:
        return f"This space does not separate {what} ({value}). "
    return f"This space hardly separates {what} ({value}). "


def counts_at(lab: Pairs, point: OperatingPoint) -> str:
    """What the threshold accepts and rejects, in numbers of pairs."""
    totals = lab.totals
    wrong = int(totals.accepted_impostor[point.place])
    lost = int(totals.n_genuine - totals.accepted_genuine[point.place])
    return (
        f"{count(wrong, 'impostor pair')} wrongly accepted (FAR {percent(point.far)}), "
        f"{count(lost, 'genuine pair')} wrongly rejected (FRR {percent(point.frr)})."
    )


def figures(
    lab: Pairs,
    point: OperatingPoint,
    unit: ScoreUnit,
    found: Estimates | None,
    costs: Mapping[str, Estimate] | None = None,
) -> pd.DataFrame:
    """One line per figure: value, 95 % interval and threshold in the unit; `score` sets it."""
    lines: list[dict[str, Any]] = []

    def add(
        name: str,
        value: float,
        interval: tuple[float, float] | None,
        score: float | None,
        *,
        share: bool = True,
    ) -> None:
        text = percent if share else number
        known = interval is not None and not math.isnan(interval[0])
        lines.append(
            {
                "figure": name,
                "value": "below resolution" if share and math.isnan(value) else text(value),
                "95 % interval": (
                    f"{text(interval[0])} to {text(interval[1])}"
                    if known and interval is not None
                    else ""
                ),
                "threshold": "" if score is None else number(float(unit.of(score)), 4),
                "score": score,
            }
        )

    here = (None, None) if found is None else found.at(point)
    hter = None if found is None else found.hter_at(point)
    add("FAR here", point.far, _ends(here[0]), point.score)
    add("TAR here", point.tar, _ends(here[1]), point.score)
    add("HTER", point.hter, _ends(hter), point.score)
    if found is not None:
        for name, estimate in found.figures.items():
            score = _score_of(lab, name)
            add(name, estimate.value, _ends(estimate), score, share=name not in NUMBERS)
    for name, estimate in (costs or {}).items():
        add(name, estimate.value, _ends(estimate), None, share=False)
    gap = lab.gap
    add("UNPG gap", gap.gap, None, None, share=False)
    return pd.DataFrame(lines)


def calibration_scores(lab: Lab) -> tuple[float, float]:
    """The scores between which OPIS is taken, by default."""
    axis = threshold_axis(lab.metric)
    low, high = axis.to_score(calibration_ends(lab.counts))
    return float(low), float(high)


def _ends(estimate: Estimate | None) -> tuple[float, float] | None:
    return None if estimate is None else (estimate.low, estimate.high)


def _score_of(lab: Pairs, name: str) -> float | None:
    """The threshold that a figure is taken at, where there is one."""
    totals = lab.totals
    if name == "EER":
        return counted_eer(totals)[1]
    for far in FARS:
        if name == f"TAR at FAR {far:g}":
            point = point_at_far(totals, far)
            return None if point is None else point.score
    return None


def _histogram(lab: Pairs, point: OperatingPoint, unit: ScoreUnit) -> None:
    log = widgets.segmented("Share of the pairs", "shares", ("linear", "logarithmic"))
    key = "score_histogram"
    chart.show(
        chart.drawn(
            score_histogram,
            lab.totals,
            point,
            unit,
            log=log == "logarithmic",
            dark=chart.is_dark(),
            height=400,
        ),
        key=key,
        alt="Scores of genuine and of impostor pairs",
        table=lambda: score_table(lab, unit),
        on_select=partial(operating.follow_click, lab, key),
        selection=("points",),
    )


def _curve(lab: Pairs, point: OperatingPoint, unit: ScoreUnit) -> None:
    shape = widgets.segmented("Rates as", "rates", CURVES, help=CURVES_HELP)
    dark, counts, key = chart.is_dark(), lab.totals, "rates_curve"
    shaded = calibration_scores(lab) if isinstance(lab, Lab) else None
    if shape == CURVES[0]:
        figure = chart.drawn(
            far_frr, counts, point, unit, calibration=shaded, dark=dark, height=400
        )
    else:
        kind = cast(Operating, shape)
        figure = chart.drawn(operating_curve, counts, point, kind, dark=dark, height=400)
    chart.show(
        figure,
        key=key,
        alt=f"{shape} of all pairs; the EER is {percent(counted_eer(counts)[0])}",
        table=lambda: rates_table(lab, unit),
        csv_name="far_frr",
        on_select=partial(operating.follow_click, lab, key),
        selection=("points",),
    )


def rates_table(lab: Pairs, unit: ScoreUnit) -> pd.DataFrame:
    """FAR and FRR at 1 in 16 of the thresholds at which pairs are counted."""
    counts, step = lab.totals, 16
    return pd.DataFrame(
        {
            f"threshold ({unit.name})": unit.of(counts.scale.edges[::step]),
            "FAR": counts.far[::step],
            "FRR": counts.frr[::step],
            "impostor pairs accepted": counts.accepted_impostor[::step],
            "genuine pairs rejected": counts.accepted_genuine[0] - counts.accepted_genuine[::step],
        }
    )


def score_table(lab: Pairs, unit: ScoreUnit) -> pd.DataFrame:
    """Pairs of each kind in 1,024 equal intervals of the scores."""
    counts = lab.totals
    parts = counts.scale.bins // 1024
    edges = unit.of(counts.scale.edges[::parts])
    return pd.DataFrame(
        {
            f"from ({unit.name})": edges[:-1],
            "to": edges[1:],
            "genuine pairs": counts.genuine.reshape(1024, parts).sum(axis=1),
            "impostor pairs": counts.impostor.reshape(1024, parts).sum(axis=1),
        }
    )


def _class_table(lab: Lab, classes: pd.DataFrame) -> None:
    places = classes["place"].tolist()

    def follow(line: int) -> None:
        chosen_class.choose(lab, places[line])
        widgets.put(section="Errors")

    shown = classes.drop(columns="place").round(4)
    height = chart.table_height(shown, 400)
    play_table.lines(shown, "_classes_at_threshold", follow, height=height)
    messages.note("Click a line to see the class's worst pairs.")
    downloads.download(classes.drop(columns="place"), "classes_at_threshold")


def _figure_table(lab: Pairs, frame: pd.DataFrame) -> None:
    scores = frame["score"].tolist()

    def follow(line: int) -> None:
        if scores[line] is not None and not math.isnan(scores[line]):
            operating.set_to(lab, float(scores[line]))

    shown = frame.drop(columns="score")
    play_table.lines(
        shown,
        "_figures_of_thresholds",
        follow,
        height=chart.table_height(shown, 400),
        column_config={"value": st.column_config.TextColumn(width=110)},
    )
    messages.note("Click a line with a threshold to go there.")
    with st.expander("What the figures are"):
        for figure, definition in DEFINITIONS.items():
            st.markdown(f"**{figure}**: {definition}")
