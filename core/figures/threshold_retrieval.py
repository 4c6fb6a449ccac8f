"""Retrieval by group, the worst first, and by how many neighbors are looked at."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.figures.axes import log_ticks
from core.figures.theme import EXPANDED, FOUND, TRUE_NEIGHBOR, layout, plain_texts, surface
from core.studies.thresholds.operating import Estimate
from core.studies.thresholds.retrieval import FEWEST_RANKED, GroupFigures

MOST_NAMED = 40
BAND = (0.1, 0.9)
ROW, AROUND = 19, 130  # pixels of a line, and of the axis and the legend
LOWEST = 460
NAME_LENGTH = 28
CURVE_COLORS = (FOUND, EXPANDED, TRUE_NEIGHBOR)

Curve = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]


def group_dots(
    found: GroupFigures,
    names: Sequence[str],
    all_queries: Estimate,
    *,
    title: str,
    dark: bool = False,
) -> go.Figure:
    """A figure by group with its 95 % interval, the lowest at the top; at most 40 groups by name.

    names: of all groups, by code. all_queries: the mean over queries, a line; the mean over groups
    is a dashed one. With more than 40 groups a band holds the middle 80 % of all of them. Groups of
    fewer than ten queries are drawn hollow.
    """
    tone = surface(dark)
    shown = min(len(found.groups), MOST_NAMED)
    value, place = found.value[:shown], np.arange(shown)
    few = found.queries[:shown] < FEWEST_RANKED
    full = plain_texts(names[code] for code in found.groups[:shown])
    figure = go.Figure(
        layout=layout(dark=dark, height=max(LOWEST, ROW * shown + AROUND), hovermode="closest")
    )
    if len(found.groups) > MOST_NAMED:
        low, high = np.quantile(found.value, BAND)
        figure.add_vrect(
            x0=low,
            x1=high,
            fillcolor=tone.other,
            opacity=0.2,
            line_width=0,
            layer="below",
            name=f"middle 80 % of all {len(found.groups):,} groups",
            showlegend=True,
        )
    for chosen, color, fill, name in (
        (~few, FOUND, FOUND, "a group"),
        (few, FOUND, tone.page, f"fewer than {FEWEST_RANKED} queries"),
    ):
        if chosen.any():
            figure.add_scatter(
                x=value[chosen],
                y=place[chosen],
                mode="markers",
                marker={"color": fill, "size": 9, "line": {"color": color, "width": 2}},
                error_x={
                    "type": "data",
                    "symmetric": False,
                    "array": (found.high[:shown] - value)[chosen],
                    "arrayminus": (value - found.low[:shown])[chosen],
                    "color": color,
                    "thickness": 1.5,
                    "width": 0,
                },
                customdata=[
                    (full[row], f"{found.queries[row]:,}", found.low[row], found.high[row])
                    for row in np.flatnonzero(chosen)
                ],
                hovertemplate="%{customdata[0]}: %{x:.4f} (%{customdata[2]:.4f} to "
                "%{customdata[3]:.4f}), queries: %{customdata[1]}<extra></extra>",
                name=name,
            )
    for mean, dash, name in (
        (all_queries.value, "solid", "all queries"),
        (found.macro.value, "dash", "mean of the groups"),
    ):
        figure.add_scatter(
            x=[mean, mean],
            y=[-0.6, shown - 0.4],
            mode="lines",
            line={"color": tone.text, "width": 1.5, "dash": dash},
            name=f"{name} {mean:.3f}",
            hoverinfo="skip",
        )
    figure.update_xaxes(title=title, range=_reach(found, shown, all_queries))
    figure.update_yaxes(
        range=[shown - 0.4, -0.6],
        tickvals=place,
        ticktext=[_cut(names[code]) for code in found.groups[:shown]],
        showgrid=False,
    )
    return figure


def cutoff_curves(
    curves: Mapping[str, Curve], k: int, *, dark: bool = False, height: int = LOWEST
) -> go.Figure:
    """Figures by the number of neighbors k, with the band of their 95 % intervals.

    curves: by name, mean, low and high end at k = 1, 2, ... k: the one that is chosen, a line.
    """
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="x unified"))
    last = 1
    for color, (name, (mean, low, high)) in zip(CURVE_COLORS, curves.items(), strict=False):
        ks = np.arange(1, len(mean) + 1)
        last = max(last, len(mean))
        figure.add_scatter(
            x=np.concatenate([ks, ks[::-1]]),
            y=np.concatenate([high, low[::-1]]),
            fill="toself",
            fillcolor=color,
            opacity=0.2,
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            showlegend=False,
        )
        figure.add_scatter(
            x=ks,
            y=mean,
            mode="lines+markers" if last == 1 else "lines",
            line={"color": color, "width": 2},
            name=name,
            hovertemplate="%{y:.4f}",
        )
    figure.add_vline(x=k, line={"color": tone.text, "width": 1.5, "dash": "dash"})
    figure.update_xaxes(
        title="k, nearest others that are looked at",
        type="log",
        range=[-0.02, float(np.log10(max(last, 2))) + 0.02],
        tickangle=0,
        **log_ticks(1, max(last, 2)),
    )
    figure.update_yaxes(title="mean over the queries", range=[-0.02, 1.02])
    return figure


def _reach(found: GroupFigures, shown: int, all_queries: Estimate) -> list[float]:
    """The part of [0, 1] that dots and lines need, with a margin."""
    ends = np.concatenate(
        [
            found.low[:shown],
            found.high[:shown],
            [all_queries.value, found.macro.value],
            np.quantile(found.value, BAND),
        ]
    )
    low, high = float(ends.min()), float(ends.max())
    margin = max(0.002, 0.04 * (high - low))
    return [low - margin, high + margin]


def _cut(name: str) -> str:
    """A name with room beside the axis, letter by letter."""
    short = name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 3]}..."
    return plain_texts([short])[0]
