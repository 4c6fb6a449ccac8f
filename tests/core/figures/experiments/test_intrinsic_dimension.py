from typing import Any

import numpy as np
import pytest

from core.figures.experiments.intrinsic_dimension import recall_by_rank
from core.figures.theme import CLASS_COLORS
from core.studies.experiments.intrinsic_dimension import IntrinsicDimension, RankPoint

OWN = RankPoint(0, 8.0, 7.0, (0.75, 0.875), (150.0, 450.0))
POINTS = (
    RankPoint(2, 1.5, 2.0, (1.0, 1.0), (100.0, 300.0)),
    RankPoint(8, 6.0, 6.5, (0.875, 0.9375), (140.0, 400.0)),
    RankPoint(64, 24.0, 26.0, (0.25, 0.5), (200.0, 600.0)),
)


def study(points: tuple[RankPoint, ...] = POINTS) -> IntrinsicDimension:
    return IntrinsicDimension(10, (10, 40), 500, 64, points, OWN, 50)


def named(figure: Any, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


@pytest.mark.parametrize(
    ("ef", "recall", "costs"),
    [(10, [1, 0.875, 0.25], [100, 140, 200]), (40, [1, 0.9375, 0.5], [300, 400, 600])],
)
def test_a_line_of_each_ef(ef: int, recall: list[float], costs: list[float]) -> None:
    line = named(recall_by_rank(study()), f"synthetic, ef {ef}")
    assert list(line.x) == [1.5, 6, 24]
    assert list(line.y) == recall
    assert list(line.customdata) == [[2, costs[0]], [8, costs[1]], [64, costs[2]]]
    assert line.hovertemplate.startswith("rank %{customdata[0]:,}, LID %{x:.3g}: recall %{y:.4f}")


def test_only_the_first_line_names_its_points() -> None:
    figure = recall_by_rank(study())
    assert named(figure, "synthetic, ef 10").text == ("rank 2", "rank 8", "rank 64")
    assert named(figure, "synthetic, ef 40").text is None


def test_a_name_that_would_cover_another_is_left_out() -> None:
    near = RankPoint(9, 6.05, 6.5, (0.874, 0.93), (140.0, 400.0))
    figure = recall_by_rank(study((*POINTS[:2], near, POINTS[2])))
    line = named(figure, "synthetic, ef 10")
    assert line.text == ("rank 2", "rank 8", "", "rank 64")
    assert line.customdata[2] == [9, 140]  # still named by the hover


@pytest.mark.parametrize(("place", "ef"), [(0, 10), (1, 40)])
def test_this_data_is_a_larger_mark_of_the_same_color(place: int, ef: int) -> None:
    figure = recall_by_rank(study())
    own, line = named(figure, f"this data, ef {ef}"), named(figure, f"synthetic, ef {ef}")
    assert (own.x, own.y) == ((8,), (OWN.recall[place],))
    assert own.marker.color == line.line.color == CLASS_COLORS[place]
    assert own.marker.symbol == "star"
    assert own.customdata == (OWN.distance_computations[place],)


def test_vertical_line_at_the_lid_of_this_data() -> None:
    (line,) = recall_by_rank(study(), dark=True).layout.shapes
    assert (line.x0, line.x1) == (8, 8)
    assert (line.y0, line.y1, line.yref) == (0, 1, "y domain")


def test_axes_hold_every_point() -> None:
    layout = recall_by_rank(study()).layout
    left, right = 10 ** np.array(layout.xaxis.range)
    assert layout.xaxis.type == "log"
    assert left < 1.5
    assert right > 24
    assert layout.yaxis.range[0] < 0.25
    assert layout.yaxis.range[1] > 1
    assert layout.yaxis.title.text == "mean recall@10"


def test_data_of_one_rank_alone() -> None:
    line = named(recall_by_rank(study(POINTS[:1])), "synthetic, ef 10")
    assert (line.x, line.text) == ((1.5,), ("rank 2",))
