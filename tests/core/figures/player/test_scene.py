"""The scene of the layers: which rows, links, colors and names reach the player."""

import numpy as np
import pytest

from core.figures import Classes, Marked, Scene, Values, drawn_rows, scene_bytes
from core.figures.player import scene as scene_module
from core.figures.player.node_colors import node_colors
from core.figures.player.scene import pairs
from core.figures.theme import (
    CLASS_COLORS,
    ENTRY_POINT,
    EXPANDED,
    FOUND,
    LIGHT,
    MISSED,
    TRUE_NEIGHBOR,
    VISITED,
)
from core.index import HnswParams, build_hnsw
from tests.core.figures.player.payload import unpack

N = 400
VECTORS = np.random.default_rng(3).normal(size=(N, 6)).astype(np.float32)
GRAPH = build_hnsw(VECTORS, HnswParams("euclidean", m=4))
COORDINATES = VECTORS[:, :2].copy()
NAMES = np.array([f"item {row}" for row in range(N)])


def scene(**changes: object) -> Scene:
    usual = {
        "graph": GRAPH,
        "coordinates": COORDINATES,
        "rows": drawn_rows(GRAPH),
        "names": NAMES,
    }
    return Scene(**(usual | changes))  # type: ignore[arg-type]


def test_all_rows_are_drawn_the_highest_layers_first() -> None:
    rows = drawn_rows(GRAPH)
    assert sorted(rows.tolist()) == list(range(N))
    assert np.all(np.diff(GRAPH.levels[rows]) <= 0)


def test_of_a_large_graph_the_upper_layers_stay_whole() -> None:
    above = int((GRAPH.levels > 0).sum())
    rows = drawn_rows(GRAPH, most=above + 30)
    assert len(rows) == above + 30 == len(np.unique(rows))
    assert set(np.flatnonzero(GRAPH.levels > 0)) <= set(rows)
    assert drawn_rows(GRAPH, most=above + 30).tolist() == rows.tolist()
    assert drawn_rows(GRAPH, most=above + 30, seed=1).tolist() != rows.tolist()
    assert len(drawn_rows(GRAPH, most=1)) == above  # never less than the upper layers


@pytest.mark.parametrize("layer", range(GRAPH.max_level + 1))
def test_each_linked_pair_is_drawn_once(layer: int) -> None:
    sources, targets = (ends.tolist() for ends in GRAPH.links(layer))
    expected = sorted({(min(a, b), max(a, b)) for a, b in zip(sources, targets, strict=True)})
    low, high = pairs(GRAPH, layer)
    assert list(zip(low.tolist(), high.tolist(), strict=True)) == expected


def test_links_name_places_among_the_drawn_rows() -> None:
    drawn = scene()
    meta, arrays = unpack(scene_bytes(drawn)[1])
    starts = [0, *arrays["link_end"].tolist()]
    for layer in range(GRAPH.max_level + 1):
        place = slice(starts[layer], starts[layer + 1])
        low, high = arrays["row"][arrays["link_a"][place]], arrays["row"][arrays["link_b"][place]]
        assert [low.tolist(), high.tolist()] == [ends.tolist() for ends in pairs(GRAPH, layer)]
    assert meta["layers"] == GRAPH.max_level + 1
    assert meta["entry"] == GRAPH.entry_point


def test_layer_0_is_drawn_without_links_where_they_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scene_module, "BASE_LINKS_AT_MOST", 10)
    monkeypatch.setattr(scene_module, "LINKS_AT_MOST", 10)
    meta, arrays = unpack(scene_bytes(scene())[1])
    upper = len(pairs(GRAPH, 1)[0])
    step = -(-upper // 10)
    assert arrays["link_end"][0] == 0
    assert arrays["link_end"][1] == -(-upper // step)
    assert meta["layer_words"][0] == f"layer 0: {N} nodes"
    assert f"{-(-upper // step)} of {upper} links" in meta["layer_words"][1]


def test_coordinates_keep_their_proportions_on_the_grid() -> None:
    square = np.array([[0.0, 0.0], [10.0, 5.0], [5.0, 2.5]], dtype=np.float32)
    graph = build_hnsw(VECTORS[:3], HnswParams("euclidean", m=4))
    small = Scene(graph, square, np.arange(3), NAMES[:3])
    # The longer side, x, spans 0..65535; y spans half of it, in the middle: a quarter to three.
    assert small.quantized[:, 0].tolist() == [0, 65_535, 32_768]
    assert small.quantized[:, 1].tolist() == [16_384, 49_151, 32_768]
    meta, _ = unpack(scene_bytes(small)[1])
    assert meta["extent"] == [1.0, 0.5]


def test_one_point_lies_in_the_middle() -> None:
    graph = build_hnsw(VECTORS[:1], HnswParams("euclidean", m=4))
    alone = Scene(graph, COORDINATES[:1], np.arange(1), NAMES[:1])
    assert alone.quantized.tolist() == [[32_768, 32_768]]


def test_degrees_levels_names_and_classes_go_along() -> None:
    codes = np.arange(N) % 3 - 1
    classes = Classes("kind", codes, ("a", "b"))
    meta, arrays = unpack(scene_bytes(scene(classes=classes))[1])
    rows = arrays["row"]
    np.testing.assert_array_equal(arrays["level"], GRAPH.levels[rows])
    np.testing.assert_array_equal(arrays["in_degree"], GRAPH.in_degree(0)[rows])
    np.testing.assert_array_equal(arrays["out_degree"], GRAPH.out_degree(0)[rows])
    np.testing.assert_array_equal(arrays["label"], np.where(codes < 0, 65_535, codes)[rows])
    assert meta["names"] == NAMES[rows].tolist()
    assert meta["classes"] == ["a", "b"]
    assert meta["colored"] is False
    assert unpack(scene_bytes(scene(colors=classes))[1])[0]["colored"] is True


def test_pictures_are_data_uris_only() -> None:
    pictures = ["data:image/png;base64,AAAA", "https://example.org/x.png"] * (N // 2)
    meta, arrays = unpack(scene_bytes(scene(pictures=pictures))[1])
    expected = [pictures[row] if row % 2 == 0 else "" for row in arrays["row"].tolist()]
    assert meta["pictures"] == expected


def test_the_name_of_a_scene_is_that_of_its_content() -> None:
    name, content = scene_bytes(scene())
    assert unpack(content)[0]["id"] == name == scene_bytes(scene())[0]
    assert scene_bytes(scene(names=NAMES[::-1]))[0] != name


def rgb(color: str) -> list[int]:
    return [int(color[at : at + 2], 16) for at in (1, 3, 5)]


def test_nodes_have_a_pale_color_of_their_class() -> None:
    classes = Classes("kind", np.array([1, -1, 0, 1]), ("a", "b"))
    painted, legend = node_colors(classes, np.array([0, 1, 2]), dark=False)
    # 0.4 of #0072B2 and 0.6 of white: 153; 0.4 x 114 + 153 = 198.6; 0.4 x 178 + 153 = 224.2.
    # 0.4 of #E69F00 and 0.6 of white: 245; 216.6; 153.
    assert painted.tolist() == [[245, 217, 153], rgb(LIGHT.other), [153, 199, 224]]
    assert legend == [("a", "#99c7e0"), ("b", "#f5d999")]


ROLES = (TRUE_NEIGHBOR, FOUND, MISSED, EXPANDED, VISITED, ENTRY_POINT)
TO_XYZ = np.array([[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]])
# Full protanopia and deuteranopia on linear RGB, Machado, Oliveira and Fernandes 2009.
VISION = {
    "usual": np.eye(3),
    "protan": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "deutan": [[0.3673, 0.8607, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
}


def lab(color: str, vision: str) -> np.ndarray:
    """CIE L*a*b* of "#rrggbb" under D65 as an eye of this kind sees it."""
    share = np.array(rgb(color)) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(VISION[vision]) @ linear, 0, 1)
    ratio = TO_XYZ @ seen / TO_XYZ.sum(axis=1)
    x, y, z = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("vision", VISION)
def test_no_class_looks_like_a_role_of_the_search(vision: str, dark: bool) -> None:
    names = tuple(f"c{code}" for code in range(len(CLASS_COLORS)))
    classes = Classes("kind", np.arange(len(names)), names)
    legend = node_colors(classes, np.arange(len(names)), dark=dark)[1]
    assert len(legend) == len(names)
    for _, color in legend:
        gaps = [np.linalg.norm(lab(color, vision) - lab(role, vision)) for role in ROLES]
        assert min(gaps) > 15  # about six times the least difference that an eye tells


def test_marked_rows_are_dark_and_the_others_grey() -> None:
    marked = Marked(np.array([False, True, False]), "unreachable", "reachable")
    painted, legend = node_colors(marked, np.array([1, 2]), dark=False)
    assert painted.tolist() == [rgb(LIGHT.text), rgb(LIGHT.other)]
    assert legend == [("unreachable", LIGHT.text), ("reachable", LIGHT.other)]


def test_a_long_legend_is_left_to_the_tips() -> None:
    many = Classes("kind", np.arange(13), tuple(f"c{code}" for code in range(13)))
    assert node_colors(many, np.arange(13), dark=False)[1] == []


def test_values_run_along_the_scale_and_unknown_ones_are_grey() -> None:
    values = Values("size", np.array([0.0, np.nan, 1.0]))
    painted, legend = node_colors(values, np.arange(3), dark=False)
    # From a quarter of the text's #1B2430 in white, 0.25 x 27 + 0.75 x 255 = 198, to all of it.
    assert painted.tolist() == [[198, 200, 203], rgb(LIGHT.other), rgb(LIGHT.text)]
    assert [color for _, color in legend] == ["#c6c8cb", LIGHT.text.lower()]
    assert [words for words, _ in legend] == ["size 0", "1"]
    assert node_colors(Values("x", np.full(2, np.nan)), np.arange(2), dark=False)[1] == []
    # Of 101 even steps the scale runs from the 1st to the 99th percentile: 1 to 99.
    many = node_colors(Values("x", np.arange(101.0)), np.arange(101), dark=False)[1]
    assert [words for words, _ in many] == ["x 1", "99"]
