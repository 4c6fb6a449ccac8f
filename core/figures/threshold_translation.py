"""Pairs in two spaces over the same items, and the thresholds that stand for one another."""

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import EXPANDED, FOUND, TRUE_NEIGHBOR, VISITED, layout, surface
from core.metrics.score_units import ScoreUnit
from core.studies.thresholds.translation import Translated, Translation

QUARTERS = ("both accept", "the first alone", "the second alone", "neither")


def two_spaces(
    study: Translation,
    translated: Translated,
    unit_a: ScoreUnit,
    unit_b: ScoreUnit,
    *,
    dark: bool = False,
    height: int = 500,
) -> go.Figure:
    """Pairs by their values in both spaces, the translation with its band, and both thresholds.

    Up to 600 pairs of each quarter are drawn.
    """
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="closest"))
    places, quarter = study.drawn_pairs(translated)
    x, y = unit_a.of(study.a[places]), unit_b.of(study.b[places])
    colors = (TRUE_NEIGHBOR, EXPANDED, VISITED, tone.other)
    for kind in (3, 0, 1, 2):
        chosen = quarter == kind
        if chosen.any():
            figure.add_scatter(
                x=x[chosen],
                y=y[chosen],
                mode="markers",
                marker={"color": colors[kind], "size": 4, "opacity": 0.6},
                name=QUARTERS[kind],
                hovertemplate="%{x:.4f}, %{y:.4f}<extra>" + QUARTERS[kind] + "</extra>",
            )
    curve = study.curve
    line = unit_a.of(curve.in_a)
    figure.add_scatter(
        x=np.concatenate([line, line[::-1]]),
        y=np.concatenate([unit_b.of(curve.high), unit_b.of(curve.low)[::-1]]),
        fill="toself",
        mode="lines",
        line={"width": 0},
        fillcolor=FOUND,
        opacity=0.25,
        name="95 %",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=line,
        y=unit_b.of(curve.in_b),
        mode="lines",
        line={"color": FOUND, "width": 2.5},
        name="same rate",
        hovertemplate="%{x:.4f} becomes %{y:.4f}<extra></extra>",
    )
    dashed = {"color": tone.text, "width": 1.5, "dash": "dash"}
    figure.add_vline(x=float(unit_a.of(translated.in_a)), line=dashed)
    figure.add_hline(y=float(unit_b.of(translated.in_b)), line=dashed)
    figure.update_xaxes(title=f"first space: {unit_a.name}")
    figure.update_yaxes(title=f"second space: {unit_b.name}")
    return figure
