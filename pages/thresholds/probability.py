"""A score as a probability: calibration by judged pairs, or by labels."""

import numpy as np
import pandas as pd
import streamlit as st

from core.data import EmbeddingSet
from core.data.judged_pairs import JudgedPairs
from core.distances import Metric
from core.figures.threshold_floor import calibration_line, reliability_diagram
from core.metrics.judged_scores import score_judged_pairs
from core.metrics.score_units import ScoreUnit
from core.studies.thresholds.calibrated import (
    CalibrationStudy,
    judged_calibration,
    label_calibration,
)
from pages.thresholds import judged
from pages.ui import jobs
from pages.ui.display import chart, messages
from pages.ui.display.text import number, percent, plain
from pages.ui.jobs import Progress
from pages.ui.session.workspace import Workspace

CURVE_POINTS = 101
HELP = (
    "Logistic: sigma(a s + b) by maximum likelihood. Isotonic: the rising step function nearest to "
    "the shares observed (pool adjacent violators). ECE: mean difference between the predicted "
    "probability and the share observed, in 10 bins of equal weight. Cllr: cost of the log "
    "likelihood ratios in bits, 0 is perfect and 1 says nothing "
    "([Brummer and du Preez 2006](https://doi.org/10.1016/j.csl.2005.08.001))."
)


def show(work: Workspace, unit: ScoreUnit, floor: float) -> None:
    """The part of the section that turns scores into probabilities; floor: the chosen score."""
    st.subheader("A score as a probability", help=HELP)
    pairs = judged.show(work)
    if pairs is not None and (pairs.same.all() or not pairs.same.any()):
        messages.empty("All judged pairs are of one kind.", "Add pairs of the other kind.")
        return
    found = study(work, pairs)
    if found is None:
        return
    for text in (words(found, unit), at_floor(found, unit, floor)):
        if text:
            messages.note(plain(text))
    line, diagram = st.columns(2)
    with line:
        chart.show(
            chart.drawn(calibration_line, found, unit, dark=chart.is_dark()),
            key="calibration",
            alt="Probability that a pair belongs together against its score",
            table=lambda: table(found, unit),
            csv_name="calibration",
        )
    with diagram:
        if found.logistic_reliability is None:
            messages.empty("Too few pairs for two halves.", "Add pairs of both kinds.")
            return
        chart.show(
            chart.drawn(reliability_diagram, found, dark=chart.is_dark()),
            key="reliability",
            alt="Predicted probability against the share that belongs together",
            table=lambda: reliability_table(found),
            csv_name="reliability",
        )


def study(work: Workspace, pairs: JudgedPairs | None) -> CalibrationStudy | None:
    """By judged pairs, else by labels; None, after saying so, where there are neither."""
    embeddings, metric = work.embeddings, work.params.metric
    if pairs is not None:
        return _of_judged.need(embeddings.bare, pairs, work.queries, metric)
    sizes = embeddings.class_sizes
    if np.count_nonzero(sizes) > 1 and sizes.max() > 1:
        return _of_labels.need(embeddings, metric)
    messages.empty(
        "A probability needs pairs that were judged, or labels.",
        "Upload a table with a line for each pair: query, item, relevant, or id1, id2, same.",
    )
    return None


@jobs.job("Calibrating judged pairs")
def _of_judged(
    progress: Progress,
    embeddings: EmbeddingSet,
    pairs: JudgedPairs,
    queries: EmbeddingSet | None,
    metric: Metric,
) -> CalibrationStudy:
    progress(0.0, "scores of the pairs")
    asked = None if queries is None else queries.vectors
    scores = score_judged_pairs(pairs, embeddings.vectors, metric=metric, queries=asked)
    progress(0.5, "calibration")
    return judged_calibration(scores)


@jobs.job("Calibrating pairs of labeled rows")
def _of_labels(progress: Progress, embeddings: EmbeddingSet, metric: Metric) -> CalibrationStudy:
    progress(0.0, "scores of the pairs")
    assert embeddings.labels is not None
    return label_calibration(embeddings.vectors, embeddings.labels, metric=metric)


def words(found: CalibrationStudy, unit: ScoreUnit) -> str:
    """Where the probability is one half, how far it holds, and for which share of pairs."""
    pairs = f"{round(float(found.pairs.weight.sum())):,} pairs"
    what = (
        f"{pairs} of {found.items:,} rows, which belong together where the labels are equal (used "
        f"here alone; seed {found.seed})"
        if found.of_labels
        else f"{pairs} of {found.items:,} judged items"
    )
    rate = percent(found.base_rate)
    held = ""
    if found.logistic_reliability is not None and found.isotonic_reliability is not None:
        held = (
            f" On the half that it was not fitted on, ECE is "
            f"{number(found.logistic_reliability.error)} (isotonic "
            f"{number(found.isotonic_reliability.error)}) in {found.logistic_reliability.bins} "
            f"bins and Cllr {number(found.cllr)}; the least that a rising map reaches on all pairs "
            f"is {number(found.min_cllr)}."
        )
    return (
        f"{_half(found, unit)} Of {what}, {rate} belong together; where another share does, the "
        f"probabilities do not hold.{held}"
    )


def at_floor(found: CalibrationStudy, unit: ScoreUnit, floor: float) -> str:
    """Which shares of the pairs of each kind pass the floor, or an empty text without one."""
    if np.isnan(floor):
        return ""
    above = found.pairs.scores >= floor
    genuine = float(found.pairs.genuine[above].sum()) / found.pairs.n_genuine
    impostor = float(found.pairs.impostor[above].sum()) / found.pairs.n_impostor
    limit = "upper limit" if unit.is_distance else "floor"
    return (
        f"The {limit} {number(float(unit.of(floor)))} passes {percent(genuine)} of these pairs "
        f"that belong together and {percent(impostor)} of the others."
    )


def _half(found: CalibrationStudy, unit: ScoreUnit) -> str:
    half = found.logistic.score_at(0.5)
    low, high = float(found.pairs.scores[0]), float(found.pairs.scores[-1])
    if not low <= half <= high:
        highest = float(found.logistic.probability(high))
        if found.logistic.slope > 0 and half > high:
            return (
                f"Even the nearest pair, {unit.name} {number(float(unit.of(high)))}, belongs "
                f"together with a probability of only {percent(highest)}."
            )
        return "No score of these pairs has a probability of one half."
    text = (
        f"At {unit.name} {number(float(unit.of(half)))} a pair belongs together with a probability "
        "of one half (logistic)."
    )
    if found.logistic.separated:
        text += " A threshold separates all pairs, so the slope is as steep as a ridge lets it be."
    return text


def table(found: CalibrationStudy, unit: ScoreUnit) -> pd.DataFrame:
    """Probabilities at 101 values, even in the unit."""
    ends = unit.of(found.pairs.scores[[0, -1]])
    values = np.linspace(ends[0], ends[1], CURVE_POINTS)
    scores = unit.to_score(values)
    return pd.DataFrame(
        {
            unit.name: values,
            "logistic": found.logistic.probability(scores),
            "isotonic": found.isotonic.probability(scores),
        }
    )


def reliability_table(found: CalibrationStudy) -> pd.DataFrame:
    """Predicted against observed in each bin, of pairs that were not fitted on."""
    kinds = (("logistic", found.logistic_reliability), ("isotonic", found.isotonic_reliability))
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "calibration": name,
                    "predicted": each.predicted,
                    "observed": each.observed,
                    "pairs": each.weight,
                }
            )
            for name, each in kinds
            if each is not None
        ],
        ignore_index=True,
    )
