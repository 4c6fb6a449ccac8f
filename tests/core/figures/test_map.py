"""Colors by class: of all of them, or of the commonest."""

import numpy as np

from core.figures.map import NAMED_CLASSES, OTHER, TOLD_APART, class_colors


def test_classes_that_can_be_told_apart_stay_as_they_are() -> None:
    codes = np.arange(-1, TOLD_APART)
    colors = class_colors("kind", codes, tuple(f"kind {i}" for i in range(TOLD_APART)))
    assert colors.codes is codes
    assert len(colors.names) == TOLD_APART


def test_of_more_the_commonest_are_named_and_the_rest_is_other() -> None:
    # Class i of 46 stands i + 1 times, two rows have none: the 20 commonest are 45 down to 26.
    codes = np.concatenate([[-1, -1], np.repeat(np.arange(46), np.arange(1, 47))])
    colors = class_colors("kind", codes, tuple(f"kind {i}" for i in range(46)))
    assert colors.names == tuple(f"kind {i}" for i in range(45, 25, -1))
    expected = np.where(codes >= 26, 45 - codes, OTHER)
    np.testing.assert_array_equal(colors.codes, expected)
    assert NAMED_CLASSES == 20


def test_a_bound_of_its_own_can_be_given() -> None:
    codes = np.arange(21)
    names = tuple(f"kind {i}" for i in range(21))
    assert class_colors("kind", codes, names, NAMED_CLASSES).codes.tolist() == [*range(20), OTHER]
    assert class_colors("kind", codes, names).names == names
