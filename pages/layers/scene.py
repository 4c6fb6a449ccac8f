"""The scene and the searches that the Layers page plays, and what it says of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import EmbeddingSet
from core.figures import (
    Classes,
    Marked,
    Played,
    Scene,
    Values,
    drawn_rows,
    replay_bytes,
    scene_bytes,
)
from core.index import HnswGraph, SearchTrace, reachable_rows, row_distances, trace_search
from core.studies import QueryTruth, explain_misses, query_truth
from pages.ui import jobs
from pages.ui.controls.query import Query
from pages.ui.display import items
from pages.ui.display.text import count, percent
from pages.ui.jobs import Progress
from pages.ui.jobs.cache import keeping
from pages.ui.results import projections
from pages.ui.session.workspace import Workspace

SEED = 0
EF_TRIED = 4_096  # the largest ef that is tried for a missed neighbor, as in the autopsy
KEPT = 16  # searches kept between reruns
LABEL, NOTHING, LEVEL = "label", "nothing", "level"
IN_DEGREE, REACHABLE = "in-degree", "reachability"


@dataclass(frozen=True, eq=False)
class Drawn:
    """A scene as the player reads it, with its name."""

    scene: Scene
    name: str
    content: bytes


@dataclass(frozen=True, eq=False)
class Asked:
    """What does not depend on ef: the true neighbors of a query, and its distances, (n,)."""

    truth: QueryTruth
    distances: npt.NDArray[np.float64]


def colorings(embeddings: EmbeddingSet) -> list[str]:
    """What nodes may be colored by; by nothing at first, so that color tells of the search."""
    first = [NOTHING] if embeddings.labels is None else [NOTHING, LABEL]
    return [*first, LEVEL, IN_DEGREE, REACHABLE]


@jobs.cached
def drawn(embeddings: EmbeddingSet, graph: HnswGraph, color: str, dark: bool) -> Drawn:
    """The scene of a graph on the axes of the PCA map."""
    classes = None
    if embeddings.labels is not None:
        title = embeddings.label_column or LABEL
        classes = Classes(title, embeddings.labels, embeddings.class_names)
    shown = embeddings.picture_column
    pictures = None if shown is None else embeddings.metadata[shown]
    scene = Scene(
        graph=graph,
        coordinates=projections.pca(embeddings).coordinates,
        rows=drawn_rows(graph, seed=SEED),
        names=items.short_names(embeddings),
        colors=_colors(graph, classes, color),
        classes=classes,
        pictures=None if pictures is None else pictures.fillna("").astype(str).tolist(),
    )
    return Drawn(scene, *scene_bytes(scene, dark=dark))


def _colors(
    graph: HnswGraph, classes: Classes | None, color: str
) -> Classes | Values | Marked | None:
    if color == LEVEL:
        return Values(LEVEL, graph.levels.astype(np.float64))
    if color == IN_DEGREE:
        return Values(IN_DEGREE, graph.in_degree(0).astype(np.float64))
    if color == REACHABLE:
        return Marked(~reachable(graph), "unreachable", "reachable")
    return classes if color == LABEL else None


@jobs.cached
def reachable(graph: HnswGraph) -> npt.NDArray[np.bool_]:
    """Which rows some search can visit, (n,)."""
    return reachable_rows(graph)


def asked(work: Workspace, graph: HnswGraph, query: Query, k: int) -> Asked | None:
    """The true neighbors of a query and its distances to all rows, as a quick job."""
    return _asked.need(work.embeddings, graph, query.vector, query.item, k)


_AS_PARTS = jobs.KeptAs[Asked](
    lambda found: (found.truth, found.distances), lambda parts, *_: Asked(*parts)
)


@jobs.job("Finding exact neighbors", kept_as=_AS_PARTS)
def _asked(
    progress: Progress,
    embeddings: EmbeddingSet,
    graph: HnswGraph,
    vector: npt.NDArray[np.float32],
    item: int,
    k: int,
) -> Asked:
    progress(0.0)
    exclude = item if item >= 0 else None
    tried = max(k, min(EF_TRIED, graph.n))
    truth = query_truth(graph, embeddings.vectors, vector, k, ef_max=tried, exclude=exclude)
    return Asked(truth, row_distances(graph, vector))


@keeping(KEPT)
def played(
    embeddings: EmbeddingSet, graph: HnswGraph, query: Query, asked: Asked, ef: int
) -> Played:
    """One search; a row of the data is left out of its own answer."""
    truth = asked.truth
    k = truth.exact.ids.shape[1]
    trace = trace_search(graph, query.vector, k, ef, exclude=truth.exclude)
    misses = explain_misses(graph, embeddings.vectors, truth, trace, asked.distances)
    return Played(trace, truth.exact, query.item, query.name, misses, asked.distances)


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
        "Drag to turn, shift and drag to move, scroll to zoom; point at a node or a dot to read "
        "what became of it, click it to light its links."
        f"{sampled}"
    )
