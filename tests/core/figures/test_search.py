from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.search import search_distances
from core.figures.theme import EXPANDED, MISSED, TRUE_NEIGHBOR, VISITED, surface
from core.index import HnswParams, Neighbors, SearchTrace, build_hnsw, exact_neighbors, trace_search

N, K = 600, 10
VECTORS = np.random.default_rng(4).normal(size=(N, 14)).astype(np.float32)
QUERY = np.random.default_rng(8).normal(size=14).astype(np.float32)
GRAPH = build_hnsw(VECTORS, HnswParams("euclidean", m=4, ef_construction=20))
TRUTH: Neighbors = exact_neighbors(VECTORS, QUERY[None], K, metric="euclidean")
TRACE: SearchTrace = trace_search(GRAPH, QUERY, K, K)
HOPS = len(TRACE.hops)


@pytest.fixture(scope="module")
def figure() -> go.Figure:
    return search_distances(TRACE, TRUTH.ids[0], TRUTH.distances[0])


def named(figure: go.Figure, name: str) -> Any:
    (trace,) = [trace for trace in figure.data if trace.name == name]
    return trace


def naive_distance(row: int) -> float:
    difference = VECTORS[row].astype(np.float64) - QUERY.astype(np.float64)
    return float(np.sqrt((difference**2).sum()))


def first_visits(trace: SearchTrace) -> dict[int, int]:
    """The hop, counted from 1, at which each row was met first."""
    first: dict[int, int] = {}
    for number in range(len(trace.hops), 0, -1):
        first.update(dict.fromkeys(trace.hops[number - 1].visited.tolist(), number))
    return first


def test_visited_rows_stand_at_their_hop_and_distance(figure: go.Figure) -> None:
    visited = named(figure, "visited")
    expected = [
        (number, naive_distance(row))
        for number, hop in enumerate(TRACE.hops, start=1)
        for row in hop.visited.tolist()
    ]
    assert visited.x.tolist() == [number for number, _ in expected]
    np.testing.assert_allclose(visited.y, [distance for _, distance in expected], rtol=1e-6)
    np.testing.assert_array_equal(
        visited.y, np.float32(np.concatenate([hop.visited_distances for hop in TRACE.hops]))
    )
    assert visited.y.dtype == np.float32
    assert visited.marker.color == VISITED


def test_lines_hold_the_expanded_row_and_the_end_of_the_beam(figure: go.Figure) -> None:
    expanded, worst = named(figure, "expanded"), named(figure, "farthest in the beam")
    assert list(expanded.x) == list(worst.x) == list(range(1, HOPS + 1))
    assert list(expanded.y) == [hop.expanded_distance for hop in TRACE.hops]
    assert list(expanded.customdata) == [hop.layer for hop in TRACE.hops]
    assert list(worst.y) == [float(hop.beam_distances.max()) for hop in TRACE.hops]
    assert expanded.line.color == EXPANDED


def test_true_neighbors_stand_where_they_were_first_visited(figure: go.Figure) -> None:
    first = first_visits(TRACE)
    answer = set(TRACE.ids.tolist())
    ids = TRUTH.ids[0].tolist()
    met = [row for row in ids if row in answer]
    missed = [row for row in ids if row not in answer]
    assert met
    assert missed
    for name, rows, color in (
        ("true neighbor found", met, TRUE_NEIGHBOR),
        ("true neighbor missed", missed, MISSED),
    ):
        marks = named(figure, name)
        assert marks.x.tolist() == [first.get(row, HOPS + 1) for row in rows]
        np.testing.assert_allclose(marks.y, [naive_distance(row) for row in rows], rtol=1e-12)
        assert marks.marker.color == color
    assert HOPS + 1 in named(figure, "true neighbor missed").x.tolist()


def test_a_row_met_on_several_layers_stands_at_the_first() -> None:
    met_twice = 0
    for query in VECTORS[:15]:
        truth = exact_neighbors(VECTORS, query[None], K, metric="euclidean")
        trace = trace_search(GRAPH, query, K, 60)
        met = [row for hop in trace.hops for row in hop.visited.tolist()]
        found = [row for row in truth.ids[0].tolist() if row in trace.ids and row in met]
        met_twice += sum(met.count(row) > 1 for row in found)
        marks = search_distances(trace, np.array(found), np.zeros(len(found))).data[3]
        assert marks.x.tolist() == [first_visits(trace)[row] for row in found]
    assert met_twice > 0


def test_a_perfect_answer_has_no_miss() -> None:
    wide = trace_search(GRAPH, QUERY, K, 400)
    assert sorted(wide.ids.tolist()) == sorted(TRUTH.ids[0].tolist())
    drawn = search_distances(wide, TRUTH.ids[0], TRUTH.distances[0])
    assert [trace.name for trace in drawn.data][3:] == ["true neighbor found"]


def test_the_base_begins_after_the_descent(figure: go.Figure) -> None:
    descent = [hop.layer for hop in TRACE.hops].index(0)
    assert descent > 0
    (line,) = figure.layout.shapes
    assert line.x0 == line.x1 == descent + 0.5
    (note,) = figure.layout.annotations
    assert (note.x, note.text) == (descent + 0.5, "layer 0")


def test_a_graph_of_one_layer_has_no_line() -> None:
    flat = build_hnsw(VECTORS[:3], HnswParams("euclidean", m=16))
    assert flat.max_level == 0
    truth = exact_neighbors(VECTORS[:3], QUERY[None], 2, metric="euclidean")
    drawn = search_distances(trace_search(flat, QUERY, 2, 3), truth.ids[0], truth.distances[0])
    assert len(drawn.layout.shapes) == len(drawn.layout.annotations) == 0


@pytest.mark.parametrize("dark", [False, True])
def test_both_themes(dark: bool) -> None:
    drawn = search_distances(TRACE, TRUTH.ids[0], TRUTH.distances[0], dark=dark)
    tone = surface(dark)
    assert named(drawn, "farthest in the beam").line.color == tone.muted
    assert drawn.layout.shapes[0].line.color == tone.muted
    assert drawn.layout.template.layout.font.color == tone.text


def test_an_entry_point_that_is_a_true_neighbor_stands_at_the_first_hop() -> None:
    vectors = np.eye(4, dtype=np.float32)
    graph = build_hnsw(vectors, HnswParams("euclidean", m=16))
    trace = trace_search(graph, vectors[0], 2, 3)
    truth = np.array([trace.entry_point])
    figure = search_distances(trace, truth, np.array([0.0]))
    (marks,) = (t for t in figure.data if t.name == "true neighbor found")
    assert list(marks.x) == [1]
