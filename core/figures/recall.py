"""Recall against ef: the mean with its interval, the worst queries, the share that is served."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import FIGURE_HEIGHT, FOUND, MISSED, TRUE_NEIGHBOR, layout, surface
from core.index.reaching import NONE_REACHES
from core.studies.parts.tradeoff import EfTradeoff

Cost = Literal["ef", "distance_computations", "brute_force_share"]
VISIBLE = 0.001
BAND, PALE = 0.18, 0.5  # opacity
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
    ef: int | None = None,
    cost: Cost = "ef",
    beside: Line | None = None,
    others: Sequence[Line] = (),
    dark: bool = False,
    height: int = FIGURE_HEIGHT,
) -> go.Figure:
    """Recall of every ef, with the target as a line and the chosen ef as another.

    cost: what the horizontal axis shows. ef: the setting to mark, None for none. beside: the mean
    recall of easier queries of the same index, drawn paler. others: curves to draw beside.
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
    share = tradeoff.share_reaching(target)
    for values, name, color, dash in (
        (tradeoff.mean_recall, f"mean recall@{k}", FOUND, "solid"),
        *_with_ties(tradeoff),
        (tradeoff.low_recall, "worst 5 % of queries, mean", MISSED, "solid"),
        (share, f"share of queries with recall >= {target:g}", TRUE_NEIGHBOR, "dot"),
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
            name=escape(line.name, quote=False),
            line={"color": color, "dash": dash, "width": 1.5},
            customdata=line.ef,
            hovertemplate="%{y:.3f} at ef %{customdata}<extra>%{fullData.name}</extra>",
        )
    figure.add_hline(y=target, line={"color": tone.muted, "width": 1, "dash": "dash"})
    if ef is not None:
        chosen = float(x[tradeoff.at(ef)])
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
    drawn = [tradeoff.low_recall, share, *(line.recall for line in (*easier, *others))]
    lowest = min(target, *(float(values.min()) for values in drawn))
    figure.update_yaxes(
        title="recall@k, or share of queries", range=[max(0.0, lowest - 0.05), 1.02]
    )
    ticks = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]
    figure.update_xaxes(title=COST_TITLES[cost], type="log")
    if cost == "ef":
        left = min([x[0], *(line.ef[0] for line in others)])
        right = max([x[-1], *(line.ef[-1] for line in others)])
        figure.update_xaxes(tickvals=ticks, range=np.log10([left * 0.97, right * 1.03]).tolist())
    return figure


def smallest_ef_histogram(
    tradeoff: EfTradeoff, *, target: float, dark: bool = False, height: int = 300
) -> go.Figure:
    """How many queries need which ef to reach the target; those that no ef serves stand apart."""
    smallest = tradeoff.curve.smallest_ef(target)
    served = smallest[smallest != NONE_REACHES]
    edges = np.unique(
        np.geomspace(tradeoff.ef[0], tradeoff.ef[-1] + 1, 25).round().astype(np.int64)
    )
    counts, _ = np.histogram(served, edges)
    names = [f"{a:,}" if b == a + 1 else f"{a:,}-{b - 1:,}" for a, b in itertools.pairwise(edges)]
    figure = go.Figure(layout=layout(dark=dark, height=height, showlegend=False, bargap=0.1))
    figure.add_bar(
        x=names, y=counts, marker_color=FOUND, hovertemplate="ef %{x}: %{y:,}<extra></extra>"
    )
    unserved = len(smallest) - len(served)
    if unserved:
        figure.add_bar(
            x=["none"],
            y=[unserved],
            marker_color=MISSED,
            hovertemplate="no ef up to the largest: %{y:,}<extra></extra>",
        )
    figure.update_xaxes(title=f"smallest ef with recall >= {target:g}", type="category")
    figure.update_yaxes(title="queries")
    return figure


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
