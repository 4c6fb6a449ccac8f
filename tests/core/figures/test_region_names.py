"""Names on a map: the largest first, none over another on the narrowest picture."""

from itertools import combinations

import numpy as np
import pytest

from core.figures.map import Classes, MapPoints, Values, space_map
from core.figures.region_names import NARROWEST, region_names
from core.figures.theme import class_styles, surface
from core.projection.regions import Region

CORNERS = np.array([[0.0, 0.0], [280.0, 460.0]], dtype=np.float32)  # one unit is one pixel
LIGHT = surface(False)


def region(name: str, x: float, y: float, size: int = 5) -> Region:
    return Region(name, np.array([x, y]), size)


def named(*regions: Region) -> list[str]:
    return [each["text"] for each in region_names(regions, CORNERS, LIGHT)]


def test_a_name_that_would_cover_a_larger_regions_is_left_out() -> None:
    # "large" takes 5 x 7 + 7 = 42 pixels around 140: 119 to 161. "small" the same.
    assert named(region("large", 140, 100), region("small", 181, 100)) == ["large"]
    assert named(region("large", 140, 100), region("small", 183, 100)) == ["large", "small"]
    # A line takes 20 pixels.
    assert named(region("large", 140, 100), region("small", 140, 119)) == ["large"]
    assert named(region("large", 140, 100), region("small", 140, 121)) == ["large", "small"]


def test_a_name_near_a_side_stays_within() -> None:
    anchors = {
        x: region_names([region("large", x, 50)], CORNERS, LIGHT)[0]["xanchor"]
        for x in (5, 22, 258, 270)
    }
    assert anchors == {5: "left", 22: "center", 258: "center", 270: "right"}
    # At the left side "large" begins at 5 and ends at 47.
    assert named(region("large", 5, 50), region("small", 67, 50)) == ["large"]
    assert named(region("large", 5, 50), region("small", 69, 50)) == ["large", "small"]


def test_regions_of_less_than_two_in_a_thousand_points_have_no_name() -> None:
    many = np.repeat(CORNERS, 500, axis=0)  # 1,000 points: at least 2
    names = region_names([region("two", 50, 50, 2), region("one", 50, 300, 1)], many, LIGHT)
    assert [each["text"] for each in names] == ["two"]


def test_no_more_than_24_names_in_the_plane_and_8_in_space() -> None:
    grid = [region(f"{i}", 40 * (i % 6) + 20, 45 * (i // 6) + 20) for i in range(60)]
    assert len(region_names(grid, CORNERS, LIGHT)) == 24
    corners = np.pad(CORNERS, ((0, 0), (0, 1)))
    deep = [Region(f"{i}", np.array([i, i, 0.5]), 5) for i in range(20)]
    names = region_names(deep, corners, LIGHT)
    assert [each["text"] for each in names] == [f"{i}" for i in range(8)]
    assert (names[3]["x"], names[3]["y"], names[3]["z"]) == (3, 3, 0.5)


def test_long_names_are_cut_and_tags_are_text() -> None:
    assert named(region("a" * 30, 140, 100)) == ["a" * 23 + "…"]
    assert named(region("<b>x</b>", 140, 100)) == ["&lt;b&gt;x&lt;/b&gt;"]


def test_a_map_of_one_place_has_its_name() -> None:
    (name,) = region_names([region("all", 0, 0)], np.zeros((3, 2), np.float32), LIGHT)
    assert name["text"] == "all"


def test_no_two_names_overlap_wherever_they_stand() -> None:
    random = np.random.default_rng(3)
    regions = [
        region("x" * random.integers(1, 30), *(random.random(2) * NARROWEST)) for _ in range(200)
    ]
    names = region_names(regions, CORNERS, LIGHT)
    assert len(names) > 5
    left = {"left": 0.0, "center": 0.5, "right": 1.0}
    boxes = []
    for each in names:
        width = 7 * len(each["text"]) + 7
        start = each["x"] - left[each["xanchor"]] * width
        assert start >= -0.01
        assert start + width <= NARROWEST[0] + 0.01
        boxes.append((start, start + width, each["y"]))
    for (left_a, right_a, y_a), (left_b, right_b, y_b) in combinations(boxes, 2):
        assert right_a <= left_b or right_b <= left_a or abs(y_a - y_b) >= 20


def points(dimensions: int, n: int = 60) -> MapPoints:
    coordinates = np.random.default_rng(2).normal(size=(n, dimensions)).astype(np.float32)
    return MapPoints(coordinates, np.arange(n), np.full(n, "name"), ("1st", "2nd", "3rd"))


def classes(count: int, n: int = 60) -> Classes:
    return Classes("kind", np.arange(n) % count, tuple(f"kind {i}" for i in range(count)))


@pytest.mark.parametrize(("count", "legend"), [(12, True), (13, False)])
def test_more_than_twelve_classes_have_no_legend(count: int, legend: bool) -> None:
    figure = space_map(points(2), classes(count), item=3, neighbors=np.array([1, 2]))
    shown = {trace.name: trace.showlegend for trace in figure.data}
    assert {shown[f"kind {i}"] for i in range(count)} == {legend}
    assert shown["item"] is shown["true neighbors"] is True


@pytest.mark.parametrize("dark", [False, True])
def test_names_are_framed_in_the_color_of_their_class(dark: bool) -> None:
    tone, kinds = surface(dark), classes(13)
    regions = [
        Region("kind 4 83 %", np.array([0.0, 0.0]), 9, label="kind 4"),
        Region("kind 5", np.array([1.0, 1.0]), 9),
    ]
    first, second = space_map(points(2), kinds, regions=regions, dark=dark).layout.annotations
    assert (first.x, first.y, first.text) == (0.0, 0.0, "kind 4 83 %")
    assert first.bordercolor == class_styles(13)[4][0]
    assert second.bordercolor == "rgba(0,0,0,0)"
    assert first.font.color == second.font.color == tone.text
    page = tuple(int(tone.page[i : i + 2], 16) for i in (1, 3, 5))
    assert first.bgcolor == f"rgba({page[0]},{page[1]},{page[2]},0.8)"


def test_names_in_space_belong_to_the_scene() -> None:
    where = Region("here", np.array([0.0, 1.0, 2.0]), 9)
    layout = space_map(points(3), Values("x", np.arange(60.0)), regions=[where]).layout
    assert len(layout.annotations) == 0
    (name,) = layout.scene.annotations
    assert (name.x, name.y, name.z, name.text) == (0.0, 1.0, 2.0, "here")
