"""The first ef that reaches a target, worked by hand."""

import math

import numpy as np

from core.index.reaching import NONE_REACHES, cost_at, first_ef, first_place, reaches

REACHED = np.array([[False, True, False], [False, False, False], [True, True, True]])


def test_the_first_place_and_its_ef() -> None:
    assert first_place(REACHED).tolist() == [1, NONE_REACHES, 0]
    assert first_ef(np.array([10, 12, 15]), REACHED).tolist() == [12, -1, 10]
    assert int(first_ef(np.array([10, 12, 15]), REACHED[0])) == 12


def test_a_mean_that_rounding_keeps_below_the_target_reaches_it() -> None:
    assert 0.1 + 0.2 != 0.3  # the sum is above; one rounding below it is 0.3
    assert reaches([0.3, 0.3 - 1e-11], 0.1 + 0.2).tolist() == [True, False]


def test_the_cost_where_nothing_is_reached_is_unknown() -> None:
    assert cost_at(np.array([5.0, 7.0]), 1) == 7.0
    assert math.isnan(cost_at(np.array([5.0, 7.0]), NONE_REACHES))
