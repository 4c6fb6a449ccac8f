"""How much farther than the true neighbors the rows are that a search returns, by ef."""

import numpy as np
import plotly.graph_objects as go

from core.figures.axes import log_ticks
from core.figures.theme import FOUND, MISSED, layout
from core.studies.inspection.answer_quality import AnswerQuality


def distance_error_vs_ef(
    quality: AnswerQuality, *, ef: int | None = None, dark: bool = False, height: int = 260
) -> go.Figure:
    """Mean relative distance error and its 95th percentile at each ef, in percent.

    ef: the setting to mark, None for none.
    """
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="x unified"))
    for values, name, color in (
        (quality.mean_error, "mean over queries", FOUND),
        (quality.high_error, "95th percentile of queries", MISSED),
    ):
        figure.add_scatter(
            x=quality.ef,
            y=100 * values,
            mode="lines+markers",
            name=name,
            line={"color": color, "width": 2},
            hovertemplate="%{y:.3~g} % at ef %{x}" + f"<extra>{name}</extra>",
        )
    if ef is not None:
        figure.add_vline(x=ef, line={"width": 1, "dash": "dash"})
    left, right = 0.97 * float(quality.ef[0]), 1.03 * float(quality.ef[-1])
    figure.update_xaxes(
        title="ef (beam width)",
        type="log",
        range=np.log10([left, right]).tolist(),
        **log_ticks(left, right),
    )
    figure.update_yaxes(title="relative distance error, %", rangemode="tozero")
    return figure
