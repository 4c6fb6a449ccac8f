from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.theme import EXPANDED, FOUND, MISSED, TRUE_NEIGHBOR, surface
from core.figures.thresholds import class_utility, distance_histogram, far_frr
from core.studies.consistency import ThresholdStudy, threshold_study

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


def test_bars_are_shares_of_the_pairs_of_each_interval(study: ThresholdStudy) -> None:
    figure = distance_histogram(study, 0.7)
    for name, counts, color in (
        ("genuine pairs (same class)", study.genuine, TRUE_NEIGHBOR),
        ("impostor pairs", study.impostor, MISSED),
    ):
        bars = named(figure, name)
        np.testing.assert_allclose(bars.x, (np.arange(400) + 0.5) / 200, atol=1e-12)
        np.testing.assert_allclose(bars.y, counts / sum(counts.tolist()), rtol=1e-12)
        assert bars.y.sum() == pytest.approx(1.0)
        assert bars.width == pytest.approx(0.005)
        assert bars.marker.color == color
    (line,) = figure.layout.shapes
    assert line.x0 == line.x1 == 0.7
    assert figure.layout.barmode == "overlay"


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
    for height, figure in zip((401, 402, 403), (utility, rates, histogram), strict=True):
        assert figure.layout.height == height
        assert figure.layout.shapes[-1].line.color == tone.text
        assert figure.layout.template.layout.font.color == tone.text
