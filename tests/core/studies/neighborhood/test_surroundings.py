"""Copies, popularity, layers and the slope, by hand."""

import numpy as np
import pytest

from core.index import Neighbors
from core.studies import copies_of, levels_of, popularity, slope_line


def test_equal_rows_and_near_copies() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(300, 8)).astype(np.float32)
    vectors[[40, 90]] = vectors[7]
    vectors[50] = vectors[7] + np.float32(1e-3)
    found = copies_of(vectors, 7, "euclidean")
    assert found.equal.tolist() == [40, 90]
    assert found.near.tolist() == [50]
    assert found.lengths[0] == pytest.approx(1e-3 * np.sqrt(8), rel=1e-3)
    alone = copies_of(vectors, 8, "euclidean")
    assert (alone.equal.tolist(), alone.near.tolist()) == ([], [])
    few = copies_of(np.ones((4, 2), np.float32), 0, "euclidean")
    assert few.equal.tolist() == [1, 2, 3]
    assert np.isnan(few.bound)


def test_popularity_has_three_kinds() -> None:
    counts = np.array([0, 0, 2, 2, 16])  # mean 4: a hub from 12
    assert [popularity(counts, item).kind for item in (0, 2, 4)] == ["anti-hub", "usual", "hub"]
    assert popularity(np.array([0, 2, 3, 3, 12]), 4).kind == "hub"  # 3 times the mean of 4
    assert (popularity(counts, 2).below, popularity(counts, 2).never) == (0.4, 0.4)


def test_the_slope_of_evenly_filled_dimensions() -> None:
    # Lengths (j / 8)^(1/2): so many rows lie within r as r^2 says.
    ranks = np.arange(1, 9) / 8
    near = Neighbors(np.arange(8)[None], np.sqrt(ranks)[None])
    dimension, line = slope_line(near, "euclidean")
    # Levina-Bickel: 7 / sum of ln(r_8 / r_j) = 7 / (ln(8^8 / 8!) / 2).
    assert dimension == pytest.approx(7 / (np.log(8**8 / 40320) / 2))
    np.testing.assert_allclose(line, ranks ** (1 / dimension))
    chords = Neighbors(near.ids, near.distances**2 / 2)
    np.testing.assert_allclose(slope_line(chords, "cosine")[1], line**2 / 2)
    level = Neighbors(np.arange(3)[None], np.ones((1, 3)))
    assert np.isnan(slope_line(level, "euclidean")[1]).all()


def test_layers_count_who_is_as_high() -> None:
    assert levels_of(np.array([0, 0, 2, 1]), 0) == (0, 1.0)
    assert levels_of(np.array([0, 0, 2, 1]), 2) == (2, 0.25)
