"""Recall by the order in which rows were inserted."""

from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.theme import FOUND, layout, surface
from core.studies.experiments.insertion_order_results import InsertionOrder

MOST_BESIDE = 3  # panels; more are stacked
LINE, HEAD = 20, 64  # pixels of an order in a stacked panel, and of its title and ticks


def order_recall(study: InsertionOrder, *, dark: bool = False, height: int = 420) -> go.Figure:
    """For each ef the mean recall of each order with its 95 % interval, and small dots by seed.

    Up to three panels stand side by side, more are stacked; then `height` is what they need at
    least.
    """
    tone, panels = surface(dark), len(study.efs)
    stacked = panels > MOST_BESIDE
    if stacked:
        height = max(height, panels * (HEAD + LINE * len(study.orders)))
    figure = make_subplots(
        rows=panels if stacked else 1,
        cols=1 if stacked else panels,
        subplot_titles=[f"ef {ef:,}" for ef in study.efs],
        shared_yaxes=not stacked,
        horizontal_spacing=0.04,
        vertical_spacing=(HEAD - 10) / height if stacked else 0,
    )
    figure.update_layout(layout(dark=dark, height=height, showlegend=False))
    for place, ef in enumerate(study.efs):
        panel = {"row": place + 1 if stacked else 1, "col": 1 if stacked else place + 1}
        _draw_means(figure, study, ef, panel)
        _draw_seeds(figure, study, place, tone.other, panel)
        if place == panels - 1 if stacked else panels < MOST_BESIDE or place == panels // 2:
            figure.update_xaxes(title=f"mean recall@{study.k}", **panel)
    ticks = 6 if stacked else {1: 6, 2: 5}.get(panels, 3)
    figure.update_xaxes(nticks=ticks, tickangle=0, zeroline=False)
    figure.update_yaxes(categoryorder="array", categoryarray=list(study.orders)[::-1])
    figure.update_annotations(font={"size": 13, "color": tone.text})
    return figure


def _draw_means(figure: go.Figure, study: InsertionOrder, ef: int, panel: dict[str, Any]) -> None:
    lines = [study.summary(order, ef) for order in study.orders]
    figure.add_scatter(
        x=[line.recall for line in lines],
        y=[line.order for line in lines],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [line.high - line.recall for line in lines],
            "arrayminus": [line.recall - line.low for line in lines],
            "color": FOUND,
            "thickness": 2,
        },
        mode="markers",
        marker={"color": FOUND, "size": 11},
        customdata=[[line.low, line.high, line.distance_computations] for line in lines],
        hovertemplate="%{y}: %{x:.4f}<br>95 % interval %{customdata[0]:.4f} to "
        "%{customdata[1]:.4f}<br>%{customdata[2]:,.0f} distance computations per query"
        "<extra></extra>",
        **panel,
    )


def _draw_seeds(
    figure: go.Figure, study: InsertionOrder, place: int, color: str, panel: dict[str, Any]
) -> None:
    figure.add_scatter(
        x=[float(run.recall[:, place].mean()) for run in study.runs],
        y=[run.order for run in study.runs],
        mode="markers",
        marker={"color": color, "size": 5},
        customdata=[run.seed for run in study.runs],
        hovertemplate="%{y}, seed %{customdata}: %{x:.4f}<extra></extra>",
        **panel,
    )
