"""What a few queries are compared with: every row, in one pass over the vectors, in float32.

A sum of d float32 terms in any order is off by at most about d u times the sum of their absolute
values, u = 2^-24 (Higham, Accuracy and Stability of Numerical Algorithms, 3.1).
"""

import numpy as np

from core.index.kernels.compile import fast_kernel, kernel
from core.index.kernels.distance import true_distance

SHORT = np.float32(1e-20)  # a squared length below it may have lost its small terms


@fast_kernel
def _squared_difference(vectors, row, query):
    total = np.float32(0.0)
    for j in range(query.shape[0]):
        difference = vectors[row, j] - query[j]
        total += difference * difference
    return total


@fast_kernel
def _product_and_square(vectors, row, query):
    product, square = np.float32(0.0), np.float32(0.0)
    for j in range(query.shape[0]):
        value = vectors[row, j]
        product += value * query[j]
        square += value * value
    return product, square


@kernel
def estimate(vectors, first, end, queries, squared, unit, values, scales):
    """Values (q, n) that order rows first to end as the metric does, and what their error grows by.

    vectors, queries: float32; queries of length 1 if `unit`. values: the squared distance if
    `squared`, the cosine if `unit`, else the product, the last two below 0 where near. scales:
    (q, n) the value, 1, or the length of the row, in that order.
    """
    for row in range(first, end):
        for i in range(queries.shape[0]):
            if squared:
                value = _squared_difference(vectors, row, queries[i])
                values[i, row], scales[i, row] = value, value
                continue
            product, square = _product_and_square(vectors, row, queries[i])
            if square < SHORT:
                product = np.float32(1.0 - true_distance(vectors, row, queries[i], False, unit))
                length = np.float32(_length(vectors, row))
            else:
                length = np.sqrt(square)
                product = product / length if unit else product
            values[i, row], scales[i, row] = -product, np.float32(1.0) if unit else length


@kernel
def _length(vectors, row):
    total = 0.0
    for j in range(vectors.shape[1]):
        total += np.float64(vectors[row, j]) * np.float64(vectors[row, j])
    return np.sqrt(total)


@kernel
def measure_rows(vectors, rows, first, end, query, squared, unit, distances):
    """True distances (m,) of a query to `rows` (m,), places first to end."""
    for place in range(first, end):
        distances[place] = true_distance(vectors, rows[place], query, squared, unit)
