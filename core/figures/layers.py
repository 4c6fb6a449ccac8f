"""The layers of an HNSW graph as stacked planes, with one search walking through them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from core.figures.theme import (
    ENTRY_POINT,
    EXPANDED,
    FOUND,
    MISSED,
    TRUE_NEIGHBOR,
    VISITED,
    Surface,
    layout,
    plain_texts,
    surface,
)
from core.index import HnswGraph, SearchTrace

Rows = npt.NDArray[np.int64]
Points = npt.NDArray[np.float32]
LINKS_AT_MOST = 15_000


@dataclass(frozen=True, eq=False)
class Scene:
    """What the planes show.

    coordinates: (n, 2) of every row, the same on all planes, so that a node stands above itself.
    base_rows: rows drawn on layer 0 (all, or a sample). names: (n,) short names for hovering.
    truth: (k,) true neighbors of the query.
    """

    graph: HnswGraph
    coordinates: Points
    base_rows: Rows
    names: npt.NDArray[np.str_]
    trace: SearchTrace
    truth: Rows


def layers_3d(scene: Scene, *, dark: bool = False, height: int = 620) -> go.Figure:
    """Planes from layer 0 (bottom) to the entry point's layer, links above 0, and the search."""
    tone = surface(dark)
    figure = go.Figure(layout=layout(dark=dark, height=height))
    for layer in range(scene.graph.max_level + 1):
        _add_plane(figure, scene, layer, tone)
        _add_links(figure, scene, layer, tone)
        _add_nodes(figure, scene, layer, tone)
    _add_search(figure, scene)
    hidden = {"visible": False}
    figure.update_layout(
        scene={
            "xaxis": hidden,
            "yaxis": hidden,
            "zaxis": hidden,
            "aspectmode": "manual",
            "aspectratio": {"x": 1.25, "y": 1.25, "z": 0.95},
            "camera": {"eye": {"x": 1.5, "y": -1.75, "z": 0.85}, "center": {"x": 0.05, "z": -0.06}},
        },
        legend={"y": 0.99, "yanchor": "top", "itemsizing": "constant"},
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        uirevision="layers",
    )
    return figure


def sampled_links(graph: HnswGraph, layer: int) -> tuple[Rows, Rows, int]:
    """Links to draw on a layer, each pair once, and how many pairs there are in all.

    Above LINKS_AT_MOST pairs every j-th is drawn.
    """
    sources, targets = (ends.astype(np.int64) for ends in graph.links(layer))
    low, high = np.minimum(sources, targets), np.maximum(sources, targets)
    pairs = np.unique(low * graph.n + high)
    shown = pairs[:: -(-len(pairs) // LINKS_AT_MOST)] if len(pairs) else pairs
    return shown // graph.n, shown % graph.n, len(pairs)


def _add_plane(figure: go.Figure, scene: Scene, layer: int, tone: Surface) -> None:
    low, high = scene.coordinates.min(axis=0), scene.coordinates.max(axis=0)
    margin = 0.04 * (high - low) + 1e-6
    (left, front), (right, back) = low - margin, high + margin
    figure.add_mesh3d(
        x=[left, right, right, left],
        y=[front, front, back, back],
        z=[float(layer)] * 4,
        i=[0, 0],
        j=[1, 2],
        k=[2, 3],
        color=tone.other,
        opacity=0.1,
        hoverinfo="skip",
        showlegend=False,
    )
    nodes = int(scene.graph.nodes_per_layer[layer])
    text = f"layer {layer}: {nodes:,} {'node' if nodes == 1 else 'nodes'}"
    if layer == 0 and len(scene.base_rows) < nodes:
        text += f", {len(scene.base_rows):,} drawn"
    figure.add_scatter3d(
        x=[left],
        y=[front],
        z=[layer],
        mode="text",
        text=[text],
        textposition="bottom right",
        textfont={"color": tone.text, "size": 12},
        hoverinfo="skip",
        showlegend=False,
    )


def _add_links(figure: go.Figure, scene: Scene, layer: int, tone: Surface) -> None:
    if layer == 0:
        return
    sources, targets, _ = sampled_links(scene.graph, layer)
    x, y = _segments(scene.coordinates, sources, targets)
    figure.add_scatter3d(
        x=x,
        y=y,
        z=np.full(len(x), layer, dtype=np.float32),
        mode="lines",
        line={"color": tone.other, "width": 1},
        opacity=0.35,
        hoverinfo="skip",
        name="links",
        legendgroup="links",
        showlegend=layer == 1,
    )


def _add_nodes(figure: go.Figure, scene: Scene, layer: int, tone: Surface) -> None:
    rows = scene.base_rows if layer == 0 else scene.graph.nodes(layer)
    figure.add_scatter3d(
        **_at(scene, rows, layer),
        mode="markers",
        marker={"color": tone.other, "size": 1.8 if layer == 0 else 3.2},
        text=plain_texts(scene.names[rows]),
        customdata=rows,
        hovertemplate="%{text}<br>row %{customdata}, layer " + f"{layer}<extra></extra>",
        name="nodes",
        legendgroup="nodes",
        showlegend=layer == 0,
    )


def _add_search(figure: go.Figure, scene: Scene) -> None:
    """Visited rows, the path of expanded nodes, the answer, and the true neighbors it missed."""
    hops, trace = scene.trace.hops, scene.trace
    for layer in range(scene.graph.max_level + 1):
        seen = [hop.visited for hop in hops if hop.layer == layer]
        rows = np.unique(np.concatenate(seen)) if seen else np.empty(0, np.int64)
        _add_marks(figure, scene, rows, layer, "visited", VISITED, 2.6, show=layer == 0)
    path = np.array([hop.expanded for hop in hops], dtype=np.int64)
    heights = np.array([hop.layer for hop in hops], dtype=np.float32)
    figure.add_scatter3d(
        x=scene.coordinates[path, 0],
        y=scene.coordinates[path, 1],
        z=heights,
        mode="lines+markers",
        line={"color": EXPANDED, "width": 4},
        marker={"color": EXPANDED, "size": 3},
        text=plain_texts(scene.names[path]),
        customdata=np.arange(1, len(path) + 1),
        hovertemplate="hop %{customdata}: %{text}<extra>expanded</extra>",
        name="expanded, in order",
    )
    found = trace.ids[trace.ids >= 0]
    _add_marks(
        figure, scene, found[np.isin(found, scene.truth)], 0, "found, true", TRUE_NEIGHBOR, 5
    )
    _add_marks(figure, scene, found[~np.isin(found, scene.truth)], 0, "found, not true", FOUND, 5)
    _add_marks(figure, scene, scene.truth[~np.isin(scene.truth, found)], 0, "missed", MISSED, 5)
    entry = np.array([trace.entry_point])
    _add_marks(figure, scene, entry, scene.graph.max_level, "entry point", ENTRY_POINT, 7)


def _add_marks(
    figure: go.Figure,
    scene: Scene,
    rows: Rows,
    layer: int,
    name: str,
    color: str,
    size: float,
    *,
    show: bool = True,
) -> None:
    if len(rows) == 0:
        return
    figure.add_scatter3d(
        **_at(scene, rows, layer),
        mode="markers",
        marker={"color": color, "size": size},
        text=plain_texts(scene.names[rows]),
        customdata=rows,
        hovertemplate="%{text}<br>row %{customdata}" + f"<extra>{name}</extra>",
        name=name,
        legendgroup=name,
        showlegend=show,
    )


def _at(scene: Scene, rows: Rows, layer: int) -> dict[str, npt.NDArray[np.float32]]:
    return {
        "x": scene.coordinates[rows, 0],
        "y": scene.coordinates[rows, 1],
        "z": np.full(len(rows), layer, dtype=np.float32),
    }


def _segments(coordinates: Points, sources: Rows, targets: Rows) -> tuple[Points, Points]:
    """x and y of line segments, NaN between them."""
    points = np.full((len(sources), 3, 2), np.nan, dtype=np.float32)
    points[:, 0], points[:, 1] = coordinates[sources], coordinates[targets]
    flat = points.reshape(-1, 2)
    return flat[:, 0], flat[:, 1]
