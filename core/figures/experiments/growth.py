"""The cost of a search at equal recall as the data grows, and the extrapolation of the fits."""

import numpy as np
import plotly.graph_objects as go

from core.errors import ParameterError
from core.figures.theme import EXPANDED, FOUND, layout, surface
from core.studies.experiments.growth import Fit, Growth

TITLES = {
    "distance_computations": "distance computations per query",
    "hops": "hops per query",
    "ef": "ef (beam width)",
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
    """Measured steps, and both fits with their 95 % prediction intervals out to 1B rows.

    Fewer than four steps have no fit, and stand alone. The vertical axis ends a little above the
    fits: their intervals may run out of it.
    """
    if name not in TITLES:
        raise ParameterError(f"name must be one of {', '.join(TITLES)}; got {name!r}.")
    figure = go.Figure(layout=layout(dark=dark, height=height))
    figure.update_xaxes(title="rows", type="log", tickformat="~s")
    figure.update_yaxes(title=f"{TITLES[name]}<br>at recall@{growth.k} of {growth.target:g}")
    fits = {form: growth.fit(name, form) for form in FORMS}
    for form, fit in fits.items():
        if fit is not None:
            _draw_fit(figure, fit, growth, *FORMS[form])
    _draw_steps(figure, growth, name, dark)
    found = [fit for fit in fits.values() if fit is not None]
    if found:
        highest = max([*growth.costs(name), *(fit.at(FARTHEST)[0] for fit in found)])
        figure.update_yaxes(range=[0, 1.3 * highest])
        _shade(figure, growth, dark)
    else:
        _say_no_fit(figure, dark)
    return figure


def _draw_fit(figure: go.Figure, fit: Fit, growth: Growth, words: str, color: str) -> None:
    first, last = float(growth.n[0]), float(growth.n[-1])
    inside, beyond = np.geomspace(first, last, 30), np.geomspace(last, FARTHEST, 60)
    values = np.array([fit.at(n) for n in beyond])
    figure.add_scatter(
        x=np.concatenate([beyond, beyond[::-1]]),
        y=np.concatenate([values[:, 2], values[::-1, 1]]),
        fill="toself",
        fillcolor=_translucent(color),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        legendgroup=fit.form,
        showlegend=False,
    )
    for x, dash in ((inside, "solid"), (beyond, "dash")):
        at = np.array([fit.at(n) for n in x])
        interval = "<br>95 % of predictions: %{customdata[0]:,.1f} to %{customdata[1]:,.1f}"
        figure.add_scatter(
            x=x,
            y=at[:, 0],
            mode="lines",
            name=f"{words}, R² {fit.r_squared:.2f}",
            legendgroup=fit.form,
            showlegend=dash == "solid",
            line={"color": color, "dash": dash, "width": 2},
            customdata=at[:, 1:],
            hovertemplate="%{x:,.0f} rows: %{y:,.1f}"
            + (interval if dash == "dash" else "")
            + "<extra>%{fullData.name}</extra>",
        )


def _draw_steps(figure: go.Figure, growth: Growth, name: str, dark: bool) -> None:
    figure.add_scatter(
        x=growth.n,
        y=growth.costs(name),
        mode="markers",
        name="measured",
        showlegend=True,
        marker={"color": surface(dark).text, "size": 8},
        hovertemplate="%{x:,} rows: %{y:,.1f}<extra>measured</extra>",
    )


def _shade(figure: go.Figure, growth: Growth, dark: bool) -> None:
    """What lies beyond the measured sizes."""
    tone, last = surface(dark), float(growth.n[-1])
    figure.update_xaxes(
        range=np.log10([growth.n[0] * 0.7, max(FARTHEST, last) * 1.3]).tolist(),
        tickvals=[10**power for power in range(2, 10)],
        ticktext=["100", "1k", "10k", "100k", "1M", "10M", "100M", "1B"],
    )
    figure.add_vrect(
        x0=last,
        x1=max(FARTHEST, last) * 1.3,
        fillcolor=tone.grid,
        opacity=0.35,
        line_width=0,
        layer="below",
    )
    figure.add_annotation(
        text="extrapolated →",
        x=np.log10(last),
        xanchor="left",
        xshift=4,
        y=0.98,
        yref="paper",
        yanchor="top",
        showarrow=False,
        font={"color": tone.muted, "size": 12},
    )


def _say_no_fit(figure: go.Figure, dark: bool) -> None:
    figure.update_yaxes(rangemode="tozero")
    figure.add_annotation(
        text="fewer than four sizes cross the target:<br>no fit",
        x=0.5,
        xref="paper",
        y=0.05,
        yref="paper",
        yanchor="bottom",
        showarrow=False,
        font={"color": surface(dark).muted, "size": 12},
    )


def _translucent(color: str) -> str:
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.14)"
