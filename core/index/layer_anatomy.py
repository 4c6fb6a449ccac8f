"""Anatomy of a graph: layers against the level law, degrees, reciprocity, components, lengths."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.index.export import link_distances
from core.index.graph import HnswGraph
from core.index.reach import layer_adjacency, reciprocity, strong_parts, weak_parts
from core.progress import Progress, unheard

Counts = npt.NDArray[np.int64]
LENGTHS_AT_MOST = 100_000
FEWEST_EXPECTED = 5


@dataclass(frozen=True, eq=False)
class LayerAnatomy:
    """One layer. Arrays (nodes,) follow its nodes in ascending row id.

    expected_nodes: n M^-layer, of the level law. limit: links a node may have: 2 M on layer 0 and
    M above, or the largest number found where a file has more. link_lengths: (s,) distances of the
    metric over all links, ascending, or over a sample of 100,000. Parts are counted along links
    (strong: nodes that reach one another) and without their direction (weak).
    """

    layer: int
    nodes: int
    expected_nodes: float
    links: int
    limit: int
    out_degree: Counts
    in_degree: Counts
    reciprocity: float
    weak_components: int
    strong_components: int
    largest_weak: int
    largest_strong: int
    link_lengths: npt.NDArray[np.float64]
    lengths_sampled: bool

    @property
    def fill(self) -> float:
        """Share of the places for links that are used."""
        return self.links / (self.nodes * self.limit)


@dataclass(frozen=True, eq=False)
class Anatomy:
    """All layers of a graph, the base first.

    level_p_value: of the chi-square test of the level law; NaN where there are too few nodes.
    seed: of the samples of links.
    """

    layers: tuple[LayerAnatomy, ...]
    level_p_value: float
    seed: int

    def hubs(self, count: int) -> tuple[Counts, Counts]:
        """Rows with most links in on layer 0, and their numbers; most first, ties by row."""
        degrees = self.layers[0].in_degree
        rows = np.argsort(-degrees, kind="stable")[:count]
        return rows, degrees[rows]


def anatomy(graph: HnswGraph, *, seed: int = 0, progress: Progress | None = None) -> Anatomy:
    """Measure every layer; deleted rows take part, for searches walk through them.

    progress: called as progress(share done, words) before each layer.
    """
    layers, report = [], progress or unheard
    for layer in range(graph.max_level + 1):
        done = 1 - graph.nodes_per_layer[layer:].sum() / graph.nodes_per_layer.sum()
        report(float(done), f"layer {layer}")
        layers.append(_layer(graph, layer, seed))
    return Anatomy(tuple(layers), level_p_value(graph.levels, graph.m), seed)


def level_p_value(levels: npt.NDArray[np.integer], m: int) -> float:
    """How often random levels differ from the level law as much as these levels (n,) do.

    The law draws floor(-ln U / ln M) (Malkov & Yashunin, arXiv 1603.09320), so n (M^-l - M^-(l+1))
    nodes are expected to have top layer l. Chi-square over levels, pooled from the top until each
    pool expects 5 nodes; NaN with fewer than two pools, and with M = 1, for which there is no law.
    """
    from scipy.stats import chisquare  # slow to load, and searches need none of it

    if m < 2:
        return float("nan")
    n = len(levels)
    top = 0
    while n * float(m) ** -(top + 1) >= FEWEST_EXPECTED:
        top += 1
    if top == 0:
        return float("nan")
    observed = np.bincount(np.minimum(levels, top), minlength=top + 1)
    share = float(m) ** -np.arange(top + 1)
    share[:-1] -= share[1:]
    return float(chisquare(observed, n * share).pvalue)


def _layer(graph: HnswGraph, layer: int, seed: int) -> LayerAnatomy:
    links = layer_adjacency(graph, layer)
    nodes = int(graph.nodes_per_layer[layer])
    out_degree = links.degrees
    weak, strong = weak_parts(links), strong_parts(links)
    lengths, sampled = _lengths(graph, layer, seed)
    usual = 2 * graph.m if layer == 0 else graph.m
    return LayerAnatomy(
        layer=layer,
        nodes=nodes,
        expected_nodes=graph.n * float(graph.m) ** -layer,
        links=len(links.targets),
        limit=max(usual, int(out_degree.max(initial=0))),
        out_degree=out_degree,
        in_degree=np.bincount(links.targets, minlength=nodes),
        reciprocity=reciprocity(links),
        weak_components=weak.count,
        strong_components=strong.count,
        largest_weak=weak.largest,
        largest_strong=strong.largest,
        link_lengths=lengths,
        lengths_sampled=sampled,
    )


def _lengths(graph: HnswGraph, layer: int, seed: int) -> tuple[npt.NDArray[np.float64], bool]:
    sources, targets = graph.links(layer)
    sampled = len(sources) > LENGTHS_AT_MOST
    if sampled:
        random = np.random.default_rng(seed)
        chosen = np.sort(random.choice(len(sources), LENGTHS_AT_MOST, replace=False))
        sources, targets = sources[chosen], targets[chosen]
    return np.sort(link_distances(graph, sources, targets)), sampled
