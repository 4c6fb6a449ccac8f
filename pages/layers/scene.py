"""The scene and the searches that the Layers page plays, and what it says of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import EmbeddingSet
from core.figures import Classes, Played, Scene, Values, drawn_rows, replay_bytes, scene_bytes
from core.index import HnswGraph, Neighbors, SearchTrace, reachable_rows, trace_search
from pages.ui import jobs
from pages.ui.controls.query import Query
from pages.ui.display import items
from pages.ui.display.text import count, percent
from pages.ui.results import projections

SEED = 0
LABEL, NOTHING, LEVEL = "label", "nothing", "level"
IN_DEGREE, REACHABLE = "in-degree", "reachability"


@dataclass(frozen=True, eq=False)
class Drawn:
    """A scene as the player reads it, with its name. in_degree: (n,) links in on layer 0."""

    scene: Scene
    name: str
    content: bytes
    in_degree: npt.NDArray[np.int64]


def colorings(embeddings: EmbeddingSet) -> list[str]:
    """What nodes may be colored by."""
    first = [NOTHING] if embeddings.labels is None else [LABEL, NOTHING]
    return [*first, LEVEL, IN_DEGREE, REACHABLE]


@jobs.cached
def drawn(embeddings: EmbeddingSet, graph: HnswGraph, color: str, dark: bool) -> Drawn:
    """The scene of a graph on the axes of the PCA map."""
    classes = None
    if embeddings.labels is not None:
        title = embeddings.label_column or LABEL
        classes = Classes(title, embeddings.labels, embeddings.class_names)
    pictures = embeddings.metadata.get(items.IMAGE)
    scene = Scene(
        graph=graph,
        coordinates=projections.pca(embeddings).coordinates,
        rows=drawn_rows(graph, seed=SEED),
        names=items.short_names(embeddings),
        colors=_colors(graph, classes, color),
        classes=classes,
        pictures=None if pictures is None else pictures.fillna("").astype(str).tolist(),
    )
    return Drawn(scene, *scene_bytes(scene, dark=dark), graph.in_degree(0))


def _colors(graph: HnswGraph, classes: Classes | None, color: str) -> Classes | Values | None:
    if color == LEVEL:
        return Values(LEVEL, graph.levels.astype(np.float64))
    if color == IN_DEGREE:
        return Values(IN_DEGREE, graph.in_degree(0).astype(np.float64))
    if color == REACHABLE:
        return Classes(
            REACHABLE, (~reachable(graph)).astype(np.int64), ("reachable", "unreachable")
        )
    return classes if color == LABEL else None


@jobs.cached
def reachable(graph: HnswGraph) -> npt.NDArray[np.bool_]:
    """Which rows some search can visit, (n,)."""
    return reachable_rows(graph)


def played(graph: HnswGraph, query: Query, truth: Neighbors, k: int, ef: int) -> Played:
    """One search; a row of the data is left out of its own answer."""
    exclude = query.item if query.item >= 0 else None
    trace = trace_search(graph, query.vector, k, ef, exclude=exclude)
    return Played(trace, truth, query.item, query.name)


def replay(drawn: Drawn, searches: list[Played], chosen: int, *, dark: bool) -> bytes:
    """The searches as the player reads them."""
    return replay_bytes(drawn.scene, drawn.name, searches, chosen=chosen, dark=dark)


def answer(played: Played, graph: HnswGraph) -> str:
    """The page's sentence: the layers, and what the search met."""
    trace = played.trace
    *most, last = (f"{nodes:,}" for nodes in graph.nodes_per_layer)
    nodes = f"{', '.join(most)} and {last}" if most else last
    found, k = _found(played), len(played.truth.ids[0])
    return (
        f"The index has {count(graph.max_level + 1, 'layer')} of {nodes} nodes; the search near "
        f"{played.name} expands {count(len(trace.hops), 'node')}, computes "
        f"{count(trace.distance_computations, 'distance')} "
        f"({percent(trace.distance_computations / graph.n)} of brute force) and finds {found} of "
        f"the {k} true nearest."
    )


def _found(played: Played) -> int:
    return int(np.isin(played.truth.ids[0], played.trace.ids).sum())


def hop_table(trace: SearchTrace, names: npt.NDArray[np.str_]) -> pd.DataFrame:
    """One row per hop, in order."""
    hops = trace.hops
    return pd.DataFrame(
        {
            "hop": np.arange(1, len(hops) + 1),
            "layer": [hop.layer for hop in hops],
            "expanded": [names[hop.expanded] for hop in hops],
            "row": [hop.expanded for hop in hops],
            "distance": [round(hop.expanded_distance, 5) for hop in hops],
            "visited": [len(hop.visited) for hop in hops],
            "entered the beam": [int(hop.entered.sum()) for hop in hops],
            "beam": [len(hop.beam) for hop in hops],
            "farthest in the beam": [
                round(hop.worst, 5) if len(hop.beam) else np.nan for hop in hops
            ],
        }
    )


def words(drawn: Drawn) -> str:
    """What the planes are, and what is left out of the picture."""
    scene = drawn.scene
    sampled = (
        f" Layer 0 shows {len(scene.rows):,} of {scene.graph.n:,} nodes, drawn with seed {SEED}, "
        "and all that the search touches."
        if scene.is_sample
        else ""
    )
    return (
        "Each plane is a layer, on the axes of the PCA map, so that a node stands above itself. "
        "Drag to turn, shift and drag to move, scroll to zoom; click a node to light its links."
        f"{sampled}"
    )
