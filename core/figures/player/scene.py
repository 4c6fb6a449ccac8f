"""The layers of an HNSW graph as the player draws them: planes, nodes, links, colors, names."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.pictures import drawable
from core.figures.map import Classes, Values
from core.figures.player.node_colors import Marked, node_colors
from core.figures.webgl.grid import STEPS, on_grid
from core.figures.webgl.packed import joined, pack
from core.index import HnswGraph
from core.visible import visible

Rows = npt.NDArray[np.int64]
Points = npt.NDArray[np.float32]
POINTS_AT_MOST = 100_000
LINKS_AT_MOST = 300_000
BASE_LINKS_AT_MOST = 60_000
NAMES_AT_MOST = 20_000
PICTURE_BYTES_AT_MOST = 2_000_000


@dataclass(frozen=True, eq=False)
class Scene:
    """What is drawn of a graph, the same for every search on it.

    coordinates: (n, 2) of every row, the same on all planes, so that a node stands above itself.
    rows: (p,) rows drawn, those of the upper layers first. names: (n,) short names. colors: what
    the nodes' colors say, None for one gray. pictures: (n,) data URIs, or None: what is
    no picture in itself is not drawn, for the player may be a file of its own.
    """

    graph: HnswGraph
    coordinates: Points
    rows: Rows
    names: npt.NDArray[np.str_]
    colors: Classes | Values | Marked | None = None
    classes: Classes | None = None
    pictures: Sequence[str] | None = field(default=None, repr=False)

    @cached_property
    def quantized(self) -> npt.NDArray[np.uint16]:
        """(n, 2) coordinates on a grid of 65,536 steps, the longer side over all of it."""
        return on_grid(self.coordinates).places

    @cached_property
    def links_in(self) -> npt.NDArray[np.int64]:
        """(n,) links that lead to each row on layer 0."""
        return self.graph.in_degree(0)

    @cached_property
    def is_drawn(self) -> npt.NDArray[np.bool_]:
        """(n,) which rows are drawn."""
        drawn = np.zeros(self.graph.n, dtype=bool)
        drawn[self.rows] = True
        return drawn

    @property
    def is_sample(self) -> bool:
        """Whether some nodes of layer 0 are not drawn."""
        return len(self.rows) < self.graph.n


def drawn_rows(graph: HnswGraph, *, most: int = POINTS_AT_MOST, seed: int = 0) -> Rows:
    """Rows to draw: all nodes of the upper layers, highest first, then those of layer 0.

    Above `most` rows, layer 0 is a sample drawn with `seed`, which brings the whole to `most`.
    """
    upper, base = graph.levels > 0, np.flatnonzero(graph.levels == 0)
    room = max(0, most - int(upper.sum()))
    if len(base) > room:
        base = np.sort(np.random.default_rng(seed).choice(base, room, replace=False))
    above = np.flatnonzero(upper)
    return np.concatenate([above[np.argsort(-graph.levels[above], kind="stable")], base])


def pairs(graph: HnswGraph, layer: int) -> tuple[Rows, Rows]:
    """Linked pairs of a layer, each once: (lower row, higher row), ascending."""
    sources, targets = (ends.astype(np.int64) for ends in graph.links(layer))
    low, high = np.minimum(sources, targets), np.maximum(sources, targets)
    codes = np.unique(low * graph.n + high)
    return codes // graph.n, codes % graph.n


def scene_bytes(scene: Scene, *, dark: bool = False) -> tuple[str, bytes]:
    """The scene as the player reads it, and the name by which searches refer to it."""
    graph, rows = scene.graph, scene.rows
    colors, legend = node_colors(scene.colors, rows, dark=dark)
    shown = _links(scene)
    arrays = {
        "row": rows.astype("u4"),
        "x": scene.quantized[rows, 0],
        "y": scene.quantized[rows, 1],
        "level": np.minimum(graph.levels[rows], 255).astype("u1"),
        "color": colors.ravel(),
        "out_degree": graph.base.degrees[rows].astype("u4"),
        "in_degree": scene.links_in[rows].astype("u4"),
        "label": _label_codes(scene),
        "link_a": joined([a for a, _, _ in shown], "u4"),
        "link_b": joined([b for _, b, _ in shown], "u4"),
        "link_end": np.cumsum([len(a) for a, _, _ in shown]).astype("u4"),
    }
    meta: dict[str, Any] = {
        "layers": graph.max_level + 1,
        "entry": graph.entry_point,
        "extent": _extent(scene),
        "layer_words": [_layer_words(scene, layer, *shown[layer]) for layer in range(len(shown))],
        "names": list(map(visible, scene.names[rows[:NAMES_AT_MOST]])),
        "pictures": _pictures(scene),
        "classes": list(map(visible, scene.classes.names)) if scene.classes is not None else [],
        "legend": legend,
        "colored": scene.colors is not None,
    }
    content = pack(meta, arrays)
    name = hashlib.blake2b(content, digest_size=8).hexdigest()
    return name, pack({**meta, "id": name}, arrays)


def _links(scene: Scene) -> list[tuple[Rows, Rows, int]]:
    """For each layer the links drawn, as places in `rows`, and the number of pairs there are.

    Of too many links of layer 0 none is drawn: a part would only look like a sparse graph.
    """
    graph = scene.graph
    place = np.full(graph.n, -1, dtype=np.int64)
    place[scene.rows] = np.arange(len(scene.rows))
    nothing = np.empty(0, dtype=np.int64)
    shown = [(nothing, nothing, 0)]
    if len(graph.base.targets) <= 2 * BASE_LINKS_AT_MOST:  # each pair is two links at most
        low, high = pairs(graph, 0)
        if len(low) <= BASE_LINKS_AT_MOST:
            shown = [(place[low], place[high], len(low))]
    for layer in range(1, graph.max_level + 1):
        low, high = pairs(graph, layer)
        step = max(1, -(-len(low) // LINKS_AT_MOST))
        shown.append((place[low[::step]], place[high[::step]], len(low)))
    return shown


def _extent(scene: Scene) -> list[float]:
    """Half the width and the depth of the drawn data, where half the longer side is 1."""
    grid = scene.quantized.astype(np.float64)
    sides = grid.max(axis=0) - grid.min(axis=0)
    return [round(float(side) / STEPS, 4) for side in sides]


def _layer_words(scene: Scene, layer: int, a: Rows, _b: Rows, links: int) -> str:
    nodes = int(scene.graph.nodes_per_layer[layer])
    words = f"layer {layer}: {nodes:,} {'node' if nodes == 1 else 'nodes'}"
    if layer == 0 and scene.is_sample:
        words += f", {len(scene.rows):,} drawn"
    if 0 < len(a) < links:
        words += f", {len(a):,} of {links:,} links"
    return words


def _label_codes(scene: Scene) -> npt.NDArray[np.uint16]:
    if scene.classes is None:
        return np.zeros(len(scene.rows), dtype=np.uint16)
    codes = scene.classes.codes[scene.rows]
    return np.where(codes < 0, STEPS, codes).astype(np.uint16)


def _pictures(scene: Scene) -> list[str]:
    """Pictures of the first rows drawn, as many as the budget holds."""
    if scene.pictures is None:
        return []
    chosen: list[str] = []
    size = 0
    for row in scene.rows[:NAMES_AT_MOST].tolist():
        uri = drawable(scene.pictures[row])
        size += len(uri)
        if size > PICTURE_BYTES_AT_MOST:
            break
        chosen.append(uri)
    return chosen
