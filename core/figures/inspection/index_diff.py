"""How far the answers of two indexes are apart, and why."""

import math

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import (
    ENTRY_POINT,
    EXPANDED,
    FOUND,
    MISSED,
    TRUE_NEIGHBOR,
    layout,
    surface,
)
from core.studies.inspection.index_diff import (
    CHANGED,
    GONE,
    LEFT,
    NEW,
    REACHED,
    REASONS,
    IndexDiff,
)

BINS = 20
REASON_COLORS = {
    GONE: ENTRY_POINT,
    NEW: TRUE_NEIGHBOR,
    CHANGED: EXPANDED,
    LEFT: MISSED,
    REACHED: FOUND,
}


def moved_answers(diff: IndexDiff, *, dark: bool = False, height: int = 320) -> go.Figure:
    """Queries whose answers moved, by the rank-biased overlap of the two, colored by the reason.

    The legend gives each count; the queries that did not move, whose overlap is 1, are left out.
    """
    tone, edges = surface(dark), np.linspace(_least(diff), 1, BINS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    figure = go.Figure(layout=layout(dark=dark, height=height, barmode="stack", bargap=0.05))
    for reason in REASONS:
        chosen = diff.reason == reason
        if not chosen.any():
            continue
        counts, _ = np.histogram(diff.rank_overlap[chosen], edges)
        figure.add_bar(
            x=middles,
            y=counts,
            width=edges[1] - edges[0],
            name=f"{reason} {int(chosen.sum()):,}",
            marker={"color": REASON_COLORS.get(reason, tone.other), "line": {"width": 0}},
            customdata=np.stack([edges[:-1], edges[1:]], axis=1),
            hovertemplate=(
                f"{reason}: %{{y:,}} queries with an overlap of %{{customdata[0]:.2f}} to "
                "%{customdata[1]:.2f}<extra></extra>"
            ),
        )
    figure.update_xaxes(title="rank-biased overlap of the two answers", range=[edges[0], 1])
    figure.update_yaxes(title="queries", rangemode="tozero")
    return figure


def _least(diff: IndexDiff) -> float:
    """The tenth below the least overlap, where the picture begins."""
    least = float(diff.rank_overlap.min(initial=0.9))
    return min(0.9, math.floor(10 * least) / 10)
