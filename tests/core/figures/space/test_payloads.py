"""What the map's element is sent, read as its script reads it."""

import json
from typing import Any

import numpy as np
import pytest

from core.figures.map import Classes, Values
from core.figures.space.palette import class_palette, number_scale
from core.figures.space.payloads import Sent, geometry, masks, paint


def read(sent: Sent) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Header and arrays of a payload."""
    length = int.from_bytes(sent.content[:4], "little")
    header = json.loads(sent.content[4 : 4 + length])
    body = sent.content[4 + length :]
    arrays = {
        name: np.frombuffer(body, dtype=f"<{kind}", count=count, offset=offset)
        for name, (kind, offset, count) in header["arrays"].items()
    }
    assert header["meta"]["id"] == sent.name
    return header["meta"], arrays


def test_geometry_holds_four_bytes_a_point() -> None:
    corners = np.array([[0.0, 0.0], [2.0, 2.0], [0.0, 2.0]], dtype=np.float32)
    meta, arrays = read(geometry(corners))
    assert (meta["corner"], meta["side"], meta["count"]) == ([0.0, 0.0], 2.0, 3)
    assert meta["axes"] == 2
    assert arrays["places"].tolist() == [0, 0, 65_535, 65_535, 0, 65_535]
    assert list(arrays) == ["places"]
    many = geometry(np.random.default_rng(0).normal(size=(10_000, 2)))
    assert len(many.content) < 40_000 + 300


def test_a_place_in_3d_has_two_bytes_more() -> None:
    meta, arrays = read(geometry(np.array([[0.0, 0.0, 0.0], [2.0, 0.0, 2.0]])))
    assert (meta["axes"], meta["count"], meta["corner"]) == (3, 2, [0.0, -1.0, 0.0])
    assert arrays["places"].tolist() == [0, 32_768, 0, 65_535, 32_768, 65_535]


def test_a_sample_names_its_rows_and_fills_the_grid_itself() -> None:
    points = np.array([[0.0, 0.0], [100.0, 0.0], [1.0, 1.0]])
    meta, arrays = read(geometry(points, np.array([0, 2])))
    assert arrays["rows"].tolist() == [0, 2]
    assert meta["side"] == 1.0
    assert arrays["places"].tolist() == [0, 0, 65_535, 65_535]


def test_equal_content_has_one_name_and_other_content_another() -> None:
    points = np.random.default_rng(0).normal(size=(9, 2))
    assert geometry(points) == geometry(points.copy())
    assert geometry(points).name != geometry(points[::-1]).name


def test_classes_are_codes_with_a_legend_of_counts() -> None:
    colors = Classes("kind", np.array([1, 0, 1, -1, 1]), ("<b>a</b>", "b"))
    meta, arrays = read(paint(colors, 5))
    assert arrays["codes"].dtype == np.uint8
    assert arrays["codes"].tolist() == [1, 0, 1, 2, 1]
    assert meta["light"][:2] == meta["dark"][:2] == list(class_palette(2))
    assert meta["light"][2] != meta["dark"][2]  # gray of "other"
    assert meta["legend"] == {
        "kind": "classes",
        "title": "kind",
        "entries": [
            {"code": 0, "name": "<b>a</b>", "count": 1},
            {"code": 1, "name": "b", "count": 3},
            {"code": 2, "name": "other", "count": 1},
        ],
    }


def test_beyond_fifty_classes_the_commonest_keep_their_colors() -> None:
    # Class c stands c + 1 times; 0, 1 and 2 are the rarest of 53, with 1 + 2 + 3 rows.
    codes = np.repeat(np.arange(53), np.arange(1, 54))
    meta, arrays = read(paint(Classes("c", codes, tuple(map(str, range(53)))), len(codes)))
    entries = meta["legend"]["entries"]
    assert [each["name"] for each in entries[:2]] == ["52", "51"]
    assert entries[-1] == {"code": 50, "name": "other", "count": 6}
    assert (arrays["codes"][:6] == 50).all()
    assert arrays["codes"][-1] == 0


def test_numbers_are_shades_and_none_is_gray() -> None:
    meta, arrays = read(paint(Values("x", np.array([0.0, 10.0, np.nan, 5.0])), 4))
    assert arrays["codes"].tolist() == [0, 253, 254, 126]  # 5 of 10: 126.5, to the even
    assert meta["light"][:254] == list(number_scale(dark=False))
    legend = meta["legend"]
    assert legend["ticks"] == [[0.0, "0"], [0.25, "2.5"], [0.5, "5"], [0.75, "7.5"], [1.0, "10"]]
    assert legend["entries"] == [{"code": 254, "name": "no value", "count": 1}]


def test_outliers_share_the_colors_of_the_ends() -> None:
    values = np.arange(1001.0)
    values[-1] = 1e9
    _, arrays = read(paint(Values("x", values), 1001))
    # From the 1st percentile, 10, to the 99th, 990.
    assert arrays["codes"][[0, 10, 990, 1000]].tolist() == [0, 0, 253, 253]
    assert arrays["codes"][500] == round((500 - 10) / 980 * 253)


def test_named_ticks_stand_where_their_values_do() -> None:
    values = Values("log", np.array([0.0, 2.0, 4.0]), ((0.0, "1"), (2.0, "100"), (9.0, "beyond")))
    meta, _ = read(paint(values, 3))
    assert meta["legend"]["ticks"] == [[0.0, "1"], [0.5, "100"]]


def test_values_that_are_all_missing_have_no_ticks() -> None:
    meta, arrays = read(paint(Values("x", np.full(3, np.nan)), 3))
    assert arrays["codes"].tolist() == [254] * 3
    assert meta["legend"]["ticks"] == []


def test_a_plain_map_has_one_color_and_no_legend() -> None:
    meta, arrays = read(paint(None, 3))
    assert (meta["count"], arrays) == (3, {})
    assert len(paint(None, 5_000_000).content) < 400
    assert read(paint(None, 9, np.array([0, 8])))[0]["count"] == 2
    assert len(meta["light"]) == 1
    assert meta["legend"]["kind"] == "none"


@pytest.mark.parametrize("rows", [None, np.array([0, 8])])
def test_masks_are_bits_of_the_drawn_rows(rows: np.ndarray | None) -> None:
    selected = np.array([True, False, True, False, False, False, False, False, True])
    _, arrays = read(masks(None, selected, rows))
    # Rows 0 and 2 are the bits 1 and 4 of the first byte, row 8 begins the second.
    assert arrays["selected"].tolist() == ([5, 1] if rows is None else [3])
    assert "shown" not in arrays
    assert read(masks(selected, None))[1]["shown"].tolist() == [5, 1]


def test_a_million_points_keep_the_budget() -> None:
    n = 1_000_000
    random = np.random.default_rng(0)
    sent = [
        geometry(random.random((n, 2), dtype=np.float32)),
        paint(Values("x", random.random(n)), n),
        masks(np.ones(n, dtype=bool), np.zeros(n, dtype=bool)),
    ]
    sizes = [len(each.content) for each in sent]
    assert sizes[0] <= 4_100_000
    assert sizes[1] <= 1_100_000
    assert sizes[2] <= 260_000
