"""What an index is made of: nodes per layer, degrees, lengths of links."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.distances import Metric
from core.errors import ParameterError
from core.figures.theme import EXPANDED, FOUND, VISITED, layout, surface
from core.index.layer_anatomy import Anatomy, LayerAnatomy

Counts = npt.NDArray[np.int64]

ROW_HEIGHT = 36  # pixels of a layer
AROUND_ROWS = 120  # pixels of the legend and the axis
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
WIDENING = 1.15  # beyond the limit, a bin of degrees ends about so many times where it starts
LEFT_END = 0.3  # of the logarithmic axis; the step of degree 0 runs from here to 0.5
ZERO = 0.39  # amid that step
DEGREE_TICKS = (0, 1, 2, 5, 10, 20, 50, 100, 200)
FAR_DEGREE_TICKS = (0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)


def nodes_per_layer(
    anatomy: Anatomy, *, dark: bool = False, height: int | None = None
) -> go.Figure:
    """Nodes of each layer against the level law: n M^-layer, with its 95 % interval.

    Each of the n nodes reaches a layer with probability M^-layer, so that a layer's count is
    binomial (Malkov & Yashunin, arXiv 1603.09320, with 1 / ln M as level factor).
    height: in pixels; None fits the number of layers.
    """
    from scipy.stats import binom  # takes most of a second: loaded only when the layers are drawn

    layers, names = anatomy.layers, _names(anatomy)
    counts = np.array([layer.nodes for layer in layers])
    expected = np.array([layer.expected_nodes for layer in layers])
    figure = go.Figure(layout=layout(dark=dark, height=height or _fitting(anatomy), bargap=0.4))
    figure.add_bar(
        x=counts,
        y=names,
        orientation="h",
        marker={"color": VISITED},
        name="nodes",
        hovertemplate="%{y}: %{x:,} nodes<extra></extra>",
    )
    low, high = binom.interval(0.95, counts[0], np.minimum(expected / counts[0], 1.0))
    law = "level law, 95 % interval"
    if not np.isnan(anatomy.level_p_value):
        law += f" (p = {anatomy.level_p_value:.2g})"
    figure.add_scatter(
        x=expected,
        y=names,
        name=law,
        customdata=np.column_stack([low, high]),
        hovertemplate="%{y}: %{x:,.1f} expected, %{customdata[0]:,} to %{customdata[1]:,} in "
        "95 % of builds<extra></extra>",
        **_interval_marks(expected, low, high, surface(dark).text),
    )
    ends = np.log10([0.7, 3 * max(counts[0], expected.max())])
    figure.update_xaxes(title="nodes", type="log", dtick=1, tickformat=",d", range=ends.tolist())
    figure.update_yaxes(
        showgrid=False,
        tickvals=names,
        ticktext=[f"{name}: {n:,}" for name, n in zip(names, counts, strict=True)],
    )
    return figure


def degree_distribution(
    anatomy: Anatomy, layer: int, *, dark: bool = False, height: int = 380
) -> go.Figure:
    """How many links leave and reach the nodes of a layer, and the limit of those that leave.

    Up to the limit each degree is a step; beyond it steps widen, and show the mean number of nodes
    per degree, so that single hubs are seen and all heights can be compared.

    Raises ParameterError where there is no such layer.
    """
    shown, tone = _layer(anatomy, layer), surface(dark)
    edges = degree_edges(shown)
    out, into = (np.histogram(d, edges)[0] for d in (shown.out_degree, shown.in_degree))
    per_degree = np.concatenate([out, into]) / np.tile(np.diff(edges), 2)
    lowest, highest = per_degree[per_degree > 0].min() / 2, per_degree.max() * 2
    ticks = DEGREE_TICKS if edges[-1] <= DEGREE_TICKS[-1] else FAR_DEGREE_TICKS
    figure = go.Figure(layout=layout(dark=dark, height=height))
    for counts, name, color in ((out, "out-degree", EXPANDED), (into, "in-degree", FOUND)):
        figure.add_scatter(
            **_steps(edges, counts, lowest / 10),
            name=name,
            mode="lines",
            line={"color": color, "width": 2, "shape": "hv"},
            hovertemplate="%{text} nodes<extra>" + name + "</extra>",
        )
    figure.add_scatter(
        x=[shown.limit + 0.5] * 2,
        y=[lowest / 10, highest * 10],
        mode="lines",
        line={"color": tone.muted, "width": 1, "dash": "dash"},
        hoverinfo="skip",
        name=f"limit of out-degree: {shown.limit:,}",
    )
    figure.update_xaxes(
        title=f"links of a node on layer {layer}",
        type="log",
        tickvals=[degree or ZERO for degree in ticks],
        ticktext=[f"{degree:,}" for degree in ticks],
        tickangle=0,
        range=np.log10([LEFT_END * 0.9, edges[-1] * 1.1]).tolist(),
    )
    figure.update_yaxes(
        title="nodes per degree",
        type="log",
        dtick=1,
        tickformat=",~g",
        range=np.log10([lowest, highest]).tolist(),
    )
    return figure


def link_lengths(
    anatomy: Anatomy, *, metric: Metric | None = None, dark: bool = False, height: int | None = None
) -> go.Figure:
    """How far apart linked nodes are on each layer: the middle half, 5 to 95 %, and the median.

    Layers without links have no strip. metric: named on the axis. height: in pixels; None fits the
    number of layers.
    """
    linked = [layer for layer in anatomy.layers if len(layer.link_lengths)]
    names = [f"layer {layer.layer}" for layer in linked]
    strips = np.array([np.quantile(layer.link_lengths, QUANTILES) for layer in linked])
    strips = strips.reshape(len(linked), len(QUANTILES))
    figure = go.Figure(layout=layout(dark=dark, height=height or _fitting(anatomy)))
    for ends, name, width in (
        (strips[:, [0, 4]], "5 to 95 %", 2),
        (strips[:, [1, 3]], "25 to 75 %", 10),
    ):
        figure.add_scatter(
            x=np.column_stack([ends, np.full(len(ends), np.nan)]).ravel(),
            y=np.repeat(names, 3),
            mode="lines",
            line={"color": VISITED, "width": width},
            hoverinfo="skip",
            name=f"{name} of the links",
        )
    figure.add_scatter(
        x=strips[:, 2],
        y=names,
        mode="markers",
        marker={
            "color": surface(dark).text,
            "symbol": "line-ns-open",
            "size": 14,
            "line": {"width": 3},
        },
        name="median",
        customdata=strips,
        text=[_links_read(layer) for layer in linked],
        hovertemplate="%{y}, %{text}: median %{x:.4g}<br>25 to 75 %: %{customdata[1]:.4g} to "
        "%{customdata[3]:.4g}<br>5 to 95 %: %{customdata[0]:.4g} to %{customdata[4]:.4g}"
        "<extra></extra>",
    )
    kind = f"{metric.replace('_', ' ')} distance" if metric else "distance"
    figure.update_xaxes(title=f"{kind} between linked nodes", range=_margins(strips))
    figure.update_yaxes(showgrid=False, categoryorder="array", categoryarray=_names(anatomy))
    return figure


def degree_edges(layer: LayerAnatomy) -> Counts:
    """Where bins of degrees start, and the end of the last: one each up to the limit, then wider.

    >>> from types import SimpleNamespace
    >>> layer = SimpleNamespace(limit=2, out_degree=np.array([2]), in_degree=np.array([9]))
    >>> degree_edges(layer)
    array([ 0,  1,  2,  3,  4,  5,  6,  7,  9, 11])
    """
    largest = int(max(layer.out_degree.max(), layer.in_degree.max()))
    edges = list(range(layer.limit + 2))
    while edges[-1] <= largest:
        edges.append(max(edges[-1] + 1, math.ceil(edges[-1] * WIDENING)))
    return np.array(edges)


def _steps(edges: Counts, counts: Counts, floor: float) -> dict[str, Any]:
    """A step per bin, from half a degree below its first degree, closed at both ends at `floor`."""
    borders = np.where(edges > 0, edges - 0.5, LEFT_END)
    heights = np.where(counts > 0, counts / np.diff(edges), floor)
    texts = [
        f"{a:,}: {n:,}" if a == b else f"{a:,} to {b:,}: {n:,}"
        for a, b, n in zip(edges[:-1], edges[1:] - 1, counts, strict=True)
    ]
    return {
        "x": np.concatenate([borders[:1], borders]),
        "y": np.concatenate([[floor], heights, [floor]]),
        "text": ["", *texts, ""],
    }


def _layer(anatomy: Anatomy, layer: int) -> LayerAnatomy:
    if not 0 <= layer < len(anatomy.layers):
        raise ParameterError(
            f"layer must be between 0 and {len(anatomy.layers) - 1}, the highest layer; "
            f"got {layer}."
        )
    return anatomy.layers[layer]


def _interval_marks(at: npt.NDArray[np.float64], low: Any, high: Any, color: str) -> dict[str, Any]:
    return {
        "mode": "markers",
        "marker": {"color": color, "size": 7, "symbol": "diamond"},
        "error_x": {
            "array": high - at,
            "arrayminus": at - low,
            "symmetric": False,
            "color": color,
            "thickness": 1.5,
            "width": 5,
        },
    }


def _margins(strips: npt.NDArray[np.float64]) -> list[float] | None:
    """An axis that does not cut the ends of the strips off; None where there are none."""
    if strips.size == 0:
        return None
    low, high = float(strips.min()), float(strips.max())
    margin = 0.03 * (high - low) or 0.5
    return [low - margin, high + margin]


def _links_read(layer: LayerAnatomy) -> str:
    read = f"{len(layer.link_lengths):,}"
    return f"{read} sampled of {layer.links:,} links" if layer.lengths_sampled else f"{read} links"


def _names(anatomy: Anatomy) -> list[str]:
    return [f"layer {layer.layer}" for layer in anatomy.layers]


def _fitting(anatomy: Anatomy) -> int:
    return AROUND_ROWS + ROW_HEIGHT * len(anatomy.layers)
