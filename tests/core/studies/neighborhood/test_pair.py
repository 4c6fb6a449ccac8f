"""Two items on a line and in a plane, by hand."""

import numpy as np
import pandas as pd
import pytest

from core.studies import compare_pair, differing

LINE = np.array([[0.0], [1.0], [2.0], [5.0], [-1.5]], np.float32)
CORNER = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0], [4.0, 4.0], [-1.0, 0.5]], np.float32)


def test_between_are_rows_nearer_to_both_than_they_are_to_one_another() -> None:
    found = compare_pair(LINE, 0, 3, 2, "euclidean")
    assert found.distances["euclidean"] == 5.0
    # The larger length of 1 is 4, of 2 it is 3; -1.5 lies outside.
    assert found.between.tolist() == [2, 1]
    assert found.longer.tolist() == [3.0, 4.0]
    assert (found.rank, found.rank_back) == (4, 3)  # from 0: 1, -1.5, 2, 5; from 5: 2, 1, 0
    assert found.shared.tolist() == [1]  # of (1, -1.5) and (2, 1)


def test_a_copy_of_one_of_the_two_is_not_between() -> None:
    # It is as far from the other as the two are apart.
    line = np.array([[0.0], [2.0], [0.0], [1.0]], np.float32)
    assert compare_pair(line, 0, 1, 1, "euclidean").between.tolist() == [3]


def test_each_distance_by_hand() -> None:
    found = compare_pair(CORNER, 0, 1, 2, "cosine")
    assert found.distances["cosine"] == pytest.approx(1.0)
    assert found.distances["inner_product"] == 1.0
    assert found.distances["euclidean"] == pytest.approx(np.sqrt(8))
    # (2, -2) has variance 4, the anchor (2, 0) has 1.
    assert found.distances["snr"] == 4.0
    assert found.between.tolist() == [2, 3]  # at 45 degrees to both; level, by row


def test_inner_product_has_between_by_length() -> None:
    assert compare_pair(CORNER, 0, 1, 2, "inner_product").between.tolist() == [2]


def test_only_columns_that_differ_are_named() -> None:
    frame = pd.DataFrame(
        {"a": ["x", "x"], "b": [1.0, np.nan], "c": [None, None], "d": [np.nan, np.nan]}
    )
    assert differing(frame, 0, 1).to_numpy().tolist() == [["b", "1.0", ""]]
