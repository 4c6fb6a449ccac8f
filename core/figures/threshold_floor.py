"""A similarity floor between unrelated and related scores; a score as a probability."""

import numpy as np
import plotly.graph_objects as go

from core.distances import Float64s
from core.figures.theme import EXPANDED, FOUND, MISSED, TRUE_NEIGHBOR, layout, surface
from core.metrics.score_units import ScoreUnit
from core.studies.thresholds.calibrated import CalibrationStudy
from core.studies.thresholds.floor import Floor, FloorStudy

BARS = 160
PAIRS, BEST, OFF_TOPIC = "unrelated pairs", "best answers", "off-topic queries' best answers"


def floor_distributions(
    study: FloorStudy,
    floor: Floor,
    unit: ScoreUnit,
    *,
    log: bool = False,
    dark: bool = False,
    height: int = 460,
) -> go.Figure:
    """Unrelated pairs, best answers and off-topic best answers, with the floor and its interval.

    Each kind sums to 1. log: the share on a logarithmic axis, on which the tails are seen.
    """
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="x unified"))
    edges, counted = counted_scores(study, unit)
    for name, share in counted.items():
        color = {PAIRS: MISSED, BEST: TRUE_NEIGHBOR, OFF_TOPIC: EXPANDED}[name]
        figure.add_scatter(
            x=edges,
            y=np.append(np.where(share > 0, share, np.nan) if log else share, share[-1]),
            mode="lines",
            line={"color": color, "width": 1.5, "shape": "hv"},
            fill=None if log else "tozeroy",
            connectgaps=False,
            name=name,
            hovertemplate="%{y:.3%}",
        )
    if np.isfinite(floor.score.value):
        at, one, other = unit.of([floor.score.value, floor.score.low, floor.score.high])
        figure.add_vrect(
            x0=min(one, other), x1=max(one, other), fillcolor=tone.text, opacity=0.12, line_width=0
        )
        figure.add_vline(x=at, line={"color": tone.text, "width": 1.5, "dash": "dash"})
    passes = "passes" if floor.answered is None else "is answered"
    figure.update_xaxes(title=f"{unit.name}; {unit.sign} the floor {passes}")
    figure.update_yaxes(title="share of its kind", type="log" if log else "linear")
    figure.update_yaxes(tickformat="~%")
    return figure


def counted_scores(study: FloorStudy, unit: ScoreUnit) -> tuple[Float64s, dict[str, Float64s]]:
    """Borders of 160 equal intervals of `unit`, and the share of each kind of scores in each."""
    kinds = {PAIRS: study.unrelated[::-1], BEST: np.sort(study.best)}
    if study.off_topic is not None:
        kinds[OFF_TOPIC] = study.off_topic[::-1]
    ends = unit.of([scores[place] for scores in kinds.values() for place in (0, -1)])
    low, high = float(ends.min()), float(ends.max())
    if high <= low:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, BARS + 1)
    between = unit.to_score(edges[1:-1])
    return edges, {name: _shares(scores, between) for name, scores in kinds.items()}


def _shares(scores: Float64s, between: Float64s) -> Float64s:
    """Share of ascending scores in each interval, whose inner borders rise or fall."""
    falls = between[0] > between[-1]
    borders = between[::-1] if falls else between
    places = [0, *np.searchsorted(scores, borders).tolist(), len(scores)]
    found = np.diff(places) / len(scores)
    return np.asarray(found[::-1] if falls else found)


def calibration_line(
    study: CalibrationStudy, unit: ScoreUnit, *, dark: bool = False, height: int = 340
) -> go.Figure:
    """The probability that a pair belongs together against its score: logistic and isotonic."""
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="x unified"))
    scores = study.pairs.scores
    even = unit.to_score(np.linspace(unit.of(scores[0]), unit.of(scores[-1]), 200))
    known = study.isotonic
    turns = np.flatnonzero(np.diff(known.probabilities, prepend=np.nan, append=np.nan) != 0)
    turns = np.unique(np.clip(np.concatenate([turns, turns - 1]), 0, len(scores) - 1))
    for x, y, name, color in (
        (even, study.logistic.probability(even), "logistic", FOUND),
        (scores[turns], known.probabilities[turns], "isotonic", EXPANDED),
    ):
        figure.add_scatter(
            x=unit.of(x),
            y=y,
            mode="lines",
            line={"color": color, "width": 2},
            name=name,
            hovertemplate="%{y:.3f}",
        )
    figure.update_xaxes(title=unit.name)
    figure.update_yaxes(title="probability that they belong together", range=[-0.02, 1.02])
    return figure


def reliability_diagram(
    study: CalibrationStudy, *, dark: bool = False, height: int = 340
) -> go.Figure:
    """Predicted probability against the share observed, in bins of equal weight; held-out pairs."""
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height, hovermode="closest"))
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": tone.muted, "width": 1, "dash": "dash"},
        name="as predicted",
        hoverinfo="skip",
    )
    for found, name, color, symbol in (
        (study.logistic_reliability, "logistic", FOUND, "circle"),
        (study.isotonic_reliability, "isotonic", EXPANDED, "diamond"),
    ):
        if found is not None:
            figure.add_scatter(
                x=found.predicted,
                y=found.observed,
                customdata=found.weight,
                mode="lines+markers",
                line={"color": color, "width": 1.5},
                marker={"color": color, "size": 8, "symbol": symbol},
                name=f"{name}, ECE {found.error:.2g}",
                hovertemplate="predicted %{x:.3f}, observed %{y:.3f}, %{customdata:,} pairs"
                f"<extra>{name}</extra>",
            )
    figure.update_xaxes(title="predicted probability", range=[-0.02, 1.02])
    figure.update_yaxes(title="share that belongs together", range=[-0.02, 1.02])
    return figure
