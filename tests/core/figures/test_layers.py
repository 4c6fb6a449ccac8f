import itertools
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures import layers
from core.figures.layers import Scene, layers_3d, sampled_links
from core.figures.theme import (
    ENTRY_POINT,
    EXPANDED,
    FOUND,
    MISSED,
    TRUE_NEIGHBOR,
    VISITED,
    surface,
)
from core.index import HnswParams, build_hnsw, exact_neighbors, trace_search

N, K = 600, 10
RANDOM = np.random.default_rng(4)
VECTORS = RANDOM.normal(size=(N, 14)).astype(np.float32)
COORDINATES = RANDOM.normal(size=(N, 2)).astype(np.float32)
BASE_ROWS = np.sort(RANDOM.choice(N, 250, replace=False))
GRAPH = build_hnsw(VECTORS, HnswParams("euclidean", m=4, ef_construction=20))


def scene(base_rows: np.ndarray = BASE_ROWS) -> Scene:
    query = np.random.default_rng(8).normal(size=14).astype(np.float32)
    truth = exact_neighbors(VECTORS, query[None], K, metric="euclidean").ids[0]
    names = np.array([f"row name {row}" for row in range(N)])
    return Scene(GRAPH, COORDINATES, base_rows, names, trace_search(GRAPH, query, K, K), truth)


SCENE = scene()


@pytest.fixture(scope="module")
def figure() -> go.Figure:
    return layers_3d(SCENE)


def named(figure: go.Figure, name: str) -> list[Any]:
    return [trace for trace in figure.data if trace.name == name]


def rows_of(traces: list[Any]) -> list[int]:
    return sorted(row for trace in traces for row in trace.customdata.tolist())


def labels(figure: go.Figure) -> list[Any]:
    """The traces that name the layers, the base first."""
    return [trace for trace in figure.data if trace.type == "scatter3d" and trace.mode == "text"]


def pairs_of(layer: int) -> set[tuple[int, int]]:
    """Linked pairs of a layer, whichever end links to the other."""
    sources, targets = GRAPH.links(layer)
    ends = zip(sources.tolist(), targets.tolist(), strict=True)
    return {(min(pair), max(pair)) for pair in ends}


def test_the_graph_has_layers_and_the_search_is_imperfect() -> None:
    assert GRAPH.max_level >= 2
    assert 0 < len(np.intersect1d(SCENE.trace.ids, SCENE.truth)) < K


def test_each_plane_holds_its_nodes(figure: go.Figure) -> None:
    planes = named(figure, "nodes")
    assert len(planes) == GRAPH.max_level + 1
    for layer, plane in enumerate(planes):
        rows = BASE_ROWS if layer == 0 else GRAPH.nodes(layer)
        np.testing.assert_array_equal(plane.customdata, rows)
        np.testing.assert_array_equal(plane.x, COORDINATES[rows, 0])
        np.testing.assert_array_equal(plane.y, COORDINATES[rows, 1])
        assert set(plane.z.tolist()) == {layer}
        assert list(plane.text) == [f"row name {row}" for row in rows]
    assert [plane.showlegend for plane in planes] == [True] + [False] * GRAPH.max_level


def test_planes_enclose_the_points_and_tell_their_numbers(figure: go.Figure) -> None:
    planes = [trace for trace in figure.data if trace.type == "mesh3d"]
    for layer, plane in enumerate(planes):
        assert min(plane.x) < COORDINATES[:, 0].min() < COORDINATES[:, 0].max() < max(plane.x)
        assert min(plane.y) < COORDINATES[:, 1].min() < COORDINATES[:, 1].max() < max(plane.y)
        assert set(plane.z) == {layer}
        # Two triangles that share a diagonal and use all four corners.
        triangles = [set(corners) for corners in zip(plane.i, plane.j, plane.k, strict=True)]
        assert set.union(*triangles) == {0, 1, 2, 3}
        assert len(set.intersection(*triangles)) == 2
    texts = [trace.text[0] for trace in labels(figure)]
    counts = [int((GRAPH.levels >= layer).sum()) for layer in range(GRAPH.max_level + 1)]
    expected = [
        f"layer {layer}: {count} {'node' if count == 1 else 'nodes'}"
        for layer, count in enumerate(counts)
    ]
    assert texts == [expected[0] + ", 250 drawn", *expected[1:]]
    everything = layers_3d(scene(np.arange(N)))
    assert labels(everything)[0].text[0] == "layer 0: 600 nodes"


def test_links_above_the_base_are_the_unique_pairs(figure: go.Figure) -> None:
    drawn = named(figure, "links")
    assert len(drawn) == GRAPH.max_level
    for layer, trace in enumerate(drawn, start=1):
        segments = np.column_stack([trace.x, trace.y]).reshape(-1, 3, 2)
        assert np.isnan(segments[:, 2]).all()
        found = {tuple(map(tuple, segment[:2].tolist())) for segment in segments}
        expected = {
            (tuple(COORDINATES[low].tolist()), tuple(COORDINATES[high].tolist()))
            for low, high in pairs_of(layer)
        }
        assert found == expected
        assert len(segments) == len(expected)
        assert trace.z.tolist() == [layer] * len(trace.x)
    assert len(pairs_of(1)) > 100


@pytest.mark.parametrize("layer", [0, 1])
def test_each_pair_once_with_their_number(layer: int) -> None:
    sources, targets, number = sampled_links(GRAPH, layer)
    pairs = pairs_of(layer)
    assert number == len(pairs)
    assert list(zip(sources.tolist(), targets.tolist(), strict=True)) == sorted(pairs)


def test_too_many_pairs_are_thinned_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = sorted(pairs_of(0))
    monkeypatch.setattr(layers, "LINKS_AT_MOST", len(pairs) // 3)
    sources, targets, number = sampled_links(GRAPH, 0)
    assert number == len(pairs)
    # A third of them is not enough for every third, unless the number divides by 3.
    step = 3 if len(pairs) % 3 == 0 else 4
    assert list(zip(sources.tolist(), targets.tolist(), strict=True)) == pairs[::step]


def test_a_graph_of_one_node_has_no_links() -> None:
    alone = build_hnsw(VECTORS[:1], HnswParams("euclidean", m=4))
    sources, targets, number = sampled_links(alone, 0)
    assert (len(sources), len(targets), number) == (0, 0, 0)


def test_the_path_follows_the_expanded_rows(figure: go.Figure) -> None:
    (path,) = named(figure, "expanded, in order")
    hops = SCENE.trace.hops
    expanded = [hop.expanded for hop in hops]
    np.testing.assert_array_equal(path.x, COORDINATES[expanded, 0])
    np.testing.assert_array_equal(path.y, COORDINATES[expanded, 1])
    assert path.z.tolist() == [hop.layer for hop in hops]
    assert path.z[0] == GRAPH.max_level
    assert path.z[-1] == 0
    assert path.customdata.tolist() == list(range(1, len(hops) + 1))
    assert path.line.color == EXPANDED


def test_visited_rows_once_on_each_layer(figure: go.Figure) -> None:
    drawn = {int(trace.z[0]): trace for trace in named(figure, "visited")}
    for layer in range(GRAPH.max_level + 1):
        hops = [hop for hop in SCENE.trace.hops if hop.layer == layer]
        seen = {row for hop in hops for row in hop.visited.tolist()}
        if not seen:
            assert layer not in drawn
            continue
        assert drawn[layer].customdata.tolist() == sorted(seen)
        assert drawn[layer].marker.color == VISITED
        assert drawn[layer].showlegend is (layer == 0)


def test_answers_and_misses_by_role(figure: go.Figure) -> None:
    answer, truth = set(SCENE.trace.ids.tolist()), set(SCENE.truth.tolist())
    for name, rows, color in (
        ("found, true", answer & truth, TRUE_NEIGHBOR),
        ("found, not true", answer - truth, FOUND),
        ("missed", truth - answer, MISSED),
    ):
        (marks,) = named(figure, name)
        assert rows_of([marks]) == sorted(rows)
        np.testing.assert_array_equal(marks.x, COORDINATES[marks.customdata, 0])
        np.testing.assert_array_equal(marks.y, COORDINATES[marks.customdata, 1])
        assert set(marks.z.tolist()) == {0}
        assert marks.marker.color == color
    (entry,) = named(figure, "entry point")
    assert entry.customdata.tolist() == [GRAPH.entry_point]
    assert entry.z.tolist() == [GRAPH.max_level]
    assert entry.marker.color == ENTRY_POINT


def test_a_perfect_answer_has_nothing_missed_or_wrong() -> None:
    trace = trace_search(GRAPH, VECTORS[0], K, 300)
    perfect = Scene(GRAPH, COORDINATES, BASE_ROWS, SCENE.names, trace, np.sort(trace.ids))
    drawn = layers_3d(perfect)
    assert rows_of(named(drawn, "found, true")) == sorted(trace.ids.tolist())
    assert named(drawn, "missed") == named(drawn, "found, not true") == []


def test_fillers_of_a_short_answer_are_not_drawn() -> None:
    few = build_hnsw(VECTORS[:4], HnswParams("euclidean", m=4))
    trace = trace_search(few, VECTORS[0], 6, 6)
    assert trace.ids.tolist()[4:] == [-1, -1]
    small = Scene(few, COORDINATES[:4], np.arange(4), SCENE.names, trace, np.arange(4))
    drawn = layers_3d(small)
    assert rows_of(named(drawn, "found, true")) == [0, 1, 2, 3]
    assert named(drawn, "found, not true") == []


def test_coordinates_are_float32(figure: go.Figure) -> None:
    clouds = [trace for trace in figure.data if trace.name is not None]
    assert len(clouds) > 2 * GRAPH.max_level
    for trace, axis in itertools.product(clouds, "xyz"):
        assert trace[axis].dtype == np.float32, (trace.name, axis)


@pytest.mark.parametrize("dark", [False, True])
def test_both_themes(dark: bool) -> None:
    drawn = layers_3d(SCENE, dark=dark, height=444)
    tone = surface(dark)
    assert {trace.marker.color for trace in named(drawn, "nodes")} == {tone.other}
    assert {trace.textfont.color for trace in labels(drawn)} == {tone.text}
    assert drawn.layout.template.layout.font.color == tone.text
    assert drawn.layout.height == 444
