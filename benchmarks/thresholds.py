"""`count_pairs` over every pair against the bare products, and whether its intervals cover.

Budget: at most 2 times the blocked float32 products on the same threads. Coverage is the share of
draws of synthetic classes whose 95 % interval holds the figure of the population.
"""

import statistics
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from benchmarks._timing import alternate, ratio, show
from core.blas import one_blas_thread
from core.limits import default_threads
from core.metrics import PairCounts, count_pairs, opis_of_counts, resample_pairs
from core.metrics.operating import counted_eer, counted_tar_at_far
from core.metrics.opis_counted import opis_interval
from core.metrics.pair_resamples import Figure
from core.metrics.pairs import TILE_COLUMNS, TILE_ROWS

DIM, RUNS = 384, 5
SETS = ((10_000, 100, RUNS), (10_000, 2_000, RUNS), (20_000, 100, 3))
DRAWS, CLASSES, MEMBERS, SPACE = 100, 40, 20, 16
POPULATION = 40  # times the members of a draw

Labels = npt.NDArray[np.int64]


def labeled(rows: int, classes: int) -> tuple[npt.NDArray[np.float32], Labels]:
    """Vectors around the centers of their classes, shuffled."""
    random = np.random.default_rng(0)
    labels = random.integers(0, classes, rows)
    vectors = random.normal(size=(classes, DIM))[labels] + 1.2 * random.normal(size=(rows, DIM))
    return vectors.astype(np.float32), labels


def products(vectors: npt.NDArray[np.float32], threads: int) -> None:
    """The blocks of every pair once, each thread with a buffer of its own."""
    n = len(vectors)
    blocks = iter([(i, j) for i in range(0, n, TILE_ROWS) for j in range(i, n, TILE_COLUMNS)])
    lock = threading.Lock()

    def work() -> None:
        room = np.empty(TILE_ROWS * TILE_COLUMNS, np.float32)
        while True:
            with lock:
                block = next(blocks, None)
            if block is None:
                return
            left = vectors[block[0] : block[0] + TILE_ROWS]
            right = vectors[block[1] : block[1] + TILE_COLUMNS]
            out = room[: len(left) * len(right)].reshape(len(left), len(right))
            np.matmul(left, right.T, out=out)

    with one_blas_thread(), ThreadPoolExecutor(threads) as pool:
        for each in [pool.submit(work) for _ in range(threads)]:
            each.result()


def peak_of(call: Callable[[], object]) -> float:
    """Megabytes that the process grows by at most while it runs, sampled every 5 ms."""
    before, most, done = _resident(), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            most[0] = max(most[0], _resident() - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        call()
    finally:
        done.set()
        watcher.join()
    return most[0] / 1e6


def _resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


def compare(rows: int, classes: int, runs: int) -> tuple[object, ...]:
    vectors, labels = labeled(rows, classes)
    threads = default_threads()

    def ours() -> object:
        return count_pairs(vectors, labels, threads=threads)

    counted, bare = alternate(runs, ours, lambda: products(vectors, threads))
    seconds = statistics.median(counted), statistics.median(bare)
    memory = peak_of(ours) if sys.platform == "linux" else float("nan")
    return (rows, classes, threads, *seconds, ratio(counted, bare), "at most 2", memory)


def coverage(*, even: bool) -> list[tuple[object, ...]]:
    """Per figure: value of the population, mean over the draws, coverage, width over spread.

    even: whether each class gives the same number of members to a draw, or as many as chance says.
    The width is told in that of 3.92 standard deviations of the figure over the draws.
    """
    random = np.random.default_rng(1)
    centers = random.normal(size=(CLASSES, SPACE))
    spread = 0.7 * np.exp(0.2 * random.normal(size=CLASSES))
    figures: dict[str, Figure] = {
        "EER": lambda counts: counted_eer(counts)[0],
        "TAR at FAR 1 %": lambda counts: counted_tar_at_far(counts, 0.01),
    }

    def counted(members: int, even: bool) -> PairCounts:
        labels = np.arange(CLASSES * members) % CLASSES
        if not even:
            labels = random.integers(0, CLASSES, len(labels))
        noise = random.normal(size=(len(labels), SPACE)) * spread[labels][:, None]
        return count_pairs(centers[labels] + noise, labels)

    whole = counted(MEMBERS * POPULATION, even=True)
    truth = {name: figure(whole.totals) for name, figure in figures.items()}
    truth["OPIS"] = opis_of_counts(whole).opis
    values: dict[str, list[float]] = {name: [] for name in truth}
    ends: dict[str, list[tuple[float, float]]] = {name: [] for name in truth}
    for _ in range(DRAWS):
        counts = counted(MEMBERS, even)
        for name, interval in resample_pairs(counts).intervals(figures).items():
            values[name].append(figures[name](counts.totals))
            ends[name].append(interval)
        values["OPIS"].append(opis_of_counts(counts).opis)
        ends["OPIS"].append(opis_interval(counts)[0])
    sizes = "of the same size" if even else "of random sizes"
    lines: list[tuple[object, ...]] = []
    for name, value in truth.items():
        low, high = np.array(ends[name]).T
        inside = float(np.mean((low <= value) & (value <= high)))
        width = float((high - low).mean() / (3.92 * np.std(values[name], ddof=1)))
        lines.append((sizes, name, value, float(np.mean(values[name])), inside, width))
    return lines


def main() -> None:
    show(
        f"count_pairs: every pair of {DIM} dimensions, medians, seconds",
        ("rows", "classes", "threads", "count_pairs", "products", "ratio", "budget", "peak MB"),
        [compare(*each) for each in SETS],
    )
    start = time.perf_counter()
    show(
        f"95 % intervals over items: {DRAWS} draws of {CLASSES} classes of {MEMBERS}, "
        f"against a population of {MEMBERS * POPULATION} members each",
        ("classes", "figure", "population", "mean of draws", "coverage", "width / spread"),
        [*coverage(even=True), *coverage(even=False)],
    )
    print(f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
