"""Exact neighbors from tiles of values: collect what may belong, then rank it exactly.

A value orders rows as the distance does, up to half of its query's slack. Each query keeps a
buffer of candidates; when the buffer is full, a threshold that at least `wanted` of them meet is
found, and the candidates beyond it (and the slack) are dropped.
"""

import numpy as np

from core.index.kernels.compile import fast_kernel, kernel
from core.index.kernels.distance import prefetch_row, true_distance

CHUNK = 64
HALVINGS = 64
AHEAD = 4


@fast_kernel
def collect(products, bias, first_row, wanted, slack, threshold, count, candidates, values):
    """Add the rows of one tile that may be among the `wanted` nearest of each query.

    products: (b, t), bias: (t,); bias + product is the value. first_row: row id of the tile's first
    column. threshold: (b,) the largest value that may still belong. count: (b,) candidates kept,
    candidates, values: (b, c), c at least 2 wanted + CHUNK; a count of -1 says that a query has too
    many.
    """
    tile, room = products.shape[1], candidates.shape[1]
    for i in range(products.shape[0]):
        for start in range(0, tile, CHUNK):
            near = np.int32(tile - start < CHUNK)
            if not near:
                for column in range(CHUNK):  # unsigned places and no branch: vector instructions
                    j = np.uintp(start) + np.uintp(column)
                    near += np.int32(bias[j] + products[np.uintp(i), j] <= threshold[i])
            if near == 0:
                continue
            if count[i] + CHUNK > room:
                _make_room(i, wanted, slack, threshold, count, candidates, values)
            if count[i] < 0:
                break
            kept = count[i]
            for j in range(start, min(start + CHUNK, tile)):
                value = bias[j] + products[i, j]
                candidates[i, kept] = first_row + j
                values[i, kept] = value
                kept += value <= threshold[i]
            count[i] = kept


@kernel
def _make_room(i, wanted, slack, threshold, count, candidates, values):
    """Drop the candidates that have fallen behind; give the query up where too many are level."""
    compact(i, wanted, slack, threshold, count, candidates, values)
    if count[i] + CHUNK > candidates.shape[1]:
        count[i] = -1


@kernel
def compact(i, wanted, slack, threshold, count, candidates, values):
    """Lower the threshold to about the `wanted`-th least value and keep what meets it."""
    if count[i] > wanted:
        bound = _bound(i, wanted, slack[i], count[i], values)
        threshold[i] = min(threshold[i], bound + slack[i])
    kept = 0
    for j in range(count[i]):
        candidates[i, kept] = candidates[i, j]
        values[i, kept] = values[i, j]
        kept += values[i, j] <= threshold[i]
    count[i] = kept


@kernel
def _bound(i, wanted, slack, count, values):
    """A value that at least `wanted` values do not exceed, and not many more than that."""
    low, high = values[i, 0], values[i, 0]
    for j in range(1, count):
        low, high = min(low, values[i, j]), max(high, values[i, j])
    for _ in range(HALVINGS):
        middle = values.dtype.type(low / 2 + high / 2)
        if high - low <= slack or not low < middle < high:
            break
        level = _at_most(i, middle, count, values)
        if level < wanted:
            low = middle
        else:
            high = middle
            if level <= wanted + wanted // 16:
                break
    return high


@fast_kernel
def _at_most(i, bound, count, values):
    """How many values do not exceed the bound; no branch inside."""
    level = np.int32(0)
    for place in range(count):
        level += np.int32(values[np.uintp(i), np.uintp(place)] <= bound)
    return level


@kernel
def rank_candidates(
    vectors,
    queries,
    squared,
    unit,
    exclude,
    wanted,
    slack,
    threshold,
    count,
    candidates,
    values,
    measured,
    ids,
    distances,
):
    """The k nearest of each query's candidates by (true distance, id); skips a count of -1.

    exclude: (b,) a row left out of each answer, -1 for none. measured: (c,) room for distances.
    ids, distances: (b, k); k is `wanted`, or one less where a row may be excluded.
    """
    for i in range(len(queries)):
        if count[i] < 0:
            continue
        compact(i, wanted, slack, threshold, count, candidates, values)
        rows, kept = candidates[i], 0
        for j in range(count[i]):
            if j + AHEAD < count[i]:
                prefetch_row(vectors, rows[j + AHEAD])
            row = rows[j]
            rows[kept] = row
            measured[kept] = true_distance(vectors, row, queries[i], squared, unit)
            kept += row != exclude[i]
        _sort(kept, rows, measured)
        for j in range(ids.shape[1]):
            ids[i, j], distances[i, j] = rows[j], measured[j]


@kernel
def _sort(count, rows, measured):
    """Shell's sort by (distance, id), each gap 5/11 of the last (Gonnet and Baeza-Yates, 1991)."""
    gap = count
    while gap > 1:
        gap = max(1, gap * 5 // 11)
        for j in range(gap, count):
            row, distance, place = rows[j], measured[j], j
            while place >= gap and (
                measured[place - gap] > distance
                or (measured[place - gap] == distance and rows[place - gap] > row)
            ):
                rows[place], measured[place] = rows[place - gap], measured[place - gap]
                place -= gap
            rows[place], measured[place] = row, distance


@kernel
def measure(vectors, first, start, end, queries, squared, unit, out):
    """Columns start to end of out (b, t): true distances of the queries to row first + column."""
    for j in range(start, end):
        for i in range(out.shape[0]):
            out[i, j] = true_distance(vectors, first + j, queries[i], squared, unit)


@kernel
def scan_all(vectors, query, squared, unit, exclude, ids, distances):
    """The k nearest of all rows by (true distance, id), without any short cut.

    ids, distances: (k,), distances filled with infinity; at least k rows are not excluded.
    """
    for place in range(len(ids)):
        ids[place] = len(vectors)  # after every row, so that one infinitely far takes the place
    for row in range(len(vectors)):
        if row != exclude:
            distance = true_distance(vectors, row, query, squared, unit)
            if distance <= distances[-1]:
                _insert(ids, distances, row, distance)


@kernel
def _insert(ids, distances, row, distance):
    """Insert a row into the answer, which is ordered by (distance, id)."""
    place = len(ids)
    while place > 0 and (
        distances[place - 1] > distance
        or (distances[place - 1] == distance and ids[place - 1] > row)
    ):
        place -= 1
    if place == len(ids):
        return
    for j in range(len(ids) - 1, place, -1):
        ids[j], distances[j] = ids[j - 1], distances[j - 1]
    ids[place], distances[place] = row, distance
