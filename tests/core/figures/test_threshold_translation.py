"""Pairs in two spaces, by which space accepts them, with both thresholds."""

import numpy as np

from core.figures.threshold_translation import two_spaces
from core.metrics.score_units import units_of
from core.studies.thresholds.translation import translation

RANDOM = np.random.default_rng(5)
ROWS = RANDOM.normal(size=(40, 6))
STUDY = translation(ROWS, ROWS[:, :4], metric_b="euclidean", resamples=10)
COSINE, DISTANCE = units_of("cosine")[0], units_of("euclidean")[0]


def test_pairs_stand_in_the_quarter_of_the_spaces_that_accept_them() -> None:
    told = STUDY.at(STUDY.at_rate(0.1))
    figure = two_spaces(STUDY, told, COSINE, DISTANCE)
    traces = {trace.name: trace for trace in figure.data}
    bar_a, bar_b = float(COSINE.of(told.in_a)), float(DISTANCE.of(told.in_b))
    for name, in_a, in_b in (
        ("both accept", True, True),
        ("the first alone", True, False),
        ("the second alone", False, True),
        ("neither", False, False),
    ):
        x, y = np.array(traces[name].x), np.array(traces[name].y)
        assert ((x >= bar_a - 1e-6) == in_a).all()
        assert ((y <= bar_b + 1e-6) == in_b).all()  # a distance accepts what is at most that
    drawn = sum(len(traces[name].x) for name in ("both accept", "the first alone"))
    assert drawn == told.every.by_a
    across, down = figure.layout.shapes
    assert (across.x0, down.y0) == (bar_a, bar_b)
    np.testing.assert_allclose(traces["same rate"].x, STUDY.curve.in_a)
    np.testing.assert_allclose(traces["same rate"].y, DISTANCE.of(STUDY.curve.in_b))
    assert figure.layout.yaxis.title.text == "second space: L2 distance"
