"""Figures of a threshold on all pairs: what is drawn, and the score that each point carries."""

from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.theme import EXPANDED, FOUND, MISSED, TRUE_NEIGHBOR, surface
from core.figures.thresholds import (
    axis_title,
    far_frr,
    operating_curve,
    reach,
    score_histogram,
)
from core.metrics.operating import OperatingPoint, counted_auc, counted_eer, point_at
from core.metrics.score_counts import ScoreCounts, ScoreScale
from core.metrics.score_units import ScoreUnit, units_of

RANDOM = np.random.default_rng(6)
SCALE = ScoreScale("cosine", -0.5, 1.0)
GENUINE, IMPOSTOR = RANDOM.normal(0.6, 0.1, 2_000), RANDOM.normal(0.2, 0.12, 30_000)
COUNTS = ScoreCounts(SCALE, SCALE.count(GENUINE), SCALE.count(IMPOSTOR))
POINT = point_at(COUNTS, 0.45)
SIMILARITY, DISTANCE, LENGTH = units_of("cosine")[:3]
UNITS = pytest.mark.parametrize("unit", [SIMILARITY, DISTANCE, LENGTH], ids=lambda each: each.name)


def named(figure: go.Figure, name: str) -> Any:
    (trace,) = [trace for trace in figure.data if trace.name == name]
    return trace


def quantile(rate: float) -> float:
    return NormalDist().inv_cdf(rate)


@UNITS
def test_far_and_frr_by_threshold(unit: ScoreUnit) -> None:
    figure = far_frr(COUNTS, POINT, unit, calibration=(0.5, 0.35))
    for name, scores, color in (("FAR", IMPOSTOR, MISSED), ("FRR", GENUINE, FOUND)):
        trace = named(figure, name)
        carried = np.asarray(trace.customdata, dtype=float).ravel()
        np.testing.assert_allclose(trace.x, unit.of(carried))
        share = np.array([(scores >= score).mean() for score in carried])
        wanted = share if name == "FAR" else 1 - share
        np.testing.assert_allclose(trace.y, wanted, atol=1e-3)
        assert 300 < len(carried) <= 401
        assert trace.line.color == color
    rate, score = counted_eer(COUNTS)
    crossing = named(figure, f"EER {rate:.3f}")
    assert (crossing.x[0], crossing.y[0]) == (float(unit.of(score)), rate)
    assert crossing.customdata[0] == score
    assert crossing.marker.color == EXPANDED
    calibration, line = figure.layout.shapes
    ends = sorted((calibration.x0, calibration.x1))
    assert ends == pytest.approx(sorted(unit.of([0.35, 0.5])))
    assert line.x0 == line.x1 == float(unit.of(POINT.score))
    assert figure.layout.xaxis.title.text == axis_title(unit)
    assert list(figure.layout.xaxis.range) == reach(COUNTS, unit)


def test_the_axis_names_the_side_that_is_accepted() -> None:
    assert axis_title(SIMILARITY) == "cosine similarity (accepted: >= threshold)"
    assert axis_title(DISTANCE) == "cosine distance (accepted: <= threshold)"


@UNITS
def test_the_axis_shows_where_pairs_are(unit: ScoreUnit) -> None:
    low, high = reach(COUNTS, unit)
    every = np.concatenate([GENUINE, IMPOSTOR])
    ends = np.sort(unit.of([every.min(), every.max()]))
    assert low < high
    assert abs(low - ends[0]) < 0.15 * (ends[1] - ends[0])
    assert abs(high - ends[1]) < 0.15 * (ends[1] - ends[0])
    for kind in (GENUINE, IMPOSTOR):
        values = unit.of(kind)
        assert ((values >= low) & (values <= high)).mean() > 0.9997


def test_no_threshold_range_is_shaded_unless_given() -> None:
    (line,) = far_frr(COUNTS, POINT, SIMILARITY).layout.shapes
    assert line.x0 == POINT.score


def rates_of(curve: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score, FAR and the other rate that the points carry."""
    carried = np.asarray(curve.customdata, dtype=float)
    return carried[:, 0], carried[:, 1], carried[:, 2]


@pytest.mark.parametrize("kind", ["ROC", "ROC, log FAR"])
def test_roc_draws_the_accepted_shares(kind: Any) -> None:
    figure = operating_curve(COUNTS, POINT, kind)
    curve, here = named(figure, kind), named(figure, "the threshold")
    scores, far, tar = rates_of(curve)
    np.testing.assert_array_equal(curve.x, far)
    np.testing.assert_array_equal(curve.y, tar)
    places = [COUNTS.scale.place(score) for score in scores]
    np.testing.assert_allclose(far, COUNTS.far[places], atol=1e-12)
    np.testing.assert_allclose(tar, 1 - COUNTS.frr[places], atol=1e-12)
    assert (far[0], tar[0], far[-1], tar[-1]) == (0, 0, 1, 1)
    assert np.all(np.diff(far) >= 0)
    assert np.all(np.diff(tar) >= 0)
    assert np.trapezoid(curve.y, curve.x) == pytest.approx(counted_auc(COUNTS), abs=2e-4)
    assert (here.x[0], here.y[0]) == (POINT.far, POINT.tar)
    assert here.customdata[0].tolist() == [POINT.score, POINT.far, POINT.tar]
    assert 300 < len(far) <= 802
    if kind == "ROC":
        assert figure.layout.xaxis.type is None
    else:
        assert figure.layout.xaxis.type == "log"
        # From one of 30,000 impostor pairs on: log10 of 1 / 30,000.
        assert figure.layout.xaxis.range[0] == pytest.approx(-np.log10(30_000))
        # Rare false matches are drawn as well: points of each power of ten.
        rare = far[(far > 0) & (far < 1e-3)]
        assert len(rare) > 20
    assert figure.layout.xaxis.title.text.startswith("FAR")
    assert figure.layout.yaxis.title.text.startswith("TAR")


def test_det_draws_both_errors_on_probit_axes() -> None:
    figure = operating_curve(COUNTS, POINT, "DET")
    curve, here = named(figure, "DET"), named(figure, "the threshold")
    _, far, frr = rates_of(curve)
    inside = np.flatnonzero((far > 0) & (far < 1) & (frr > 0) & (frr < 1))
    assert len(inside) > 100
    for place in inside:
        assert curve.x[place] == pytest.approx(quantile(far[place]))
        assert curve.y[place] == pytest.approx(quantile(frr[place]))
    assert here.x[0] == pytest.approx(quantile(POINT.far))
    assert here.y[0] == pytest.approx(quantile(POINT.frr))
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        ticks = dict(zip(axis.ticktext, axis.tickvals, strict=True))
        assert ticks["50 %"] == pytest.approx(0.0, abs=1e-12)
        assert ticks["1 %"] == pytest.approx(-2.3263, abs=1e-4)
    assert figure.layout.yaxis.title.text.startswith("FRR")


@UNITS
@pytest.mark.parametrize("log", [False, True])
def test_bars_are_shares_of_the_pairs(unit: ScoreUnit, log: bool) -> None:
    figure = score_histogram(COUNTS, POINT, unit, log=log)
    for name, scores, color in (
        ("genuine pairs (same class)", GENUINE, TRUE_NEIGHBOR),
        ("impostor pairs", IMPOSTOR, MISSED),
    ):
        bars = named(figure, name)
        assert bars.marker.color == color
        assert len(bars.x) in range(85, 95)  # twice the root of the fewer pairs
        carried = np.asarray(bars.customdata, dtype=float).ravel()
        values = unit.of(scores)
        left, right = np.asarray(bars.x) - bars.width / 2, np.asarray(bars.x) + bars.width / 2
        for place in range(0, len(bars.x), 17):
            known = ((values > left[place]) & (values <= right[place])).mean()
            assert bars.y[place] == pytest.approx(known, abs=2e-3)
            assert left[place] <= float(unit.of(carried[place])) <= right[place]
        assert 0.999 < sum(bars.y) <= 1.0
    assert figure.layout.yaxis.type == ("log" if log else None)
    (line,) = figure.layout.shapes
    assert line.x0 == line.x1 == float(unit.of(POINT.score))


Draw = Callable[..., go.Figure]


@pytest.mark.parametrize("dark", [False, True])
def test_both_themes(dark: bool) -> None:
    tone = surface(dark)
    rates = far_frr(COUNTS, POINT, SIMILARITY, dark=dark, height=402, calibration=(0.3, 0.4))
    histogram = score_histogram(COUNTS, POINT, SIMILARITY, dark=dark, height=403)
    assert rates.layout.shapes[0].fillcolor == tone.other
    roc = operating_curve(COUNTS, POINT, "ROC", dark=dark, height=404)
    assert named(roc, "the threshold").marker.color == tone.text
    for height, figure in zip((402, 403, 404), (rates, histogram, roc), strict=True):
        assert figure.layout.height == height
        assert figure.layout.template.layout.font.color == tone.text
    for figure in (rates, histogram):
        assert figure.layout.shapes[-1].line.color == tone.text


def test_pairs_in_one_bin_are_drawn() -> None:
    one = ScoreCounts(SCALE, SCALE.count([0.5, 0.5]), SCALE.count([0.5]))
    point = OperatingPoint(0.5, SCALE.place(0.5), 1.0, 0.0)
    for figure in (
        far_frr(one, point, LENGTH),
        score_histogram(one, point, LENGTH),
        operating_curve(one, point, "DET"),
    ):
        assert len(figure.data) >= 2
    low, high = reach(one, LENGTH)
    assert low < 1.0 < high
