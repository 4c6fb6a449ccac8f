from typing import Any

import pytest

from core.errors import ParameterError
from core.figures.experiments.build_grid import GRID_VALUES, grid_heatmap, grid_pareto
from core.figures.theme import FOUND, MISSED, surface
from core.index import HnswParams
from core.studies.experiments.build_grid_results import BuildGrid, GridCell

NAN = float("nan")


def cell(m: int, ef_construction: int, seconds: float, size: float, cost: float) -> GridCell:
    """One build; a cost of NaN misses the target."""
    return GridCell(
        params=HnswParams("euclidean", m=m, ef_construction=ef_construction),
        build_seconds=seconds,
        bytes_per_vector=size,
        ef=20 if cost > 0 else -1,
        distance_computations=cost,
        best_recall=0.99,
        own_check=0.925,
        unreachable=0,
        unfindable_share=0.125,
    )


# M 16, 200 costs as much as M 8, 200 in search, but more memory and time: it is beaten. M 8, 200
# has the least search cost, and of those within a tenth of it the least memory.
GRID = BuildGrid(
    10,
    0.95,
    1000,
    100,
    (
        cell(4, 50, 1.0, 100.0, NAN),
        cell(4, 200, 4.0, 100.0, 1000.0),
        cell(8, 50, 2.0, 200.0, 800.0),
        cell(8, 200, 8.0, 200.0, 400.0),
        cell(16, 50, 4.0, 400.0, 500.0),
        cell(16, 200, 16.0, 400.0, 400.0),
    ),
)
MISSING = BuildGrid(10, 0.95, 1000, 100, (cell(4, 50, 1.0, 100.0, NAN),))


def named(figure: Any, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


def test_heat_map_has_a_column_for_each_m_and_a_row_for_each_ef_construction() -> None:
    cells = grid_heatmap(GRID).data[0]
    assert (cells.x, cells.y) == (("4", "8", "16"), ("50", "200"))
    assert cells.z[1].tolist() == [1000, 400, 400]
    assert cells.z[0, 1:].tolist() == [800, 500]
    assert cells.text.tolist() == [["", "800", "500"], ["1,000", "400", "400"]]


def test_a_grid_that_is_not_finished_recommends_nothing() -> None:
    assert len(grid_heatmap(GRID).layout.shapes) == 1
    unfinished = grid_heatmap(GRID, recommend=False)
    assert not unfinished.layout.shapes
    assert "recommended" not in unfinished.layout.title.text
    assert unfinished.data[0].z[1].tolist() == [1000, 400, 400]


@pytest.mark.parametrize("dark", [False, True])
def test_a_missed_target_is_a_neutral_cell_that_says_none(dark: bool) -> None:
    _, missed = grid_heatmap(GRID, dark=dark).data
    assert missed.text.tolist() == [["none", "", ""], ["", "", ""]]
    assert (missed.z == 0).tolist() == [[True, False, False], [False, False, False]]
    assert {color for _, color in missed.colorscale} == {surface(dark).grid}
    assert missed.textfont.color == surface(dark).text


@pytest.mark.parametrize(
    ("value", "first", "text"),
    [
        ("build_seconds", 1.0, "1"),
        ("bytes_per_vector", 100.0, "100"),
        ("own_check", 0.925, "0.925"),
        ("unfindable_share", 0.125, "0.125"),
    ],
)
def test_what_does_not_hang_on_the_target_is_shown_everywhere(
    value: str, first: float, text: str
) -> None:
    figure = grid_heatmap(GRID, value)
    assert len(figure.data) == 1
    assert (figure.data[0].z[0, 0], figure.data[0].text[0, 0]) == (first, text)


@pytest.mark.parametrize("value", GRID_VALUES)
def test_title_says_what_is_shown(value: str) -> None:
    title = grid_heatmap(GRID, value).layout.title.text.replace("<br>", " ")
    assert title.startswith(GRID_VALUES[value])
    assert "framed: recommended" in title


def test_recommended_cell_is_framed() -> None:
    without_4 = BuildGrid(10, 0.95, 1000, 100, GRID.cells[2:])
    (frame,) = grid_heatmap(without_4).layout.shapes  # around M 8, the first; 200, the second
    assert (frame.x0, frame.x1) == pytest.approx((-0.49, 0.49))
    assert (frame.y0, frame.y1) == pytest.approx((0.51, 1.49))
    assert frame.line.color == MISSED


def test_nothing_is_framed_where_nothing_reaches_the_target() -> None:
    figure = grid_heatmap(MISSING)
    assert figure.layout.shapes == ()
    assert "framed" not in figure.layout.title.text
    assert figure.data[1].text.tolist() == [["none"]]


def test_unknown_value() -> None:
    with pytest.raises(ParameterError, match=r"value must be one of ef, .*; got 'hops'"):
        grid_heatmap(GRID, "hops")


def test_pareto_tells_the_front_from_the_beaten() -> None:
    figure = grid_pareto(GRID)
    front, beaten = named(figure, "no other is better in all"), named(figure, "beaten by another")
    # M 16, 50 is beaten in nothing by all: faster than M 8, 200, cheaper to search than M 8, 50
    assert sorted(zip(front.x, front.y, strict=True)) == [
        (100, 1000),
        (200, 400),
        (200, 800),
        (400, 500),
    ]
    assert list(zip(beaten.x, beaten.y, strict=True)) == [(400, 400)]
    assert (front.marker.color, beaten.marker.color) == (FOUND, surface(False).other)
    assert beaten.text is None
    assert figure.layout.yaxis.type == "log"


def test_marks_grow_with_build_time() -> None:
    front = named(grid_pareto(GRID), "no other is better in all")
    sizes = {row[0]: size for row, size in zip(front.customdata, front.marker.size, strict=True)}
    # 8 + 14 sqrt(seconds / 16): of 8 s, 2 s and 4 s
    assert sizes["M 8, efc 200"] == pytest.approx(8 + 14 * 0.5**0.5)
    assert sizes["M 8, efc 50"] == pytest.approx(8 + 14 * 0.125**0.5)
    assert sizes["M 16, efc 50"] == sizes["M 4, efc 200"] == 15


def test_recommended_is_ringed() -> None:
    ring = named(grid_pareto(GRID), "recommended")
    assert (ring.x, ring.y) == ((200,), (400,))
    assert list(ring.customdata[0]) == ["M 8, efc 200", 20, 8]
    assert (ring.marker.symbol, ring.marker.color) == ("circle-open", MISSED)


def test_points_of_the_front_are_named() -> None:
    front = named(grid_pareto(GRID), "no other is better in all")
    assert set(front.text) == {"M 4, efc 200", "M 8, efc 50", "M 8, efc 200", "M 16, efc 50"}


def test_only_one_of_many_points_in_one_place_has_each_side() -> None:
    """Twenty points within a pixel have room for four labels at most, the recommended first."""
    cells = [cell(8, 50 + i, 20.0 - i, 200.0 + i / 1e6, 400.0) for i in range(20)]
    far = [cell(4, 50, 1.0, 100.0, 800.0), cell(16, 50, 30.0, 300.0, 300.0)]
    front = named(
        grid_pareto(BuildGrid(10, 0.95, 9, 9, (*cells, *far))), "no other is better in all"
    )
    assert len(front.x) == 22
    places = [
        side
        for side, text in zip(front.textposition, front.text, strict=True)
        if text.startswith("M 8")
    ]
    assert 1 <= len(places) == len(set(places))
    assert front.text[0] == "M 16, efc 50"  # the only one within a tenth of the least cost


def test_pareto_without_a_setting_that_reaches_the_target() -> None:
    figure = grid_pareto(MISSING)
    assert figure.data == ()
    assert figure.layout.annotations[0].text == "no setting reaches the target"
