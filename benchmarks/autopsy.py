"""`autopsy` of 1,000 queries against one `ef_curve` of the same queries, up to the same ef.

python -m benchmarks.autopsy [rows]

The autopsy of a query ends at the ef that returns the last of its neighbors. Where each row stands
20 times in the data, no ef returns all of the true ones, and every query is walked to the end.
"""

import statistics
import sys

import numpy as np

from benchmarks._timing import alternate, clustered, native_index, parsed, ratio, show
from core.index import HnswGraph, ef_curve
from core.studies import QuerySet, autopsy, given_queries

ROWS, DIM, K, EF, EF_MAX, RUNS, COPIES = 20_000, 64, 10, 20, 4096, 5, 20


def main(n: int) -> None:
    vectors, asked = clustered(n, DIM)
    table = []
    for name, rows in (("as drawn", vectors), ("20 copies", _copies(vectors))):
        graph = parsed(native_index(rows, threads=2))
        table.append(
            (f"{n:,} x {DIM}", name, *_compare(graph, given_queries(graph, rows, asked, K)))
        )
    show(
        f"autopsy: 1,000 queries, k = {K}, ef = {EF}, ef_max = {EF_MAX:,}, medians of {RUNS}",
        ("data", "rows", "missed", "autopsy", "ef_curve", "ratio"),
        table,
    )


def _copies(vectors: np.ndarray) -> np.ndarray:
    some = vectors[: -(-len(vectors) // COPIES)]
    return np.tile(some, (COPIES, 1))[: len(vectors)]


def _compare(graph: HnswGraph, queries: QuerySet) -> tuple[str, str, str, float]:
    missed = 1 - autopsy(graph, queries, EF).recall.mean()
    fates, curve = alternate(
        RUNS,
        lambda: autopsy(graph, queries, EF, ef_max=EF_MAX),
        lambda: ef_curve(graph, queries.vectors, queries.truth, ef_max=min(EF_MAX, graph.n)),
    )
    own, other = (f"{statistics.median(taken):.2f} s" for taken in (fates, curve))
    return f"{missed:.1%}", own, other, ratio(fates, curve)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
