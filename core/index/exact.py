"""Exact nearest neighbors: float32 products find candidates, float64 distances rank them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from core.errors import ParameterError
from core.index.blocks import Progress, default_threads
from core.index.checks import check_exclude, check_k, check_precise
from core.index.products import Products, prepare_products
from core.spaces import Floats, Metric, check_metric

QUERIES_PER_BLOCK = 256
ROWS_PER_TILE = 4096
LARGEST_K = 10_000


@dataclass(frozen=True, eq=False)
class Neighbors:
    """Exact neighbors: (q, k) row ids and float64 distances, nearest first, ties by id."""

    ids: npt.NDArray[np.int64]
    distances: npt.NDArray[np.float64]


def exact_neighbors(
    vectors: Floats,
    queries: Floats,
    k: int,
    *,
    metric: Metric,
    exclude: npt.ArrayLike | None = None,
    progress: Progress | None = None,
) -> Neighbors:
    """The k nearest rows of `vectors` (n, d) to each of the queries (q, d), by (distance, id).

    exclude: (q,) row ids left out of each query's list, -1 for none. progress: called as
    progress(queries done, q); an exception that it raises stops the work.

    Products of centered float32 rows give every row whose distance may be among the k least, within
    a bound of their rounding error (Higham, Accuracy and Stability of Numerical Algorithms, 3.1);
    those are ranked by float64 distances taken from the vectors themselves. So the answer is right
    far from the origin and among duplicates. Memory beyond the input: one float32 copy of the
    vectors and a few megabytes. Raises ParameterError where fewer than k rows can be listed.

    >>> exact_neighbors(np.eye(3), np.eye(3), 1, metric="euclidean", exclude=[0, 1, 2]).ids.tolist()
    [[1], [0], [0]]
    """
    metric = check_metric(metric)
    rows = check_precise(vectors, "vectors")
    asked = check_precise(queries, "queries", rows.shape[1]).astype(rows.dtype, copy=False)
    excluded = check_exclude(exclude, len(asked), len(rows))
    k = _check_k(k, len(rows), bool((excluded >= 0).any()))
    products = prepare_products(rows, metric)
    result = Neighbors(np.full((len(asked), k), -1), np.full((len(asked), k), np.inf))
    with ThreadPoolExecutor(default_threads()) as pool:
        for start in range(0, len(asked), QUERIES_PER_BLOCK):
            block = slice(start, min(start + QUERIES_PER_BLOCK, len(asked)))
            _Block(rows, asked[block], excluded[block], products, result, block).run(pool)
            if progress is not None:
                progress(block.stop, len(asked))
    return result


class _Block:
    """One block of queries on its way through the tiles of rows."""

    def __init__(
        self,
        rows: Floats,
        queries: Floats,
        exclude: npt.NDArray[np.int64],
        products: Products,
        result: Neighbors,
        place: slice,
    ) -> None:
        self.rows, self.queries, self.exclude, self.products = rows, queries, exclude, products
        self.ids, self.distances = result.ids[place], result.distances[place]
        count, k = self.ids.shape
        self.factors, self.slack = products.of_queries(queries)
        self.best = np.full((count, k), np.inf, np.float32)
        self.kept = np.zeros(count, np.int64)
        self.candidates = np.empty((count, 2 * k + 256), np.int64)
        self.values = np.empty((count, 2 * k + 256), np.float32)

    def run(self, pool: ThreadPoolExecutor) -> None:
        parts = _parts(len(self.queries), default_threads())
        tile = np.empty((len(self.queries), ROWS_PER_TILE), np.float32)
        for first in range(0, len(self.rows), ROWS_PER_TILE):
            stored = self.products.rows[first : first + ROWS_PER_TILE]
            dots = np.matmul(self.factors, stored.T, out=tile[:, : len(stored)])
            list(pool.map(partial(self._collect, dots=dots, first=first), parts))
        list(pool.map(self._rank, parts))
        crowded = np.flatnonzero(self.kept < 0)
        list(pool.map(self._scan, crowded))

    def _collect(self, part: slice, dots: npt.NDArray[np.float32], first: int) -> None:
        from core.index.kernels.nearest import collect

        collect(
            dots[part],
            self.products.bias[first : first + dots.shape[1]],
            first,
            self.slack[part],
            self.exclude[part],
            self.best[part],
            self.kept[part],
            self.candidates[part],
            self.values[part],
        )

    def _rank(self, part: slice) -> None:
        from core.index.kernels.nearest import rank_candidates

        rank_candidates(
            self.rows,
            self.queries[part],
            self.products.metric == "euclidean",
            self.products.metric == "cosine",
            self.slack[part],
            self.best[part],
            self.kept[part],
            self.candidates[part],
            self.values[part],
            self.ids[part],
            self.distances[part],
        )

    def _scan(self, query: int) -> None:
        from core.index.kernels.nearest import scan_all

        scan_all(
            self.rows,
            self.queries[query],
            self.products.metric == "euclidean",
            self.products.metric == "cosine",
            self.exclude[query],
            self.ids[query],
            self.distances[query],
        )


def _parts(count: int, parts: int) -> list[slice]:
    size = max(1, -(-count // parts))
    return [slice(start, start + size) for start in range(0, count, size)]


def _check_k(k: int, n: int, excluding: bool) -> int:
    k = check_k(k)
    available = n - excluding
    if k > min(available, LARGEST_K):
        raise ParameterError(
            f"k must be at most {min(available, LARGEST_K):,}: there are {n:,} rows"
            f"{', one of them excluded' if excluding else ''}; got {k:,}. Lower k."
        )
    return k
