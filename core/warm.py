"""Compile every kernel once, so that the first search of a fresh installation is quick.

Run as `python -m core.warm`; the compiled code is kept on disk.
"""

import numpy as np

from core.distances import METRICS
from core.index.beam_search import search
from core.index.build import build_hnsw
from core.index.curve import ef_curve
from core.index.exact import exact_neighbors
from core.index.filtered import search_filtered
from core.index.findability import census
from core.index.insertion import trace_insertion
from core.index.layer_anatomy import anatomy
from core.index.params import HnswParams
from core.index.probe import first_hops
from core.index.ranks import exact_ranks
from core.index.reach import reachable_from
from core.index.trace import trace_search
from core.index.visited_rows import smallest_ef, visits
from core.metrics.pair_counts import count_pairs
from core.metrics.retrieval import retrieval_scores
from core.projection.regions_hills import find_hills


def compile_kernels() -> None:
    """Run every kernel on a few rows of each type that it is compiled for."""
    rows = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
    for metric in METRICS:
        graph = build_hnsw(rows, HnswParams(metric, m=4))
        truth = exact_neighbors(graph.vectors, rows, 2, metric=metric)
        search(graph, rows, 2, 4)
        first_hops(graph, rows, 2, 2, ef_max=4)
        search_filtered(graph, rows, 2, 4, np.ones(len(rows), dtype=bool))
        ef_curve(graph, rows, truth, ef_max=4)
        trace_search(graph, rows[0], 2, 4)
        trace_insertion(graph, rows[0], 1)
        census(graph, ef=4)
        anatomy(graph)
        reachable_from(graph, 0)
        visits(graph, rows, truth.ids, 2, 4)
        smallest_ef(graph, rows, truth.ids, 4)
    exact_neighbors(rows, rows, 2, metric="cosine")
    wide = rows.astype(np.float64)
    for queries in (wide, wide[:1]):  # through products, and measured at once
        exact_neighbors(wide, queries, 2, metric="cosine")
    crowd = np.zeros((2000, 4), dtype=np.float32)  # more ties than candidates: the full scan
    exact_neighbors(crowd, crowd[:1], 2, metric="euclidean")
    for space in (rows, wide):
        exact_ranks(space, space, np.zeros((64, 1), np.int64), metric="cosine")
    for flat in (rows, wide):
        find_hills(flat[:, :2])
    retrieval_scores(rows, np.arange(len(rows)) % 4)
    count_pairs(rows, np.arange(len(rows)) % 4)


if __name__ == "__main__":
    compile_kernels()
