"""A figure as a small picture of itself, beside which its words stand."""

import plotly.graph_objects as go

MARGIN = 6
TICK_SIZE = 10
MOST_TICKS = 3


def thumbnail(figure: go.Figure, *, height: int = 150) -> go.Figure:
    """A copy without titles, legend, names and hover, and with few small ticks; for a card."""
    small = go.Figure(figure)
    small.layout.annotations = ()
    small.update_layout(
        height=height,
        showlegend=False,
        title=None,
        hovermode=False,
        dragmode=False,
        margin={"l": MARGIN, "r": MARGIN, "t": MARGIN, "b": MARGIN},
    )
    small.update_xaxes(title=None, tickfont_size=TICK_SIZE, fixedrange=True)
    small.update_yaxes(title=None, tickfont_size=TICK_SIZE, fixedrange=True)
    for axis in [*small.select_xaxes(), *small.select_yaxes()]:
        if axis.tickvals is None and axis.type != "category" and axis.categoryarray is None:
            axis.nticks = MOST_TICKS
    small.update_traces(hoverinfo="skip", hovertemplate=None)
    small.for_each_trace(_unname, selector={"type": "scatter"})
    return small


def _unname(trace: go.Scatter) -> None:
    if trace.mode and "text" in trace.mode:
        trace.update(mode="+".join(part for part in trace.mode.split("+") if part != "text"))
