"""What a search knows after each of its first hops on layer 0."""

import numpy as np

from core.index.kernels.beam import advance
from core.index.kernels.compile import kernel
from core.index.kernels.descent import begin
from core.index.kernels.types import COMPUTATIONS, HOPS, ROW_MASK, SIZE, VISITED


@kernel
def first_hops_block(
    graph, scratch, record, queries, exclude, width, k, near, neighbors, computations, descent
):
    """Search each query with a beam of `width` for some hops; squares become distances.

    record: an empty one. near: (q, h + 1, 2) receives, where layer 0 begins and after each hop, the
    distance of the nearest row held and of the k-th, or of the last where there are fewer; of a
    search that ends before, those at its end. neighbors: (q, 3) the least, the mean and the largest
    distance of the rows that the first hop visits, NaN where it visits none. computations: (q,) of
    all that. descent: (q,) hops above layer 0.
    """
    for q in range(len(queries)):
        begin(graph, scratch, queries[q], width + 1)
        descent[q] = scratch.state[HOPS]
        _write_near(graph, scratch, exclude[q], k, near, q, 0)
        more = True
        for hop in range(1, near.shape[1]):
            if more:
                more = advance(graph, scratch, record, width, 1)
            if hop == 1:
                _write_neighbors(graph, scratch, exclude[q], neighbors, q)
            _write_near(graph, scratch, exclude[q], k, near, q, hop)
        computations[q] = scratch.state[COMPUTATIONS]


@kernel
def _write_near(graph, scratch, exclude, k, near, q, hop):
    """The nearest and the k-th of the live rows held, the excluded one left out."""
    count = 0
    for position in range(scratch.state[SIZE]):
        row = scratch.entry[position] & ROW_MASK
        if row == exclude or graph.deleted[row]:
            continue
        if count == 0:
            near[q, hop, 0] = _distance(scratch.distance[position], graph.squared)
        near[q, hop, 1] = _distance(scratch.distance[position], graph.squared)
        count += 1
        if count == k:
            break


@kernel
def _write_neighbors(graph, scratch, exclude, neighbors, q):
    """Least, mean and largest distance of the rows that the last hop visited."""
    least, total, largest, count = np.inf, 0.0, -np.inf, 0
    for i in range(scratch.state[VISITED]):
        if scratch.fresh[i] == exclude:
            continue
        distance = _distance(scratch.fresh_distance[i], graph.squared)
        least, largest = min(least, distance), max(largest, distance)
        total += distance
        count += 1
    if count > 0:
        neighbors[q, 0], neighbors[q, 1], neighbors[q, 2] = least, total / count, largest


@kernel
def _distance(reduced, squared):
    """The distance of the metric, float64."""
    return np.sqrt(np.float64(reduced)) if squared else np.float64(reduced)
