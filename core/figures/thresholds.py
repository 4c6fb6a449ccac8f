"""One threshold on everything it decides: utility per class, FAR and FRR, the distances."""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from scipy.special import ndtri

from core.figures.theme import EXPANDED, FOUND, MISSED, TRUE_NEIGHBOR, layout, plain_texts, surface
from core.studies.thresholds.consistency import ThresholdStudy

DISTANCE = "threshold: L2 distance of unit vectors"
WORST_SHARE = 0.1
Operating = Literal["ROC", "DET"]
CURVE_POINTS = 400
DET_ENDS = (0.0002, 0.9998)
DET_TICKS = np.array([0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999])


def class_utility(
    study: ThresholdStudy,
    threshold: float,
    class_names: tuple[str, ...],
    *,
    dark: bool = False,
    height: int = 460,
) -> go.Figure:
    """Utility of every class over the calibration range; the classes that break it stand out."""
    tone, result = surface(dark), study.opis
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="closest"))
    names = np.array(plain_texts(class_names[code] for code in result.classes))
    below = np.where(result.signs < 0, result.contributions, 0.0)
    worst = np.argsort(-below, kind="stable")[: max(1, round(WORST_SHARE * len(names)))]
    worst = worst[below[worst] > 0]
    others = np.setdiff1d(np.arange(len(names)), worst)
    for rows, name, color, width in (
        (others, "a class", tone.other, 1.0),
        (worst, "served worst", MISSED, 1.8),
    ):
        if len(rows):
            x, y, text = _lines(result.thresholds, result.class_utility[rows], names[rows])
            figure.add_scatter(
                x=x,
                y=y,
                text=text,
                mode="lines",
                line={"color": color, "width": width},
                hovertemplate="%{text}: %{y:.3f} at %{x:.3f}<extra></extra>",
                name=name,
            )
    figure.add_scatter(
        x=result.thresholds,
        y=result.mean_utility,
        mode="lines",
        line={"color": tone.text, "width": 3},
        name="mean of the classes",
        hovertemplate="mean: %{y:.3f} at %{x:.3f}<extra></extra>",
    )
    low, high = result.calibration_range
    if low <= threshold <= high:
        _threshold_line(figure, threshold, tone.text)
    figure.update_xaxes(title=DISTANCE, range=[low, high])
    figure.update_yaxes(title="utility: harmonic mean of sensitivity and specificity")
    return figure


def far_frr(
    study: ThresholdStudy, threshold: float, *, dark: bool = False, height: int = 320
) -> go.Figure:
    """FAR and FRR of all pairs over the whole range, with the EER and the calibration range."""
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="x unified"))
    for values, name, color in ((study.far, "FAR", MISSED), (study.frr, "FRR", FOUND)):
        figure.add_scatter(
            x=study.thresholds,
            y=values,
            mode="lines",
            line={"color": color, "width": 2},
            name=name,
            hovertemplate="%{y:.4f}",
        )
    rate, place = study.eer
    figure.add_scatter(
        x=[place],
        y=[rate],
        mode="markers",
        marker={"color": EXPANDED, "size": 9},
        name=f"EER {rate:.3f}",
        hovertemplate=f"EER {rate:.4f} at {place:.4f}<extra></extra>",
    )
    low, high = study.opis.calibration_range
    figure.add_vrect(x0=low, x1=high, fillcolor=tone.other, opacity=0.15, line_width=0)
    _threshold_line(figure, threshold, tone.text)
    figure.update_xaxes(title=DISTANCE, range=_reach(study))
    figure.update_yaxes(title="share of pairs", range=[-0.02, 1.02])
    return figure


def operating_curve(
    study: ThresholdStudy,
    threshold: float,
    kind: Operating,
    *,
    dark: bool = False,
    height: int = 320,
) -> go.Figure:
    """Both rates without the threshold: ROC (TAR by FAR), or DET (FRR by FAR, probit axes).

    The dot is the threshold's place, its rates over all pairs. A rate of 0 or 1 has no place on a
    probit axis. About 800 points of the curve are drawn.
    """
    tone, probit = surface(dark), kind == "DET"
    place = study.place(threshold)
    drawn = _drawn_points(study.curve.far, study.curve.frr)
    far, frr = study.curve.far[drawn], study.curve.frr[drawn]
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="closest"))
    for x, miss, mode, color, name in (
        (far, frr, "lines", FOUND, kind),
        (study.far[[place]], study.frr[[place]], "markers", tone.text, f"at {threshold:.3f}"),
    ):
        rate = miss if probit else 1.0 - miss
        figure.add_scatter(
            x=ndtri(x) if probit else x,
            y=ndtri(rate) if probit else rate,
            customdata=np.column_stack([x, rate]),
            mode=mode,
            line={"color": color, "width": 2},
            marker={"color": color, "size": 9},
            name=name,
            hovertemplate="FAR %{customdata[0]:.4f}, "
            + ("FRR" if probit else "TAR")
            + " %{customdata[1]:.4f}<extra></extra>",
        )
    axis = {"range": [-0.02, 1.02]} if not probit else _probit_axis()
    figure.update_xaxes(title="FAR: share of impostor pairs accepted", **axis)
    wrong = "FRR: share of genuine pairs rejected"
    figure.update_yaxes(title=wrong if probit else "TAR: share of genuine pairs accepted", **axis)
    return figure


def distance_histogram(
    study: ThresholdStudy, threshold: float, *, dark: bool = False, height: int = 320
) -> go.Figure:
    """How far apart genuine and impostor pairs are, in steps of the grid; each kind sums to 1."""
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height))
    for counts, name, color in (
        (study.genuine, "genuine pairs (same class)", TRUE_NEIGHBOR),
        (study.impostor, "impostor pairs", MISSED),
    ):
        share = counts / max(1, int(counts.sum()))
        figure.add_scatter(
            x=study.thresholds,
            y=np.append(share, 0.0),
            mode="lines",
            line={"color": color, "width": 1, "shape": "hv"},
            fill="tozeroy",
            name=name,
            hovertemplate="%{y:.4f} of the " + name + " from %{x:.3f}<extra></extra>",
        )
    _threshold_line(figure, threshold, tone.text)
    figure.update_xaxes(title="L2 distance of unit vectors", range=_reach(study))
    figure.update_yaxes(title="share of the pairs")
    return figure


def _drawn_points(far: npt.NDArray[np.float64], frr: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    """Indices of points even in each rate and in its logarithm; far rises, frr falls."""
    even = np.linspace(0.0, 1.0, CURVE_POINTS // 2)
    wanted = np.concatenate([even, np.geomspace(1e-6, 1.0, CURVE_POINTS // 2)])
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


def _reach(study: ThresholdStudy) -> list[float]:
    """The part of the range where pairs are."""
    used = np.flatnonzero(study.genuine + study.impostor)
    first, last = study.thresholds[used[0]], study.thresholds[used[-1] + 1]
    margin = 0.03 * (last - first)
    return [float(first - margin), float(last + margin)]


def _lines(
    x: npt.NDArray[np.float64], rows: npt.NDArray[np.float64], names: npt.NDArray[np.str_]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32], list[str]]:
    """Many lines as one trace, with gaps between them."""
    gap = np.full((len(rows), 1), np.nan)
    across = np.tile(np.append(x, np.nan), len(rows)).astype(np.float32)
    return (
        across,
        np.hstack([rows, gap]).ravel().astype(np.float32),
        np.repeat(names, len(x) + 1).tolist(),
    )
