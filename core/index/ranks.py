"""Exact ranks of given rows: how many rows are nearer to a query than each of them."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import numpy.typing as npt

from core.blas import one_blas_thread
from core.checks import as_array, check_ids, got
from core.distances import Floats, Metric, check_metric
from core.errors import ParameterError
from core.index.checks import check_exclude, check_k, check_precise
from core.index.exact import (
    CANDIDATES_PER_BLOCK,
    QUERIES_PER_BLOCK,
    ROWS_PER_TILE,
    Candidates,
    Neighbors,
    Question,
    check_wanted,
)
from core.index.products import Products, prepare_products
from core.limits import default_threads
from core.progress import CountProgress, unheard

Ids = npt.NDArray[np.int64]
Float32s = npt.NDArray[np.float32]


def exact_ranks(
    vectors: Floats,
    queries: Floats,
    targets: npt.ArrayLike,
    *,
    metric: Metric,
    exclude: npt.ArrayLike | None = None,
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> Ids:
    """(q, m) places of the rows `targets` (q, m) among all rows of `vectors` by (distance, id).

    The nearest row to a query (q, d) has rank 1. A target of -1 is none: its rank is 0.
    exclude: (q,) row ids that are not counted, -1 for none; such a row must not be a target.
    threads: default all cores. progress: called as progress(queries done, q); an exception that it
    raises stops the work.

    Float32 products of centered rows count those that are certainly nearer, within a bound of their
    rounding error (as `exact_neighbors` has it); the rows within the bound of a target are compared
    with it by true distances in float64. No order is made and no distance kept: memory beyond the
    input is one float32 copy of the vectors and a megabyte for each thread. Raises ParameterError
    for targets that are no rows or are excluded.

    >>> line = np.array([[0.0], [1.0], [3.0], [7.0]])
    >>> exact_ranks(line, line[:1], [[3, 1]], metric="euclidean", exclude=[0]).tolist()
    [[3, 1]]
    """
    question = _asked(vectors, queries, metric, exclude, 0)
    wanted = _check_targets(targets, len(question.queries), len(question.rows), question.exclude)
    ranks = np.zeros(wanted.shape, np.int64)

    def run(products: Products, block: slice) -> None:
        counted = _Counting(question, products, block, wanted)
        for first, values in _tiles(products, counted.factors):
            counted.take(values, first)
        ranks[block] = counted.ranks

    _in_blocks(question, QUERIES_PER_BLOCK, run, threads, progress)
    return ranks


def neighbors_and_ranks(
    vectors: Floats,
    queries: Floats,
    k: int,
    targets: npt.ArrayLike,
    *,
    metric: Metric,
    exclude: npt.ArrayLike | None = None,
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> tuple[Neighbors, Ids]:
    """The k nearest rows of each query, and the ranks of its targets: both from one pass.

    As `exact_neighbors` and `exact_ranks` give them, with their arguments, in half of the products.

    >>> line = np.array([[0.0], [1.0], [3.0], [7.0]])
    >>> near, ranks = neighbors_and_ranks(line, line[:1], 2, [[3]], metric="euclidean", exclude=[0])
    >>> near.ids.tolist(), ranks.tolist()
    ([[1, 2]], [[3]])
    """
    question = _asked(vectors, queries, metric, exclude, check_k(k))
    count, n = len(question.queries), len(question.rows)
    wanted = _check_targets(targets, count, n, question.exclude)
    ranks = np.zeros(wanted.shape, np.int64)
    near = Neighbors(np.full((count, k), -1), np.full((count, k), np.inf))

    def run(products: Products, block: slice) -> None:
        counted = _Counting(question, products, block, wanted)
        kept = Candidates(question, block, counted.slack)
        for first, values in _tiles(products, counted.factors):
            kept.collect(values, products.bias[first : first + ROWS_PER_TILE], first)
            counted.take(values, first)  # changes the values
        kept.rank(near)
        ranks[block] = counted.ranks

    size = min(QUERIES_PER_BLOCK, CANDIDATES_PER_BLOCK // question.room)
    _in_blocks(question, size, run, threads, progress)
    return near, ranks


def _asked(
    vectors: Floats, queries: Floats, metric: Metric, exclude: npt.ArrayLike | None, k: int
) -> Question:
    """The question, checked; k: of the neighbors that are sought too, 0 for none."""
    rows = check_precise(vectors, "vectors")
    asked = check_precise(queries, "queries", rows.shape[1]).astype(rows.dtype, copy=False)
    excluded = check_exclude(exclude, len(asked), len(rows))
    excluding = bool((excluded >= 0).any())
    wanted = check_wanted(k, len(rows), excluding) + excluding if k else 0
    return Question(rows, asked, excluded, check_metric(metric), wanted)


def _in_blocks(
    question: Question,
    size: int,
    run: Callable[[Products, slice], None],
    threads: int | None,
    progress: CountProgress | None,
) -> None:
    """Blocks of at most `size` queries over the threads, each through all tiles of rows."""
    count = len(question.queries)
    workers = default_threads() if threads is None else check_k(threads, "threads")
    size = min(size, max(1, -(-count // workers)))
    blocks = [slice(start, min(start + size, count)) for start in range(0, count, size)]
    report = progress or unheard
    with ThreadPoolExecutor(workers) as pool:
        products = prepare_products(question.rows, question.metric, pool)
        with one_blas_thread():
            try:
                for block, _ in zip(blocks, pool.map(partial(run, products), blocks), strict=True):
                    report(block.stop, count)
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise


def _tiles(products: Products, factors: Float32s) -> Iterator[tuple[int, Float32s]]:
    """The products of the queries with each tile of rows, and the tile's first row.

    (b, t), C-contiguous, in the room of the tile before.
    """
    room = np.empty(len(factors) * ROWS_PER_TILE, np.float32)
    for first in range(0, len(products.rows), ROWS_PER_TILE):
        stored = products.rows[first : first + ROWS_PER_TILE]
        values = room[: len(factors) * len(stored)].reshape(len(factors), len(stored))
        np.matmul(factors, stored.T, out=values)
        yield first, values


def _check_targets(targets: npt.ArrayLike, count: int, n: int, exclude: Ids) -> Ids:
    given = as_array(targets, "targets")
    if given.ndim != 2 or len(given) != count:
        raise ParameterError(
            f"targets must be ({count:,}, m), a line of row ids for each query; got {got(given)}."
        )
    ids = np.ascontiguousarray(check_ids(given, "targets", n, empty=True), dtype=np.int64)
    if ((ids >= 0) & (ids == exclude[:, None])).any():
        raise ParameterError("targets must not hold the row that is excluded from their line.")
    return ids


class _Counting:
    """Counts the rows before each target of a block of queries, tile after tile."""

    def __init__(self, question: Question, products: Products, block: slice, targets: Ids) -> None:
        from core.index.kernels.ranks import CHUNK, target_distances, target_values

        self.question, self.products = question, products
        self.queries, self.exclude = question.queries[block], question.exclude[block]
        self.targets = targets[block]
        self.factors, self.slack = products.of_queries(self.queries)
        self.values = np.zeros(self.targets.shape, np.float32)
        self.distances = np.zeros(self.targets.shape)
        target_values(products.rows, products.bias, self.factors, self.targets, self.values)
        target_distances(
            question.rows,
            self.queries,
            self.targets,
            question.squared,
            question.unit,
            self.distances,
        )
        self.before = np.zeros(self.targets.shape, np.int64)
        self.room = np.empty(CHUNK, np.float32), np.empty(CHUNK), np.empty(CHUNK, np.bool_)

    def take(self, values: Float32s, first: int) -> None:
        """Count the rows of one tile; values: (b, t) products, which it may change."""
        from core.index.kernels.ranks import count_nearer

        count_nearer(
            values,
            self.products.bias[first : first + ROWS_PER_TILE],
            first,
            self.slack,
            self.question.rows,
            self.queries,
            self.question.squared,
            self.question.unit,
            self.exclude,
            self.targets,
            self.values,
            self.distances,
            *self.room,
            self.before,
        )

    @property
    def ranks(self) -> Ids:
        """(b, m) ranks once all tiles are counted, 0 for no target."""
        return np.where(self.targets < 0, 0, self.before + 1)
