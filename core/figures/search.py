"""One search as the distances it met, hop by hop."""

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.figures.theme import EXPANDED, MISSED, TRUE_NEIGHBOR, VISITED, Surface, layout, surface
from core.index import SearchTrace

Rows = npt.NDArray[np.int64]


def search_distances(
    trace: SearchTrace, truth: Rows, true_distances: npt.NDArray[np.float64], *, dark: bool = False
) -> go.Figure:
    """True distance to the query against the hop: expanded, visited, and the beam's worst."""
    tone = surface(dark)
    hops = np.arange(1, len(trace.hops) + 1)
    visited_hop = np.repeat(hops, [len(hop.visited) for hop in trace.hops])
    visited = np.concatenate([hop.visited_distances for hop in trace.hops])
    figure = go.Figure(layout=layout(dark=dark, height=320))
    figure.add_scattergl(
        x=visited_hop,
        y=visited.astype(np.float32),
        mode="markers",
        marker={"color": VISITED, "size": 4, "opacity": 0.6},
        name="visited",
        hovertemplate="hop %{x}: visited at %{y:.4g}<extra></extra>",
    )
    figure.add_scatter(
        x=hops,
        y=[hop.worst for hop in trace.hops],
        mode="lines",
        line={"color": tone.muted, "width": 1, "shape": "hv"},
        name="farthest in the beam",
    )
    figure.add_scatter(
        x=hops,
        y=[hop.expanded_distance for hop in trace.hops],
        mode="lines+markers",
        line={"color": EXPANDED, "width": 2},
        marker={"size": 5},
        name="expanded",
        customdata=[hop.layer for hop in trace.hops],
        hovertemplate="hop %{x} on layer %{customdata}: expanded at %{y:.4g}<extra></extra>",
    )
    _add_targets(figure, trace, truth, true_distances)
    _mark_layer_0(figure, trace, tone)
    figure.update_xaxes(title="hop")
    figure.update_yaxes(title="distance to the query")
    return figure


def _add_targets(
    figure: go.Figure, trace: SearchTrace, truth: Rows, distances: npt.NDArray[np.float64]
) -> None:
    """True neighbors at the hop that visited them first, or at the end where none did."""
    first = {trace.entry_point: 1}
    for number, hop in enumerate(trace.hops, start=1):
        for row in hop.visited.tolist():
            first.setdefault(row, number)
    found = np.isin(truth, trace.ids)
    place = np.array([first.get(row, len(trace.hops) + 1) for row in truth.tolist()])
    for mask, name, color, symbol in (
        (found, "true neighbor found", TRUE_NEIGHBOR, "circle-open"),
        (~found, "true neighbor missed", MISSED, "x"),
    ):
        if mask.any():
            figure.add_scatter(
                x=place[mask],
                y=distances[mask],
                mode="markers",
                marker={"color": color, "size": 10, "symbol": symbol, "line": {"width": 2}},
                name=name,
            )


def _mark_layer_0(figure: go.Figure, trace: SearchTrace, tone: Surface) -> None:
    descent = sum(hop.layer > 0 for hop in trace.hops)
    if descent:
        figure.add_vline(x=descent + 0.5, line={"color": tone.muted, "width": 1, "dash": "dot"})
        figure.add_annotation(
            x=descent + 0.5,
            y=1,
            yref="paper",
            text="layer 0",
            showarrow=False,
            xanchor="left",
            font={"color": tone.muted},
        )
