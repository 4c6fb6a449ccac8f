"""Ranks of given rows by counting those before them: values decide, true distances near ties."""

import numpy as np

from core.index.kernels.compile import fast_kernel, kernel
from core.index.kernels.distance import true_distance

CHUNK = 256
SAFETY = 1.1  # covers the rounding of a bound to float32


@fast_kernel
def target_values(stored, bias, factors, targets, values):
    """values (b, m): bias + product of each target of each query."""
    for i in range(targets.shape[0]):
        for j in range(targets.shape[1]):
            row = targets[i, j]
            if row < 0:
                continue
            total = np.float32(0.0)
            for axis in range(stored.shape[1]):
                total += stored[row, axis] * factors[i, axis]
            values[i, j] = bias[row] + total


@kernel
def target_distances(vectors, queries, targets, squared, unit, distances):
    """distances (b, m): the true distance of each target of each query."""
    for i in range(targets.shape[0]):
        for j in range(targets.shape[1]):
            if targets[i, j] >= 0:
                distances[i, j] = true_distance(vectors, targets[i, j], queries[i], squared, unit)


@kernel
def count_nearer(
    products,  # (b, t); bias + product is the value
    bias,  # (t,)
    first_row,  # row id of the tile's first column
    slack,  # (b,) rows whose values differ by more stand in the order of their values
    vectors,
    queries,
    squared,
    unit,
    exclude,  # (b,) a row that is not counted, or -1
    targets,  # (b, m) row ids, -1 for none
    values,  # (b, m) of the targets
    distances,  # (b, m) of the targets
    room,  # (CHUNK,) for values
    measured,  # (CHUNK,) for distances
    known,  # (CHUNK,) for which of them are measured
    ranks,  # (b, m) grows by the rows of the tile that stand before each target
):
    """Count the rows of one tile before each target, by (true distance, id)."""
    tile = products.shape[1]
    for i in range(products.shape[0]):
        left_out = exclude[i] - first_row
        if 0 <= left_out < tile:
            products[i, left_out] = np.float32(np.inf)
        for start in range(0, tile, CHUNK):
            width = min(CHUNK, tile - start)
            for column in range(width):
                place = np.uintp(start) + np.uintp(column)
                room[np.uintp(column)] = bias[place] + products[np.uintp(i), place]
                known[np.uintp(column)] = False
            for j in range(targets.shape[1]):
                if targets[i, j] < 0:
                    continue
                reach = SAFETY * np.float64(slack[i])
                low = np.float32(values[i, j] - reach)
                high = np.float32(values[i, j] + reach)
                nearer = _below(room, width, low)
                ranks[i, j] += nearer
                if _up_to(room, width, high) == nearer:
                    continue
                for column in range(width):
                    row = first_row + start + column
                    if not low <= room[column] <= high or row in (targets[i, j], exclude[i]):
                        continue
                    if not known[column]:
                        measured[column] = true_distance(vectors, row, queries[i], squared, unit)
                        known[column] = True
                    before = measured[column] < distances[i, j]
                    level = measured[column] == distances[i, j] and row < targets[i, j]
                    ranks[i, j] += before or level


@fast_kernel
def _below(values, width, bound):
    count = np.int32(0)
    for place in range(width):
        count += np.int32(values[np.uintp(place)] < bound)
    return count


@fast_kernel
def _up_to(values, width, bound):
    count = np.int32(0)
    for place in range(width):
        count += np.int32(values[np.uintp(place)] <= bound)
    return count
