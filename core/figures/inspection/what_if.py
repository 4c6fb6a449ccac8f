"""An index before and after a change, on the same queries."""

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.theme import FOUND, MISSED, TRUE_NEIGHBOR, layout, surface
from core.studies.inspection.health import Health
from core.studies.inspection.what_if import WhatIf

SAME = 1e-9  # recalls that differ by less are equal: they are whole numbers over k
ROOM = 1.6  # of the longest bar, for the words at its end on a narrow screen


def before_after(what_if: WhatIf, *, dark: bool = False, height: int = 400) -> go.Figure:
    """Recall, lost items and cost before and after, each pair of bars on its own scale from 0."""
    tone, k, ef = surface(dark), what_if.after.k, what_if.after.ef
    titles = (
        f"mean recall@{k} at ef {ef:,}",
        "items that no search can reach",
        f"items not found by their own vector at ef {ef:,}",
        "mean distance computations per query",
    )
    figure = make_subplots(rows=len(titles), cols=1, subplot_titles=titles, vertical_spacing=0.13)
    figure.update_layout(layout(dark=dark, height=height, showlegend=False, bargap=0.25))
    before, after = _figures(what_if.before), _figures(what_if.after)
    for row, values in enumerate(zip(before, after, strict=True), start=1):
        figure.add_bar(
            x=[value for value, _ in values],
            y=["before", "after"],
            orientation="h",
            marker={"color": [tone.other, FOUND]},
            text=[text for _, text in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
            row=row,
            col=1,
        )
        largest = max(value for value, _ in values)
        figure.update_xaxes(range=[0, ROOM * largest or 1], visible=False, row=row, col=1)
    figure.update_annotations(x=0, xanchor="left", font={"size": 13, "color": tone.text})
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def recall_change(what_if: WhatIf, *, dark: bool = False, height: int = 220) -> go.Figure:
    """How many queries are answered better, the same and worse after the change."""
    tone, change = surface(dark), what_if.after.recall - what_if.before.recall
    counts = [int(np.sum(change > SAME)), 0, int(np.sum(change < -SAME))]
    counts[1] = len(change) - counts[0] - counts[2]
    figure = go.Figure(layout=layout(dark=dark, height=height, bargap=0.3))
    figure.add_bar(
        x=counts,
        y=["better", "same", "worse"],
        orientation="h",
        marker={"color": [TRUE_NEIGHBOR, tone.other, MISSED]},
        text=[f"{count:,} ({100 * count / len(change):.3g} %)" for count in counts],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    figure.update_xaxes(title="queries", range=[0, ROOM * max(counts)])
    figure.update_yaxes(
        title=f"recall@{what_if.after.k} after", autorange="reversed", showgrid=False
    )
    return figure


def _figures(health: Health) -> list[tuple[float, str]]:
    """Each figure with its text: recall, unreachable items, unfindable %, distance computations."""
    recall = float(health.recall.mean())
    unfindable = 100 * health.unfindable_share
    computations = float(health.distance_computations.mean())
    return [
        (recall, f"{recall:.4f}"),
        (health.unreachable, f"{health.unreachable:,} of {health.n:,}"),
        (unfindable, f"{unfindable:.3g} % of {len(health.census.checked):,}"),
        (computations, f"{computations:,.0f}"),
    ]
