"""What was loaded: the sizes of the classes and the lengths of the vectors."""

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.figures.theme import FOUND, layout, plain_texts

BARS_AT_MOST = 100
BINS = 60
NARROWEST = 0.1  # of the longest: rounding of unit vectors is no spread to look at


def class_sizes(
    names: tuple[str, ...],
    sizes: npt.NDArray[np.int64],
    *,
    dark: bool = False,
    height: int = 420,
) -> go.Figure:
    """Members of each class, largest first; the first 100 where there are more."""
    order = np.argsort(-sizes, kind="stable")[:BARS_AT_MOST]
    figure = go.Figure(layout=layout(dark=dark, height=height, bargap=0.15))
    figure.add_bar(
        x=plain_texts(names[i] for i in order),
        y=sizes[order],
        marker={"color": FOUND},
        hovertemplate="%{x}: %{y:,} members<extra></extra>",
    )
    left_out = len(names) - len(order)
    figure.update_xaxes(
        title="class" + (f" (the {left_out:,} smallest not drawn)" if left_out else ""),
        type="category",
        tickangle=-60,
    )
    figure.update_yaxes(title="members")
    return figure


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
