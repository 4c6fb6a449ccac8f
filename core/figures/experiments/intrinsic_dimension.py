"""Recall of synthetic data by its intrinsic dimension, with the data at hand among it."""

import numpy as np
import plotly.graph_objects as go

from core.figures.theme import class_styles, layout, surface
from core.studies.experiments.intrinsic_dimension import IntrinsicDimension

LABEL = (52, 16)  # pixels of "rank 1024" on a phone
NARROW = 300  # pixels between the axes there


def recall_by_rank(
    study: IntrinsicDimension, *, dark: bool = False, height: int = 400
) -> go.Figure:
    """Mean recall against the median LID: a line of synthetic data per ef, stars for the data."""
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height))
    shown = _fit_axes(figure, study)
    names = _spread(study, shown, height)
    figure.add_vline(x=study.own.lid, line={"color": tone.muted, "width": 1, "dash": "dash"})
    for place, (color, _) in enumerate(class_styles(len(study.efs))):
        _draw_synthetic(figure, study, place, color)
        if place == 0:
            font = {"size": 11, "color": tone.muted}
            figure.data[-1].update(
                mode="lines+markers+text", text=names, textposition="bottom left", textfont=font
            )
    for place, (color, _) in enumerate(class_styles(len(study.efs))):
        _draw_own(figure, study, place, color, tone.text)
    return figure


def _draw_synthetic(figure: go.Figure, study: IntrinsicDimension, place: int, color: str) -> None:
    figure.add_scatter(
        x=[point.lid for point in study.points],
        y=[point.recall[place] for point in study.points],
        mode="lines+markers",
        name=f"synthetic, ef {study.efs[place]:,}",
        line={"color": color, "width": 2},
        customdata=[[point.rank, point.distance_computations[place]] for point in study.points],
        hovertemplate="rank %{customdata[0]:,}, LID %{x:.3g}: recall %{y:.4f}<br>"
        "%{customdata[1]:,.0f} distance computations per query<extra>%{fullData.name}</extra>",
    )


def _draw_own(
    figure: go.Figure, study: IntrinsicDimension, place: int, color: str, edge: str
) -> None:
    figure.add_scatter(
        x=[study.own.lid],
        y=[study.own.recall[place]],
        mode="markers",
        name=f"this data, ef {study.efs[place]:,}",
        marker={
            "color": color,
            "size": 15,
            "symbol": "star",
            "line": {"color": edge, "width": 1},
        },
        customdata=[study.own.distance_computations[place]],
        hovertemplate="this data, LID %{x:.3g}: recall %{y:.4f}<br>"
        "%{customdata:,.0f} distance computations per query<extra>%{fullData.name}</extra>",
    )


def _fit_axes(figure: go.Figure, study: IntrinsicDimension) -> np.ndarray:
    """Ranges with room for names: (2, 2) low and high of the logarithm of x and of y."""
    lids = np.log10([point.lid for point in (*study.points, study.own)])
    lowest = min(min(point.recall) for point in (*study.points, study.own))
    room = 0.15 * max(np.ptp(lids), 0.3)
    shown = np.array(
        [
            [lids.min() - room, lids.max() + room / 2],
            [lowest - 0.1 * max(1 - lowest, 0.02), 1 + 0.05 * max(1 - lowest, 0.02)],
        ]
    )
    ticks = [first * 10.0**power for power in range(-2, 4) for first in (1, 2, 5)]
    figure.update_xaxes(
        title="local intrinsic dimension, median over queries",
        type="log",
        tickvals=ticks,
        range=shown[0].tolist(),
    )
    figure.update_yaxes(title=f"mean recall@{study.k}", range=shown[1].tolist())
    return shown


def _spread(study: IntrinsicDimension, shown: np.ndarray, height: int) -> list[str]:
    """The names of the points of the first line, empty where they would cover the one before."""
    area = np.array([NARROW, height - 110])
    values = np.array([[np.log10(point.lid), point.recall[0]] for point in study.points])
    pixels = (values - shown[:, 0]) / np.ptp(shown, axis=1) * area
    names: list[str] = []
    kept: list[np.ndarray] = []
    for point, at in zip(study.points, pixels, strict=True):
        free = all((np.abs(at - other) >= LABEL).any() for other in kept)
        names.append(f"rank {point.rank}" if free else "")
        kept += [at] if free else []
    return names
