"""A chart keeps the view that a browser tells of, and only what a view can be."""

from typing import Any

import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.display.kept_view import _layout

PLACE = {"x": 1.0, "y": 2, "z": 0.5}


@pytest.mark.parametrize(
    ("told", "layout"),
    [
        ({}, {}),
        ({"mode": "lasso"}, {"dragmode": "lasso"}),
        ({"mode": "<b>"}, {}),
        ({"mode": ["lasso"]}, {}),
        ({"x": [1, 2.5], "y": None}, {"xaxis_range": [1, 2.5]}),
        ({"x": [1, "2"], "y": [3, 4]}, {"yaxis_range": [3, 4]}),
        ({"x": [1], "y": [True, 2]}, {}),
        ({"x": [float("nan"), 2], "y": [0, float("inf")]}, {}),
        ({"camera": {"eye": PLACE}}, {"scene_camera": {"eye": PLACE}}),
        ({"camera": {"eye": {**PLACE, "more": 1}}}, {"scene_camera": {"eye": PLACE}}),
        ({"camera": {"eye": {"x": 1, "y": 2}, "other": PLACE}}, {"scene_camera": {}}),
        ({"camera": "up"}, {}),
    ],
)
def test_only_what_a_view_can_be_is_drawn(told: dict[str, Any], layout: dict[str, Any]) -> None:
    assert _layout(told) == layout
    go.Figure().update_layout(**layout)  # plotly takes it


def page() -> None:
    import plotly.graph_objects as go
    import streamlit as st

    from pages.ui.display import kept_view

    content = st.session_state.get("content", "first")
    now = st.session_state.get("selected", ())
    shown = kept_view.selection("chart", content, now)
    figure = go.Figure()
    kept_view.dress(figure, "chart", st.session_state.get("name", "map"), content, shown)
    if st.session_state.pop("redraw", False):
        kept_view.redraw("chart")
    kept = figure.layout
    st.json([list(shown), kept.meta, list(kept.xaxis.range or []), kept.uirevision])


def drawn(app: AppTest, **state: object) -> Any:
    import json

    for name, value in state.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    return json.loads(app.json[0].value)


def view(low: float, high: float) -> dict[str, dict[str, Any]]:
    return {"chart map": {"x": [low, high]}}


def test_a_view_or_a_selection_alone_leaves_the_figure_as_it_is() -> None:
    app = AppTest.from_function(page)
    assert drawn(app) == [[], 1, [], "map"]
    assert drawn(app, _slot_chart_views=view(1, 2), selected=(7,)) == [[], 1, [], "map"]


def test_other_content_is_drawn_in_the_view_that_was_left() -> None:
    app = AppTest.from_function(page)
    drawn(app)
    drawn(app, _slot_chart_views=view(1, 2), selected=(7,))
    assert drawn(app, content="second") == [[7], 2, [1, 2], "map"]
    # Back to the first content: another figure, for the browser may keep one that it knows.
    assert drawn(app, content="first", selected=()) == [[], 3, [1, 2], "map"]


def test_another_projection_has_a_view_of_its_own() -> None:
    app = AppTest.from_function(page)
    drawn(app, _slot_chart_views=view(1, 2))
    assert drawn(app, content="second", name="other map") == [[], 2, [], "other map"]
    assert drawn(app, content="third", name="map") == [[], 3, [1, 2], "map"]


def test_a_chart_is_drawn_anew_where_that_is_asked() -> None:
    app = AppTest.from_function(page)
    drawn(app, selected=(1, 2))
    assert drawn(app, selected=(), redraw=True)[:2] == [[1, 2], 1]
    assert drawn(app)[:2] == [[], 2]
