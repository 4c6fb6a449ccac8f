"""TwoNN: the ratios of the two nearest distances, and the line whose slope is the dimension."""

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import EXPANDED, FOUND, layout
from core.metrics import TwoNNFit

DRAWN_AT_MOST = 300  # a browser lays out each one as an element


def two_nn_line(fit: TwoNNFit, *, dark: bool = False, height: int = 300) -> go.Figure:
    """-ln(1 - F) against ln(r2 / r1); of very many points every so many-th is drawn."""
    step = max(1, -(-len(fit.log_ratios) // DRAWN_AT_MOST))
    figure = go.Figure(layout=layout(dark=dark, height=height))
    figure.add_scatter(
        x=fit.log_ratios[::step].astype(np.float32),
        y=fit.log_rest[::step].astype(np.float32),
        mode="markers",
        name="items",
        marker={"color": FOUND, "size": 4},
        hovertemplate="ln(r2 / r1) %{x:.3g}, -ln(1 - F) %{y:.3g}<extra></extra>",
    )
    if np.isfinite(fit.dimension):
        end = float(fit.log_ratios[-1])
        figure.add_scatter(
            x=[0.0, end],
            y=[0.0, fit.dimension * end],
            mode="lines",
            name=f"slope {fit.dimension:.3g}",
            line={"color": EXPANDED, "width": 2},
            hoverinfo="skip",
        )
    figure.update_xaxes(title="ln(r2 / r1), distances to the two nearest")
    figure.update_yaxes(title="-ln(1 - F)")
    return figure
