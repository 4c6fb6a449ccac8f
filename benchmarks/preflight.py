"""Each step of the pre-flight, as a share of one pass of exact neighbors over the same rows.

A pass finds the 20 nearest of every row of 5,000 x 384, and of the 20,000 rows that a page draws of
100,000 x 384; the steps that need its lists do not make them again. `python -m benchmarks.preflight
small` leaves the large set out.
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks._timing import clustered, show
from core.data import EmbeddingSet
from core.studies import (
    closeness_findings,
    hub_scan,
    knn_lists,
    labels_that_look_wrong,
    measure_moments,
    neighbor_figures,
    quick_findings,
    shape_findings,
    spread_figures,
)
from core.studies.parts.knn import KnnLists

SIZES, DIM, K = (5_000, 100_000), 384, 20


def made(n: int) -> EmbeddingSet:
    vectors, _ = clustered(n, DIM, 0)
    return EmbeddingSet.from_arrays(vectors, name=f"{n:,} rows", queries=vectors[:1000] + 1)


def steps(items: EmbeddingSet, lists: KnnLists) -> dict[str, Callable[[], object]]:
    moments = measure_moments(items)
    labeled = items.with_metadata(pd.DataFrame({"label": np.arange(items.n) % 100}))
    return {
        "rows, classes, dimensions, half precision": lambda: quick_findings(items),
        "moments": lambda: measure_moments(items),
        "directions and clouds": lambda: shape_findings(items, moments),
        "near copies, queries, mean": lambda: closeness_findings(items, "cosine"),
        "spread, isotropy, coding rate": lambda: spread_figures(items, moments),
        "labels that look wrong": lambda: labels_that_look_wrong(labeled, lists),
        "dimension and hubness": lambda: neighbor_figures(lists, lists.as_lengths()),
        "hub scan": lambda: hub_scan(items, lists),
    }


def seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def run(n: int) -> None:
    items = made(n)
    lists = knn_lists(items.vectors, K, "cosine")
    each = steps(items, lists)
    rows = []
    for name, step in each.items():
        step()
        taken, whole = seconds(step), seconds(lambda: knn_lists(items.vectors, K, "cosine"))
        rows.append((name, f"{taken:.2f} s", taken / whole))
    show(
        f"pre-flight: {n:,} x {DIM}; a pass is {len(lists.rows):,} queries for {K} neighbors",
        ("step", "time", "share of the pass"),
        rows,
    )


if __name__ == "__main__":
    for size in SIZES[: 1 if "small" in sys.argv[1:] else None]:
        run(size)
