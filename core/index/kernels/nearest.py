"""Exact neighbors from blocks of products: collect what may belong, then rank it exactly."""

from core.index.kernels.compile import fast_kernel, kernel
from core.index.kernels.distance import true_distance

CHUNK = 32


@fast_kernel
def _any_at_most(products, bias, start, threshold):
    """Whether one of CHUNK values lies at or below the threshold; no branch inside."""
    near = 0
    for j in range(start, start + CHUNK):
        near += bias[j] + products[j] <= threshold
    return near > 0


@kernel
def collect(products, bias, first_row, slack, exclude, best, count, candidates, values):
    """Add the rows of one tile that may be among the k nearest of each query.

    products: (b, t) f32, bias: (t,) f32; bias + product orders rows as the distance does, up to
    half of slack (b,). first_row: row id of the tile's first column. best: (b, k) the k least
    values so far, ascending. count: (b,) candidates kept, candidates, values: (b, c); a count of -1
    says that a query had too many.
    """
    tile = len(bias)
    for i in range(len(products)):
        start = 0
        while start < tile and count[i] >= 0:
            end = min(start + CHUNK, tile)
            threshold = best[i, -1] + slack[i]
            whole = end - start == CHUNK
            if not whole or _any_at_most(products[i], bias, start, threshold):
                for j in range(start, end):
                    value = bias[j] + products[i, j]
                    if value <= best[i, -1] + slack[i] and first_row + j != exclude[i]:
                        _add(i, first_row + j, value, slack, best, count, candidates, values)
            start = end


@kernel
def _add(i, row, value, slack, best, count, candidates, values):
    """Keep a candidate, and its value among the k least."""
    if count[i] == candidates.shape[1]:
        compact(i, best[i, -1] + slack[i], count, candidates, values)
    if count[i] < 0 or count[i] == candidates.shape[1]:
        count[i] = -1
        return
    candidates[i, count[i]] = row
    values[i, count[i]] = value
    count[i] += 1
    place = best.shape[1] - 1
    if value < best[i, place]:
        while place > 0 and best[i, place - 1] > value:
            best[i, place] = best[i, place - 1]
            place -= 1
        best[i, place] = value


@kernel
def compact(i, threshold, count, candidates, values):
    """Drop the candidates that have fallen behind."""
    kept = 0
    for j in range(count[i]):
        if values[i, j] <= threshold:
            candidates[i, kept] = candidates[i, j]
            values[i, kept] = values[i, j]
            kept += 1
    count[i] = kept


@kernel
def rank_candidates(
    vectors, queries, squared, unit, slack, best, count, candidates, values, ids, distances
):
    """The k nearest of each query's candidates by (true distance, id); skips a count of -1."""
    for i in range(len(queries)):
        if count[i] < 0:
            continue
        compact(i, best[i, -1] + slack[i], count, candidates, values)
        for j in range(count[i]):
            row = candidates[i, j]
            distance = true_distance(vectors, row, queries[i], squared, unit)
            _rank(ids[i], distances[i], row, distance)


@kernel
def _rank(ids, distances, row, distance):
    """Insert a row into the answer, which is ordered by (distance, id) and starts as (inf, -1)."""
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


@kernel
def scan_all(vectors, query, squared, unit, exclude, ids, distances):
    """The k nearest of all rows by (true distance, id), without any short cut."""
    for row in range(len(vectors)):
        if row != exclude:
            distance = true_distance(vectors, row, query, squared, unit)
            if distance <= distances[-1]:
                _rank(ids, distances, row, distance)
