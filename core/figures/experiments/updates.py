"""An index while its rows are updated, replaced and deleted, round by round."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.theme import class_styles, layout, surface
from core.studies.experiments.updates_results import Series, Updates

WORDS = {
    "update": "updated in place",
    "replace": "deleted and inserted again",
    "delete": "deleted",
}
UNREACHABLE, NOT_FOUND = "no search can reach it", "its own vector does not find it"
DASHES = {UNREACHABLE: "solid", NOT_FOUND: "dot"}


def updates_by_round(study: Updates, *, dark: bool = False, height: int = 400) -> go.Figure:
    """Mean recall with its 95 % interval, and lost items, over the rounds of each series."""
    tone = surface(dark)
    titles = (f"mean recall@{study.k} at ef {study.ef:,}", "items lost")
    figure = make_subplots(rows=1, cols=2, subplot_titles=titles, horizontal_spacing=0.17)
    figure.update_layout(layout(dark=dark, height=height))
    colors = dict(zip(WORDS, (color for color, _ in class_styles(len(WORDS))), strict=True))
    for series in study.series:
        _draw_recall(figure, series, colors[series.how])
        _draw_lost(figure, series, colors[series.how])
    for name, dash in DASHES.items():
        _draw(figure, 2, x=[None], y=[None], name=name, line={"color": tone.muted, "dash": dash})
    of_each = round(study.share * study.n)
    figure.update_xaxes(title=f"rounds of {of_each:,} items", dtick=_step(study.series[0]))
    figure.update_yaxes(title="mean recall", row=1, col=1)
    figure.update_yaxes(title="% of items not deleted", rangemode="tozero", row=1, col=2)
    figure.update_annotations(font={"size": 13, "color": tone.text})
    figure.update_layout(legend={"y": -0.25, "yanchor": "top"})
    return figure


def _draw_recall(figure: go.Figure, series: Series, color: str) -> None:
    name, rounds = WORDS[series.how], series.rounds
    _draw(
        figure,
        1,
        x=np.concatenate([rounds, rounds[::-1]]),
        y=np.concatenate([series.recall_high, series.recall_low[::-1]]),
        fill="toself",
        fillcolor=color,
        opacity=0.15,
        line={"width": 0},
        hoverinfo="skip",
        legendgroup=name,
        showlegend=False,
    )
    low_high_cost = [series.recall_low, series.recall_high, series.distance_computations]
    _draw(
        figure,
        1,
        x=rounds,
        y=series.recall,
        name=name,
        line={"color": color, "width": 2},
        legendgroup=name,
        customdata=np.stack(low_high_cost, axis=1),
        hovertemplate="round %{x}: %{y:.4f}<br>95 % interval %{customdata[0]:.4f} to "
        "%{customdata[1]:.4f}<br>%{customdata[2]:,.0f} distance computations per query"
        f"<extra>{name}</extra>",
    )


def _draw_lost(figure: go.Figure, series: Series, color: str) -> None:
    name = WORDS[series.how]
    unreachable = 100 * series.unreachable / series.live
    for values, what, counts in (
        (unreachable, UNREACHABLE, "%{customdata[0]:,} of %{customdata[1]:,} items"),
        (100 * series.unfindable_share, NOT_FOUND, "of the items searched for"),
    ):
        _draw(
            figure,
            2,
            x=series.rounds,
            y=values,
            name=f"{name}: {what}",
            line={"color": color, "width": 2, "dash": DASHES[what]},
            legendgroup=name,
            showlegend=False,
            customdata=np.stack([series.unreachable, series.live], axis=1),
            hovertemplate=f"round %{{x}}: %{{y:.3g}} %<br>{counts}<br>{what}<extra>{name}</extra>",
        )


def _draw(figure: go.Figure, column: int, **trace: Any) -> None:
    """A line in one of the two panels."""
    figure.add_scatter(mode="lines", row=1, col=column, **trace)


def _step(series: Series) -> int:
    """Rounds from tick to tick: whole numbers, ten at most."""
    return max(1, -(-int(series.rounds[-1]) // 10))
