"""Thresholds on classes that they were not set on, and answers to queries of unknown classes."""

import numpy as np
import plotly.graph_objects as go

from core.distances import Float64s
from core.figures.axes import log_ticks
from core.figures.theme import EXPANDED, FOUND, MISSED, TRUE_NEIGHBOR, layout, surface
from core.metrics.open_set import OpenSet, identification_curve
from core.studies.thresholds.transfer import Transfer, TransferAt

FARS = np.geomspace(1e-5, 0.2, 60)
JITTER = 0.08  # of a power of ten, to each side: the dots of one FAR stand beside one another
LOWEST = 1e-6
CURVE_POINTS = 600


def far_promised_and_got(
    study: Transfer, far: float, *, dark: bool = False, height: int = 460
) -> go.Figure:
    """FAR got on unseen classes against the FAR asked for: one dot per split, and all splits' band.

    A FAR of 0 has no place on the axis; it stands at its lower end.
    """
    tone = surface(dark)
    asked = FARS[study.finest_far <= FARS]
    asked = np.unique(np.append(asked, far)) if far >= study.finest_far else asked
    met = np.array([study.at(float(each)).far_met for each in asked]).reshape(len(asked), -1)
    floor = _floor(study, met)
    shown = np.maximum(met, floor)
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="closest"))
    low, middle, high = shown.min(axis=1), np.median(shown, axis=1), shown.max(axis=1)
    figure.add_scatter(
        x=np.concatenate([asked, asked[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        mode="lines",
        line={"width": 0},
        fillcolor=FOUND,
        opacity=0.2,
        name=f"all {study.splits} splits",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=asked,
        y=middle,
        mode="lines",
        line={"color": FOUND, "width": 2},
        name="median",
        hovertemplate="asked %{x:.2e}, median got %{y:.2e}<extra></extra>",
    )
    figure.add_scatter(
        x=asked,
        y=asked,
        mode="lines",
        line={"color": tone.muted, "width": 1.5, "dash": "dash"},
        name="as promised",
        hoverinfo="skip",
    )
    at = study.at(far)
    if at.resolved.any():
        figure.add_scatter(**_split_dots(at, floor))
    if len(asked):
        ends = float(asked.min()), float(asked.max())
        figure.update_xaxes(**log_ticks(*ends))
        figure.update_yaxes(**log_ticks(float(shown.min()), float(shown.max())))
    figure.update_xaxes(title="FAR asked for, where the threshold was set", type="log")
    figure.update_yaxes(title="FAR got, on classes not seen", type="log")
    return figure


def tar_promised_and_got(
    study: Transfer, far: float, *, dark: bool = False, height: int = 460
) -> go.Figure:
    """TAR on unseen classes against that where the threshold was set, at one FAR, by split."""
    tone, at = surface(dark), study.at(far)
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="closest"))
    promised, got = at.tar_set[at.resolved], at.tar_met[at.resolved]
    ends = _ends(np.concatenate([promised, got]))
    figure.add_scatter(
        x=ends,
        y=ends,
        mode="lines",
        line={"color": tone.muted, "width": 1.5, "dash": "dash"},
        name="as promised",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=promised,
        y=got,
        mode="markers",
        marker={"color": TRUE_NEIGHBOR, "size": 9, "line": {"color": tone.page, "width": 1}},
        name="a split",
        hovertemplate="promised %{x:.3f}, got %{y:.3f}<extra></extra>",
    )
    figure.update_xaxes(title="TAR where the threshold was set", range=ends, tickformat=".0%")
    figure.update_yaxes(title="TAR on classes not seen", range=ends, tickformat=".0%")
    return figure


def identification(
    answers: OpenSet, far: float, *, dark: bool = False, height: int = 400
) -> go.Figure:
    """Known queries named rightly against the unknown ones that pass (DIR by FAR)."""
    tone = surface(dark)
    alarms, rate, _ = identification_curve(answers)
    kept = _even_in_logarithm(len(alarms))
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="closest"))
    figure.add_scatter(
        x=alarms[kept],
        y=rate[kept],
        mode="lines",
        line={"color": FOUND, "width": 2, "shape": "hv"},
        name="named rightly",
        hovertemplate="FAR %{x:.4f}: %{y:.3f} of the known<extra></extra>",
    )
    figure.add_hline(
        y=answers.rank_one,
        line={"color": tone.muted, "width": 1.5, "dash": "dot"},
        annotation_text="without a threshold",
        annotation_position="top left",
        annotation_font_color=tone.muted,
    )
    if far * answers.n_unknown >= 1:
        figure.add_vline(x=far, line={"color": tone.text, "width": 1.5, "dash": "dash"})
    first = 1.0 / answers.n_unknown
    figure.update_xaxes(
        title="FAR: unknown queries that pass",
        type="log",
        range=[np.log10(first) - 0.05, 0.02],
        **log_ticks(first, 1.0),
    )
    figure.update_yaxes(
        title="DIR: known queries named rightly", range=[-0.02, 1.02], tickformat=".0%"
    )
    return figure


def answer_scores(
    answers: OpenSet, bar: float, values: Float64s, *, axis: str, dark: bool = False
) -> go.Figure:
    """Scores of the answers by what became of the query, as shares of each kind.

    values: (q,) the scores in the unit that `axis` names; bar: the threshold in it, or NaN.
    """
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=400, barmode="overlay"))
    ends = np.histogram_bin_edges(values, bins=60)
    for chosen, name, color in (
        (answers.correct, "known, named rightly", TRUE_NEIGHBOR),
        (answers.known & ~answers.correct, "known, named wrongly", EXPANDED),
        (~answers.known, "unknown", MISSED),
    ):
        if chosen.any():
            counts = np.histogram(values[chosen], ends)[0]
            figure.add_scatter(
                x=ends,
                y=np.append(counts / counts.sum(), 0.0),
                mode="lines",
                line={"color": color, "width": 1, "shape": "hv"},
                fill="tozeroy",
                name=name,
                hovertemplate="%{y:.4f} of the queries " + name + " from %{x:.3f}<extra></extra>",
            )
    if np.isfinite(bar):
        figure.add_vline(x=bar, line={"color": tone.text, "width": 1.5, "dash": "dash"})
    figure.update_xaxes(title=axis)
    figure.update_yaxes(title="share of the queries")
    return figure


def _split_dots(at: TransferAt, floor: float) -> dict[str, object]:
    """The dots of one asked FAR as arguments of a scatter trace."""
    got = at.far_met[at.resolved]
    order = np.argsort(np.argsort(got))
    aside = ((order * 7) % max(1, len(got))) / max(1, len(got) - 1) * 2 - 1
    return {
        "x": at.asked * 10 ** (JITTER * aside),
        "y": np.maximum(got, floor),
        "customdata": np.column_stack([at.far_set[at.resolved], got]),
        "mode": "markers",
        "marker": {"color": EXPANDED, "size": 8},
        "name": "a split",
        "hovertemplate": "set at %{customdata[0]:.3e}, got %{customdata[1]:.3e}<extra></extra>",
    }


def _floor(study: Transfer, met: Float64s) -> float:
    """The lower end of the axis of FARs got: a power of ten below the smallest positive one."""
    positive = met[met > 0]
    least = float(positive.min()) if len(positive) else study.finest_far
    return max(LOWEST, least / 2)


def _ends(values: Float64s) -> list[float]:
    if not len(values):
        return [0.0, 1.0]
    low, high = float(values.min()), float(values.max())
    margin = max(0.01, 0.08 * (high - low))
    return [low - margin, high + margin]


def _even_in_logarithm(points: int) -> np.ndarray:
    """Indices of up to 600 points, the first ones all, later ones thinned."""
    if points <= CURVE_POINTS:
        return np.arange(points)
    even = np.geomspace(1, points - 1, CURVE_POINTS).astype(np.int64)
    return np.unique(np.append(even, [0, points - 1]))
