"""Distances between a query and a row, in float32 for the traversal, in float64 for the answer.

"Reduced" distances order rows as the metric does and cost less: the squared length under
"euclidean", 1 - dot otherwise. Under "cosine" rows and query have length 1.

Rows are addressed as vectors[row, j], never sliced: a slice costs a reference count, which is
atomic and dearer than the distance itself.
"""

import numpy as np

from core.index.kernels.compile import fast_kernel, kernel
from core.index.kernels.memory import prefetch, prefetch_item

CACHE_LINE = 16  # float32 values
PREFETCHED_LINES = 8


@kernel
def prefetch_row(vectors, row):
    """Ask for the first cache lines of a row; the hardware fetches the rest by itself."""
    for line in range(min(PREFETCHED_LINES, (vectors.shape[1] + CACHE_LINE - 1) // CACHE_LINE)):
        prefetch(vectors, row, line * CACHE_LINE)


@kernel
def prefetch_links(indptr, targets, row):
    """Ask for the links of a node that will probably be expanded next."""
    if indptr[row] < indptr[row + 1]:
        prefetch_item(targets, indptr[row])
        prefetch_item(targets, indptr[row + 1] - 1)


@fast_kernel
def reduced_distance(vectors, row, query, squared):
    """What the traversal compares; `squared` is true under "euclidean"."""
    total = np.float32(0.0)
    if squared:
        for j in range(query.shape[0]):
            difference = vectors[row, j] - query[j]
            total += difference * difference
        return total
    for j in range(query.shape[0]):
        total += vectors[row, j] * query[j]
    return np.float32(1.0) - total


@fast_kernel
def true_distance(vectors, row, query, squared, unit):
    """The distance of the metric in float64: `squared` "euclidean", `unit` "cosine".

    1 - cos is half the squared length between the unit vectors, which is right near 0 as well.
    """
    total, row_square, query_square = 0.0, 0.0, 0.0
    if squared:
        for j in range(query.shape[0]):
            difference = np.float64(vectors[row, j]) - np.float64(query[j])
            total += difference * difference
        return np.sqrt(total)
    if not unit:
        for j in range(query.shape[0]):
            total += np.float64(vectors[row, j]) * np.float64(query[j])
        return 1.0 - total
    for j in range(query.shape[0]):
        row_square += np.float64(vectors[row, j]) * np.float64(vectors[row, j])
        query_square += np.float64(query[j]) * np.float64(query[j])
    if row_square == 0.0 or query_square == 0.0:
        return 1.0
    row_scale, query_scale = 1.0 / np.sqrt(row_square), 1.0 / np.sqrt(query_square)
    for j in range(query.shape[0]):
        difference = np.float64(vectors[row, j]) * row_scale - np.float64(query[j]) * query_scale
        total += difference * difference
    return total / 2.0


@kernel
def unit_query(query, out):
    """Scale a query to length 1 as hnswlib does: in float32, a zero vector stays zero."""
    total = np.float32(0.0)
    for j in range(query.shape[0]):
        total += query[j] * query[j]
    scale = np.float32(1.0) / (np.sqrt(total) + np.float32(1e-30))
    for j in range(query.shape[0]):
        out[j] = query[j] * scale
