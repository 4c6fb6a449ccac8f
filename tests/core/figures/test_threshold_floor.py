"""Pictures of a floor and of calibration: what is drawn is what was counted."""

import numpy as np
import pytest

from core.figures.threshold_floor import (
    BEST,
    OFF_TOPIC,
    PAIRS,
    calibration_line,
    counted_scores,
    floor_distributions,
    reliability_diagram,
)
from core.metrics import units_of
from core.metrics.judged_scores import JudgedScores
from core.studies.thresholds.calibrated import judged_calibration
from core.studies.thresholds.floor import floor_study

RANDOM = np.random.default_rng(1)
ROWS = RANDOM.normal(size=(90, 5))
STUDY = floor_study(ROWS, k=2, off_topic=ROWS[:30] + RANDOM.normal(size=(30, 5)))
COSINE, DISTANCE = units_of("cosine")[:2]
SAME = RANDOM.random(300) < 0.5
JUDGED = judged_calibration(
    JudgedScores("cosine", RANDOM.normal(size=300) / 4 + SAME / 3, SAME, np.arange(300) // 4)
)


@pytest.mark.parametrize("unit", [COSINE, DISTANCE])
def test_each_kind_is_counted_in_equal_intervals_of_the_unit(unit: object) -> None:
    edges, counted = counted_scores(STUDY, unit)  # type: ignore[arg-type]
    assert list(counted) == [PAIRS, BEST, OFF_TOPIC]
    np.testing.assert_allclose(np.diff(edges), edges[1] - edges[0])
    values = unit.of(STUDY.unrelated)  # type: ignore[attr-defined]
    for share in counted.values():
        assert share.sum() == pytest.approx(1)
    half = np.searchsorted(edges, np.median(values))
    assert counted[PAIRS][:half].sum() == pytest.approx(np.mean(values < edges[half]), abs=1e-9)


@pytest.mark.parametrize(("unit", "log"), [(COSINE, False), (DISTANCE, True)])
def test_the_floor_and_its_interval_are_lines(unit: object, log: bool) -> None:
    floor = STUDY.floors("pairs")[1]
    figure = floor_distributions(STUDY, floor, unit, log=log)  # type: ignore[arg-type]
    band, line = figure.layout.shapes
    ends = unit.of([floor.score.low, floor.score.high])  # type: ignore[attr-defined]
    assert (band.x0, band.x1) == (pytest.approx(min(ends)), pytest.approx(max(ends)))
    assert line.x0 == line.x1 == pytest.approx(unit.of(floor.score.value))  # type: ignore[attr-defined]
    assert [trace.name for trace in figure.data] == [PAIRS, BEST, OFF_TOPIC]
    assert figure.layout.yaxis.type == ("log" if log else "linear")
    assert unit.name in figure.layout.xaxis.title.text  # type: ignore[attr-defined]
    drawn = np.asarray(figure.data[0].y, dtype=float)
    assert np.nansum(drawn[:-1]) == pytest.approx(1)
    empty = np.asarray(counted_scores(STUDY, unit)[1][PAIRS]) == 0  # type: ignore[arg-type]
    assert np.isnan(drawn).any() == (log and empty.any())


def test_a_floor_that_cannot_be_told_is_not_drawn() -> None:
    floor = STUDY.floors("pairs")[-1]
    assert np.isnan(floor.score.value)
    assert len(floor_distributions(STUDY, floor, COSINE).layout.shapes) == 0


@pytest.mark.parametrize("unit", [COSINE, DISTANCE])
def test_the_lines_are_those_of_the_calibrations(unit: object) -> None:
    logistic, isotonic = calibration_line(JUDGED, unit).data  # type: ignore[arg-type]
    scores = unit.to_score(np.asarray(logistic.x, float))  # type: ignore[attr-defined]
    np.testing.assert_allclose(logistic.y, JUDGED.logistic.probability(scores), atol=1e-9)
    scores = unit.to_score(np.asarray(isotonic.x, float))  # type: ignore[attr-defined]
    np.testing.assert_allclose(isotonic.y, JUDGED.isotonic.probability(scores), atol=1e-9)
    # The drawn corners are enough: between them the line is the calibration.
    every = JUDGED.isotonic
    between = np.interp(every.scores, np.sort(scores), np.asarray(isotonic.y)[np.argsort(scores)])
    np.testing.assert_allclose(between, every.probabilities, atol=1e-9)


def test_reliability_shows_the_bins_of_both() -> None:
    figure = reliability_diagram(JUDGED, dark=True)
    found = JUDGED.logistic_reliability
    assert found is not None
    assert figure.data[1].name == f"logistic, ECE {found.error:.2g}"
    np.testing.assert_array_equal(figure.data[1].x, found.predicted)
    np.testing.assert_array_equal(figure.data[1].y, found.observed)
    assert len(figure.data) == 3
