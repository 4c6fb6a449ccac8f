"""Recall by the order in which rows were inserted."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.theme import FOUND, layout, surface
from core.studies.order_results import OrderStudy


def order_recall(study: OrderStudy, *, dark: bool = False, height: int = 420) -> go.Figure:
    """For each ef the mean recall of each order with its 95 % interval, and small dots by seed."""
    tone = surface(dark)
    titles = [f"ef {ef:,}" for ef in study.efs]
    figure = make_subplots(
        rows=1, cols=len(titles), subplot_titles=titles, shared_yaxes=True, horizontal_spacing=0.04
    )
    figure.update_layout(layout(dark=dark, height=height, showlegend=False))
    for column, ef in enumerate(study.efs, start=1):
        lines = [study.summary(order, ef) for order in study.orders]
        names = [line.order for line in lines]
        seeds = [(run.order, run.recall[:, column - 1].mean()) for run in study.runs]
        figure.add_scatter(
            x=[recall for _, recall in seeds],
            y=[order for order, _ in seeds],
            mode="markers",
            marker={"color": tone.other, "size": 6},
            hovertemplate="one seed: %{x:.4f}<extra></extra>",
            row=1,
            col=column,
        )
        figure.add_scatter(
            x=[line.recall for line in lines],
            y=names,
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [line.high - line.recall for line in lines],
                "arrayminus": [line.recall - line.low for line in lines],
            },
            mode="markers",
            marker={"color": FOUND, "size": 10},
            customdata=[[line.low, line.high] for line in lines],
            hovertemplate="%{y}: %{x:.4f} (%{customdata[0]:.4f} to %{customdata[1]:.4f})"
            "<extra></extra>",
            row=1,
            col=column,
        )
        figure.update_xaxes(title="mean recall@" + str(study.k), nticks=4, row=1, col=column)
    figure.update_yaxes(categoryorder="array", categoryarray=list(study.orders)[::-1])
    figure.update_annotations(font={"size": 13, "color": tone.text})
    return figure
