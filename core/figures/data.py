"""What was loaded: the sizes of the classes and the lengths of the vectors."""

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.figures.theme import FOUND, layout, plain_texts

BARS_AT_MOST = 45
BAR_HEIGHT, AROUND = 15, 80  # pixels of a bar, and of the axis below
NAME_LENGTH = 22
BINS = 60
NARROWEST = 0.1  # of the longest: rounding of unit vectors is no spread to look at


def class_sizes(
    names: tuple[str, ...], sizes: npt.NDArray[np.int64], *, dark: bool = False
) -> go.Figure:
    """Members of each class by name, largest on top; the largest 45 where there are more."""
    order = np.argsort(-sizes, kind="stable")[:BARS_AT_MOST]
    places = np.arange(len(order))
    figure = go.Figure(
        layout=layout(dark=dark, height=BAR_HEIGHT * len(order) + AROUND, bargap=0.15)
    )
    figure.add_bar(
        x=sizes[order],
        y=places,
        orientation="h",
        marker={"color": FOUND},
        customdata=plain_texts(names[i] for i in order),
        hovertemplate="%{customdata}: %{x:,} members<extra></extra>",
    )
    figure.update_yaxes(
        tickvals=places,
        ticktext=plain_texts(_short(names[i]) for i in order),
        tickfont={"size": 11},
        range=[len(order) - 0.5, -0.5],
        showgrid=False,
    )
    figure.update_xaxes(title="members")
    return figure


def _short(name: str) -> str:
    return name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}\u2026"


def norm_histogram(
    norms: npt.NDArray[np.float64], *, dark: bool = False, height: int = 420
) -> go.Figure:
    """How long the vectors are; lengths that are all but equal stand close together."""
    counts, edges = norm_counts(norms)
    figure = go.Figure(layout=layout(dark=dark, height=height, bargap=0.02))
    figure.add_bar(
        x=(edges[:-1] + edges[1:]) / 2,
        y=counts,
        width=np.diff(edges),
        marker={"color": FOUND},
        hovertemplate="%{y:,} vectors of length near %{x:.4g}<extra></extra>",
    )
    figure.update_xaxes(title="length of the vector (Euclidean norm)")
    figure.update_yaxes(title="vectors")
    return figure


def norm_counts(
    norms: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Vectors in each of 60 equal ranges of length, and the 61 edges of the ranges."""
    low, high = float(norms.min()), float(norms.max())
    missing = NARROWEST * (high or 1.0) - (high - low)
    if missing > 0:
        low, high = low - missing / 2, high + missing / 2
    counts, edges = np.histogram(norms, bins=BINS, range=(low, high))
    return counts.astype(np.int64), edges.astype(np.float64)
