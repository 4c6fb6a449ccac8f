"""Anatomy and census: what each part costs, on a built graph and on a million nodes.

    python -m benchmarks.census [rows ...]

The graph of a million nodes has random links: no cache helps, so it is the worst there is.
"""

import sys
import time
from collections.abc import Callable

import numpy as np

from benchmarks._timing import M, clustered, show
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
from core.index.warm import compile_kernels

SIZES, DIM, EF = (20_000, 100_000), 64, 40
MANY, NARROW, SAMPLE = 1_000_000, 16, 20_000
COLUMNS = ("rows", "part", "s", "passes over the links")


def main(sizes: list[int]) -> None:
    compile_kernels()
    for n in sizes:
        rows, _ = clustered(n, DIM, queries=1)
        _report(build_hnsw(rows, HnswParams("euclidean", threads=2)), None)
    _report(_random_graph(), SAMPLE)


def _report(graph: HnswGraph, sample: int | None) -> None:
    base = graph.base
    one_pass = _seconds(lambda: base.targets.copy())
    checked = graph.n if sample is None else sample
    own = np.arange(checked)
    parts = {
        "reachable": lambda: reachable_rows(graph),
        "weak parts": lambda: weak_parts(base),
        "strong parts": lambda: strong_parts(base),
        "reciprocity": lambda: reciprocity(base),
        "whole anatomy": lambda: anatomy(graph),
        f"census of {checked:,} at ef {EF}": lambda: census(graph, ef=EF, sample=sample),
        f"search for {checked:,} at ef {EF}": lambda: search(graph, graph.vectors[own], EF, EF),
    }
    table = []
    for name, run in parts.items():
        seconds = _seconds(run)
        table.append((graph.n, name, seconds, seconds / one_pass))
    show(f"{graph.n:,} x {graph.dim}, {len(base.targets):,} links on layer 0", COLUMNS, table)


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


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
