"""Cells on threads, processes and a cluster; exact neighbors and pairs of more than a worker holds.

python -m benchmarks.scale [rows] [what ...]

what: cells, neighbors, pairs or sharding, by default all four. Each worker is a process with one
thread. Of neighbors, it may take less memory than the set has: Dask's nanny ends it where it takes
more. CPU seconds are those of the workers, for these machines are shared; the clock is given beside
them. What is extrapolated goes by rows times queries, or by pairs, for one core.
"""

import argparse
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._timing import clustered, show
from core.cluster import ClusterExecutor, connect
from core.data import open_shards
from core.index import HnswParams, exact_neighbors
from core.metrics import count_pairs
from core.progress import Progress
from core.studies import count_pairs_in_blocks, neighbors_in_blocks, sharding
from core.studies.parts.cells import Cell, run_cells
from core.studies.parts.shared import Shared, Sharing
from tests.clusters import cluster

ROWS, DIM, QUERIES, K = 1_000_000, 128, 1_000, 10
CELLS = 200
OF_DASK = {  # near its limit a worker would be paused, for ever where its code takes most of that
    "DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "0.99",
}
LIMIT = "480MB"  # of a worker; the set of a million rows takes 512 MB
BLOCK_ROWS = 2**16
PAIR_ROWS, PAIR_BLOCK_ROWS, CLASSES = 30_000, 2**14, 100
SHARDED_ROWS = 40_000
FAR = (10_000_000, 100_000_000)
WORKERS = (1, 2, 10, 100)
DAY = 86_400


def size(_progress: Progress, shared: Shared[Any]) -> int:
    return len(shared.value)


def used() -> tuple[float, int]:
    """CPU seconds of this process and the most bytes that it has had in memory."""
    taken = resource.getrusage(resource.RUSAGE_SELF)
    return taken.ru_utime + taken.ru_stime, taken.ru_maxrss * 1024


def of_workers(executor: ClusterExecutor) -> list[tuple[float, int]]:
    return list(executor._client.run(used).values())


@contextmanager
def workers(count: int, *options: str) -> Iterator[ClusterExecutor]:
    os.environ.update(OF_DASK)
    with tempfile.TemporaryDirectory() as folder:
        more = options or ("--no-nanny", "--memory-limit", "0")
        with cluster(Path(folder), count, more) as made, connect(made.address) as executor:
            yield executor


def cells() -> None:
    """Seconds of a cell that does nothing, and of the first ones that get 51 MB."""
    large = np.zeros((100_000, 128), np.float32)
    rows = []

    def measure(name: str, executor: Executor | None) -> None:
        with Sharing() as sharing:
            small, shared = sharing.share([1]), sharing.share(large)

            def run(value: Shared[Any], count: int) -> float:
                started = time.perf_counter()
                every = [Cell(i, str(i), size, (value,)) for i in range(count)]
                run_cells(every, executor=executor, workers=None)
                return time.perf_counter() - started

            run(small, 2)
            seconds = [run(small, CELLS) / CELLS for _ in range(3)]
            rows.append((name, 1000 * statistics.median(seconds), run(shared, 2), run(shared, 2)))

    with ThreadPoolExecutor(2) as threads:
        measure("two threads", threads)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        measure("two processes", processes)
    with workers(2) as executor:
        measure("two workers of a cluster", executor)
    columns = ("executor", "a cell, ms", "two cells with 51 MB, s", "and again, s")
    show(f"Overhead of a cell, of {CELLS:,} at once", columns, rows)


def timed(run: Callable[[], Any], executor: ClusterExecutor) -> tuple[Any, float, float, int]:
    """What it gives, by the clock, CPU seconds of all workers, the most memory of one."""
    before, started = of_workers(executor), time.perf_counter()
    found = run()
    seconds, after = time.perf_counter() - started, of_workers(executor)
    if len(before) != len(after):
        raise RuntimeError("a worker was ended: its memory limit is too low")
    cpu = sum(each[0] for each in after) - sum(each[0] for each in before)
    return found, seconds, cpu, max(each[1] for each in after)


def neighbors(n: int) -> None:
    """Exact neighbors of 1,000 queries among n rows in ten files."""
    random = np.random.default_rng(0)
    centers = random.normal(size=(100, DIM)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        for number, part in enumerate(np.array_split(np.arange(n), 10)):
            vectors = random.normal(size=(len(part), DIM)).astype(np.float32)
            np.save(Path(folder) / f"{number}.npy", vectors + centers[part % 100])
        shards = open_shards(folder)
        queries = shards.read(0, QUERIES)

        def run(executor: Executor | None) -> Any:
            return neighbors_in_blocks(
                shards, queries, K, metric="euclidean", block_rows=BLOCK_ROWS, executor=executor
            )

        rows, rates, answers = [], [], []
        for count in (1, 2):
            with workers(count, "--memory-limit", LIMIT) as executor:
                base = max(each[1] for each in of_workers(executor))
                found, seconds, cpu, peak = timed(lambda: run(executor), executor)
            answers.append(found)
            rates.append(n * QUERIES / cpu)
            rows.append((count, seconds, cpu, base / 1e6, peak / 1e6, shards.nbytes / 1e6))
        whole = exact_neighbors(shards.read(0, n), queries, K, metric="euclidean")
        for found in answers:
            assert np.array_equal(found.ids, whole.ids)
            assert np.array_equal(found.distances, whole.distances)
    columns = ("workers", "clock, s", "CPU, s", "MB at the start", "MB at most", "MB of the set")
    show(
        f"Exact neighbors, {n:,} x {DIM}, {QUERIES:,} queries, each worker limited to {LIMIT}; "
        f"equal to those of one block; load {os.getloadavg()[0]:.0f}",
        columns,
        rows,
    )
    rate = min(rates)
    far = [(f"{many:,}", *(many * QUERIES / rate / w / 60 for w in WORKERS)) for many in FAR]
    words = [f"{w} workers, min" for w in WORKERS]
    show(f"Extrapolated: {rate:.3g} rows x queries a CPU second", ("rows", *words), far)


def pairs(n: int) -> None:
    """All pairs of n labeled rows, by one walk here and by tiles on a cluster."""
    vectors, _ = clustered(n, DIM)
    labels = np.random.default_rng(1).integers(0, CLASSES, n)
    started = time.process_time()
    whole = count_pairs(vectors, labels)
    here = time.process_time() - started
    total = n * (n - 1) // 2
    rows: list[tuple[Any, ...]] = [("one walk, here", here, "", total / here)]
    with workers(2) as executor:
        found, seconds, cpu, peak = timed(
            lambda: count_pairs_in_blocks(
                vectors, labels, block_rows=PAIR_BLOCK_ROWS, executor=executor
            ),
            executor,
        )
    assert np.array_equal(found.totals.impostor, whole.totals.impostor)
    assert np.array_equal(found.row_genuine, whole.row_genuine)
    assert np.array_equal(found.class_impostor, whole.class_impostor)
    rows.append((f"two workers, {seconds:.0f} s", cpu, peak / 1e6, total / cpu))
    show(
        f"All pairs of {n:,} x {DIM}, {CLASSES} classes; counts equal to the last pair",
        ("where", "CPU, s", "MB of a worker at most", "pairs a CPU second"),
        rows,
    )
    rate = float(rows[-1][-1])
    far = [(f"{many:,}", *(many**2 / 2 / rate / w / DAY for w in WORKERS)) for many in FAR]
    show(
        "Extrapolated to all pairs",
        ("rows", *(f"{w} workers, days" for w in WORKERS)),
        far,
    )


def shards(n: int) -> None:
    """One index against shards, at the same recall."""
    vectors, _ = clustered(n, DIM)
    with workers(2) as executor:
        study = sharding(vectors, HnswParams("euclidean"), ef_max=400, executor=executor)
    rows = [
        (
            layout.shards,
            layout.ef_at_target,
            layout.cost_at_target,
            ratio,
            float(layout.recall[40 - study.k]),
            float(layout.build_seconds.sum()),
        )
        for layout, ratio in zip(study.layouts, study.cost_ratios, strict=True)
    ]
    columns = ("shards", "ef", "computations", "ratio", "recall at ef 40", "builds, s")
    show(f"Sharded index, {study.n:,} x {DIM}, recall@10 of {study.target}", columns, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="?", type=int, default=ROWS)
    parser.add_argument("what", nargs="*", default=[])
    given = parser.parse_args()
    what = given.what or ["cells", "neighbors", "pairs", "sharding"]
    if "cells" in what:
        cells()
    if "neighbors" in what:
        neighbors(given.rows)
    if "pairs" in what:
        pairs(min(given.rows, PAIR_ROWS))
    if "sharding" in what:
        shards(min(given.rows, SHARDED_ROWS))


if __name__ == "__main__":
    main()
