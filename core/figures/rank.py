"""Recall of synthetic data by its intrinsic dimension, with the data at hand among it."""

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import FOUND, MISSED, TRUE_NEIGHBOR, VISITED, layout, surface
from core.studies.rank import RankStudy

COLORS = (FOUND, TRUE_NEIGHBOR, VISITED)


def recall_by_rank(study: RankStudy, *, dark: bool = False, height: int = 400) -> go.Figure:
    """Mean recall against the median LID: a line of synthetic data per ef, stars for the data."""
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height))
    for place, ef in enumerate(study.efs):
        color = COLORS[place % len(COLORS)]
        figure.add_scatter(
            x=[point.lid for point in study.points],
            y=[point.recall[place] for point in study.points],
            mode="lines+markers+text" if place == 0 else "lines+markers",
            name=f"synthetic, ef {ef:,}",
            text=[f"rank {point.rank}" for point in study.points],
            textposition="bottom center",
            textfont={"size": 11, "color": tone.muted},
            line={"color": color, "width": 2},
            hovertemplate="%{text}: LID %{x:.3g}, recall %{y:.4f}<extra></extra>",
        )
        figure.add_scatter(
            x=[study.own.lid],
            y=[study.own.recall[place]],
            mode="markers",
            name=f"this data, ef {ef:,}",
            marker={
                "color": color,
                "size": 16,
                "symbol": "star",
                "line": {"color": MISSED, "width": 2},
            },
            hovertemplate="this data: LID %{x:.3g}, recall %{y:.4f}<extra></extra>",
        )
    figure.add_vline(x=study.own.lid, line={"color": tone.muted, "width": 1, "dash": "dash"})
    lowest = min(min(point.recall) for point in (*study.points, study.own))
    figure.update_yaxes(title=f"mean recall@{study.k}", range=[max(0.0, lowest - 0.02), 1.005])
    ends = [point.lid for point in (*study.points, study.own)]
    figure.update_xaxes(
        title="local intrinsic dimension, median over queries",
        type="log",
        tickvals=[0.5, 1, 2, 5, 10, 20, 50, 100],
        range=np.log10([min(ends) * 0.8, max(ends) * 1.25]).tolist(),
    )
    return figure
