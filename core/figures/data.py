"""What was loaded: the sizes of the classes and the lengths of the vectors."""

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.figures.theme import FOUND, layout, plain_texts

BARS_AT_MOST = 100


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
    """How long the vectors are."""
    counts, edges = np.histogram(norms, bins=60)
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
