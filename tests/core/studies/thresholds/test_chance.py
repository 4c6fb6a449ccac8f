"""OPIS beside chance: of all rows with a label, or of whole classes of many."""

import numpy as np
import pytest

from core.metrics import opis, opis_by_chance
from core.studies.parts.sampling import sample_classes
from core.studies.thresholds.chance import chance_study


def test_chance_of_all_labeled_rows_is_that_of_the_metric() -> None:
    random = np.random.default_rng(5)
    labels = np.repeat([0, 1, 2, 3, -1], [30, 25, 20, 7, 3])
    vectors = random.normal(size=(5, 6))[labels] + random.normal(size=(85, 6))
    found = chance_study(vectors, labels, draws=3, seed=4)
    known = labels >= 0
    expected = opis_by_chance(vectors[known], labels[known], draws=3, seed=4)
    np.testing.assert_array_equal(found.chance.values, expected.values)
    assert found.chance.observed == pytest.approx(opis(vectors, labels).opis)
    assert (found.rows, found.n, found.is_sample, found.seed) == (82, 82, False, 4)


def test_chance_of_many_rows_is_of_whole_classes_with_their_own_opis() -> None:
    random = np.random.default_rng(8)
    labels = np.repeat(np.arange(100), 4)
    vectors = random.normal(size=(100, 6))[labels] + 0.4 * random.normal(size=(400, 6))
    told: list[tuple[float, str]] = []
    found = chance_study(
        vectors, labels, rows=80, draws=2, progress=lambda *step: told.append(step)
    )
    rows = sample_classes(labels, 80)
    assert (found.rows, found.n, found.is_sample) == (80, 400, True)
    assert found.chance.observed == opis(vectors[rows], labels[rows]).opis
    assert told == [
        (0.0, "OPIS"),
        (pytest.approx(1 / 3), "0 of 2 draws"),
        (pytest.approx(2 / 3), "1 of 2 draws"),
        (1.0, "2 of 2 draws"),
    ]
