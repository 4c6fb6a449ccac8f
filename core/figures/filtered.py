"""Filtered search: what each way costs and finds as filters let fewer rows through."""

import plotly.graph_objects as go

from core.figures.theme import EXPANDED, FOUND, MISSED, layout, surface
from core.studies.filter_costs import AFTER, BRUTE_FORCE, DURING, FilterStudy

WAYS = {
    DURING: ("filter during the traversal", FOUND),
    AFTER: ("filter afterwards", MISSED),
    BRUTE_FORCE: ("brute force over the allowed", EXPANDED),
}


def filter_costs(study: FilterStudy, *, dark: bool = False, height: int = 400) -> go.Figure:
    """Distance computations that reach the target, by selectivity; no point where none does."""
    figure = go.Figure(layout=layout(dark=dark, height=height))
    shares = _shares(study)
    for way, (name, color) in WAYS.items():
        figure.add_scatter(
            x=shares,
            y=[cell.costs[way] for cell in study.cells],
            mode="lines+markers",
            name=name,
            line={"color": color, "width": 2},
            hovertemplate="%{x:.3g} % allowed: %{y:,.0f} distances<extra>%{fullData.name}</extra>",
        )
    _mark(figure, study, dark)
    title = f"distances per query for recall@{study.k} {study.target:g}"
    figure.update_yaxes(title=title, type="log", nticks=6)
    return _axis(figure)


def filter_recall(study: FilterStudy, *, dark: bool = False, height: int = 400) -> go.Figure:
    """Mean recall at one ef, by selectivity, filtering during the traversal and after it."""
    figure = go.Figure(layout=layout(dark=dark, height=height))
    values = {
        DURING: [cell.during.recall_at_ef for cell in study.cells],
        AFTER: [cell.after.recall_at_ef for cell in study.cells],
    }
    for way, recall in values.items():
        name, color = WAYS[way]
        figure.add_scatter(
            x=_shares(study),
            y=recall,
            mode="lines+markers",
            name=name,
            line={"color": color, "width": 2},
            hovertemplate="%{x:.3g} % allowed: recall %{y:.4f}<extra>%{fullData.name}</extra>",
        )
    figure.add_hline(
        y=study.target, line={"color": surface(dark).muted, "width": 1, "dash": "dash"}
    )
    figure.update_yaxes(title=f"mean recall@{study.k} at ef {study.ef:,}", range=[0, 1.03])
    return _axis(figure)


def _shares(study: FilterStudy) -> list[float]:
    return [100 * cell.selectivity for cell in study.cells]


def _mark(figure: go.Figure, study: FilterStudy, dark: bool) -> None:
    below = study.brute_force_below
    if below is None:
        return
    tone = surface(dark)
    figure.add_vline(x=100 * below, line={"color": tone.muted, "width": 1, "dash": "dash"})
    figure.add_annotation(
        text="brute force wins from here",
        x=1,
        xref="paper",
        xanchor="right",
        y=0.02,
        yref="paper",
        showarrow=False,
        font={"color": tone.muted, "size": 12},
    )


def _axis(figure: go.Figure) -> go.Figure:
    figure.update_xaxes(
        title="rows that the filter allows, %",
        type="log",
        autorange="reversed",
        tickvals=[50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1],
    )
    return figure
