"""`exact_neighbors` against faiss, scikit-learn and numpy, all threads, and where they are wrong.

Budgets: at least 0.9 of the speed of the fastest at every k; one query in at most twice the time of
the matrix product alone.
"""

import statistics
import time
from collections.abc import Callable

import faiss
import numpy as np
import numpy.typing as npt
from sklearn.neighbors import NearestNeighbors

from benchmarks._timing import SIZES, clustered, ratio, show
from core.distances import METRICS, Metric
from core.index import exact_neighbors

KS, RUNS = (1, 10, 100, 1000), 5
SHAPES = (*((n, dim, 1000) for n, dim in SIZES), (20_000, 128, 2000), (100_000, 384, 1000))
FEW_SHAPES, FEW, FEW_KS = ((20_000, 64), (117_659, 384)), (1, 8), (10, 100)
PAUSE = 0.05  # idle threads of the library before have gone to sleep then

Vectors = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]
Search = Callable[[Vectors, Vectors, int], Ids]


def by_faiss(vectors: Vectors, queries: Vectors, k: int) -> Ids:
    index = faiss.IndexFlatL2(vectors.shape[1])
    index.add(vectors)
    return np.asarray(index.search(queries, k)[1])


def by_sklearn(vectors: Vectors, queries: Vectors, k: int) -> Ids:
    model = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(vectors)
    return np.asarray(model.kneighbors(queries, return_distance=False))


def by_numpy(vectors: Vectors, queries: Vectors, k: int) -> Ids:
    lengths = np.einsum("ij,ij->i", vectors, vectors)
    found = []
    for start in range(0, len(queries), 250):
        products = lengths - 2 * queries[start : start + 250] @ vectors.T
        nearest = np.argpartition(products, k, axis=1)[:, :k]
        order = np.argsort(np.take_along_axis(products, nearest, axis=1), axis=1)
        found.append(np.take_along_axis(nearest, order, axis=1))
    return np.concatenate(found)


def by_us(vectors: Vectors, queries: Vectors, k: int) -> Ids:
    return exact_neighbors(vectors, queries, k, metric="euclidean").ids


PEERS: dict[str, Search] = {"faiss": by_faiss, "scikit-learn": by_sklearn, "numpy": by_numpy}


def speed() -> None:
    for n, dim, count in SHAPES:
        vectors, queries = clustered(n, dim, count)
        show(
            f"exact_neighbors: {n:,} x {dim}, {count:,} queries, medians of {RUNS} runs in turn",
            ("k", "ours", *PEERS, "speed against the fastest", "budget"),
            [_line(vectors, queries, k) for k in KS],
        )


def _line(vectors: Vectors, queries: Vectors, k: int) -> tuple[object, ...]:
    def run(search: Search) -> float:
        time.sleep(PAUSE)
        start = time.perf_counter()
        search(vectors, queries, k)
        return time.perf_counter() - start

    searches = (by_us, *PEERS.values())
    for search in searches:
        run(search)
    taken = list(zip(*([run(search) for search in searches] for _ in range(RUNS)), strict=True))
    medians = [statistics.median(seconds) for seconds in taken]
    fastest = min(range(1, len(taken)), key=medians.__getitem__)
    return (
        f"{k:,}",
        *(f"{1000 * median:.0f} ms" for median in medians),
        ratio(taken[fastest], taken[0]),
        "at least 0.9",
    )


def few_queries() -> None:
    for n, dim in FEW_SHAPES:
        vectors, queries = clustered(n, dim, max(FEW))
        show(
            f"exact_neighbors: few queries, {n:,} x {dim}; budget for one: at most 2",
            ("queries", "k", "metric", "ours", "times the float32 product alone"),
            [_few(vectors, queries[:q], k, m) for q in FEW for k in FEW_KS for m in METRICS],
        )


def _few(vectors: Vectors, asked: Vectors, k: int, metric: Metric) -> tuple[object, ...]:
    def rested(work: Callable[[], object]) -> float:
        time.sleep(PAUSE)
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    runs = [
        (
            rested(lambda: vectors @ asked.T),
            rested(lambda: exact_neighbors(vectors, asked, k, metric=metric)),
        )
        for _ in range(RUNS + 1)
    ]
    product, ours = zip(*runs[1:], strict=True)
    return len(asked), k, metric, f"{1000 * statistics.median(ours):.1f} ms", ratio(ours, product)


def rightness() -> None:
    rows = []
    random = np.random.default_rng(0)
    for offset in (0, 100, 10_000):
        vectors = (random.normal(size=(20_000, 32)) + offset).astype(np.float32)
        queries = vectors[:200]
        wide, asked = vectors.astype(np.float64), queries.astype(np.float64)
        distances = np.stack([np.square(wide - query).sum(axis=1) for query in asked])
        truth = np.argsort(distances, axis=1, kind="stable")
        for k in KS:
            shares = [
                np.mean(
                    [
                        len(np.intersect1d(a, b)) / k
                        for a, b in zip(search(vectors, queries, k), truth[:, :k], strict=True)
                    ]
                )
                for search in (by_us, *PEERS.values())
            ]
            rows.append((f"mean at {offset:,}", f"{k:,}", *(f"{share:.4f}" for share in shares)))
    show(
        "exact_neighbors: share of the true k nearest named, 20,000 x 32, unit variance",
        ("data", "k", "ours", *PEERS),
        rows,
    )


if __name__ == "__main__":
    speed()
    few_queries()
    rightness()
