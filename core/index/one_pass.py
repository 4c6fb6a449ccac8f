"""Exact neighbors of a few queries: one pass over the vectors as they are, nothing prepared.

Each row gets a float32 value and a bound of its error. A row whose value, less its error, exceeds
the k-th least of value and error together is certainly not among the k nearest; the others are
ranked by their float64 distances.
"""

from collections.abc import Callable
from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt

from core.distances import Floats, Metric, unit_rows
from core.index.products import UNIT_ROUNDOFF

Float32s = npt.NDArray[np.float32]
SMALLEST = 2.0**-149  # float32 above 0: what a product that is smaller still may be off by
PARTS_PER_THREAD = 4  # threads that other work holds up leave theirs to the rest
WORTH_A_THREAD = 2048  # candidates
WORTH_THREADS = 2**22  # values times queries: below it, threads cost more than they save


def nearest_in_one_pass(
    vectors: Floats, queries: Floats, wanted: int, metric: Metric, pool: Executor, workers: int
) -> tuple[list[npt.NDArray[np.int64]], list[npt.NDArray[np.float64]]] | None:
    """The `wanted` nearest rows of `vectors` (n, d) to each query, by (distance, id).

    vectors, queries: C-contiguous float32, the queries finite. Gives ids and float64 distances,
    (wanted,) for each query. None where a value is not finite: a row that is not, or numbers too
    large for products in float32.
    """
    squared, unit = metric == "euclidean", metric == "cosine"
    asked = unit_rows(queries).astype(np.float32) if unit else queries
    values, scales = _estimates(vectors, asked, squared, unit, pool, workers)
    if not np.isfinite(values).all():
        return None
    errors = _errors(values, scales, asked, metric)
    ids, distances = [], []
    for i in range(len(queries)):
        near = _candidates(values[i], errors[i], wanted)
        measured = _measured(vectors, near, queries[i], squared, unit, pool, workers)
        order = np.lexsort((near, measured))[:wanted]
        ids.append(near[order])
        distances.append(measured[order])
    return ids, distances


def _estimates(
    vectors: Floats, asked: Floats, squared: bool, unit: bool, pool: Executor, workers: int
) -> tuple[Float32s, Float32s]:
    from core.index.kernels.one_pass import estimate

    n = len(vectors)
    values, scales = np.empty((len(asked), n), np.float32), np.empty((len(asked), n), np.float32)
    few = vectors.size * len(asked) <= WORTH_THREADS
    size = n if few else -(-n // (workers * PARTS_PER_THREAD))

    def run(start: int) -> None:
        end = min(start + size, n)
        estimate(vectors, start, end, asked, squared, unit, values, scales)

    _in_parts(run, range(0, n, size), pool)
    return values, scales


def _errors(values: Float32s, scales: Float32s, asked: Floats, metric: Metric) -> Float32s:
    """How far each value may be from the true one, (q, n), in place of `scales`.

    16 and 32 units cover the roundings of what stands around the sums, these lines included.
    """
    dim = asked.shape[1]
    share = UNIT_ROUNDOFF * (2 * dim + 32 if metric == "cosine" else dim + 16)
    if metric == "inner_product":
        scales *= np.sqrt(np.einsum("ij,ij->i", asked, asked, dtype=np.float64))[:, None].astype(
            np.float32
        )
        scales += np.abs(values)
    scales *= np.float32(share)
    scales += np.float32(2 * dim * SMALLEST)
    return scales


def _candidates(values: Float32s, errors: Float32s, wanted: int) -> npt.NDArray[np.int64]:
    """Rows that may be among the `wanted` nearest, ascending."""
    if wanted >= len(values):
        return np.arange(len(values))
    surely = np.partition(values + errors, wanted - 1)[wanted - 1]
    return np.flatnonzero(values - errors <= surely)


def _measured(
    vectors: Floats,
    rows: npt.NDArray[np.int64],
    query: Floats,
    squared: bool,
    unit: bool,
    pool: Executor,
    workers: int,
) -> npt.NDArray[np.float64]:
    from core.index.kernels.one_pass import measure_rows

    distances = np.empty(len(rows))
    size = max(WORTH_A_THREAD, -(-len(rows) // workers))

    def run(start: int) -> None:
        end = min(start + size, len(rows))
        measure_rows(vectors, rows, start, end, query, squared, unit, distances)

    _in_parts(run, range(0, len(rows), size), pool)
    return distances


def _in_parts(run: Callable[[int], None], starts: range, pool: Executor) -> None:
    """Call `run` with each start: on the pool, a single one here."""
    list(pool.map(run, starts) if len(starts) > 1 else map(run, starts))
