from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.neighbors import distance_by_rank
from core.figures.theme import FOUND, MISSED, TRUE_NEIGHBOR, surface
from core.index import Neighbors

NAMES = np.array(["a", "<b>b</b>", "c", "d", "e", "f"])
# True: rows 3, 1, 4. The index lost row 1 and gave row 5 at its third place instead.
TRUTH = Neighbors(ids=np.array([[3, 1, 4]]), distances=np.array([[0.1, 0.2, 0.4]]))
FOUND_IDS, FOUND_DISTANCES = np.array([3, 4, 5]), np.array([0.1, 0.4, 0.7])


def draw(**changes: Any) -> go.Figure:
    return distance_by_rank(TRUTH, FOUND_IDS, FOUND_DISTANCES, NAMES, "inner_product", **changes)


def named(figure: go.Figure, name: str) -> Any:
    (trace,) = [trace for trace in figure.data if trace.name == name]
    return trace


def test_each_role_stands_at_its_rank_and_distance() -> None:
    figure = draw()
    for name, x, y, rows, color in (
        ("true and found", [1, 3], [0.1, 0.4], [3, 4], TRUE_NEIGHBOR),
        ("true and missed", [2], [0.2], [1], MISSED),
        ("found instead", [3], [0.7], [5], FOUND),
    ):
        marks = named(figure, name)
        assert (marks.x.tolist(), marks.y.tolist()) == (x, y)
        assert marks.customdata.tolist() == rows
        assert marks.marker.color == marks.marker.line.color == color


def test_the_line_runs_through_all_true_neighbors() -> None:
    line = draw().data[0]
    assert (line.mode, line.x.tolist(), line.y.tolist()) == ("lines", [1, 2, 3], [0.1, 0.2, 0.4])


def test_names_are_shown_letter_by_letter() -> None:
    assert list(named(draw(), "true and missed").text) == ["&lt;b&gt;b&lt;/b&gt;"]


def test_axes_name_the_rank_and_the_metric() -> None:
    figure = draw()
    assert figure.layout.xaxis.title.text == "rank"
    assert figure.layout.xaxis.range == (0.5, 3.5)
    assert figure.layout.xaxis.dtick == 1
    assert figure.layout.yaxis.title.text == "inner product distance to the item"


def test_many_ranks_leave_the_ticks_to_plotly() -> None:
    ids = np.arange(13)
    truth = Neighbors(ids=ids[None], distances=ids[None] / 10)
    names = ids.astype(str)
    figure = distance_by_rank(truth, ids, ids / 10, names, "cosine")
    assert figure.layout.xaxis.dtick is None
    assert figure.layout.xaxis.range == (0.5, 13.5)


def test_places_that_the_index_left_empty_are_not_drawn() -> None:
    none = distance_by_rank(TRUTH, np.full(3, -1), np.full(3, np.nan), NAMES, "cosine")
    assert [trace.name for trace in none.data[1:]] == ["true and missed"]
    assert none.data[1].x.tolist() == [1, 2, 3]


@pytest.mark.parametrize("dark", [False, True])
def test_both_themes(dark: bool) -> None:
    figure = draw(dark=dark, height=333)
    assert figure.data[0].line.color == surface(dark).other
    assert figure.layout.template.layout.font.color == surface(dark).text
    assert figure.layout.height == 333
