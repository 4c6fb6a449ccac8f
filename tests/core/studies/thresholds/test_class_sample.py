"""Which rows stay of many classes."""

import numpy as np

from core.studies.thresholds.class_sample import class_sample


def test_all_labeled_rows_stay_where_they_are_few() -> None:
    assert class_sample(np.array([0, -1, 1, 1]), 3).tolist() == [0, 2, 3]


def test_large_classes_all_keep_their_share() -> None:
    labels = np.repeat(np.arange(4), [400, 200, 200, 200])
    labels[::100] = -1
    kept = class_sample(labels, 100, seed=1)
    assert len(kept) == 100
    assert np.bincount(labels[kept]).tolist() == [40, 20, 20, 20]


def test_small_classes_are_drawn_whole() -> None:
    labels = np.repeat(np.arange(100), 10)
    kept = class_sample(labels, 200, seed=1)
    sizes = np.bincount(labels[kept], minlength=100)
    assert set(sizes.tolist()) == {0, 10}
    assert len(kept) == 200
