"""For whom one threshold fails: the matrix of false match rates, and missed matches by group."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.figures.theme import FOUND, MISSED, layout, plain_texts, surface
from core.intervals import wilson_intervals
from core.metrics.group_errors import GroupErrors

MOST_NUMBERS = 26  # groups up to which each cell shows its number
SCALE_ABOVE = {  # the width is for the cells, also on a phone
    "title": {"text": "log10 FMR", "side": "right"},
    "orientation": "h",
    "y": 1.0,
    "yanchor": "bottom",
    "x": 0.0,
    "xanchor": "left",
    "len": 0.7,
    "thickness": 10,
    "outlinewidth": 0,
}
NAME_LENGTH = 16  # letters of a group's name beside the matrix; the whole name is in the hover
CLICKED = 14  # pixels of a cell that take a click
SHADES = ((0.0, "#0072B2"), (0.5, "#F2E9DC"), (1.0, "#D55E00"))
DARK_SHADES = ((0.0, "#56B4E9"), (0.5, "#2A313B"), (1.0, "#D55E00"))


def fmr_matrix(
    errors: GroupErrors,
    names: Sequence[str],
    shown: npt.NDArray[np.intp],
    *,
    dark: bool = False,
    height: int = 520,
) -> go.Figure:
    """log10 of the FMR between the groups `shown` (s,), of which `names` has those of all.

    White is the target, orange above it, blue below. A cell that cannot be told from the target, or
    has too few pairs, is gray. A cell without a false match shows "<" and its resolution.
    `customdata` of a cell's mark holds its two groups.
    """
    tone = surface(dark)
    inside = np.ix_(shown, shown)
    fmr, pairs, accepted = errors.fmr[inside], errors.pairs[inside], errors.accepted[inside]
    low, high = (each[inside] for each in errors.interval)
    least = np.where(pairs > 0, 1.0 / np.maximum(pairs, 1), np.nan)
    logs = np.log10(np.where(accepted > 0, fmr, least))
    told = ~errors.is_untold[inside]
    labels = plain_texts(names[group] for group in shown)
    first, second = np.meshgrid(shown, shown, indexing="ij")
    hover = [
        [
            _hover(labels[i], labels[j], accepted[i, j], pairs[i, j], low[i, j], high[i, j])
            for j in range(len(shown))
        ]
        for i in range(len(shown))
    ]
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="closest"))
    place = np.arange(len(shown))
    goal = np.log10(max(errors.target, 1e-12))
    reach = max(1.0, float(np.nanmax(np.abs(logs - goal), initial=1.0)))
    for values, colors, scale in (
        (np.where(told, np.nan, 0.0), [[0.0, tone.grid], [1.0, tone.grid]], False),
        (np.where(told, logs, np.nan), [list(s) for s in (DARK_SHADES if dark else SHADES)], True),
    ):
        figure.add_heatmap(
            x=place,
            y=place,
            z=values,
            zmin=goal - reach if scale else -1,
            zmax=goal + reach if scale else 1,
            colorscale=colors,
            showscale=scale,
            colorbar=SCALE_ABOVE,
            text=_numbers(logs, accepted) if len(shown) <= MOST_NUMBERS else None,
            texttemplate="%{text}" if len(shown) <= MOST_NUMBERS else None,
            textfont={"size": 10, "color": tone.text},
            hoverinfo="skip",
            xgap=1,
            ygap=1,
        )
    across, down = np.meshgrid(place, place)
    figure.add_scatter(  # a heatmap cannot be clicked: marks that are not seen lie over its cells
        x=across.ravel(),
        y=down.ravel(),
        mode="markers",
        marker={"size": CLICKED, "symbol": "square", "opacity": 0},
        customdata=np.column_stack([first.ravel(), second.ravel()]),
        hovertext=[text for row in hover for text in row],
        hoverinfo="text",
        showlegend=False,
    )
    short = plain_texts(_short(names[group]) for group in shown)
    ticks = {"tickvals": place, "ticktext": short, "showgrid": False}
    figure.update_xaxes(tickangle=-60, **ticks)
    figure.update_yaxes(autorange="reversed", **ticks)
    return figure


def fnmr_by_group(
    errors: GroupErrors,
    names: Sequence[str],
    shown: npt.NDArray[np.intp],
    *,
    dark: bool = False,
    height: int = 520,
) -> go.Figure:
    """Share of the genuine pairs of each group that is rejected, with its 95 % interval."""
    tone, rates = surface(dark), errors.fnmr[shown]
    labels = plain_texts(names[group] for group in shown)
    low, high = wilson_intervals(rates, errors.genuine[shown])
    whole = errors.rejected.sum() / max(1, errors.genuine.sum())
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="closest"))
    figure.add_scatter(
        x=rates,
        y=np.arange(len(shown)),
        error_x={
            "type": "data",
            "symmetric": False,
            "array": high - rates,
            "arrayminus": rates - low,
            "color": tone.muted,
        },
        mode="markers",
        customdata=np.column_stack([shown, errors.genuine[shown]]),
        text=labels,
        marker={"size": 8, "color": np.where(rates > whole, MISSED, FOUND).tolist()},
        hovertemplate="%{text}: FNMR %{x:.4f} of %{customdata[1]:,} genuine pairs<extra></extra>",
        showlegend=False,
    )
    figure.add_vline(x=float(whole), line={"color": tone.text, "width": 1.5, "dash": "dash"})
    figure.update_xaxes(title="FNMR: share of genuine pairs rejected", range=[-0.02, 1.02])
    figure.update_yaxes(
        tickvals=np.arange(len(shown)), ticktext=labels, autorange="reversed", showgrid=True
    )
    return figure


def _short(name: str) -> str:
    return name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…"


def _hover(one: str, other: str, accepted: int, pairs: int, low: float, high: float) -> str:
    if not pairs:
        return f"{one} and {other}: no pair"
    return (
        f"{one} and {other}: {accepted:,} of {pairs:,} pairs accepted, FMR {accepted / pairs:.3g} "
        f"(95 %: {low:.3g} to {high:.3g})"
    )


def _numbers(logs: npt.NDArray[np.float64], accepted: npt.NDArray[np.integer]) -> list[list[str]]:
    return [
        [
            "" if not np.isfinite(value) else f"{'' if some else '<'}{value:.1f}"
            for value, some in zip(row, counted, strict=True)
        ]
        for row, counted in zip(logs, accepted, strict=True)
    ]
