"""A threshold on all pairs: FAR and FRR, the one against the other, the scores of both kinds.

Every point of a curve carries its score (`customdata`), so that a click can set the threshold.
"""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from scipy.special import ndtri

from core.distances import Float64s
from core.figures.theme import EXPANDED, FOUND, MISSED, TRUE_NEIGHBOR, layout, surface
from core.metrics.operating import OperatingPoint, counted_eer, score_quantile
from core.metrics.score_counts import Counts, ScoreCounts
from core.metrics.score_units import ScoreUnit

Operating = Literal["ROC", "ROC, log FAR", "DET"]
CURVE_POINTS = 400
HISTOGRAM_BINS, FEWEST_BINS = 200, 20
TAIL = 1e-4  # of the pairs of a kind, beyond which no axis of scores reaches
DET_ENDS = (0.0002, 0.9998)
DET_TICKS = np.array([0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999])
KINDS = (
    ("genuine", "genuine pairs (same class)", TRUE_NEIGHBOR),
    ("impostor", "impostor pairs", MISSED),
)


def far_frr(
    counts: ScoreCounts,
    point: OperatingPoint,
    unit: ScoreUnit,
    *,
    calibration: tuple[float, float] | None = None,
    dark: bool = False,
    height: int = 320,
) -> go.Figure:
    """FAR and FRR of all pairs by threshold, with the EER, where the threshold stands.

    calibration: scores between which OPIS is taken, shaded.
    """
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="x unified"))
    places = _drawn_places(counts)
    scores = counts.scale.edges[places]
    for values, name, color in ((counts.far, "FAR", MISSED), (counts.frr, "FRR", FOUND)):
        figure.add_scatter(
            x=unit.of(scores),
            y=values[places],
            customdata=scores,
            mode="lines+markers",
            marker={"size": 5, "opacity": 0},
            line={"color": color, "width": 2},
            name=name,
            hovertemplate="%{y:.4g}",
        )
    rate, score = counted_eer(counts)
    figure.add_scatter(
        x=unit.of([score]),
        y=[rate],
        customdata=[score],
        mode="markers",
        marker={"color": EXPANDED, "size": 9},
        name=f"EER {rate:.3f}",
        hovertemplate=f"EER {rate:.4f}<extra></extra>",
    )
    if calibration is not None:
        low, high = unit.of(calibration)
        figure.add_vrect(x0=low, x1=high, fillcolor=tone.other, opacity=0.15, line_width=0)
    _threshold_line(figure, float(unit.of(point.score)), tone.text)
    figure.update_xaxes(title=axis_title(unit), range=reach(counts, unit))
    figure.update_yaxes(title="share of pairs", range=[-0.02, 1.02])
    return figure


def operating_curve(
    counts: ScoreCounts,
    point: OperatingPoint,
    kind: Operating,
    *,
    dark: bool = False,
    height: int = 320,
) -> go.Figure:
    """Both rates without the threshold: ROC (TAR by FAR), or DET (FRR by FAR, probit axes).

    The dot is the threshold's place. A rate of 0 or 1 has no place on a probit axis, a FAR of 0
    none on a logarithmic one. About 800 points of the curve are drawn.
    """
    tone, probit = surface(dark), kind == "DET"
    curve = counts.curve
    drawn = _drawn_points(curve.far, curve.frr)
    far, frr, scores = curve.far[drawn], curve.frr[drawn], curve.thresholds[drawn]
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="closest"))
    here = [np.array([value]) for value in (point.far, point.frr, point.score)]
    for (x, miss, at), mode, color, name in (
        ((far, frr, scores), "lines+markers", FOUND, kind),
        (here, "markers", tone.text, "the threshold"),
    ):
        rate = miss if probit else 1.0 - miss
        figure.add_scatter(
            x=ndtri(x) if probit else x,
            y=ndtri(rate) if probit else rate,
            customdata=np.column_stack([at, x, rate]),
            mode=mode,
            line={"color": color, "width": 2},
            marker={"color": color, "size": 9 if mode == "markers" else 4},
            name=name,
            hovertemplate="FAR %{customdata[1]:.4g}, "
            + ("FRR" if probit else "TAR")
            + " %{customdata[2]:.4f}<extra></extra>",
        )
    x_axis: dict[str, Any] = {"range": [-0.02, 1.02]}
    if probit:
        x_axis = _probit_axis()
    elif kind == "ROC, log FAR":
        x_axis = {"type": "log", "range": [np.log10(1.0 / counts.n_impostor), 0.02]}
    figure.update_xaxes(title="FAR: share of impostor pairs accepted", **x_axis)
    wrong = "FRR: share of genuine pairs rejected"
    y_axis = _probit_axis() if probit else {"range": [-0.02, 1.02]}
    figure.update_yaxes(title=wrong if probit else "TAR: share of genuine pairs accepted", **y_axis)
    return figure


def score_histogram(
    counts: ScoreCounts,
    point: OperatingPoint,
    unit: ScoreUnit,
    *,
    log: bool = False,
    dark: bool = False,
    height: int = 320,
) -> go.Figure:
    """How near genuine and impostor pairs are; each kind sums to 1.

    log: a logarithmic axis of shares, on which the tails are seen.
    """
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height))
    low, high = _inner_places(counts)
    fewest = min(float(counts.genuine.sum()), float(counts.impostor.sum()))
    wanted = int(np.clip(2.0 * np.sqrt(fewest), FEWEST_BINS, HISTOGRAM_BINS))
    step = max(1, (high - low) // wanted)
    places = np.append(np.arange(low, high, step), high)
    edges = unit.of(counts.scale.edges[places])
    scores = (counts.scale.edges[places[:-1]] + counts.scale.edges[places[1:]]) / 2.0
    for kind, name, color in KINDS:
        values: Counts = getattr(counts, kind)
        below = np.concatenate([[0], np.cumsum(values)])
        share = np.diff(below[places]) / max(1.0, float(values.sum()))
        figure.add_bar(
            x=(edges[:-1] + edges[1:]) / 2.0,
            y=share,
            width=np.abs(np.diff(edges)),
            customdata=scores,
            marker={"color": color, "line": {"width": 0}, "opacity": 0.55},
            name=name,
            hovertemplate="%{y:.3g} of the " + name + " at %{x:.4g}<extra></extra>",
        )
    figure.update_layout(barmode="overlay", bargap=0)
    _threshold_line(figure, float(unit.of(point.score)), tone.text)
    figure.update_xaxes(title=axis_title(unit), range=reach(counts, unit))
    if log:
        figure.update_yaxes(title="share of the pairs", type="log", exponentformat="power")
    else:
        figure.update_yaxes(title="share of the pairs", rangemode="tozero")
    return figure


def axis_title(unit: ScoreUnit) -> str:
    """What an axis of thresholds shows, and which side is accepted."""
    return f"{unit.name} (accepted: {unit.sign} threshold)"


def reach(counts: ScoreCounts, unit: ScoreUnit) -> list[float]:
    """The part of the axis where pairs are, ascending in the unit."""
    low, high = _inner_places(counts)
    ends = np.sort(unit.of(counts.scale.edges[[low, high]]))
    margin = 0.03 * (ends[1] - ends[0])
    return [float(ends[0] - margin), float(ends[1] + margin)]


def _inner_places(counts: ScoreCounts) -> tuple[int, int]:
    """Borders between which all but 1 in 10,000 pairs of each kind lie at either side."""
    low = min(score_quantile(counts, kind, TAIL) for kind, *_ in KINDS)
    high = max(score_quantile(counts, kind, 1.0 - TAIL) for kind, *_ in KINDS)
    first, last = counts.scale.place(low), counts.scale.place(high)
    return max(0, min(first, last - 1)), max(1, last)


def _drawn_places(counts: ScoreCounts) -> npt.NDArray[np.int64]:
    low, high = _inner_places(counts)
    return np.unique(np.linspace(low, high, min(high - low, CURVE_POINTS) + 1).astype(np.int64))


def _drawn_points(far: Float64s, frr: Float64s) -> npt.NDArray[Any]:
    """Indices of points even in each rate and in its logarithm; far rises, frr falls."""
    even = np.linspace(0.0, 1.0, CURVE_POINTS // 2)
    wanted = np.concatenate([even, np.geomspace(1e-9, 1.0, CURVE_POINTS // 2)])
    last = len(far) - 1
    rising = np.searchsorted(far, wanted, side="right") - 1
    falling = last - (np.searchsorted(frr[::-1], wanted, side="right") - 1)
    return np.unique(np.clip(np.concatenate([[0, last], rising, falling]), 0, last))


def _probit_axis() -> dict[str, Any]:
    return {
        "range": ndtri(DET_ENDS).tolist(),
        "tickvals": ndtri(DET_TICKS),
        "ticktext": [f"{100 * rate:g} %" for rate in DET_TICKS],
        "tickangle": 0,
        "zeroline": False,
    }


def _threshold_line(figure: go.Figure, threshold: float, color: str) -> None:
    figure.add_vline(x=threshold, line={"color": color, "width": 1.5, "dash": "dash"})
