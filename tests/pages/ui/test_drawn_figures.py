"""A figure is drawn once for all who ask the same, and another one wherever anything differs."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io
import pytest

from core.figures import Figure
from core.figures.preparing import prepared
from pages.ui.display import chart


class Calls:
    """Draws bars, and counts how often; a new one each time, as each has caches of its own."""

    def __init__(self) -> None:
        self.count = 0

        def draw(
            values: tuple[int, ...], *, dark: bool = False, height: int = 300, chosen: int = -1
        ) -> Figure:
            self.count += 1
            colors = ["red" if place == chosen else "blue" for place in range(len(values))]
            return (
                go.Figure()
                .add_bar(y=values, marker_color=colors)
                .update_layout(height=height, paper_bgcolor="black" if dark else "white")
            )

        self.draw = draw


def test_the_same_is_drawn_once() -> None:
    bars = Calls()
    first = chart.drawn(bars.draw, (1, 2), dark=True)
    assert chart.drawn(bars.draw, values=(1, 2), dark=True, height=300) is first
    assert bars.count == 1
    assert first.to_dict()["layout"]["paper_bgcolor"] == "black"


@pytest.mark.parametrize(
    ("values", "options"),
    [
        ((1, 3), {}),
        ((2, 1), {}),
        ((1, 2), {"dark": True}),
        ((1, 2), {"height": 301}),
        ((1, 2), {"chosen": 0}),
    ],
)
def test_no_figure_is_given_for_another(values: tuple[int, ...], options: dict[str, Any]) -> None:
    bars = Calls()
    chart.drawn(bars.draw, (1, 2))
    given = chart.drawn(bars.draw, values, **options)
    assert bars.count == 2
    assert given.to_dict() == bars.draw(values, **options).to_dict()


def test_an_array_that_was_changed_is_drawn_anew() -> None:
    values = np.array([1, 2])
    drawings = []

    def bars(values: np.ndarray) -> Figure:
        return go.Figure().add_bar(y=values.tolist())

    for first in (1, 5):
        values[0] = first
        drawings.append(chart.drawn(bars, values).to_dict()["data"][0]["y"])
    assert drawings == [[1, 2], [5, 2]]


def test_two_functions_of_one_name_do_not_share() -> None:
    one, other = Calls(), Calls()
    chart.drawn(one.draw, (1, 2))
    chart.drawn(other.draw, (1, 2))
    assert (one.count, other.count) == (1, 1)


def test_a_prepared_figure_is_sent_as_the_figure_is() -> None:
    figure = go.Figure().add_scatter(x=np.arange(3), y=np.array([0.5, np.nan, 2.0]))
    figure.update_layout(template="none", shapes=[{"type": "line", "x0": 0, "x1": 1}])
    given = plotly.io.to_json(prepared(figure).to_dict(), validate=False)
    assert given == plotly.io.to_json(figure.to_dict(), validate=False)
    assert repr(prepared(figure)) == "Prepared(scatter)"
