"""The value of the margin loss by hand and against a loop over all pairs."""

import math

import numpy as np
import pytest

from core.errors import ParameterError
from core.metrics import tcm_value
from core.metrics.pair_scores import score_pairs


def directions(*degrees: float) -> np.ndarray:
    return np.array([[math.cos(math.radians(x)), math.sin(math.radians(x))] for x in degrees])


def test_the_value_of_the_loss_by_hand() -> None:
    # Genuine cosines 0.5 and 0.866: 0.4 and 0.034 short of 0.9. Impostors at or above 0.5: 0.866,
    # which is 0.366 above, and 0.5 itself within rounding, which adds nothing but counts: so the
    # margin is set to 0.45, above which they are 0.416 and 0.05.
    found = tcm_value(directions(0, 60, 90, 120), np.array([0, 0, 1, 1]), impostor_margin=0.45)
    high = math.cos(math.pi / 6)
    assert found.genuine_part == pytest.approx((0.4 + 0.9 - high) / 2, abs=1e-6)
    assert found.impostor_part == pytest.approx((high - 0.45 + 0.05) / 2, abs=1e-6)
    assert found.value == pytest.approx(found.genuine_part + found.impostor_part)
    assert found.genuine_short.tolist() == [1, 1]
    assert found.impostors_near.tolist() == [0.5, 0.5]
    assert (found.all_short, found.all_near) == (1, 0.5)


def test_nothing_beyond_the_margins_is_a_value_of_zero() -> None:
    found = tcm_value(directions(0, 5, 90, 95), np.array([3, 3, 8, 8]))
    assert (found.value, found.interval) == (0, (0, 0))
    assert found.classes.tolist() == [3, 8]
    assert found.genuine_short.tolist() == found.impostors_near.tolist() == [0, 0]


def naive(vectors: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, ...]:
    left, right = np.triu_indices(len(vectors), 1)
    kept = (labels[left] >= 0) & (labels[right] >= 0)
    left, right = left[kept], right[kept]
    score = score_pairs(vectors[left], vectors[right], "cosine")
    return left, right, score, labels[left] == labels[right]


def test_the_loss_is_that_of_every_pair_in_more_than_one_block() -> None:
    random = np.random.default_rng(7)
    labels = random.integers(-1, 9, 1200)
    vectors = random.normal(size=(9, 6))[labels] + random.normal(size=(1200, 6))
    left, right, score, same = naive(vectors, labels)
    short, near = same & (score <= 0.9), ~same & (score >= 0.5)
    found = tcm_value(vectors, labels)
    assert found.genuine_part == pytest.approx(np.mean(0.9 - score[short]), abs=1e-5)
    assert found.impostor_part == pytest.approx(np.mean(score[near] - 0.5), abs=1e-5)
    for place, code in enumerate(found.classes):
        touched = ~same & ((labels[left] == code) | (labels[right] == code))
        inner = same & (labels[left] == code)
        assert found.genuine_short[place] == pytest.approx(np.mean(score[inner] < 0.9), abs=1e-4)
        assert found.impostors_near[place] == pytest.approx(np.mean(score[touched] > 0.5), abs=1e-4)
    assert found.all_near == pytest.approx(np.mean(score[~same] > 0.5), abs=1e-5)
    low, high = found.interval
    assert low < found.value < high < low + 0.1


def test_arguments_that_cannot_be_used() -> None:
    labels = np.array([0, 0, 1, 1])
    with pytest.raises(ParameterError, match="impostor_margin must be a number; got 'a'"):
        tcm_value(np.eye(4), labels, impostor_margin="a")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="at least two classes"):
        tcm_value(np.eye(4), np.zeros(4, int))
