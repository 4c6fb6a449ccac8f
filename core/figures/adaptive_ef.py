"""An ef for each query: foreseen against needed, and what each way to choose it costs."""

import numpy as np
import plotly.graph_objects as go

from core.figures.axes import log_ticks
from core.figures.theme import FOUND, MISSED, TRUE_NEIGHBOR, layout, surface
from core.studies.inspection.adaptive_ef import AdaptiveEf

BEYOND = 1.4  # times the largest ef: where queries stand that no ef serves
ROOM = 1.6  # of the longest bar, for the words at its end


def foreseen_ef(study: AdaptiveEf, *, dark: bool = False, height: int = 420) -> go.Figure:
    """Each query by the ef that it needs and the one that was foreseen; on the line both agree.

    Above the line a query is served and pays for more than it needs; below it is not served.
    Queries that no ef serves stand apart on the right.
    """
    tone, low, high = surface(dark), study.k, study.ef_max
    apart = high * BEYOND
    needed = np.where(study.needed < 0, apart, study.needed)
    figure = go.Figure(layout=layout(dark=dark, height=height))
    figure.add_scatter(
        x=[low, high],
        y=[low, high],
        mode="lines",
        line={"color": tone.muted, "width": 1, "dash": "dash"},
        name="as foreseen",
        hoverinfo="skip",
    )
    for served, name, color in ((True, "served", FOUND), (False, "not served", MISSED)):
        some = study.is_served == served
        figure.add_scatter(
            x=needed[some],
            y=study.foreseen[some],
            mode="markers",
            name=name,
            marker={"color": color, "size": 5, "opacity": 0.6},
            hovertemplate="needs ef %{x}, foreseen %{y}<extra></extra>",
        )
    none = {apart: "none"} if (study.needed < 0).any() else {}
    right = apart * 1.1 if none else high
    figure.update_xaxes(
        title=f"smallest ef with recall >= {study.target:g}",
        type="log",
        range=np.log10([low * 0.92, right * 1.05]).tolist(),
        tickangle=0,
        **log_ticks(float(low), float(high), more=none),
    )
    figure.update_yaxes(
        title="foreseen ef",
        type="log",
        range=np.log10([low * 0.92, high * 1.1]).tolist(),
        **log_ticks(float(low), float(high)),
    )
    return figure


def adaptive_costs(study: AdaptiveEf, *, dark: bool = False, height: int = 260) -> go.Figure:
    """Mean distance computations of each way to choose the ef, with the share that it serves."""
    tone = surface(dark)
    served = float(study.is_served.mean())
    lines = [
        (f"one ef, {study.one_ef:,}", study.one_cost, study.served_at(study.one_ef), tone.other),
        ("each its own smallest", study.own_cost, study.served_at(study.one_ef), TRUE_NEIGHBOR),
        ("foreseen for each", study.foreseen_cost, served, FOUND),
        (
            f"one ef for as many, {study.equal_ef:,}",
            study.equal_cost,
            study.served_at(study.equal_ef),
            tone.other,
        ),
    ]
    means = [float(cost.mean()) for _, cost, _, _ in lines]
    figure = go.Figure(layout=layout(dark=dark, height=height, showlegend=False, bargap=0.3))
    figure.add_bar(
        x=means,
        y=[f"{name} " for name, *_ in lines],
        orientation="h",
        marker={"color": [color for *_, color in lines]},
        text=[
            f"{mean:,.0f} ({100 * share:.1f} %)"
            for mean, (*_, share, _) in zip(means, lines, strict=True)
        ],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    figure.update_xaxes(
        title="mean distance computations per query<br>(queries served)",
        range=[0, ROOM * max(means)],
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure
