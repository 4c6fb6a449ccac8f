"""Filtered search: what each way costs and finds as filters let fewer rows through."""

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import class_styles, layout, surface
from core.studies.experiments.filtered_search_results import (
    AFTER,
    BRUTE_FORCE,
    DURING,
    FilteredSearch,
)

NAMES = {
    DURING: "filter during the traversal",
    AFTER: "filter afterwards",
    BRUTE_FORCE: "brute force over the allowed",
}
COLORS = {way: color for way, (color, _) in zip(NAMES, class_styles(len(NAMES)), strict=True)}
SYMBOLS = {DURING: "circle", AFTER: "square", BRUTE_FORCE: "diamond"}


def filter_costs(study: FilteredSearch, *, dark: bool = False, height: int = 400) -> go.Figure:
    """Distance computations that reach the target, by selectivity; gaps where none does."""
    figure = go.Figure(layout=layout(dark=dark, height=height))
    hover = "%{x:.3g} % allowed: %{y:,.0f} distance computations"
    for way in NAMES:
        _draw(figure, study, way, [cell.costs[way] for cell in study.cells], hover)
    title = f"distance computations per query<br>for recall@{study.k} of {study.target:g}"
    figure.update_yaxes(title=title, type="log")
    _fit_shares(figure, study)
    if study.cells:
        _fit_costs(figure, study)
        _mark(figure, study, dark)
    return figure


def filter_recall(study: FilteredSearch, *, dark: bool = False, height: int = 400) -> go.Figure:
    """Mean recall at one ef, by selectivity, filtering during the traversal and after it."""
    figure = go.Figure(layout=layout(dark=dark, height=height))
    hover = "%{x:.3g} % allowed: recall %{y:.4f}"
    _draw(figure, study, DURING, [cell.during.recall_at_ef for cell in study.cells], hover)
    _draw(figure, study, AFTER, [cell.after.recall_at_ef for cell in study.cells], hover)
    figure.add_hline(
        y=study.target, line={"color": surface(dark).muted, "width": 1, "dash": "dash"}
    )
    figure.update_yaxes(title=f"mean recall@{study.k} at ef {study.ef:,}", range=[0, 1.03])
    _fit_shares(figure, study)
    return figure


def _draw(
    figure: go.Figure, study: FilteredSearch, way: str, values: list[float], hover: str
) -> None:
    figure.add_scatter(
        x=_shares(study),
        y=values,
        mode="lines+markers",
        name=NAMES[way],
        connectgaps=False,
        line={"color": COLORS[way], "width": 2},
        marker={"symbol": SYMBOLS[way], "size": 7},
        customdata=[cell.allowed for cell in study.cells],
        hovertemplate=hover + "<br>%{customdata:,} rows allowed<extra>%{fullData.name}</extra>",
    )


def _shares(study: FilteredSearch) -> list[float]:
    return [100 * cell.selectivity for cell in study.cells]


def _fit_shares(figure: go.Figure, study: FilteredSearch) -> None:
    """The horizontal axis, which falls to the right."""
    ticks = [first * 10.0**power for power in range(-4, 3) for first in (1, 2, 5)]
    figure.update_xaxes(title="rows that the filter allows, %", type="log")
    if study.cells:
        shares = np.log10(_shares(study))
        room = 0.05 * max(np.ptp(shares), 0.3)
        few = ticks if np.ptp(shares) < 3 else ticks[::3]
        figure.update_xaxes(
            range=[shares.max() + room, shares.min() - room],
            tickvals=few,
            ticktext=[f"{tick:g}" for tick in few],
        )


def _fit_costs(figure: go.Figure, study: FilteredSearch) -> None:
    """The vertical axis, with room for words above the lines."""
    costs = np.log10([list(cell.costs.values()) for cell in study.cells])
    span = max(float(np.nanmax(costs) - np.nanmin(costs)), 0.3)
    ticks = [first * 10**power for power in range(10) for first in (1, 2, 5)]
    figure.update_yaxes(
        range=[np.nanmin(costs) - 0.06 * span, np.nanmax(costs) + 0.15 * span],
        tickvals=ticks if span < 3 else ticks[::3],
        tickformat="~s",
    )


def _mark(figure: go.Figure, study: FilteredSearch, dark: bool) -> None:
    """The selectivity from which on brute force is the cheapest."""
    below = study.brute_force_below
    if below is None:
        return
    tone, at = surface(dark), float(np.log10(100 * below))
    left, right = figure.layout.xaxis.range
    figure.add_vline(x=100 * below, line={"color": tone.muted, "width": 1, "dash": "dash"})
    figure.add_annotation(
        text="brute force is cheapest →",
        x=at,
        xanchor="left" if left - at < (left - right) / 2 else "right",
        y=1,
        yref="paper",
        yanchor="top",
        showarrow=False,
        font={"color": tone.muted, "size": 12},
    )
