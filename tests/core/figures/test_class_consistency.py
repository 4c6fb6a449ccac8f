"""One threshold on every class: lines, bands, bars, and the spaces beside one another."""

from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.class_consistency import (
    Space,
    accuracy_consistency,
    class_contributions,
    class_utility,
)
from core.figures.theme import EXPANDED, FOUND, MISSED, VISITED, surface
from core.metrics import OpisResult, opis
from core.metrics.score_units import threshold_axis, units_of

CLASSES = 12
NAMES = tuple(f"class {code}" for code in range(CLASSES))
RANDOM = np.random.default_rng(6)
LABELS = np.repeat(np.arange(CLASSES), 20)
# The later a class, the wider it is spread: no one threshold serves all.
VECTORS = RANDOM.normal(size=(CLASSES, 8))[LABELS] + RANDOM.normal(size=(240, 8)) * (
    0.1 + 0.09 * LABELS[:, None]
)
FOUND_OPIS = opis(VECTORS, LABELS)
AXIS, COSINE = threshold_axis("cosine"), units_of("cosine")[0]
INSIDE = float(AXIS.to_score(FOUND_OPIS.calibration_range.mean()))


def drawn(result: OpisResult = FOUND_OPIS, score: float = INSIDE, **how: Any) -> go.Figure:
    return class_utility(result, AXIS, how.pop("unit", AXIS), score, how.pop("names", NAMES), **how)


def named(figure: go.Figure, name: str) -> Any:
    (trace,) = [trace for trace in figure.data if trace.name == name]
    return trace


def lines(trace: Any) -> dict[str, tuple[np.ndarray, np.ndarray, int]]:
    """(x, y, customdata) of each line of a trace that NaN separates, by the name it shows."""
    ends = np.flatnonzero(np.isnan(trace.y))
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(trace.x)), ends)
    assert ends[-1] == len(trace.y) - 1
    found = {}
    for start, end in zip([0, *(ends[:-1] + 1)], ends, strict=True):
        (name,) = set(trace.text[start:end])
        (place,) = set(np.asarray(trace.customdata[start:end]).tolist())
        found[name] = (trace.x[start:end], trace.y[start:end], place)
    return found


def worst(count: int) -> list[str]:
    """The classes below the mean that add most to OPIS."""
    below = [slot for slot in range(CLASSES) if FOUND_OPIS.signs[slot] < 0]
    order = sorted(below, key=lambda slot: -FOUND_OPIS.contributions[slot])
    return [NAMES[slot] for slot in order[:count]]


def test_every_class_is_one_line_that_carries_its_place() -> None:
    figure = drawn()
    others, low = lines(named(figure, "a class")), lines(named(figure, "served worst"))
    assert list(low) == worst(2)  # a tenth of 12 classes, rounded up
    assert sorted([*others, *low]) == sorted(NAMES)
    for name, (x, y, place) in {**others, **low}.items():
        slot = NAMES.index(name)
        assert place == slot
        np.testing.assert_allclose(x, FOUND_OPIS.thresholds, rtol=1e-6)
        np.testing.assert_allclose(y, FOUND_OPIS.class_utility[slot], rtol=1e-6)
    assert named(figure, "served worst").line.color == MISSED
    mean = named(figure, "mean of the classes")
    np.testing.assert_allclose(mean.y, FOUND_OPIS.class_utility.mean(axis=0))


def test_epsilon_says_how_many_are_the_worst() -> None:
    assert list(lines(named(drawn(epsilon=0.01), "served worst"))) == worst(1)
    assert list(lines(named(drawn(epsilon=0.3), "served worst"))) == worst(4)
    # No more than lie below the mean, whatever epsilon is.
    every = lines(named(drawn(epsilon=1.0), "served worst"))
    assert sorted(every) == sorted(worst(CLASSES))
    assert len(every) < CLASSES


def test_another_unit_draws_the_same_thresholds() -> None:
    figure = drawn(unit=COSINE)
    x = named(figure, "mean of the classes").x
    np.testing.assert_allclose(x, 1 - FOUND_OPIS.thresholds**2 / 2)
    assert figure.layout.xaxis.title.text == "cosine similarity (accepted: >= threshold)"
    assert figure.layout.xaxis.range == pytest.approx((x[-1], x[0]))
    (line,) = figure.layout.shapes
    assert line.x0 == line.x1 == INSIDE


def test_the_chosen_class_is_drawn_on_top() -> None:
    figure = drawn(chosen=3)
    own = named(figure, "class 3")
    assert list(lines(own)) == ["class 3"]
    assert own.line.color == EXPANDED
    assert own.line.width > named(figure, "served worst").line.width
    assert [trace.name for trace in figure.data].index("class 3") > 0


def test_the_threshold_is_marked_within_the_range_only() -> None:
    low, high = FOUND_OPIS.calibration_range
    for length in (low + 1e-9, high - 1e-9):
        (line,) = drawn(score=float(AXIS.to_score(length))).layout.shapes
        assert line.x0 == pytest.approx(length)
    for length in (low - 0.01, high + 0.01):
        assert len(drawn(score=float(AXIS.to_score(length))).layout.shapes) == 0


def test_classes_served_alike_have_none_that_stands_out() -> None:
    angles = np.radians([0, 10, 90, 100])
    alike = opis(np.column_stack([np.cos(angles), np.sin(angles)]), np.repeat([0, 1], 2))
    figure = class_utility(alike, AXIS, AXIS, 0.0, ("a", "b"))
    assert [trace.name for trace in figure.data] == ["a class", "mean of the classes"]


def test_names_are_those_of_the_codes() -> None:
    few = opis(RANDOM.normal(size=(6, 3)), np.array([1, 1, 4, 4, 0, -1]))
    figure = class_utility(few, AXIS, AXIS, 0.5, ("v", "w", "x", "y", "<b>z"))
    shown = {text for trace in figure.data if trace.text is not None for text in trace.text}
    assert shown == {"w", "&lt;b&gt;z"}


def many(classes: int) -> tuple[OpisResult, tuple[str, ...]]:
    """A result of so many classes of the utilities 0, 1 / (n - 1), ... 1 at every threshold."""
    levels = np.linspace(0.0, 1.0, classes)
    table = np.tile(levels[:, None], (1, 3))
    deviation = levels - 0.5
    result = replace(
        FOUND_OPIS,
        contributions=deviation**2,
        signs=np.sign(deviation).astype(int),
        classes=np.arange(classes),
        class_sizes=np.full(classes, 5),
        thresholds=np.array([0.5, 0.6, 0.7]),
        class_utility=table,
        mean_utility=table.mean(axis=0),
    )
    return result, tuple(f"class {code}" for code in range(classes))


def test_above_300_classes_bands_are_drawn_and_the_worst_ten() -> None:
    result, names = many(300)
    assert len(lines(named(drawn(result, names=names), "a class"))) == 270
    result, names = many(401)
    figure = drawn(result, names=names, chosen=399)
    assert [trace.name for trace in figure.data] == [
        "5 % to 95 % of the classes",
        "25 % to 75 % of the classes",
        "served worst",
        "class 399",
        "mean of the classes",
    ]
    wide = figure.data[0]
    np.testing.assert_allclose(wide.x, [0.5, 0.6, 0.7, 0.7, 0.6, 0.5])
    np.testing.assert_allclose(wide.y, [0.05] * 3 + [0.95] * 3)
    np.testing.assert_allclose(figure.data[1].y, [0.25] * 3 + [0.75] * 3)
    assert wide.fill == "toself"
    assert list(lines(figure.data[2])) == [f"class {code}" for code in range(10)]


def test_contributions_have_their_sign_and_carry_their_place() -> None:
    figure = class_contributions(FOUND_OPIS, NAMES, chosen=4)
    (bars,) = figure.data
    order = np.asarray(bars.customdata).ravel()
    np.testing.assert_allclose(bars.x, (FOUND_OPIS.contributions * FOUND_OPIS.signs)[order])
    # The largest stands at the top, which is the last place of an upward axis.
    assert np.all(np.diff(np.abs(bars.x)) >= 0)
    assert list(bars.text) == [NAMES[place] for place in order]
    assert list(figure.layout.yaxis.ticktext) == list(bars.text)
    for place, value, color in zip(order, bars.x, bars.marker.color, strict=True):
        assert color == (EXPANDED if place == 4 else MISSED if value < 0 else FOUND)


def test_at_most_forty_contributions_are_drawn() -> None:
    result, names = many(100)
    (bars,) = class_contributions(result, names).data
    # The farther from the middle, the more: the 20 lowest and the 20 highest.
    assert sorted(np.asarray(bars.customdata).ravel().tolist()) == [*range(20), *range(80, 100)]


def test_spaces_stand_at_their_accuracy_and_opis() -> None:
    spaces = [
        Space("a <b>", 0.9, 0.02, (0.01, 0.05)),
        Space("c", 0.7, 0.01, (0.012, 0.03)),  # a basic interval need not hold the value
    ]
    figure = accuracy_consistency(spaces)
    first, last = figure.data
    assert (first.x[0], first.y[0], first.text[0]) == (0.9, 0.02, "a &lt;b&gt;")
    assert (first.error_y.array[0], first.error_y.arrayminus[0]) == pytest.approx((0.03, 0.01))
    assert (last.error_y.array[0], last.error_y.arrayminus[0]) == pytest.approx((0.02, 0.0))
    assert (first.marker.color, last.marker.color) == (VISITED, FOUND)
    assert figure.layout.yaxis.range[0] == 0
    assert figure.layout.yaxis.range[1] > 0.05


@pytest.mark.parametrize("dark", [False, True])
def test_both_themes(dark: bool) -> None:
    tone = surface(dark)
    utility = drawn(dark=dark, height=401)
    assert named(utility, "a class").line.color == tone.other
    assert named(utility, "mean of the classes").line.color == tone.text
    bars = class_contributions(FOUND_OPIS, NAMES, dark=dark, height=402)
    spaces = accuracy_consistency([Space("a", 0.5, 0.1, (0, 0.2))], dark=dark, height=403)
    for height, figure in zip((401, 402, 403), (utility, bars, spaces), strict=True):
        assert figure.layout.height == height
        assert figure.layout.template.layout.font.color == tone.text
