"""One threshold beside the other ways: values, intervals and classes in the pictures."""

import numpy as np
import pytest

from core.figures.threshold_several import classes_before_and_after, frr_by_way, opis_by_way
from core.studies.thresholds.several import ONE, PER_CLASS, WAYS, Several, several

RANDOM = np.random.default_rng(5)
LABELS = np.repeat(np.arange(4), 12)
VECTORS = RANDOM.normal(size=(4, 5))[LABELS] + RANDOM.normal(size=(48, 5))


@pytest.fixture(scope="module")
def study() -> Several:
    return several(VECTORS, LABELS, far=(0.1,), clusters=2)


def test_opis_and_frr_of_each_way_with_their_intervals(study: Several) -> None:
    figures = study.at[0.1]
    for figure, values, intervals in (
        (
            opis_by_way(study),
            [study.opis[way].value for way in WAYS],
            [study.opis[way].interval for way in WAYS],
        ),
        (
            frr_by_way(study, 0.1),
            [figures[way].frr for way in WAYS],
            [figures[way].frr_interval for way in WAYS],
        ),
    ):
        (dots,) = figure.data
        assert list(dots.y) == list(WAYS)
        np.testing.assert_allclose(dots.x, values)
        np.testing.assert_allclose(dots.customdata, intervals)
        low, high = np.array(intervals).T
        np.testing.assert_allclose(dots.error_x.array, np.maximum(high - values, 0))
        np.testing.assert_allclose(dots.error_x.arrayminus, np.maximum(values - low, 0))
        assert figure.layout.shapes[0].x0 == values[0]


def test_classes_stand_in_order_of_their_utility_before(study: Several) -> None:
    one, other = study.at[0.1][ONE], study.at[0.1][PER_CLASS]
    figure = classes_before_and_after(one, other, ["a", "<b>", "c", "d"])
    _, before, after = figure.data
    order = np.argsort(one.class_utility)
    np.testing.assert_allclose(before.y, one.class_utility[order])
    np.testing.assert_allclose(after.y, other.class_utility[order])
    texts = np.array(["a", "&lt;b&gt;", "c", "d"])[order]
    assert list(before.x) == list(after.x) == list(texts)
