"""Coding rate by hand and by the formula as it is written."""

import numpy as np
import pytest
from scipy.stats import ortho_group

from core.metrics import coding_rate

RANDOM = np.random.default_rng(6)
DATA = RANDOM.normal(size=(60, 5))
LABELS = np.repeat([0, 1, 2], [40, 17, 3])


def formula(rows: np.ndarray) -> float:
    w = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).T
    d, m = w.shape
    return float(np.log(np.linalg.det(np.eye(d) + d / (m * 0.5) * w @ w.T)) / 2)


def test_of_two_axes_by_hand() -> None:
    # I + 2 / (2 * 0.5) I = 3 I: ln 9 / 2. Each class is one row: I + 2 / 0.5 w w' has det 5, so
    # Rc = 2 * 1 / (2 * 2) ln 5 = ln 5 / 2.
    found = coding_rate(3 * np.eye(2), np.array([0, 1]))
    assert (found.rate, found.within) == pytest.approx((np.log(9) / 2, np.log(5) / 2))
    assert found.reduction == pytest.approx(np.log(9) / 2 - np.log(5) / 2)


def test_against_the_formula() -> None:
    """The last class has fewer rows than dimensions."""
    found = coding_rate(DATA, LABELS)
    members = [DATA[:40], DATA[40:57], DATA[57:]]
    within = sum(len(rows) / 60 * formula(rows) for rows in members)
    assert (found.rate, found.within) == pytest.approx((formula(DATA), within))
    assert found.reduction == pytest.approx(formula(DATA) - within)
    assert found.n_excluded == 0


def test_rows_without_a_label_are_left_out_of_the_reduction() -> None:
    partly = np.where(np.arange(60) % 4 == 0, -1, LABELS)
    known = partly >= 0
    found, alone = coding_rate(DATA, partly), coding_rate(DATA[known], partly[known])
    assert found.rate == pytest.approx(formula(DATA))
    assert found.reduction == pytest.approx(alone.reduction)
    assert found.n_excluded == 15


def test_without_labels_there_is_no_reduction() -> None:
    for labels in (None, np.full(60, -1)):
        assert np.isnan(coding_rate(DATA, labels).reduction)


def test_one_class_saves_nothing_and_no_turn_or_length_counts() -> None:
    assert coding_rate(DATA, np.zeros(60, int)).reduction == pytest.approx(0, abs=1e-12)
    turned = DATA @ ortho_group.rvs(5, random_state=2) * np.arange(1, 61)[:, None]
    assert coding_rate(turned, LABELS).reduction == pytest.approx(
        coding_rate(DATA, LABELS).reduction
    )
