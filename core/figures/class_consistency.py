"""One threshold on every class: utility by class, who breaks it, accuracy against consistency."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.distances import Float64s
from core.figures.theme import (
    EXPANDED,
    FOUND,
    MISSED,
    VISITED,
    layout,
    plain_texts,
    surface,
)
from core.figures.thresholds import axis_title
from core.metrics import OpisResult
from core.metrics.opis_score import worst_count
from core.metrics.score_units import ScoreUnit

MOST_LINES = 300  # classes drawn one by one; above, bands of quantiles
NAMED_WORST = 10  # classes drawn by name over the bands
BANDS = ((0.05, 0.95, 0.18), (0.25, 0.75, 0.30))
MOST_BARS = 40
HEADROOM = 1.3  # above the highest interval, for the names


def class_utility(
    result: OpisResult,
    axis: ScoreUnit,
    unit: ScoreUnit,
    score: float,
    class_names: Sequence[str],
    *,
    epsilon: float = 0.10,
    chosen: int | None = None,
    dark: bool = False,
    height: int = 460,
) -> go.Figure:
    """Utility of every class over the calibration range; the classes that break it stand out.

    axis: the unit of `result.thresholds`. unit: that is drawn. score: of the threshold. epsilon:
    the share of the classes that is drawn as the worst. chosen: index of a class in
    `result.classes` that is drawn on top. Above 300 classes bands of quantiles are drawn, and the
    worst ten by name. `customdata` of a line is the index of its class.
    """
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="closest"))
    names = np.array(plain_texts(class_names[code] for code in result.classes))
    scores = axis.to_score(result.thresholds)
    x = unit.of(scores)
    below = np.where(result.signs < 0, result.contributions, 0.0)
    worst = np.argsort(-below, kind="stable")[: worst_count(len(names), epsilon)]
    worst = worst[below[worst] > 0]
    if len(names) > MOST_LINES:
        _bands(figure, x, result.class_utility, tone.other)
        worst = worst[:NAMED_WORST]
    else:
        others = np.setdiff1d(np.arange(len(names)), worst)
        _lines(figure, x, result.class_utility, names, others, "a class", tone.other, 1.0)
    _lines(figure, x, result.class_utility, names, worst, "served worst", MISSED, 1.8)
    if chosen is not None:
        one = np.array([chosen])
        _lines(figure, x, result.class_utility, names, one, names[chosen], EXPANDED, 3.5)
    figure.add_scatter(
        x=x,
        y=result.mean_utility,
        mode="lines",
        line={"color": tone.text, "width": 3},
        name="mean of the classes",
        hovertemplate="mean: %{y:.3f} at %{x:.4g}<extra></extra>",
    )
    ends = np.sort(x[[0, -1]])
    here = float(unit.of(score))
    if ends[0] <= here <= ends[1]:
        figure.add_vline(x=here, line={"color": tone.text, "width": 1.5, "dash": "dash"})
    figure.update_xaxes(title=axis_title(unit), range=ends.tolist())
    figure.update_yaxes(title="utility: harmonic mean of sensitivity and specificity")
    return figure


def class_contributions(
    result: OpisResult,
    class_names: Sequence[str],
    *,
    chosen: int | None = None,
    dark: bool = False,
    height: int = 460,
) -> go.Figure:
    """What each class adds to OPIS, with its sign: below the mean to the left, above to the right.

    At most 40 classes, those that add most. `customdata` of a bar is the index of its class.
    """
    tone = surface(dark)
    shown = np.argsort(-result.contributions, kind="stable")[:MOST_BARS][::-1]
    value = (result.contributions * result.signs)[shown]
    names = plain_texts(class_names[result.classes[place]] for place in shown)
    colors = np.where(value < 0, MISSED, FOUND).astype(object)
    if chosen is not None:
        colors[shown == chosen] = EXPANDED
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="closest"))
    figure.add_bar(
        x=value,
        y=np.arange(len(shown)),
        orientation="h",
        customdata=shown,
        text=names,
        textposition="none",
        marker={"color": colors.tolist(), "line": {"width": 0}},
        hovertemplate="%{text}: %{x:.4g}<extra></extra>",
        showlegend=False,
    )
    figure.add_vline(x=0, line={"color": tone.muted, "width": 1})
    figure.update_xaxes(title="contribution to OPIS: served worse (left) or better than the mean")
    figure.update_yaxes(tickvals=np.arange(len(shown)), ticktext=names, showgrid=False)
    return figure


@dataclass(frozen=True)
class Space:
    """A space in the picture of accuracy against consistency.

    accuracy: share of items whose nearest other item has their class. interval: of OPIS.
    """

    name: str
    accuracy: float
    opis: float
    interval: tuple[float, float]


def accuracy_consistency(
    spaces: Sequence[Space], *, dark: bool = False, height: int = 340
) -> go.Figure:
    """Accuracy against OPIS, one dot for each space, the last one standing out.

    After figure 1 of Zhang et al., arXiv 2307.04047: the right lower corner is best.
    """
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="closest"))
    for place, space in enumerate(spaces):
        last = place == len(spaces) - 1
        figure.add_scatter(
            x=[space.accuracy],
            y=[space.opis],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [max(0.0, space.interval[1] - space.opis)],
                "arrayminus": [max(0.0, space.opis - space.interval[0])],
                "color": tone.muted,
            },
            mode="markers+text",
            text=plain_texts([space.name]),
            textposition="middle left" if space.accuracy > 0.5 else "middle right",
            marker={"size": 12, "color": FOUND if last else VISITED},
            hovertemplate="%{text}: hit@1 %{x:.3f}, OPIS %{y:.4f}<extra></extra>",
            showlegend=False,
        )
    figure.update_xaxes(title="accuracy: hit@1", range=[-0.02, 1.02])
    top = max([*(max(space.opis, space.interval[1]) for space in spaces), 1e-6])
    figure.update_yaxes(title="OPIS (lower is more consistent)", range=[0.0, HEADROOM * top])
    return figure


def _bands(figure: go.Figure, x: Float64s, utility: Float64s, color: str) -> None:
    for low, high, opacity in BANDS:
        ends = np.quantile(utility, [low, high], axis=0)
        figure.add_scatter(
            x=np.concatenate([x, x[::-1]]),
            y=np.concatenate([ends[0], ends[1][::-1]]),
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=_see_through(color, opacity),
            name=f"{100 * low:g} % to {100 * high:g} % of the classes",
            hoverinfo="skip",
        )


def _lines(
    figure: go.Figure,
    x: Float64s,
    utility: Float64s,
    names: npt.NDArray[np.str_],
    rows: npt.NDArray[np.intp],
    name: str,
    color: str,
    width: float,
) -> None:
    """Many lines as one trace, with gaps between them."""
    if not len(rows):
        return
    gap = np.full((len(rows), 1), np.nan)
    points = len(x) + 1
    figure.add_scatter(
        x=np.tile(np.append(x, np.nan), len(rows)).astype(np.float32),
        y=np.hstack([utility[rows], gap]).ravel().astype(np.float32),
        text=np.repeat(names[rows], points).tolist(),
        customdata=np.repeat(rows, points),
        mode="lines+markers",
        marker={"size": 4, "opacity": 0},
        line={"color": color, "width": width},
        hovertemplate="%{text}: %{y:.3f} at %{x:.4g}<extra></extra>",
        name=name,
    )


def _see_through(color: str, opacity: float) -> str:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
