from statistics import NormalDist
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.theme import EXPANDED, FOUND, MISSED, TRUE_NEIGHBOR, surface
from core.figures.thresholds import class_utility, distance_histogram, far_frr, operating_curve
from core.studies.thresholds.consistency import ThresholdStudy, threshold_study

CLASSES = 12
NAMES = tuple(f"class {code}" for code in range(CLASSES))
RANDOM = np.random.default_rng(6)
LABELS = np.repeat(np.arange(CLASSES), 20)
# The later a class, the wider it is spread: no one threshold serves all.
VECTORS = RANDOM.normal(size=(CLASSES, 8))[LABELS] + RANDOM.normal(size=(240, 8)) * (
    0.1 + 0.09 * LABELS[:, None]
)


@pytest.fixture(scope="module")
def study() -> ThresholdStudy:
    return threshold_study(VECTORS, LABELS)


def named(figure: go.Figure, name: str) -> Any:
    (trace,) = [trace for trace in figure.data if trace.name == name]
    return trace


def lines(trace: Any) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """(x, y) of each line of a trace that NaN separates, by the name it shows."""
    ends = np.flatnonzero(np.isnan(trace.y))
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(trace.x)), ends)
    assert ends[-1] == len(trace.y) - 1
    found = {}
    for start, end in zip([0, *(ends[:-1] + 1)], ends, strict=True):
        (name,) = set(trace.text[start:end])
        found[name] = (trace.x[start:end], trace.y[start:end])
    return found


def inside(study: ThresholdStudy) -> float:
    return float(study.opis.calibration_range.mean())


def worst_class(study: ThresholdStudy) -> str:
    """The class below the mean that adds most to OPIS: a tenth of 12 classes is one."""
    result = study.opis
    below = [slot for slot in range(CLASSES) if result.signs[slot] < 0]
    return NAMES[max(below, key=lambda slot: result.contributions[slot])]


def test_every_class_is_one_line(study: ThresholdStudy) -> None:
    figure = class_utility(study, inside(study), NAMES)
    others, worst = lines(named(figure, "a class")), lines(named(figure, "served worst"))
    assert list(worst) == [worst_class(study)]
    assert sorted([*others, *worst]) == sorted(NAMES)
    for name, (x, y) in {**others, **worst}.items():
        slot = NAMES.index(name)
        np.testing.assert_array_equal(x, study.opis.thresholds.astype(np.float32))
        np.testing.assert_array_equal(y, study.opis.class_utility[slot].astype(np.float32))
        assert x.dtype == y.dtype == np.float32


def test_the_mean_is_the_mean_of_the_lines(study: ThresholdStudy) -> None:
    figure = class_utility(study, inside(study), NAMES)
    mean = named(figure, "mean of the classes")
    assert mean.x.tolist() == study.opis.thresholds.tolist()
    np.testing.assert_allclose(mean.y, study.opis.class_utility.mean(axis=0), atol=1e-12)
    drawn = {**lines(named(figure, "a class")), **lines(named(figure, "served worst"))}
    by_hand = np.mean([y for _, y in drawn.values()], axis=0)
    np.testing.assert_allclose(mean.y, by_hand, atol=1e-6)


def test_the_class_that_stands_out_lies_below_the_mean(study: ThresholdStudy) -> None:
    figure = class_utility(study, inside(study), NAMES)
    ((_, y),) = lines(named(figure, "served worst")).values()
    assert y.mean() < named(figure, "mean of the classes").y.mean()
    assert named(figure, "served worst").line.color == MISSED


def test_classes_served_alike_have_none_that_stands_out() -> None:
    angles = np.radians([0, 10, 90, 100])
    alike = threshold_study(np.column_stack([np.cos(angles), np.sin(angles)]), np.repeat([0, 1], 2))
    names = [trace.name for trace in class_utility(alike, 1.4, ("a", "b")).data]
    assert names == ["a class", "mean of the classes"]


def test_names_are_those_of_the_codes() -> None:
    # Codes 1 and 4 alone have two members; the names of the others are passed over.
    labels = np.array([1, 1, 4, 4, 0, -1])
    few = threshold_study(RANDOM.normal(size=(6, 3)), labels)
    figure = class_utility(few, 1.0, ("v", "w", "x", "y", "z"))
    shown = {text for trace in figure.data if trace.text is not None for text in trace.text}
    assert shown == {"w", "z"}


def test_utility_marks_the_threshold_within_its_range_only(study: ThresholdStudy) -> None:
    low, high = study.opis.calibration_range
    for threshold in (low, inside(study), high):
        figure = class_utility(study, threshold, NAMES)
        (line,) = figure.layout.shapes
        assert line.x0 == line.x1 == threshold
        assert figure.layout.xaxis.range == (low, high)
    for threshold in (low - 0.01, high + 0.01):
        assert len(class_utility(study, threshold, NAMES).layout.shapes) == 0


def test_far_and_frr_over_the_whole_range(study: ThresholdStudy) -> None:
    figure = far_frr(study, 0.7)
    for name, values, color in (("FAR", study.far, MISSED), ("FRR", study.frr, FOUND)):
        trace = named(figure, name)
        np.testing.assert_array_equal(trace.x, study.thresholds)
        np.testing.assert_array_equal(trace.y, values)
        assert trace.line.color == color
    rate, place = study.eer
    crossing = named(figure, f"EER {rate:.3f}")
    assert (list(crossing.x), list(crossing.y)) == ([place], [rate])
    assert crossing.marker.color == EXPANDED
    calibration, line = figure.layout.shapes
    assert (calibration.x0, calibration.x1) == tuple(study.opis.calibration_range)
    assert line.x0 == line.x1 == 0.7


def test_the_point_of_equal_errors_lies_on_both_curves(study: ThresholdStudy) -> None:
    figure = far_frr(study, 0.7)
    rate, place = study.eer
    slot = int(np.searchsorted(study.thresholds, place))
    far, frr = named(figure, "FAR").y, named(figure, "FRR").y
    assert far[slot - 1] <= rate <= far[slot]
    assert frr[slot - 1] >= rate >= frr[slot]


def test_steps_are_shares_of_the_pairs_of_each_interval(study: ThresholdStudy) -> None:
    figure = distance_histogram(study, 0.7)
    for name, counts, color in (
        ("genuine pairs (same class)", study.genuine, TRUE_NEIGHBOR),
        ("impostor pairs", study.impostor, MISSED),
    ):
        steps = named(figure, name)
        # A step runs from its interval's lower end to the next one's; the last is closed at 2.
        np.testing.assert_allclose(steps.x, np.arange(401) / 200, atol=1e-12)
        np.testing.assert_allclose(steps.y[:-1], counts / sum(counts.tolist()), rtol=1e-12)
        assert steps.y[-1] == 0
        assert steps.y.sum() == pytest.approx(1.0)
        assert steps.line.shape == "hv"
        assert steps.fill == "tozeroy"
        assert steps.line.color == color
    (line,) = figure.layout.shapes
    assert line.x0 == line.x1 == 0.7


def normal_quantile(rate: float) -> float:
    return NormalDist().inv_cdf(rate)


def naive_rates(threshold: float) -> tuple[float, float]:
    """(FAR, FRR) pair by pair."""
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    accepted = {True: 0, False: 0}
    total = {True: 0, False: 0}
    for row in range(len(unit)):
        distance = np.linalg.norm(unit[row + 1 :] - unit[row], axis=1)
        for same, near in zip(LABELS[row + 1 :] == LABELS[row], distance <= threshold, strict=True):
            total[bool(same)] += 1
            accepted[bool(same)] += bool(near)
    return accepted[False] / total[False], 1 - accepted[True] / total[True]


def test_roc_draws_the_accepted_shares_and_marks_the_threshold(study: ThresholdStudy) -> None:
    figure = operating_curve(study, 0.7, "ROC")
    curve, mark = named(figure, "ROC"), named(figure, "at 0.700")
    far, frr = naive_rates(0.7)
    assert mark.x.tolist() == pytest.approx([far])
    assert mark.y.tolist() == pytest.approx([1 - frr])
    # Each drawn point is one of the curve, and the curve runs from corner to corner.
    points = set(zip(study.curve.far.tolist(), (1 - study.curve.frr).tolist(), strict=True))
    assert set(zip(curve.x.tolist(), curve.y.tolist(), strict=True)) <= points
    assert (curve.x[0], curve.y[0]) == (0, 0)
    assert (curve.x[-1], curve.y[-1]) == (1, 1)
    assert np.all(np.diff(curve.x) >= 0)
    assert np.all(np.diff(curve.y) >= 0)
    # Thinned out, it still encloses the area that all points enclose: the AUC.
    assert np.trapezoid(curve.y, curve.x) == pytest.approx(study.auc, abs=2e-4)
    assert figure.layout.xaxis.title.text.startswith("FAR")
    assert figure.layout.yaxis.title.text.startswith("TAR")


def test_det_draws_both_errors_on_probit_axes(study: ThresholdStudy) -> None:
    figure = operating_curve(study, 0.7, "DET")
    curve, mark = named(figure, "DET"), named(figure, "at 0.700")
    far, frr = naive_rates(0.7)
    assert mark.x[0] == pytest.approx(normal_quantile(far))
    assert mark.y[0] == pytest.approx(normal_quantile(frr))
    inside = np.flatnonzero(np.isfinite(curve.x) & np.isfinite(curve.y))
    assert len(inside) > 100
    for slot in inside:
        miss = curve.customdata[slot]
        assert curve.x[slot] == pytest.approx(normal_quantile(miss[0]))
        assert curve.y[slot] == pytest.approx(normal_quantile(miss[1]))
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        # The quantile of a half is 0, of 1 % is -2.3263.
        ticks = dict(zip(axis.ticktext, axis.tickvals, strict=True))
        assert ticks["50 %"] == pytest.approx(0.0, abs=1e-12)
        assert ticks["1 %"] == pytest.approx(-2.3263, abs=1e-4)
    assert figure.layout.yaxis.title.text.startswith("FRR")


def test_a_large_curve_is_drawn_with_few_points() -> None:
    study = threshold_study(RANDOM.normal(size=(900, 4)), np.arange(900) % 9)
    assert len(study.curve.far) > 300_000
    drawn = named(operating_curve(study, 1.0, "ROC"), "ROC")
    assert 300 < len(drawn.x) <= 802  # 400 in each direction, and both ends
    assert np.trapezoid(drawn.y, drawn.x) == pytest.approx(study.auc, abs=2e-4)


def test_the_axis_shows_where_pairs_are(study: ThresholdStudy) -> None:
    used = [place for place in range(400) if study.genuine[place] or study.impostor[place]]
    first, last = used[0] / 200, (used[-1] + 1) / 200
    margin = 0.03 * (last - first)
    for figure in (far_frr(study, 0.7), distance_histogram(study, 0.7)):
        assert figure.layout.xaxis.range == pytest.approx((first - margin, last + margin))


@pytest.mark.parametrize("dark", [False, True])
def test_both_themes(study: ThresholdStudy, dark: bool) -> None:
    tone = surface(dark)
    utility = class_utility(study, inside(study), NAMES, dark=dark, height=401)
    rates = far_frr(study, 0.7, dark=dark, height=402)
    histogram = distance_histogram(study, 0.7, dark=dark, height=403)
    assert named(utility, "a class").line.color == tone.other
    assert named(utility, "mean of the classes").line.color == tone.text
    assert rates.layout.shapes[0].fillcolor == tone.other
    roc = operating_curve(study, 0.7, "ROC", dark=dark)
    assert named(roc, "at 0.700").marker.color == tone.text
    for height, figure in zip((401, 402, 403), (utility, rates, histogram), strict=True):
        assert figure.layout.height == height
        assert figure.layout.shapes[-1].line.color == tone.text
        assert figure.layout.template.layout.font.color == tone.text
