"""Measured latency and throughput of hnswlib."""

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.figures.theme import EXPANDED, FOUND, MISSED, TRUE_NEIGHBOR, layout, surface
from core.index import Latency


def latency_vs_ef(latency: Latency, *, dark: bool = False, height: int = 400) -> go.Figure:
    """Milliseconds of a single query at each measured ef: median, 95th and 99th percentile.

    Bars on the median: how far it moved between rounds (distance between quartiles).
    """
    figure = go.Figure(layout=layout(dark=dark, height=height))
    bars = {"type": "data", "array": latency.p50_ms * latency.spread / 2, "width": 3}
    for values, name, color, error in (
        (latency.p99_ms, "99 % within", MISSED, None),
        (latency.p95_ms, "95 % within", EXPANDED, None),
        (latency.p50_ms, "half within", FOUND, bars),
    ):
        figure.add_scatter(
            x=latency.ef,
            y=values,
            error_y=error,
            mode="lines+markers",
            name=name,
            line={"color": color, "width": 2},
            hovertemplate="ef %{x}: %{y:.3g} ms<extra>%{fullData.name}</extra>",
        )
    figure.update_xaxes(title="ef (beam width)", type="log", tickvals=latency.ef.tolist())
    figure.update_yaxes(title="latency of a query, ms", type="log", nticks=6)
    return figure


def qps_vs_recall(
    latency: Latency,
    recall: npt.NDArray[np.float64],
    *,
    target: float,
    dark: bool = False,
    height: int = 400,
) -> go.Figure:
    """Queries per second against mean recall (e,) at the measured ef, with the target as a line."""
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height))
    for values, name, color in (
        (latency.threads_qps, f"batch, {latency.threads} threads", TRUE_NEIGHBOR),
        (latency.batch_qps, "batch, one thread", FOUND),
        (latency.single_qps, "one by one", tone.muted),
    ):
        figure.add_scatter(
            x=recall,
            y=values,
            mode="lines+markers",
            name=name,
            line={"color": color, "width": 2},
            customdata=latency.ef,
            hovertemplate="ef %{customdata}: %{y:,.0f} a second, recall %{x:.4f}"
            "<extra>%{fullData.name}</extra>",
        )
    figure.add_vline(x=target, line={"color": tone.muted, "width": 1, "dash": "dash"})
    figure.update_xaxes(title=f"mean recall@{latency.k}")
    figure.update_yaxes(title="queries per second", type="log", nticks=6)
    return figure
