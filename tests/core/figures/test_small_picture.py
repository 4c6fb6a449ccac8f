import numpy as np
import plotly.graph_objects as go

from core.figures import thumbnail


def drawn() -> go.Figure:
    figure = go.Figure(layout={"title": "a title", "height": 400})
    figure.add_scatter(x=[1, 2], y=[3, 4], mode="lines+markers+text", text=["a", "b"], name="line")
    figure.add_heatmap(z=np.eye(2), text=[["1", "0"], ["0", "1"]], texttemplate="%{text}")
    figure.add_annotation(text="a note", x=1, y=3)
    figure.add_vline(x=1.5)
    figure.update_xaxes(title="across")
    figure.update_yaxes(title="up", tickvals=[3, 4])
    return figure


def test_a_thumbnail_has_the_marks_and_none_of_the_words() -> None:
    small = thumbnail(drawn(), height=120)
    assert small.layout.height == 120
    assert (small.layout.title.text, small.layout.showlegend) == (None, False)
    assert (small.layout.xaxis.title.text, small.layout.yaxis.title.text) == (None, None)
    assert small.layout.annotations == ()
    assert small.layout.hovermode is False
    line, cells = small.data
    assert (line.mode, list(line.x), list(line.y)) == ("lines+markers", [1, 2], [3, 4])
    assert cells.texttemplate == "%{text}"  # the figures of the cells are what it shows
    assert len(small.layout.shapes) == 1
    assert small.layout.xaxis.nticks == 3
    assert (small.layout.yaxis.nticks, list(small.layout.yaxis.tickvals)) == (None, [3, 4])


def test_names_on_an_axis_are_all_there() -> None:
    figure = go.Figure(go.Scatter(x=[1, 2], y=["up", "down"]))
    figure.update_yaxes(categoryorder="array", categoryarray=["up", "down"])
    small = thumbnail(figure)
    assert (small.layout.xaxis.nticks, small.layout.yaxis.nticks) == (3, None)


def test_the_figure_itself_stays_as_it_is() -> None:
    figure = drawn()
    thumbnail(figure)
    assert figure == drawn()
