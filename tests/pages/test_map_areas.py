"""Areas on the map: what they select, and how they stand in the address."""

from typing import Any

import numpy as np
import pytest

from pages.map import areas
from pages.map.areas import Area

LINE = np.column_stack([np.arange(6.0), np.zeros(6)]).astype(np.float32)  # 0 .. 5


def around(low: float, high: float, does: str = "replace", projection: str = "pca") -> Area:
    corners = ((low, -1.0), (high, -1.0), (high, 1.0), (low, 1.0))
    return Area(projection, does, corners)


def test_areas_replace_add_and_take_away_one_after_the_other() -> None:
    steps = [around(0, 1.5), around(0.5, 3.5), around(4.5, 9, "add"), around(1.5, 2.5, "subtract")]
    chosen = areas.selected(steps, 6, {"pca": LINE})
    assert np.flatnonzero(chosen).tolist() == [1, 3, 5]


def test_each_area_is_of_its_own_projection() -> None:
    steps = [around(-0.5, 1.5), around(-0.5, 0.5, "add", "umap")]
    chosen = areas.selected(steps, 6, {"pca": LINE, "umap": LINE[::-1]})
    assert np.flatnonzero(chosen).tolist() == [0, 1, 5]


def test_what_replaces_makes_the_areas_before_it_needless() -> None:
    first, second = around(0, 1), around(1, 2, "add")
    assert areas.kept((first,), second) == (first, second)
    assert areas.kept((first, second), around(3, 4)) == (around(3, 4),)


def test_a_link_gives_back_the_same_areas() -> None:
    steps = (around(-1.25, 0.001), around(2, 3.5, "subtract", "umap"))
    assert areas.from_link(areas.to_link(steps)) == steps
    assert areas.from_link("") == ()


def test_areas_that_are_too_long_for_a_link_are_left_out() -> None:
    corners = tuple((0.123456 * i, -0.654321 * i) for i in range(80))
    assert areas.to_link([Area("pca", "replace", corners)]) == ""


@pytest.mark.parametrize(
    "text",
    ["pca", "pca~eat~0_0_1_0_1_1", "pca~add~0_0_1_0", "pca~add~0_0_1_0_1_x", "pca~add~0_0_1_0_1",
     "pca~add~0_0_1_0_1_nan", "pca~add~0_0_1_0_1_1~more"],
)  # fmt: skip
def test_a_link_that_cannot_be_read_selects_nothing(text: str) -> None:
    assert areas.from_link(text) == ()


CORNERS: list[list[float]] = [[0, 0], [1, 0], [1, 1]]


@pytest.mark.parametrize(
    "told",
    [None, 3, {}, {"op": "eat", "polygon": CORNERS}, {"op": "add", "polygon": CORNERS[:2]},
     {"op": "add", "polygon": CORNERS * 40},
     {"op": "add", "polygon": [*CORNERS, [1, float("nan")]]},
     {"op": "add", "polygon": [*CORNERS, ["1", 2]]},
     {"op": "add", "polygon": [*CORNERS, [True, 2]]}],
)  # fmt: skip
def test_what_is_no_area_is_none(told: Any) -> None:
    assert areas.area_of(told, "pca") is None


def test_an_area_is_taken_as_it_is_told() -> None:
    found = areas.area_of({"op": "add", "polygon": CORNERS}, "umap")
    assert found == Area("umap", "add", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
