"""What the map's script works out without a browser, by Node."""

import json
import math
import shutil
import subprocess

import pytest

from core.figures import map_script

VIEW = "Object.assign(new DeepCamera(), {size: [400, 200], radius: 0.5})"
# Three points of the cube, in steps of 16 bits: the middle, above it, and in front of it.
CLOUD = """new DeepCloud({
  meta: {id: "c", axes: 3, count: 3, corner: [0, 0, 0], side: 2},
  arrays: {places: Uint16Array.of(32768, 32768, 32768, 32768, 32768, 65535, 32768, 16384, 32768)},
})"""


def in_javascript(expression: str, *before: str) -> object:
    """The value of an expression after statements."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node.js on this machine")
    lines = [map_script(), *before, f"console.log(JSON.stringify({expression}));"]
    done = subprocess.run(
        [node, "-e", "\n".join(lines)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_the_middle_of_the_cube_is_the_middle_of_the_picture_and_heights_go_up() -> None:
    found = in_javascript(
        "[view.toScreen(0.5, 0.5, 0.5), view.toScreen(0.5, 0.5, 0.75)]",
        f"const view = {VIEW}; [view.turn, view.tilt] = [0, 0];",
    )
    assert isinstance(found, list)
    # The ball of radius 0.5, less what few points reach, fills the 200 pixels of height.
    away = 0.84 * 0.5 / math.sin(0.3)
    assert found[0] == pytest.approx([200, 100, away])
    # 0.25 up at the distance `away`, under an angle of 0.6 from top to bottom.
    up = 0.25 / (away * math.tan(0.3)) * 100
    assert found[1] == pytest.approx([200, 100 - up, away], abs=1e-4)


def test_a_drag_turns_shift_moves_and_a_name_brings_the_view_back() -> None:
    found = in_javascript(
        "[view.isHome, turned, view.named, other.named, middle.slice(0, 2).map(Math.round)]",
        f"const view = {VIEW}; view.home(); view.panBy(100, 50); const turned = view.named;",
        f"view.panBy(40, 20, true); view.zoomAt(2); const other = {VIEW}; other.take(view.named);",
        'other.take("0.5_0.5_3");',  # a view of the map in 2-D is none
        "const middle = other.toScreen(0.5, 0.5, 0.5);",
    )
    # 100 pixels are 0.8 radians, 40 of 400 pixels a tenth of the width.
    assert found == [
        False, "-1.42_0.7_1_0_0", "-1.42_0.7_2_0.2_-0.2", "-1.42_0.7_2_0.2_-0.2", [240, 120],
    ]  # fmt: skip


def test_what_is_behind_the_camera_is_drawn_nowhere() -> None:
    found = in_javascript(
        "view.toScreen(0.5, -9, 0.5)", f"const view = {VIEW}; [view.turn, view.tilt] = [0, 0];"
    )
    assert found == [None, None, None]  # JSON has no NaN


def test_the_front_one_of_two_points_at_a_place_is_meant() -> None:
    picks = """[
      cloud.pointAt(view, [200, 100], 9), cloud.pointAt(view, [200, 50], 9),
      cloud.pointAt(view, [9, 9], 9), hidden(),
    ]"""
    found = in_javascript(
        picks,
        f"const view = {VIEW}; [view.turn, view.tilt] = [0, 0]; const cloud = {CLOUD};",
        "view.frame(cloud); [view.radius, cloud.visible[0]] = [0.5, 1];",
        "const hidden = () => { cloud.visible[2] = 0; return cloud.pointAt(view, [200, 100], 9) };",
    )
    # The point above stands 0.5 up: 100 / 0.84 * cos(0.3) = 113.7 pixels, outside.
    assert found == [2, -1, -1, 0]
    assert in_javascript(f"({CLOUD}).radius") == pytest.approx(0.5, abs=1e-4)


def test_names_come_by_how_large_they_look() -> None:
    # Sizes 9, 8, 2.5 at distances 3, 2, 1: 1, 2 and 2.5 per square of distance.
    found = in_javascript(
        "apparentFirst(regions, (x, y, z) => [x, y, z]).map(([name]) => name)",
        'const regions = [["a", 0, 0, 9, "", 0, 3], ["b", 0, 0, 8, "", 0, 2],'
        '["c", 0, 0, 2.5, "", 0, 1]];',
    )
    assert found == ["c", "b", "a"]


def test_a_row_of_a_sample_is_found_or_is_not_drawn() -> None:
    cloud = """new Cloud({meta: {id: "c", axes: 2, count: 3, corner: [0, 0], side: 1},
      arrays: {places: new Uint16Array(6), rows: new Uint32Array([2, 5, 9])}})"""
    found = in_javascript(f"[0, 2, 5, 9, 10].map((row) => ({cloud}).pointOf(row))")
    assert found == [-1, 0, 1, 2, -1]
