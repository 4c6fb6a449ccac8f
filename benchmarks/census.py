"""Anatomy and census: what each part costs, on a built graph and on a million nodes.

    python -m benchmarks.census [rows ...]

The graph of a million nodes has random links: no cache helps, so it is the worst there is.
"""

import statistics
import sys
from collections.abc import Callable

import numpy as np

from benchmarks._timing import M, alternate, clustered, ratio, show
from core.index import (
    Adjacency,
    HnswGraph,
    HnswParams,
    anatomy,
    build_hnsw,
    census,
    reachable_rows,
    search,
)
from core.index.reach import reciprocity, strong_parts, weak_parts
from core.warm import compile_kernels

SIZES, DIM, EF = (20_000, 100_000), 64, 40
MANY, NARROW, SAMPLE = 1_000_000, 16, 20_000
COLUMNS = ("part", "s", "against", "its s", "ratio")
RUNS = 5
Run = Callable[[], object]


def main(sizes: list[int]) -> None:
    compile_kernels()
    for n in sizes:
        rows, _ = clustered(n, DIM, queries=1)
        _report(build_hnsw(rows, HnswParams("euclidean", threads=2)), None)
    _report(_random_graph(), SAMPLE)


def _report(graph: HnswGraph, sample: int | None) -> None:
    base = graph.base
    rows = census(graph, ef=EF, sample=sample).checked
    # A maximum allocates nothing: the fresh pages of a copy cost up to 15 times more in one run
    # than in the next.
    once = ("numpy reads the links once", lambda: base.targets.max())
    find = ("search for the same rows", lambda: search(graph, graph.vectors[rows], EF, EF))
    parts: list[tuple[str, Run, tuple[str, Run]]] = [
        ("reachable", lambda: reachable_rows(graph), once),
        ("weak parts", lambda: weak_parts(base), once),
        ("strong parts", lambda: strong_parts(base), once),
        ("reciprocity", lambda: reciprocity(base), once),
        ("whole anatomy", lambda: anatomy(graph), once),
        (f"census of {len(rows):,}", lambda: census(graph, ef=EF, sample=sample), find),
    ]
    table = []
    for name, run, (words, against) in parts:
        ours, theirs = alternate(RUNS, run, against)
        seconds = statistics.median(ours)
        table.append((name, seconds, words, statistics.median(theirs), ratio(ours, theirs)))
    show(f"{graph.n:,} x {graph.dim}, {len(base.targets):,} links, ef {EF}", COLUMNS, table)


def _random_graph() -> HnswGraph:
    """Layer 0 alone, 16 to 32 random links a node."""
    random = np.random.default_rng(0)
    indptr = np.concatenate([[0], np.cumsum(random.integers(M, 2 * M + 1, MANY))])
    nothing = np.zeros(1, dtype=np.int64)
    return HnswGraph(
        vectors=random.normal(size=(MANY, NARROW)).astype(np.float32),
        metric="euclidean",
        m=M,
        ef_construction=None,
        entry_point=0,
        levels=np.zeros(MANY, dtype=np.int32),
        labels=np.arange(MANY),
        deleted=np.zeros(MANY, dtype=bool),
        base=Adjacency(indptr, random.integers(0, MANY, indptr[-1], dtype=np.int32)),
        upper=Adjacency(nothing, np.empty(0, dtype=np.int32)),
        upper_start=np.zeros(MANY, dtype=np.int64),
    )


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or list(SIZES))
