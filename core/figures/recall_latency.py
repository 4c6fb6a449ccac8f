"""Recall against measured latency: what the counts of the curve come to in milliseconds."""

import numpy as np
import plotly.graph_objects as go

from core.figures.axes import log_ticks
from core.figures.theme import FOUND, MISSED, TRUE_NEIGHBOR, layout, surface
from core.index import Latency
from core.studies.parts.tradeoff import EfTradeoff


def recall_vs_latency(
    tradeoff: EfTradeoff,
    latency: Latency,
    *,
    target: float,
    dark: bool = False,
    height: int = 400,
) -> go.Figure:
    """The lines of the recall curve at the measured ef, over the median time of a single query.

    Only what was measured is a point: times between two ef are not made up.
    """
    tone = surface(dark)
    places = [tradeoff.at(int(ef)) for ef in latency.ef]
    figure = go.Figure(layout=layout(dark=dark, height=height))
    for values, name, color, dash in (
        (tradeoff.mean_recall, f"mean recall@{tradeoff.curve.k}", FOUND, "solid"),
        (tradeoff.low_recall, "worst 5 % of queries, mean", MISSED, "solid"),
        (
            tradeoff.share_reaching(target),
            f"share of queries with recall >= {target:g}",
            TRUE_NEIGHBOR,
            "dot",
        ),
    ):
        figure.add_scatter(
            x=latency.p50_ms,
            y=np.asarray(values)[places],
            mode="lines+markers",
            name=name,
            line={"color": color, "dash": dash, "width": 2},
            customdata=latency.ef,
            hovertemplate="%{y:.3f} within %{x:.3g} ms at ef %{customdata:,}"
            + f"<extra>{name}</extra>",
        )
    figure.add_hline(y=target, line={"color": tone.muted, "width": 1, "dash": "dash"})
    ticks = log_ticks(float(latency.p50_ms.min()), float(latency.p50_ms.max()))
    figure.update_xaxes(title="median time of a single query, ms", type="log", **ticks)
    figure.update_yaxes(title="recall@k, or share of queries")
    return figure
