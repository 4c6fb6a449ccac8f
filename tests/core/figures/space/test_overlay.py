"""What lies over the points, as the element reads it."""

import json

import numpy as np

from core.figures.map import Classes, Values
from core.figures.space.overlay import Overlay, class_colors_of, overlay_content
from core.figures.space.palette import FALSE_NEIGHBOR, class_palette
from core.figures.space.payloads import Sent
from core.figures.theme import DARK, LIGHT, TRUE_NEIGHBOR
from core.projection.regions import Region

PLACES = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0], [6.0, 7.0]], dtype=np.float32)
PARTS = {name: Sent(name[0], b"") for name in ("geometry", "paint", "masks")}
KINDS = Classes("kind", np.array([0, 1, 1, 0]), ("a", "b"))


def test_each_mark_has_its_row_and_place() -> None:
    overlay = Overlay(
        "space",
        PLACES,
        item=3,
        item_name="<i>three</i>",
        near=np.array([2, 0]),
        torn=np.array([0]),
        false=np.array([1]),
        marked=np.array([1, 2]),
        regions=(
            Region("b", np.array([0.5, 0.25]), 2),
            Region("words", np.array([1.0, 1.0]), 1, 2.0),
        ),
        headline="Said",
        link={"areas": ""},
    )
    content = overlay_content(overlay, **PARTS, colors=KINDS)
    assert json.loads(json.dumps(content)) == content
    assert content["item"] == [3, 6.0, 7.0, "<i>three</i>"]
    assert content["near"] == [[2, 4.0, 5.0, False], [0, 0.0, 1.0, True]]
    assert content["false"] == [[1, 2.0, 3.0]]
    assert content["marked"] == [[1, 2.0, 3.0], [2, 4.0, 5.0]]
    assert content["regions"] == [
        ["b", 0.5, 0.25, 2, class_palette(2)[1], 0.0],
        ["words", 1.0, 1.0, 1, None, 2.0],
    ]
    assert [content[part] for part in ("geometry", "paint", "masks")] == ["g", "p", "m"]
    for theme, pages in (("light", LIGHT), ("dark", DARK)):
        tones = content["tones"][theme]
        assert (tones["near"], tones["false"]) == (TRUE_NEIGHBOR, FALSE_NEIGHBOR)
        assert (tones["text"], tones["page"]) == (pages.text, pages.page)


def test_a_map_without_an_item_has_no_marks() -> None:
    content = overlay_content(Overlay("space", PLACES), **PARTS, colors=None)
    assert content["item"] is None
    assert content["near"] == content["false"] == content["marked"] == content["regions"] == []


def test_classes_beyond_the_colors_have_none() -> None:
    many = Classes("c", np.zeros(4, dtype=np.int64), tuple(map(str, range(51))))
    assert class_colors_of(many) == {}
    assert class_colors_of(Values("x", np.zeros(4))) == {}
    assert class_colors_of(KINDS) == dict(zip("ab", class_palette(2), strict=True))


def test_a_third_coordinate_stands_last() -> None:
    places = np.column_stack([PLACES, [10.0, 11.0, 12.0, 13.0]])
    overlay = Overlay(
        "space",
        places,
        item=3,
        item_name="three",
        near=np.array([2]),
        torn=np.array([2]),
        false=np.array([1]),
        marked=np.array([0]),
        regions=(Region("b", np.array([0.5, 0.25, 9.0]), 2),),
        is_second=True,
    )
    content = overlay_content(overlay, **PARTS, colors=None)
    assert content["item"] == [3, 6.0, 7.0, "three", 13.0]
    assert content["near"] == [[2, 4.0, 5.0, True, 12.0]]
    assert content["false"] == [[1, 2.0, 3.0, 11.0]]
    assert content["marked"] == [[0, 0.0, 1.0, 10.0]]
    assert content["regions"] == [["b", 0.5, 0.25, 2, None, 0.0, 9.0]]
    assert content["second"] is True
