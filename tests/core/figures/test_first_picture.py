import numpy as np
import pandas as pd

from core.data import Look
from core.data.readers.found import Found
from core.figures import first_scatter
from core.figures.theme import CLASS_COLORS, DARK, LIGHT
from core.projection import FirstPicture, picture_of

VECTORS = np.array([[0.0, 0], [4, 0], [0, 2], [4, 2], [2, 1], [np.nan, 0]])


def picture(labels: list[str | None] | None = None) -> FirstPicture:
    frame = None if labels is None else pd.DataFrame({"label": labels})
    made = picture_of(Look(Found(VECTORS, frame)))
    assert made is not None
    return made


def test_plain_points_stand_at_their_coordinates_with_their_row_numbers() -> None:
    made = picture()
    (trace,) = first_scatter(made).data
    assert trace.type == "scatter"  # no WebGL
    assert trace.customdata.tolist() == [0, 1, 2, 3, 4]
    assert np.array_equal(np.column_stack([trace.x, trace.y]), made.projection.coordinates)
    assert trace.marker.color == LIGHT.muted
    assert trace.showlegend is False


def test_classes_have_the_colors_of_the_map_and_the_axes_their_shares() -> None:
    figure = first_scatter(picture(["<b>", "a", "<b>", "a", None, "a"]), dark=True)
    other, first, second = figure.data
    assert (other.name, other.marker.color, other.customdata.tolist()) == ("other", DARK.other, [4])
    assert (first.name, first.marker.color) == ("&lt;b&gt;", CLASS_COLORS[0])
    assert first.customdata.tolist() == [0, 2]
    assert (second.name, second.customdata.tolist()) == ("a", [1, 3])
    assert figure.layout.showlegend is True
    # variances about (2, 1): 4 corners of 2 and 1, one row at the middle: 16 and 4 of 20
    assert figure.layout.xaxis.title.text == "PC 1 (80 % of variance)"
    assert figure.layout.yaxis.title.text == "PC 2 (20 % of variance)"


def test_rows_without_variance_have_axes_without_shares() -> None:
    made = picture_of(Look(Found(np.ones((3, 2)))))
    assert made is not None
    assert first_scatter(made).layout.xaxis.title.text == "PC 1"


def test_many_classes_have_no_legend() -> None:
    vectors = np.random.default_rng(0).normal(size=(60, 3))
    frame = pd.DataFrame({"label": [f"class {row % 30}" for row in range(60)]})
    made = picture_of(Look(Found(vectors, frame)))
    assert made is not None
    figure = first_scatter(made)
    assert len(figure.data) == 30
    assert figure.layout.showlegend is False
