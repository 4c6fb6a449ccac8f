"""Time from the index to the first curve of the Recall page, and what exact neighbors take of it.

The limit is the build of the index, which the visitor has waited for already. The page's work is
measured twice: called here, and as a job of the app's runner, which reports progress from a thread
of its own; held-out rows are the queries, as on the page.
"""

import sys
import time

import numpy as np

from benchmarks._timing import clustered, show
from core.index import HnswParams
from core.progress import Progress
from core.studies import ef_tradeoffs, given_queries, held_out_rows, hold_out
from core.studies.parts.held_out import HeldOut
from pages.ui.jobs.runner import Runner
from pages.ui.results.tradeoffs import FIRST

SIZES = ((5_000, 384), (117_659, 384), (1_000_000, 32))
KS, EF_MAX = (1, 10, 100), 512
PARAMS = HnswParams("euclidean", threads=2)
RUNS = 3
LIMIT = 15.0  # seconds to the first curve


def curve(
    held: HeldOut, vectors: np.ndarray, queries: int, *, progress: Progress
) -> tuple[float, float]:
    """Seconds of the exact neighbors, and of the sweep."""
    asked, kept = vectors[held.rows[:queries]], vectors[held.kept]
    start = time.perf_counter()
    found = given_queries(held.graph, kept, asked, KS[-1] + 1, progress=progress)
    known = time.perf_counter()
    ef_tradeoffs(held.graph, found, KS, ef_max=EF_MAX, progress=progress)
    return known - start, time.perf_counter() - known


def as_job(held: HeldOut, vectors: np.ndarray, number: int) -> float:
    """Seconds of the same through the app's runner."""
    job = Runner().submit(("curve", f"{number}"), "curve", curve, held, vectors, FIRST)
    job.future.result()
    return job.elapsed


def main(most: int) -> None:
    """Measure every size up to `most` rows."""
    rows = []
    for n, dim in SIZES:
        if n > most:
            continue
        vectors, _ = clustered(n, dim)
        start = time.perf_counter()
        held = hold_out(vectors, held_out_rows(n), PARAMS)
        built = time.perf_counter() - start
        curve(held, vectors, FIRST, progress=lambda *_: None)  # loads the kernels
        parts = [curve(held, vectors, FIRST, progress=lambda *_: None) for _ in range(RUNS)]
        jobs = [as_job(held, vectors, number) for number in range(RUNS)]
        first = float(np.median([sum(part) for part in parts]))
        exact = float(np.median([part[0] for part in parts]))
        queries = min(10_000, len(held.rows))
        all_exact, all_sweep = curve(held, vectors, queries, progress=lambda *_: None)
        rows.append(
            (
                f"{n:,} x {dim}",
                built,
                first,
                first / LIMIT,
                exact / first,
                float(np.median(jobs)) / first,
                first / built,
                f"{queries:,}",
                all_exact + all_sweep,
                all_exact / (all_exact + all_sweep),
            )
        )
    show(
        f"The first curve: {FIRST} held-out rows, k = {KS}, every ef to {EF_MAX}",
        (
            "data",
            "build, s",
            "first curve, s",
            "of 15 s",
            "exact share",
            "as a job",
            "of the build",
            "all queries",
            "their curve, s",
            "exact share",
        ),
        rows,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1][0])
