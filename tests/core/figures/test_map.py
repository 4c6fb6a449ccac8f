from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.map import SPACE_SYMBOLS, Classes, MapPoints, Values, space_map
from core.figures.theme import CLASS_SYMBOLS, TRUE_NEIGHBOR, class_styles, surface

N = 200
RANDOM = np.random.default_rng(1)
ROWS = np.sort(RANDOM.choice(N, 120, replace=False))
ITEM, NEIGHBORS = 17, np.array([3, 190, 44])
CLASSES = Classes("kind", RANDOM.integers(-1, 12, N), tuple(f"kind {code}" for code in range(12)))
VALUES = Values("weight", np.where(np.arange(N) % 7 == 0, np.nan, RANDOM.normal(size=N)))


def points(dimensions: int, rows: np.ndarray = ROWS) -> MapPoints:
    coordinates = np.random.default_rng(2).normal(size=(N, dimensions)).astype(np.float32)
    names = np.array([f"row name {row}" for row in range(N)])
    return MapPoints(coordinates, rows, names, ("first", "second", "third")[:dimensions])


def places(trace: Any) -> np.ndarray:
    """Coordinates of a trace, (m, 2 or 3)."""
    axes = (trace.x, trace.y, trace.z) if trace.type == "scatter3d" else (trace.x, trace.y)
    return np.column_stack(axes)


def by_name(figure: go.Figure) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data}


@pytest.mark.parametrize("dimensions", [2, 3])
def test_classes_cover_the_rows_drawn_once(dimensions: int) -> None:
    cloud = points(dimensions)
    figure = space_map(cloud, CLASSES)
    drawn: list[int] = []
    for trace in figure.data:
        rows = trace.customdata
        code = -1 if trace.name == "other" else CLASSES.names.index(trace.name)
        assert set(CLASSES.codes[rows].tolist()) == {code}
        np.testing.assert_array_equal(places(trace), cloud.coordinates[rows])
        assert list(trace.text) == [f"row name {row}" for row in rows]
        drawn += rows.tolist()
    assert sorted(drawn) == ROWS.tolist()
    assert len(drawn) == len(set(drawn))


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("colors", [CLASSES, VALUES, None])
def test_coordinates_stay_float32(dimensions: int, colors: Classes | Values | None) -> None:
    figure = space_map(
        points(dimensions), colors, item=ITEM, neighbors=NEIGHBORS, marked=np.array([1, 2])
    )
    kind = "scattergl" if dimensions == 2 else "scatter3d"
    for trace in figure.data:
        assert trace.type == kind
        assert trace.x.dtype == trace.y.dtype == np.float32
        if dimensions == 3:
            assert trace.z.dtype == np.float32


def test_classes_have_their_color_and_in_the_plane_their_symbol() -> None:
    flat = by_name(space_map(points(2), CLASSES))
    deep = by_name(space_map(points(3), CLASSES))
    for code, (color, symbol) in enumerate(class_styles(12)):
        assert flat[f"kind {code}"].marker.color == deep[f"kind {code}"].marker.color == color
        assert flat[f"kind {code}"].marker.symbol == symbol
        in_space = {"triangle-up": "x"}.get(symbol, symbol)
        assert deep[f"kind {code}"].marker.symbol == in_space
    assert flat["kind 9"].marker.symbol == CLASS_SYMBOLS[1]
    assert flat["other"].marker.color == surface(False).other
    assert next(iter(flat)) == "other"  # below the classes


def test_a_class_without_a_row_in_the_sample_has_no_trace() -> None:
    some = ROWS[CLASSES.codes[ROWS] == 4]
    assert [trace.name for trace in space_map(points(2, some), CLASSES).data] == ["kind 4"]


def test_values_color_the_points_between_their_percentiles() -> None:
    without, trace = space_map(points(2), VALUES).data
    np.testing.assert_array_equal(without.customdata, ROWS[ROWS % 7 == 0])
    np.testing.assert_array_equal(trace.customdata, ROWS[ROWS % 7 != 0])
    known = VALUES.values[ROWS[ROWS % 7 != 0]].astype(np.float32)
    np.testing.assert_array_equal(trace.marker.color, known)
    assert without.marker.color == surface(False).other
    assert without.name == "no value"
    assert trace.marker.cmin == pytest.approx(np.percentile(known, 1))
    assert trace.marker.cmax == pytest.approx(np.percentile(known, 99))
    assert trace.marker.colorbar.title.text == "weight"
    assert trace.showlegend is False


def test_values_with_ticks_of_their_own_are_colored_over_their_whole_range() -> None:
    ticks = ((1.0, "10"), (1.7, "50"))
    values = np.linspace(1, 2, N)
    (trace,) = space_map(points(2), Values("ef", values, ticks)).data
    assert (trace.marker.cmin, trace.marker.cmax) == pytest.approx(
        (values[ROWS].min(), values[ROWS].max())
    )
    assert trace.marker.colorbar.tickvals == (1.0, 1.7)
    assert trace.marker.colorbar.ticktext == ("10", "50")


def test_values_that_are_all_missing_still_draw_the_points() -> None:
    (trace,) = space_map(points(2), Values("none", np.full(N, np.nan))).data
    np.testing.assert_array_equal(trace.customdata, ROWS)
    assert trace.name == "no value"


@pytest.mark.parametrize("symbol", CLASS_SYMBOLS)
def test_plotly_draws_each_symbol_in_space(symbol: str) -> None:
    go.Scatter3d(marker={"symbol": SPACE_SYMBOLS.get(symbol, symbol)})


def test_texts_of_users_are_no_markup() -> None:
    cloud = points(2)
    names, labels = cloud.names.copy(), np.array(["<i>a</i>"] * N)
    names[ROWS[0]] = "<b>&"
    tagged = Classes("<u>", CLASSES.codes, ("<a href='https://x.y'>z</a>", *CLASSES.names[1:]))
    cloud = MapPoints(cloud.coordinates, ROWS, names, cloud.axes, labels)
    figure = space_map(cloud, tagged)
    texts = [text for trace in figure.data for text in trace.text]
    assert "&lt;b&gt;&amp;<br>&lt;i&gt;a&lt;/i&gt;" in texts
    shown = " ".join([*texts, *(f"{t.name} {t.hovertemplate}" for t in figure.data)])
    assert "<b>" not in shown
    assert "<a" not in shown
    assert "<i>" not in shown


def test_a_hover_shows_name_and_label() -> None:
    labels = np.array([f"label {row}" for row in range(N)])
    cloud = points(2)
    labeled = MapPoints(cloud.coordinates, ROWS, cloud.names, cloud.axes, labels)
    (trace,) = space_map(labeled, None).data
    assert list(trace.text) == [f"row name {row}<br>label {row}" for row in ROWS]


@pytest.mark.parametrize("dimensions", [2, 3])
def test_threads_run_from_the_item_to_each_neighbor(dimensions: int) -> None:
    cloud = points(dimensions)
    figure = space_map(cloud, None, item=ITEM, neighbors=NEIGHBORS)
    _, threads, neighbors, item = figure.data
    segments = places(threads).reshape(3, 3, dimensions)  # start, end, gap
    for segment, neighbor in zip(segments, NEIGHBORS, strict=True):
        np.testing.assert_array_equal(segment[0], cloud.coordinates[ITEM])
        np.testing.assert_array_equal(segment[1], cloud.coordinates[neighbor])
        assert np.isnan(segment[2]).all()
    assert threads.mode == "lines"
    assert threads.line.color == neighbors.marker.color == TRUE_NEIGHBOR
    np.testing.assert_array_equal(neighbors.customdata, NEIGHBORS)
    np.testing.assert_array_equal(places(neighbors), cloud.coordinates[NEIGHBORS])
    assert item.customdata.tolist() == [ITEM]
    assert item.name == "item"
    assert list(item.text) == ["row name 17"]


def test_neighbors_outside_the_sample_are_shown() -> None:
    outside = np.setdiff1d(np.arange(N), ROWS)[:4]
    shown = by_name(space_map(points(2), CLASSES, item=ITEM, neighbors=outside))
    np.testing.assert_array_equal(shown["true neighbors"].customdata, outside)


def test_an_item_without_neighbors_stands_alone() -> None:
    figure = space_map(points(2), None, item=ITEM)
    assert [len(trace.x) for trace in figure.data] == [120, 0, 0, 1]


def test_marked_rows_are_ringed() -> None:
    marked = np.array([5, 8, 100])
    ring = by_name(space_map(points(2), None, marked=marked))["marked"]
    np.testing.assert_array_equal(ring.customdata, marked)
    np.testing.assert_array_equal(places(ring), points(2).coordinates[marked])
    assert ring.marker.color == "rgba(0,0,0,0)"
    nothing = space_map(points(2), None, marked=np.empty(0, np.int64))
    assert len(nothing.data) == 1


def test_axes_bear_their_names() -> None:
    flat, deep = space_map(points(2), None).layout, space_map(points(3), None).layout
    assert (flat.xaxis.title.text, flat.yaxis.title.text) == ("first", "second")
    scene = deep.scene
    titles = [axis.title.text for axis in (scene.xaxis, scene.yaxis, scene.zaxis)]
    assert titles == ["first", "second", "third"]
    assert (flat.dragmode, deep.dragmode) == ("pan", "orbit")


def test_many_points_are_drawn_smaller() -> None:
    few, many = points(2, np.zeros(20_000, np.int64)), points(2, np.zeros(20_001, np.int64))
    assert space_map(few, None).data[0].marker.size == 5.0
    assert space_map(many, None).data[0].marker.size == 3.0


@pytest.mark.parametrize("dark", [False, True])
def test_both_themes(dark: bool) -> None:
    figure = space_map(points(2), None, item=ITEM, marked=np.array([1]), dark=dark, height=432)
    tone = surface(dark)
    cloud, rings, _, _, item = figure.data
    assert cloud.marker.color == tone.muted
    assert rings.marker.line.color == item.marker.color == tone.text
    assert figure.layout.height == 432
    assert figure.layout.template.layout.font.color == tone.text
