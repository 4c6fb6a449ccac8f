"""The loops over queries: one beam searched to its end, or every beam recorded on the way."""

import numpy as np

from core.index.kernels.beam import advance
from core.index.kernels.compile import kernel
from core.index.kernels.descent import begin
from core.index.kernels.distance import true_distance
from core.index.kernels.hits import mark_truth
from core.index.kernels.types import COMPUTATIONS, HOPS, ROW_MASK, SIZE, Record

UNBOUNDED = np.int64(2**62)


@kernel
def search_block(
    graph, scratch, record, queries, exclude, width, ids, distances, computations, hops
):
    """Search each query with a beam of `width` (at least k + 1 where a row is excluded).

    record: an empty one. Writes ids and distances (q, k), nearest first, -1 and NaN where rows ran
    out, and the counts.
    """
    k = ids.shape[1]
    for q in range(len(queries)):
        beam_width = max(width, k + 1) if exclude[q] >= 0 else width
        begin(graph, scratch, queries[q], beam_width + 1)
        advance(graph, scratch, record, beam_width, UNBOUNDED)
        write_answer(graph, scratch, queries[q], exclude[q], ids[q], distances[q])
        computations[q] = scratch.state[COMPUTATIONS]
        hops[q] = scratch.state[HOPS]


@kernel
def write_answer(graph, scratch, query, exclude, ids, distances):
    """The first k live entries, in order of (true distance, id)."""
    vectors, deleted, entry = graph.vectors, graph.deleted, scratch.entry
    count, position = 0, 0
    while position < scratch.state[SIZE] and count < len(ids):
        row = entry[position] & ROW_MASK
        position += 1
        if row == exclude or deleted[row]:
            continue
        distance = true_distance(vectors, row, query, graph.squared, graph.unit)
        place = count
        while place > 0 and (
            distances[place - 1] > distance
            or (distances[place - 1] == distance and ids[place - 1] > row)
        ):
            distances[place], ids[place] = distances[place - 1], ids[place - 1]
            place -= 1
        distances[place], ids[place] = distance, row
        count += 1
    for missing in range(count, len(ids)):
        ids[missing], distances[missing] = -1, np.nan


@kernel
def curve_block(graph, scratch, record, queries, truth, exclude, ef_max, out):
    """One traversal per query; writes out (q, e, 2 s + 2), for each query that of a record.

    record: with ks, known filled with -1, limits and now. truth: (q, at least the largest k).
    """
    ks = record.ks
    for q in range(len(queries)):
        own = Record(
            out[q],
            record.now,
            ks,
            record.known,
            q * record.k,
            q * (len(ks) + 1),
            record.limits,
            graph.vectors,
            queries[q],
            graph.squared,
            graph.unit,
            exclude[q],
            record.k,
            ks[0],
        )
        mark_truth(own, truth[q])
        begin(graph, scratch, queries[q], ks[0])
        advance(graph, scratch, own, ef_max, UNBOUNDED)


@kernel
def true_distances(vectors, rows, query, squared, unit, out):
    """Distances of a query to some rows, float64."""
    for i in range(len(rows)):
        out[i] = true_distance(vectors, rows[i], query, squared, unit)
