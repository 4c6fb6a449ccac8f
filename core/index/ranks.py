"""Exact ranks of given rows: how many rows are nearer to a query than each of them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.blas import one_blas_thread
from core.checks import as_array, check_ids, got
from core.distances import Floats, Metric, check_metric
from core.errors import ParameterError
from core.index.checks import check_exclude, check_k, check_precise
from core.index.products import Products, prepare_products
from core.limits import default_threads
from core.progress import CountProgress, unheard

QUERIES_PER_BLOCK, ROWS_PER_TILE = 256, 1024

Ids = npt.NDArray[np.int64]


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
    metric = check_metric(metric)
    rows = check_precise(vectors, "vectors")
    asked = check_precise(queries, "queries", rows.shape[1]).astype(rows.dtype, copy=False)
    excluded = check_exclude(exclude, len(asked), len(rows))
    wanted = _check_targets(targets, len(asked), len(rows), excluded)
    question = _Question(rows, asked, wanted, excluded, metric)
    workers = default_threads() if threads is None else check_k(threads, "threads")
    ranks = np.zeros(wanted.shape, np.int64)
    size = min(QUERIES_PER_BLOCK, max(1, -(-len(asked) // workers)))
    blocks = [slice(start, start + size) for start in range(0, len(asked), size)]
    report = progress or unheard
    with ThreadPoolExecutor(workers) as pool:
        products = prepare_products(rows, metric, pool)

        def run(block: slice) -> None:
            ranks[block] = _ranks(question, products, block)

        with one_blas_thread():
            try:
                for block, _ in zip(blocks, pool.map(run, blocks), strict=True):
                    report(min(block.stop, len(asked)), len(asked))
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
    return ranks


@dataclass(frozen=True, eq=False)
class _Question:
    rows: Floats
    queries: Floats
    targets: Ids
    exclude: Ids
    metric: Metric


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


def _ranks(question: _Question, products: Products, block: slice) -> Ids:
    from core.index.kernels.ranks import CHUNK, count_nearer, target_distances, target_values

    squared, unit = question.metric == "euclidean", question.metric == "cosine"
    queries, targets = question.queries[block], question.targets[block]
    factors, slack = products.of_queries(queries)
    values, distances = np.zeros(targets.shape, np.float32), np.zeros(targets.shape)
    target_values(products.rows, products.bias, factors, targets, values)
    target_distances(question.rows, queries, targets, squared, unit, distances)
    before = np.zeros(targets.shape, np.int64)
    room = np.empty(CHUNK, np.float32), np.empty(CHUNK), np.empty(CHUNK, np.bool_)
    tile = np.empty(len(queries) * ROWS_PER_TILE, np.float32)
    for first in range(0, len(question.rows), ROWS_PER_TILE):
        stored = products.rows[first : first + ROWS_PER_TILE]
        products_of = tile[: len(queries) * len(stored)].reshape(len(queries), len(stored))
        np.matmul(factors, stored.T, out=products_of)
        count_nearer(
            products_of,
            products.bias[first : first + ROWS_PER_TILE],
            first,
            slack,
            question.rows,
            queries,
            squared,
            unit,
            question.exclude[block],
            targets,
            values,
            distances,
            *room,
            before,
        )
    return np.where(targets < 0, 0, before + 1)
