"""Distances worked by hand, and where a Gram product would fail."""

import math

import numpy as np
import pytest

from core.distances import (
    METRICS,
    ROWS_AT_ONCE,
    check_metric,
    distance_matrix,
    length_metric,
    lengths,
    paired_distances,
    unit_rows,
)
from core.errors import ParameterError

LEFT = np.array([[3.0, 4.0], [1.0, 0.0], [0.0, 0.0]])
RIGHT = np.array([[0.0, 8.0], [-2.0, 0.0], [1.0, 1.0]])


def test_worked_by_hand() -> None:
    # |(3, -4)| = 5, |(3, 0)| = 3, |(-1, -1)| = sqrt 2
    np.testing.assert_allclose(paired_distances(LEFT, RIGHT, "euclidean"), [5, 3, 2**0.5])
    # cos((3, 4), (0, 8)) = 32 / (5 * 8) = 0.8; opposite: -1; no direction: 0
    np.testing.assert_allclose(paired_distances(LEFT, RIGHT, "cosine"), [0.2, 2, 1])
    # 1 - 32, 1 + 2, 1 - 0
    np.testing.assert_allclose(paired_distances(LEFT, RIGHT, "inner_product"), [-31, 3, 1])


@pytest.mark.parametrize("metric", METRICS)
def test_the_matrix_holds_the_pairs(metric: str) -> None:
    matrix = distance_matrix(LEFT, RIGHT, check_metric(metric))
    for i in range(3):
        pairs = paired_distances(np.repeat(LEFT[i : i + 1], 3, axis=0), RIGHT, check_metric(metric))
        np.testing.assert_allclose(matrix[i], pairs, atol=1e-12)


def test_equal_rows_are_at_distance_zero_far_from_the_origin() -> None:
    rows = np.random.default_rng(0).normal(size=(20, 8)) + 1e8
    assert (paired_distances(rows, rows, "euclidean") == 0).all()
    assert (paired_distances(rows, rows, "cosine") == 0).all()
    moved = rows + np.array([1e-3] + [0] * 7)
    np.testing.assert_allclose(paired_distances(rows, moved, "euclidean"), 1e-3, rtol=1e-4)


def test_unit_rows_of_extreme_lengths() -> None:
    rows = np.array([[3e200, 4e200], [3e-200, 4e-200], [0, 0]])
    np.testing.assert_allclose(unit_rows(rows), np.array([[0.6, 0.8], [0.6, 0.8], [0, 0]]))


def test_unit_rows_of_more_rows_than_are_taken_at_once() -> None:
    rows = np.random.default_rng(2).normal(size=(2 * ROWS_AT_ONCE + 3, 4)) * 7
    rows[ROWS_AT_ONCE] = 0.0
    known = [[x / (math.hypot(*row) or 1.0) for x in row] for row in rows.tolist()]
    np.testing.assert_allclose(unit_rows(rows), known, atol=1e-15)


def test_unknown_metric() -> None:
    with pytest.raises(ParameterError, match="cosine, euclidean, inner_product; got 'l2'"):
        check_metric("l2")


def test_lengths_worked_by_hand() -> None:
    # Unit vectors at 60, 90 and 180 degrees: 1 - cos 0.5, 1, 2; chords 1, sqrt 2, 2.
    np.testing.assert_allclose(lengths([0, 0.5, 1, 2], "cosine"), [0, 1, 2**0.5, 2])
    np.testing.assert_array_equal(lengths([[0, 0.5], [3, np.nan]], "euclidean")[:, 0], [0, 3])
    assert np.isnan(lengths([np.nan], "cosine")).all()  # a place that a search left empty
    assert lengths([-1e-9], "cosine").tolist() == [0]  # rounding of a copy


def test_lengths_under_cosine_are_those_between_unit_rows() -> None:
    cosine = paired_distances(LEFT[:2], RIGHT[:2], "cosine")
    between = paired_distances(unit_rows(LEFT[:2]), unit_rows(RIGHT[:2]), "euclidean")
    np.testing.assert_allclose(lengths(cosine, "cosine"), between)


def test_what_has_no_length_is_refused() -> None:
    assert [length_metric(metric) for metric in METRICS] == ["cosine", "euclidean", "euclidean"]
    with pytest.raises(ParameterError, match=r"inner_product are no lengths.*euclidean"):
        lengths([0.5], "inner_product")
    with pytest.raises(ParameterError, match=r"under cosine must be 0 or more; got -0\.3"):
        lengths([0.5, -0.3, np.nan], "cosine")
    with pytest.raises(ParameterError, match="metric must be one of"):
        lengths([0.5], "manhattan")  # type: ignore[arg-type]
