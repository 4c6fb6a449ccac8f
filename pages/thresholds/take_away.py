"""The section `Take away`: the operating point, the figures behind it, and a test that holds it."""

import json
import math
from typing import Any

import streamlit as st

from core.data.sheets import csv_text
from core.engines.floor import threshold_lines
from core.figures import (
    ReportPart,
    class_utility,
    far_frr,
    fmr_matrix,
    operating_curve,
    report_page,
    score_histogram,
)
from core.metrics import OperatingPoint, ScoreUnit, errors_by_group, threshold_axis
from core.metrics.pair_resamples import Over
from core.studies import Consistency, Estimate, Estimates
from core.studies.thresholds.kept_test import Bounds, threshold_test
from pages.thresholds import consistency, decide, gate, groups, operating, pair_cards
from pages.thresholds import lab as labs
from pages.thresholds.lab import Lab
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.display import downloads, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import percent, plain
from pages.ui.session.workspace import Workspace

TEST_FILE = "test_threshold.py"
NO_BOUND = 1.0
NOTE = (
    "Accept a pair iff its value is on the accepted side of the threshold. Genuine pairs share a "
    "class, impostor pairs do not; FAR is the share of impostor pairs accepted, TAR that of "
    "genuine pairs, both of unordered pairs of different rows. OPIS is the mean squared "
    "deviation of a class's utility (harmonic mean of its TAR and 1 - FAR) from the mean of the "
    "classes, over the thresholds of FAR 1 % to 10 % (Zhang et al., arXiv 2307.04047, "
    "reconstructed)."
)


def show(work: Workspace, heading: Heading) -> None:
    """The section `Take away` of the Thresholds page."""
    lab = labs.lab(work)
    point, unit = operating.draw(lab), operating.unit(lab)
    over = widgets.segmented("Intervals by drawing", "over", decide.OVER, help=decide.OVER_HELP)
    found = jobs.ready(labs.estimated(lab, over))
    fitted = jobs.ready(consistency.measured(lab, consistency.usual(lab)))
    far, tar = found.at(point)
    heading.answer(answer(point, unit, far, tar))
    messages.note(plain(lab.basis))
    code, files = st.columns([3, 1], gap="large")
    with code:
        st.markdown("**The threshold in your system**")
        lines = threshold_lines(lab.metric, point.score)
        st.code("\n".join(f"# {system}\n{line}" for system, line in lines), language="python")
        st.markdown("**As a test**")
        test = test_text(lab, point, unit, far, tar, fitted, over)
        messages.note(
            "A pytest file that asserts the ends of these intervals on new vectors of the same "
            "model; an end that is not defined asserts nothing."
        )
        st.code(test, language="python", height=420)
        downloads.offer(f"Download {TEST_FILE}", lambda: test, TEST_FILE, "text/x-python")
    with files:
        _files(lab, point, unit, found, fitted, over)
        st.markdown("**A pipeline**")
        gate.show(work, lab, point, unit, (far, tar), fitted, over)
    labs.narrow(work, lab)


def answer(point: OperatingPoint, unit: ScoreUnit, far: Estimate, tar: Estimate) -> str:
    """The section's sentence: the threshold with its rates and their intervals."""
    at = operating.value_text(unit, point.score)
    return (
        f"{at}: FAR {percent(point.far)} ({_range(far)}), TAR {percent(point.tar)} ({_range(tar)})."
    )


def test_text(
    lab: Lab,
    point: OperatingPoint,
    unit: ScoreUnit,
    far: Estimate,
    tar: Estimate,
    fitted: Consistency,
    over: Over,
) -> str:
    """The pytest file of the operating point."""
    bounds = Bounds(
        score=point.score,
        far=_bound(far.high, NO_BOUND),
        tar=_bound(tar.low, 0.0),
        opis=_bound(max(fitted.interval[1], fitted.opis.opis), NO_BOUND),
    )
    return threshold_test(
        bounds,
        metric=lab.metric,
        shown=operating.value_text(unit, point.score),
        data=lab.embeddings.name,
        label=lab.embeddings.label_column or "label",
        over=over,
        file=TEST_FILE,
    )


def point_json(
    lab: Lab, point: OperatingPoint, found: Estimates, fitted: Consistency, over: Over
) -> dict[str, Any]:
    """The operating point with its intervals, the data that it holds for, and the definitions."""
    far, tar = found.at(point)
    units = {each.name: float(each.of(point.score)) for each in operating.units(lab)}
    return {
        "data": {
            "name": lab.embeddings.name,
            "fingerprint": lab.embeddings.fingerprint,
            "label_column": lab.embeddings.label_column,
            "rows": lab.study.rows,
            "of_rows": lab.study.n,
            "seed": lab.study.seed if lab.study.is_sample else None,
            "classes": len(lab.names),
        },
        "metric": lab.metric,
        "threshold": units,
        "accept": {each.name: each.sign for each in operating.units(lab)},
        "genuine_pairs": int(lab.counts.totals.n_genuine),
        "impostor_pairs": int(lab.counts.totals.n_impostor),
        "far": _values(far),
        "tar": _values(tar),
        "figures": {name: _values(estimate) for name, estimate in found.figures.items()},
        "opis": {
            "value": fitted.opis.opis,
            "low": fitted.interval[0],
            "high": fitted.interval[1],
            "calibration_range": fitted.opis.calibration_range.tolist(),
            "unit_of_range": threshold_axis(lab.metric).name,
        },
        "intervals": {"level": 0.95, "drawn": over, "seed": found.resamples.seed},
        "definitions": {"rates": NOTE, **decide.DEFINITIONS},
    }


def report(
    lab: Lab, point: OperatingPoint, unit: ScoreUnit, found: Estimates, fitted: Consistency
) -> bytes:
    """The page as one HTML file."""
    totals = lab.counts.totals
    far, tar = found.at(point)
    classes = labs.classes_at(lab, point.score).drop(columns="place")
    names = lab.embeddings.class_names
    frame = decide.figures(lab, point, unit, found).drop(columns="score")
    parts = [
        ReportPart(
            "Scores of genuine and of impostor pairs",
            figure=score_histogram(totals, point, unit),
            alt="Distributions of the scores",
        ),
        ReportPart("FAR and FRR", figure=far_frr(totals, point, unit), alt="FAR and FRR"),
        ReportPart("DET", figure=operating_curve(totals, point, "DET"), alt="DET", table=frame),
        ReportPart(
            "Utility of each class",
            consistency.answer(fitted),
            figure=class_utility(fitted.opis, threshold_axis(lab.metric), unit, point.score, names),
            alt="Utility of each class over the calibration range",
            table=classes.round(4),
        ),
    ]
    if lab.counts.group_impostor is not None:
        errors = errors_by_group(lab.counts, point.score)
        parts.append(
            ReportPart(
                "False match rates between classes",
                "log10 FMR; gray cannot be told from that of all pairs.",
                figure=fmr_matrix(errors, lab.names, groups.worst_groups(errors)),
                alt="Matrix of false match rates",
                table=groups.worst_cells(errors, lab.names).round(5),
            )
        )
    words = answer(point, unit, far, tar)
    return report_page("Nearfield: threshold", words, (lab.basis, NOTE), parts).encode()


def _files(
    lab: Lab,
    point: OperatingPoint,
    unit: ScoreUnit,
    found: Estimates,
    fitted: Consistency,
    over: Over,
) -> None:

    def everything() -> str:
        return json.dumps(_without_nan(point_json(lab, point, found, fitted, over)), indent=1)

    def offer(label: str, frame: Any, name: str) -> None:
        downloads.offer(
            label,
            lambda: csv_text(frame()),
            f"{name}.csv",
            "text/csv",
            key=f"_{name}",
            width="stretch",
        )

    st.markdown("**The operating point**")
    downloads.offer(
        "Threshold, rates, intervals (JSON)",
        everything,
        "operating_point.json",
        "application/json",
        width="stretch",
    )
    st.markdown("**The figures**")
    offer(
        "Classes (CSV)",
        lambda: labs.classes_at(lab, point.score).drop(columns="place"),
        "classes_at_threshold",
    )
    offer("FAR and FRR (CSV)", lambda: decide.rates_table(lab, unit), "far_frr_by_threshold")
    offer(
        "Utility (CSV)",
        lambda: consistency.utility_table(lab, fitted.opis, unit),
        "utility_by_class",
    )
    if lab.counts.group_impostor is not None:
        offer(
            "Class by class (CSV)",
            lambda: groups.cell_table(errors_by_group(lab.counts, point.score), lab.names),
            "fmr_by_classes",
        )
    offer(
        "Nearest impostor pairs (CSV)",
        lambda: pair_cards.table(lab, lab.counts.nearest_impostors, unit),
        "nearest_impostors",
    )
    offer(
        "Farthest genuine pairs (CSV)",
        lambda: pair_cards.table(lab, lab.counts.farthest_genuine, unit),
        "farthest_genuine",
    )
    st.markdown("**The page**")
    downloads.offer(
        "Report (HTML)",
        lambda: report(lab, point, unit, found, fitted),
        "nearfield_threshold.html",
        "text/html",
        width="stretch",
    )
    messages.note("One file with the figures and tables, to be read anywhere.")


def _range(estimate: Estimate) -> str:
    if math.isnan(estimate.low):
        return "no interval"
    return f"95 %: {percent(estimate.low)} to {percent(estimate.high)}"


def _bound(value: float, otherwise: float) -> float:
    return otherwise if math.isnan(value) else value


def _values(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def _without_nan(value: Any) -> Any:
    """JSON knows no NaN: null stands in its place."""
    if isinstance(value, dict):
        return {key: _without_nan(each) for key, each in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
