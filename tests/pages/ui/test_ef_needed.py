"""The colors of the map by the smallest ef: logarithms, with ticks in ef."""

import numpy as np
import pytest

from pages.ui.results.ef_needed import needed_colors

NAN, INF = np.nan, np.inf


def test_the_scale_ends_at_the_largest_ef_that_is_needed() -> None:
    found = needed_colors("ef for recall@10 0.99", np.array([10, NAN, 40, 130.0]))
    np.testing.assert_allclose(found.values, np.log10([10, NAN, 40, 130]))
    assert [name for _, name in found.ticks] == ["10", "20", "50", "100"]
    assert [10**place for place, _ in found.ticks] == pytest.approx([10, 20, 50, 100])
    assert found.title == "ef for recall@10 0.99"


def test_the_smallest_ef_is_named_and_no_tick_stands_too_near_to_it() -> None:
    # 17.4 would be 1.15 times 15.13: 20 has room beside 15, but not beside 18.
    for low, names in ((15, ["15", "20", "50"]), (18, ["18", "50"])):
        found = needed_colors("ef", np.array([low, 60.0]))
        assert [name for _, name in found.ticks] == names


def test_rows_that_no_ef_serves_stand_a_step_beyond_the_largest() -> None:
    found = needed_colors("ef", np.array([INF, 10, 40, NAN]))
    step = np.log10(40) + 0.1
    np.testing.assert_allclose(found.values, [step, 1, np.log10(40), NAN])
    assert found.ticks[-1] == (pytest.approx(step), "none")


def test_where_no_ef_serves_any_row_there_is_one_tick() -> None:
    found = needed_colors("ef", np.array([INF, NAN, INF]))
    assert found.ticks == ((0.0, "none"),)
    np.testing.assert_array_equal(found.values, [0, NAN, 0])
