"""Exact nearest neighbors: float32 products find candidates, float64 distances rank them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.blas import one_blas_thread
from core.checks import check_finite
from core.distances import Floats, Metric, check_metric
from core.errors import ParameterError
from core.index.checks import as_precise, check_available, check_exclude, check_k, check_precise
from core.index.one_pass import nearest_in_one_pass
from core.index.products import Products, prepare_products
from core.limits import default_threads
from core.progress import CountProgress, unheard

FEW_QUERIES = 8  # so many take one pass over the vectors: to prepare products would cost more
QUERIES_PER_BLOCK, FEWEST_PER_BLOCK = 256, 16  # the more, the faster a product per query
CANDIDATES_PER_BLOCK = 2**20
ROWS_PER_TILE = 1024
ROWS_MEASURED_AT_ONCE = 2**16
SPARE_CANDIDATES = 256
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
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> Neighbors:
    """The k nearest rows of `vectors` (n, d) to each of the queries (q, d), by (distance, id).

    exclude: (q,) row ids left out of each query's list, -1 for none. threads: default all cores.
    progress: called as progress(queries done, q); an exception that it raises stops the work.

    Products of centered float32 rows give every row whose distance may be among the k least, within
    a bound of their rounding error (Higham, Accuracy and Stability of Numerical Algorithms, 3.1);
    those are ranked by float64 distances taken from the vectors themselves. So the answer is right
    far from the origin and among duplicates. A few queries take one pass over the vectors as they
    are, and no copy of them. Memory beyond the input: one float32 copy of the vectors and a few
    megabytes for each thread. BLAS takes one thread in each of these meanwhile, and one elsewhere
    in the process. Raises ParameterError where fewer than k rows can be listed.

    >>> exact_neighbors(np.eye(3), np.eye(3), 1, metric="euclidean", exclude=[0, 1, 2]).ids.tolist()
    [[1], [0], [0]]
    """
    metric = check_metric(metric)
    rows = as_precise(vectors, "vectors")
    queries = check_precise(queries, "queries", rows.shape[1]).astype(rows.dtype, copy=False)
    excluded = check_exclude(exclude, len(queries), len(rows))
    excluding = bool((excluded >= 0).any())
    k = check_wanted(k, len(rows), excluding)
    question = Question(rows, queries, excluded, metric, k + excluding)
    result = Neighbors(np.full((len(queries), k), -1), np.full((len(queries), k), np.inf))
    workers = default_threads() if threads is None else check_k(threads, "threads")
    report = progress or unheard
    with ThreadPoolExecutor(workers) as pool:
        few = len(queries) <= FEW_QUERIES
        if few and _pass_once(question, result, pool, workers):
            report(len(queries), len(queries))
            return result
        check_finite(rows, "vectors")
        if few:
            _measure_all(question, result, pool, workers)
            report(len(queries), len(queries))
        else:
            _multiply_all(question, result, pool, workers, report)
    return result


@dataclass(frozen=True, eq=False)
class Question:
    """Whose nearest are sought. wanted: how many are kept, one more than k with rows to exclude."""

    rows: Floats
    queries: Floats
    exclude: npt.NDArray[np.int64]
    metric: Metric
    wanted: int

    @property
    def squared(self) -> bool:
        """Whether distances are ordered by their squares."""
        return self.metric == "euclidean"

    @property
    def unit(self) -> bool:
        """Whether rows are compared at length 1."""
        return self.metric == "cosine"

    @property
    def room(self) -> int:
        """Candidates that one query may have at a time."""
        return 2 * self.wanted + SPARE_CANDIDATES


def _pass_once(
    question: Question, result: Neighbors, pool: ThreadPoolExecutor, workers: int
) -> bool:
    """Answer from one pass in float32; False where numbers are too large or precise for it."""
    if question.rows.dtype != np.float32:
        return False
    found = nearest_in_one_pass(
        question.rows, question.queries, question.wanted, question.metric, pool, workers
    )
    if found is None:
        return False
    k = result.ids.shape[1]
    for i, (ids, distances) in enumerate(zip(*found, strict=True)):
        kept = ids != question.exclude[i]
        result.ids[i], result.distances[i] = ids[kept][:k], distances[kept][:k]
    return True


def _measure_all(
    question: Question, result: Neighbors, pool: ThreadPoolExecutor, workers: int
) -> None:
    """Measure every row in float64: one pass over the vectors, all threads in every tile."""
    from core.index.kernels.nearest import measure

    rows, queries = question.rows, question.queries
    kept = Candidates(question, slice(0, len(queries)), np.zeros(len(queries)))
    room = np.empty(len(queries) * min(len(rows), ROWS_MEASURED_AT_ONCE))
    for first in range(0, len(rows), ROWS_MEASURED_AT_ONCE):
        values = _tile(room, len(queries), min(len(rows) - first, ROWS_MEASURED_AT_ONCE))

        def measured(part: slice, first: int = first, values: Any = values) -> None:
            unit, squared = question.unit, question.squared
            measure(rows, first, part.start, part.stop, queries, squared, unit, values)

        list(pool.map(measured, _parts(values.shape[1], workers)))
        kept.collect(values, np.zeros(values.shape[1]), first)
    kept.rank(result)


def _multiply_all(
    question: Question,
    result: Neighbors,
    pool: ThreadPoolExecutor,
    workers: int,
    report: CountProgress,
) -> None:
    """Blocks of queries over the threads, each through all tiles of rows."""
    products = prepare_products(question.rows, question.metric, pool)
    count = len(question.queries)
    even = max(FEWEST_PER_BLOCK, -(-count // workers))
    size = min(QUERIES_PER_BLOCK, even, CANDIDATES_PER_BLOCK // question.room)
    blocks = [slice(start, min(start + size, count)) for start in range(0, count, size)]

    def run(block: slice) -> None:
        _multiply(question, products, block, result)

    with one_blas_thread():
        try:
            for block, _ in zip(blocks, pool.map(run, blocks), strict=True):
                report(block.stop, count)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _multiply(question: Question, products: Products, block: slice, result: Neighbors) -> None:
    factors, slack = products.of_queries(question.queries[block])
    kept = Candidates(question, block, slack)
    room = np.empty(len(factors) * ROWS_PER_TILE, np.float32)
    for first in range(0, len(question.rows), ROWS_PER_TILE):
        stored = products.rows[first : first + ROWS_PER_TILE]
        values = _tile(room, len(factors), len(stored))
        np.matmul(factors, stored.T, out=values)
        kept.collect(values, products.bias[first : first + ROWS_PER_TILE], first)
    kept.rank(result)


class Candidates:
    """The rows that may be among the nearest of a block of queries.

    slack: (b,) of their values, see `Products.of_queries`.
    """

    def __init__(self, question: Question, block: slice, slack: npt.NDArray[Any]) -> None:
        self.question, self.block, self.slack = question, block, slack
        self.count = np.where(np.isfinite(slack), 0, -1)
        self.threshold = np.full(len(slack), np.inf, slack.dtype)
        self.rows = np.empty((len(slack), question.room), np.int64)
        self.values = np.empty(self.rows.shape, slack.dtype)

    def collect(self, values: npt.NDArray[Any], bias: npt.NDArray[Any], first: int) -> None:
        """Add what one tile of rows, from the row `first`, has for each query."""
        from core.index.kernels.nearest import collect

        wanted, state = self.question.wanted, (self.threshold, self.count, self.rows, self.values)
        collect(values, bias, first, wanted, self.slack, *state)

    def rank(self, result: Neighbors) -> None:
        """Write the nearest of the candidates once all tiles are collected."""
        from core.index.kernels.nearest import rank_candidates, scan_all

        question, block = self.question, self.block
        queries, exclude = question.queries[block], question.exclude[block]
        ids, distances = result.ids[block], result.distances[block]
        rank_candidates(
            question.rows,
            queries,
            question.squared,
            question.unit,
            exclude,
            question.wanted,
            self.slack,
            self.threshold,
            self.count,
            self.rows,
            self.values,
            np.empty(question.room),
            ids,
            distances,
        )
        for i in np.flatnonzero(self.count < 0):  # too many rows are level: measure them all
            scan_all(
                question.rows,
                queries[i],
                question.squared,
                question.unit,
                exclude[i],
                ids[i],
                distances[i],
            )


def _tile(room: npt.NDArray[Any], count: int, width: int) -> npt.NDArray[Any]:
    """(count, width) of `room`, C-contiguous, so that a kernel is compiled for no other layout."""
    return room[: count * width].reshape(count, width)


def _parts(count: int, parts: int) -> list[slice]:
    size = max(1, -(-count // parts))
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


def check_wanted(k: int, n: int, excluding: bool) -> int:
    """k, checked against the rows that can be listed."""
    k = check_k(k)
    check_available(k, n, excluding=excluding)
    if k > LARGEST_K:
        raise ParameterError(f"k must be at most {LARGEST_K:,}; got {k:,}. Lower k.")
    return k
