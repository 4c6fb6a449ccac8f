"""What the Layers page draws: the scene of one search, its sentence and its tables."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import EmbeddingSet
from core.figures import Scene
from core.index import HnswGraph, Neighbors, SearchTrace, trace_search
from pages.ui import cache, items
from pages.ui.messages import count, number, percent

BASE_AT_MOST = 6_000
SEED = 0


@dataclass(frozen=True, eq=False)
class LayersView:
    """One search on one graph: the scene to draw, and the true neighbors with their distances."""

    scene: Scene
    truth: Neighbors

    @property
    def trace(self) -> SearchTrace:
        """The search."""
        return self.scene.trace

    @property
    def graph(self) -> HnswGraph:
        """The graph it ran on."""
        return self.scene.graph


@cache.cached
def view(
    embeddings: EmbeddingSet, graph: HnswGraph, _truth: Neighbors, item: int, k: int, ef: int
) -> LayersView:
    """The search for a row of the data, which is left out of its own answer.

    _truth: its k exact neighbors, which the other arguments determine.
    """
    trace = trace_search(graph, embeddings.vectors[item], k, ef, exclude=item)
    scene = Scene(
        graph=graph,
        coordinates=cache.pca(embeddings).coordinates,
        base_rows=_base_rows(graph.n, trace),
        names=items.short_names(embeddings),
        trace=trace,
        truth=_truth.ids[0],
    )
    return LayersView(scene, _truth)


def answer(view: LayersView, name: str) -> str:
    """The page's sentence: the layers, and what the search met."""
    graph, trace = view.graph, view.trace
    *most, last = (f"{nodes:,}" for nodes in graph.nodes_per_layer)
    nodes = f"{', '.join(most)} and {last}" if most else last
    k = len(view.scene.truth)
    found = int(np.isin(view.scene.truth, trace.ids).sum())
    return (
        f"The index has {count(graph.max_level + 1, 'layer')} of {nodes} nodes; the search near "
        f"{name} expands {count(len(trace.hops), 'node')}, computes "
        f"{count(trace.distance_computations, 'distance')} "
        f"({percent(trace.distance_computations / graph.n)} of brute force) and finds {found} of "
        f"the {k} true nearest."
    )


def hop_table(view: LayersView) -> pd.DataFrame:
    """One row per hop, in order."""
    hops, names = view.trace.hops, view.scene.names
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
            "farthest in the beam": [round(hop.worst, 5) for hop in hops],
        }
    )


@cache.cached
def layer_table(graph: HnswGraph) -> pd.DataFrame:
    """One row per layer: nodes against the level law, and links."""
    layers = range(graph.max_level + 1)
    degrees = [graph.out_degree(layer)[graph.nodes(layer)] for layer in layers]
    return pd.DataFrame(
        {
            "layer": list(layers),
            "nodes": graph.nodes_per_layer,
            "expected nodes": [round(graph.n * float(graph.m) ** -layer, 1) for layer in layers],
            "links": [int(degree.sum()) for degree in degrees],
            "mean out-degree": [round(float(degree.mean()), 2) for degree in degrees],
            "largest out-degree": [int(degree.max()) for degree in degrees],
            "limit": [2 * graph.m if layer == 0 else graph.m for layer in layers],
        }
    )


def drawn(view: LayersView) -> str:
    """What is left out of the picture, or an empty text."""
    shown, nodes = len(view.scene.base_rows), view.graph.n
    if shown == nodes:
        return ""
    return (
        f"Layer 0 shows {shown:,} of {nodes:,} nodes: {BASE_AT_MOST:,} sampled with seed {SEED}, "
        "and all that the search touches."
    )


def miss_words(view: LayersView, name: str) -> str:
    """A sentence on what was missed and what would help."""
    missed = view.scene.truth[~np.isin(view.scene.truth, view.trace.ids)]
    if len(missed) == 0:
        return f"Nothing near {name} was missed at ef {view.trace.ef:,}."
    seen = int(np.isin(missed, view.trace.visited).sum())
    return (
        f"{number(len(missed))} missed: {number(seen)} met on an upper layer only, "
        f"{number(len(missed) - seen)} never visited. A larger ef keeps the search going."
    )


def _base_rows(n: int, trace: SearchTrace) -> npt.NDArray[np.int64]:
    if n <= BASE_AT_MOST:
        return np.arange(n)
    sample = np.random.default_rng(SEED).choice(n, BASE_AT_MOST, replace=False)
    touched = np.concatenate([trace.visited, trace.ids[trace.ids >= 0]])
    return np.union1d(sample, touched)
