"""Figures of two settings against what rebuilds of one of them differ by."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.theme import FOUND, MISSED, layout, plain_texts, surface
from core.studies.parts.rebuild_noise import Change

LINE, HEAD = 44, 58  # pixels of a line, and of its title and ticks
BAND = 0.35
ROOM = 0.12  # of the range, on both sides


@dataclass(frozen=True)
class NoiseLine:
    """One figure: what it is called, the change, and the same figure of each rebuild, (R,).

    sides: the names of before and after.
    """

    title: str
    change: Change
    rebuilds: tuple[float, ...]
    sides: tuple[str, str] = ("before", "after")


def rebuild_noise(lines: Sequence[NoiseLine], *, dark: bool = False) -> go.Figure:
    """Each figure on an axis of its own: rebuilds as dots, before, after, and the noise as a band.

    The band is what another build of the setting before would give in 95 % of cases. What comes
    after is vermilion where it lies beyond the band.
    """
    tone = surface(dark)
    figure = make_subplots(
        rows=len(lines),
        cols=1,
        subplot_titles=plain_texts(line.title for line in lines),
        vertical_spacing=HEAD / (len(lines) * (LINE + HEAD)) if len(lines) > 1 else 0,
    )
    height = 30 + len(lines) * (LINE + HEAD)
    figure.update_layout(layout(dark=dark, height=height, showlegend=False))
    for row, line in enumerate(lines, start=1):
        _draw(figure, line, row, tone.other, tone.text)
    figure.update_yaxes(visible=False, range=[-1, 1])
    figure.update_xaxes(showgrid=False, zeroline=False, nticks=6)
    figure.update_annotations(x=0, xanchor="left", font={"size": 13, "color": tone.text})
    return figure


def _draw(figure: go.Figure, line: NoiseLine, row: int, quiet: str, text: str) -> None:
    change, place = line.change, {"row": row, "col": 1}
    low, high = change.before - change.half_width, change.before + change.half_width
    if change.is_known:
        figure.add_shape(
            type="rect",
            x0=low,
            x1=high,
            y0=-0.6,
            y1=0.6,
            fillcolor=quiet,
            opacity=BAND,
            line={"width": 0},
            layer="below",
            **place,
        )
    for name, values, color, symbol, size in (
        ("a rebuild", line.rebuilds, quiet, "circle", 8),
        (line.sides[0], (change.before,), text, "line-ns-open", 26),
        (line.sides[1], (change.after,), MISSED if change.is_beyond else FOUND, "diamond", 13),
    ):
        figure.add_scatter(
            x=list(values),
            y=[0.0] * len(values),
            mode="markers",
            name=plain_texts([name])[0],
            marker={"color": color, "symbol": symbol, "size": size, "line": {"width": 3}}
            if symbol == "line-ns-open"
            else {"color": color, "symbol": symbol, "size": size},
            hovertemplate="%{fullData.name}: %{x:,.5~g}<extra></extra>",
            **place,
        )
    ends = [change.before, change.after, *line.rebuilds, *((low, high) if change.is_known else ())]
    room = ROOM * (max(ends) - min(ends)) or 0.01 * abs(max(ends)) or 1.0
    figure.update_xaxes(range=[min(ends) - room, max(ends) + room], **place)
