"""Recall against ef: the mean with its interval, the worst queries, the share that is served."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from core.figures.axes import log_ticks
from core.figures.theme import (
    FIGURE_HEIGHT,
    FOUND,
    MISSED,
    TRUE_NEIGHBOR,
    Surface,
    layout,
    plain_texts,
    surface,
)
from core.index.reaching import NONE_REACHES
from core.studies.parts.tradeoff import EfTradeoff

Cost = Literal["ef", "distance_computations", "brute_force_share"]
VISIBLE = 0.001
BAND, PALE = 0.18, 0.5  # opacity
BEYOND = 1.25  # times the largest ef: where the bar of the queries that no ef serves begins
OTHERS = ("#CC79A7", "#E69F00", "#56B4E9", "#B5A91E", "#8C6D46", "#7A5195")
COST_TITLES: dict[Cost, str] = {
    "ef": "ef (beam width)",
    "distance_computations": "mean distance computations per query",
    "brute_force_share": "mean distance computations, % of brute force",
}


@dataclass(frozen=True, eq=False)
class Line:
    """The mean recall of another curve, to be drawn beside: another k, or one that was kept.

    ef, recall: (e,). costs: (e,) by what the horizontal axis may show.
    """

    name: str
    ef: np.ndarray
    recall: np.ndarray
    costs: dict[Cost, np.ndarray]


def recall_line(tradeoff: EfTradeoff, name: str) -> Line:
    """The mean recall of a trade-off, with every cost that it can be drawn against."""
    costs = {cost: _costs(tradeoff, cost) for cost in COST_TITLES}
    return Line(name, tradeoff.ef, tradeoff.mean_recall, costs)


def recall_vs_ef(
    tradeoff: EfTradeoff,
    *,
    target: float,
    share: float | None = None,
    ef: int | None = None,
    cost: Cost = "ef",
    beside: Line | None = None,
    others: Sequence[Line] = (),
    noise: np.ndarray | None = None,
    dark: bool = False,
    height: int = FIGURE_HEIGHT,
) -> go.Figure:
    """Recall of every ef, with what is to be reached as a line and the chosen ef as another.

    share: of the queries that must reach the target, None for their mean: then the line is at the
    share, and meets the dotted line of the shares where the ef is chosen. cost: what the horizontal
    axis shows. ef: the setting to mark, None for none. beside: the mean recall of easier queries of
    the same index, drawn paler. others: curves to draw beside. noise: (e,) from the first ef on, by
    how much the mean of another build of the same setting may differ, drawn as two thin lines.
    """
    tone, x = surface(dark), _costs(tradeoff, cost)
    low, high = tradeoff.interval
    k = tradeoff.curve.k
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="x unified"))
    band = np.concatenate([high, low[::-1]])
    figure.add_scatter(
        x=np.concatenate([x, x[::-1]]),
        y=band,
        fill="toself",
        fillcolor=_translucent(FOUND, BAND),
        line={"width": 0},
        hoverinfo="skip",
        name="95 % interval of the mean",
    )
    if noise is not None:
        _draw_noise(figure, x, tradeoff.mean_recall, noise, tone)
    shares = tradeoff.share_reaching(target)
    for values, name, color, dash in (
        (tradeoff.mean_recall, f"mean recall@{k}", FOUND, "solid"),
        *_with_ties(tradeoff),
        (tradeoff.low_recall, "worst 5 % of queries, mean", MISSED, "solid"),
        (shares, f"share of queries with recall >= {target:g}", TRUE_NEIGHBOR, "dot"),
    ):
        figure.add_scatter(
            x=x,
            y=values,
            mode="lines",
            name=name,
            line={"color": color, "dash": dash, "width": 2},
            customdata=tradeoff.ef,
            hovertemplate="%{y:.3f} at ef %{customdata}" + f"<extra>{name}</extra>",
        )
    easier = [] if beside is None else [beside]
    paler = [(line, _translucent(FOUND, PALE), "solid") for line in easier]
    kept = ((line, color, "dashdot") for line, color in zip(others, itertools.cycle(OTHERS)))
    for line, color, dash in (*paler, *kept):
        figure.add_scatter(
            x=line.costs[cost],
            y=line.recall,
            mode="lines",
            name=plain_texts([line.name])[0],
            line={"color": color, "dash": dash, "width": 1.5},
            customdata=line.ef,
            hovertemplate="%{y:.3f} at ef %{customdata}<extra>%{fullData.name}</extra>",
        )
    goal = target if share is None else share
    figure.add_hline(y=goal, line={"color": tone.muted, "width": 1, "dash": "dash"})
    if share is not None:
        _name_share(figure, share, tone)
    if ef is not None:
        chosen = float(x[tradeoff.at(ef)])
        if share is not None:
            _mark(figure, chosen, float(shares[tradeoff.at(ef)]), ef, tone)
        figure.add_vline(x=chosen, line={"color": tone.text, "width": 1})
        figure.add_annotation(
            x=np.log10(chosen),
            y=0.02,
            yref="paper",
            text=f"ef {ef:,}",
            showarrow=False,
            xanchor="left",
            xshift=4,
        )
    drawn = [tradeoff.low_recall, shares, *(line.recall for line in (*easier, *others))]
    lowest = min(goal, *(float(values.min()) for values in drawn))
    figure.update_yaxes(
        title="recall@k, or share of queries", range=[max(0.0, lowest - 0.05), 1.02]
    )
    every = [x, *(line.costs[cost] for line in others)]
    left = 0.97 * min(float(values.min()) for values in every)
    right = 1.03 * max(float(values.max()) for values in every)
    figure.update_xaxes(
        title=COST_TITLES[cost],
        type="log",
        range=np.log10([left, right]).tolist(),
        **log_ticks(left, right),
    )
    return figure


def _draw_noise(
    figure: go.Figure, x: np.ndarray, mean: np.ndarray, noise: np.ndarray, tone: Surface
) -> None:
    """Above and below the mean, how far another build of the same setting may be."""
    some = min(len(mean), len(noise))
    for sign, name in ((1, "rebuild noise: another build of this setting"), (-1, "below")):
        figure.add_scatter(
            x=x[:some],
            y=mean[:some] + sign * noise[:some],
            mode="lines",
            name=name,
            showlegend=sign > 0,
            line={"color": tone.muted, "width": 1, "dash": "dot"},
            hoverinfo="skip",
        )


def _name_share(figure: go.Figure, share: float, tone: Surface) -> None:
    figure.add_annotation(
        x=0,
        xref="paper",
        xanchor="left",
        xshift=4,
        y=share,
        yanchor="top",
        text=f"{100 * share:g} % of queries",
        showarrow=False,
        font={"color": tone.muted, "size": 12},
    )


def _mark(figure: go.Figure, cost: float, share: float, ef: int, tone: Surface) -> None:
    """A marker on the line of the shares, where the chosen ef crosses it."""
    figure.add_scatter(
        x=[cost],
        y=[share],
        mode="markers",
        marker={"color": TRUE_NEIGHBOR, "size": 10, "line": {"color": tone.text, "width": 1.5}},
        showlegend=False,
        hovertemplate=f"ef {ef:,}: {100 * share:.1f} % of queries<extra></extra>",
    )


def smallest_ef_histogram(
    tradeoff: EfTradeoff, *, target: float, dark: bool = False, height: int = 300
) -> go.Figure:
    """How many queries need which ef to reach the target; those that no ef serves stand apart.

    Each bar covers whole values of ef, on a logarithmic axis.
    """
    smallest = tradeoff.curve.smallest_ef(target)
    served = smallest[smallest != NONE_REACHES]
    edges = np.unique(
        np.geomspace(tradeoff.ef[0], tradeoff.ef[-1] + 1, 25).round().astype(np.int64)
    )
    counts, _ = np.histogram(served, edges)
    names = [f"{a:,}" if b == a + 1 else f"{a:,}-{b - 1:,}" for a, b in itertools.pairwise(edges)]
    figure = go.Figure(layout=layout(dark=dark, height=height, showlegend=False, bargap=0))
    ends = edges - 0.5
    _add_bars(figure, ends, counts, FOUND, [f"ef {name}" for name in names], dark)
    unserved, right = len(smallest) - len(served), float(ends[-1])
    ticks = log_ticks(float(edges[0]), right)
    if unserved:
        apart = right * np.array([BEYOND, BEYOND**2])
        told = f"no ef up to {int(tradeoff.ef[-1]):,}"
        _add_bars(figure, apart, np.array([unserved]), MISSED, [told], dark)
        ticks = log_ticks(float(edges[0]), right, more={float(apart.mean()): "none"})
        right = float(apart[-1])
    figure.update_xaxes(
        title=f"smallest ef with recall >= {target:g}",
        type="log",
        range=np.log10([ends[0] / 1.02, right * 1.02]).tolist(),
        tickangle=0,
        **ticks,
    )
    figure.update_yaxes(title="queries")
    return figure


def _add_bars(
    figure: go.Figure,
    ends: np.ndarray,
    counts: np.ndarray,
    color: str,
    names: list[str],
    dark: bool,
) -> None:
    """Bars between ends (b + 1,), in the units of the axis."""
    figure.add_bar(
        x=(ends[1:] + ends[:-1]) / 2,
        width=ends[1:] - ends[:-1],
        y=counts,
        marker={"color": color, "line": {"color": surface(dark).page, "width": 1}},
        customdata=names,
        hovertemplate="%{customdata}: %{y:,}<extra></extra>",
    )


def _costs(tradeoff: EfTradeoff, cost: Cost) -> np.ndarray:
    if cost == "ef":
        return tradeoff.ef
    if cost == "distance_computations":
        return tradeoff.mean_computations
    return 100 * tradeoff.brute_force_share


def _with_ties(tradeoff: EfTradeoff) -> list[tuple[np.ndarray, str, str, str]]:
    """The tie-aware line, where it differs from the strict one by more than can be seen."""
    apart = np.abs(tradeoff.mean_tie_aware_recall - tradeoff.mean_recall).max()
    if apart < VISIBLE:
        return []
    return [(tradeoff.mean_tie_aware_recall, "mean recall, ties counted", FOUND, "dash")]


def _translucent(color: str, opacity: float) -> str:
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
