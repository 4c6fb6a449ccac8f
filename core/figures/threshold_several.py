"""One threshold beside several, and beside scores normalized by a cohort."""

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import FOUND, MISSED, TRUE_NEIGHBOR, layout, plain_texts, surface
from core.studies.thresholds.several import ONE, Several, WayFigures

Interval = tuple[float, float]


def opis_by_way(study: Several, *, dark: bool = False, height: int = 420) -> go.Figure:
    """OPIS of each way with its interval; the line is that of one threshold."""
    figure = _by_way(
        list(study.opis),
        [each.value for each in study.opis.values()],
        [each.interval for each in study.opis.values()],
        dark=dark,
        height=height,
    )
    figure.update_xaxes(title="OPIS on held-out members (0: all classes alike)", rangemode="tozero")
    return figure


def frr_by_way(study: Several, far: float, *, dark: bool = False, height: int = 420) -> go.Figure:
    """FRR of each way at one overall FAR, with its interval; the line is that of one threshold."""
    figures = study.at[far]
    figure = _by_way(
        list(figures),
        [each.frr for each in figures.values()],
        [each.frr_interval for each in figures.values()],
        dark=dark,
        height=height,
    )
    figure.update_xaxes(title="FRR: genuine trials rejected", tickformat=".0%")
    return figure


def classes_before_and_after(
    one: WayFigures, other: WayFigures, names: list[str], *, dark: bool = False, height: int = 460
) -> go.Figure:
    """Utility of each class with one threshold and in another way, lowest before first."""
    tone = surface(dark)
    order = np.argsort(one.class_utility, kind="stable")
    before, after = one.class_utility[order], other.class_utility[order]
    texts = plain_texts(names[place] for place in order)
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="closest"))
    gap = np.full(len(order), np.nan)
    figure.add_scatter(
        x=np.repeat(texts, 3),
        y=np.column_stack([before, after, gap]).ravel(),
        mode="lines",
        line={"color": tone.other, "width": 1.5},
        hoverinfo="skip",
        showlegend=False,
    )
    for values, name, color in ((before, ONE, MISSED), (after, other.way, TRUE_NEIGHBOR)):
        figure.add_scatter(
            x=texts,
            y=values,
            mode="markers",
            marker={"color": color, "size": 8},
            name=name,
            hovertemplate="%{x}: %{y:.3f}<extra>" + name + "</extra>",
        )
    figure.update_xaxes(title="classes, lowest utility with one threshold first", type="category")
    figure.update_yaxes(title="utility")
    return figure


def _by_way(
    ways: list[str], values: list[float], intervals: list[Interval], *, dark: bool, height: int
) -> go.Figure:
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height, showlegend=False))
    middle = np.array(values)
    low, high = np.array(intervals).T
    figure.add_vline(x=values[0], line={"color": tone.muted, "width": 1.5, "dash": "dash"})
    figure.add_scatter(
        x=middle,
        y=ways,
        mode="markers",
        marker={"color": [tone.text if way == ONE else FOUND for way in ways], "size": 11},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": np.maximum(high - middle, 0.0),
            "arrayminus": np.maximum(middle - low, 0.0),
            "color": tone.muted,
            "thickness": 1.5,
        },
        customdata=np.column_stack([low, high]),
        hovertemplate="%{y}: %{x:.4f} (95 %: %{customdata[0]:.4f} to %{customdata[1]:.4f})"
        "<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed")
    return figure
