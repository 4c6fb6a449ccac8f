"""The cost of a search at equal recall as the data grows, and what the fits foretell."""

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import EXPANDED, FOUND, layout, surface
from core.studies.growth import Fit, Growth

TITLES = {
    "distance_computations": "distance computations per query",
    "hops": "hops per query",
    "ef": "ef",
}
FARTHEST = 1e9
FORMS = {"log": ("a + b log n", FOUND), "power": ("a power of n", EXPANDED)}


def growth_costs(
    growth: Growth,
    name: str = "distance_computations",
    *,
    dark: bool = False,
    height: int = 400,
) -> go.Figure:
    """Measured steps, and both fits with their 95 % prediction intervals out to 1B rows."""
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height))
    for form, (words, color) in FORMS.items():
        fit = growth.fit(name, form)
        if fit is not None:
            _draw_fit(figure, fit, growth, words, color)
    figure.add_scatter(
        x=growth.n,
        y=growth.costs(name),
        mode="markers",
        name="measured",
        marker={"color": tone.text, "size": 9},
        hovertemplate="%{x:,} rows: %{y:,.1f}<extra>measured</extra>",
    )
    if len(growth.n):
        figure.add_vrect(
            x0=float(growth.n[-1]) * 1.1,
            x1=FARTHEST * 1.3,
            fillcolor=tone.grid,
            opacity=0.35,
            line_width=0,
            layer="below",
        )
        figure.add_annotation(
            text="extrapolated",
            x=1,
            xref="paper",
            xanchor="right",
            y=0.02,
            yref="paper",
            showarrow=False,
            font={"color": tone.muted, "size": 12},
        )
    figure.update_xaxes(title="rows", type="log", tickvals=[10**e for e in range(3, 10)])
    figure.update_yaxes(
        title=f"{TITLES[name]}, recall@{growth.k} {growth.target:g}", rangemode="tozero"
    )
    return figure


def _draw_fit(figure: go.Figure, fit: Fit, growth: Growth, words: str, color: str) -> None:
    first, last = float(growth.n[0]), float(growth.n[-1])
    inside, beyond = np.geomspace(first, last, 30), np.geomspace(last, FARTHEST, 60)
    values = np.array([fit.at(n) for n in beyond])
    band = _translucent(color)
    figure.add_scatter(
        x=np.concatenate([beyond, beyond[::-1]]),
        y=np.concatenate([values[:, 2], values[::-1, 1]]),
        fill="toself",
        fillcolor=band,
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )
    for x, dash, shown in ((inside, "solid", True), (beyond, "dash", False)):
        figure.add_scatter(
            x=x,
            y=[fit.at(n)[0] for n in x],
            mode="lines",
            name=f"{words}, R² {fit.r_squared:.2f}",
            legendgroup=fit.form,
            showlegend=shown,
            line={"color": color, "dash": dash, "width": 2},
            hovertemplate="%{x:,.0f} rows: %{y:,.1f}<extra>%{fullData.name}</extra>",
        )


def _translucent(color: str) -> str:
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.14)"
