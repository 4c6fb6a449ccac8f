"""An ef for each query as figures, and how far rows are that were found."""

import numpy as np
import pytest

from core.figures import adaptive_costs, distance_error_vs_ef, foreseen_ef
from tests.pages.test_recall_sentences import ADAPTED, QUALITY


def test_queries_stand_by_what_they_need_and_what_was_foreseen() -> None:
    figure = foreseen_ef(ADAPTED)
    served, missed = figure.data[1:]
    assert (list(served.x), list(served.y)) == ([10, 20, 40], [12, 25, 45])
    assert (list(missed.x), list(missed.y)) == ([pytest.approx(716.8)], [50])  # beyond 512
    assert "none" in figure.layout.xaxis.ticktext
    assert 10 ** figure.layout.xaxis.range[1] > 716.8


def test_each_way_has_its_mean_cost_and_what_it_serves() -> None:
    (bars,) = adaptive_costs(ADAPTED).data
    assert list(bars.x) == [1050.0, 800.0, 837.5, 1050.0]
    assert bars.text[2] == "838 (75.0 %)"
    assert (bars.y[0], bars.y[3]) == ("one ef, 40 ", "one ef for as many, 40 ")


def test_distance_errors_are_in_percent() -> None:
    figure = distance_error_vs_ef(QUALITY, ef=6)
    np.testing.assert_allclose(figure.data[0].y, [2, 2])
    np.testing.assert_allclose(figure.data[1].y, [3.8, 2])
    assert figure.layout.shapes[0].x0 == 6
