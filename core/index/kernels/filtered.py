"""Search with a filter, with the two heaps of hnswlib's searchBaseLayerST.

https://github.com/nmslib/hnswlib/blob/v0.8.0/hnswlib/hnswalg.h

Where few rows are allowed the search walks through many others before its beam is full. A sorted
list of all that is open would be moved at each step; a heap costs the logarithm of its size.

Both heaps have the least key on top; the beam's keys are negated distances, its worst on top. Keys
and rows are passed one by one, as in the beam.
"""

from typing import NamedTuple

import numpy as np

from core.index.kernels.answers import write_answer
from core.index.kernels.beam import _visit_links
from core.index.kernels.compile import kernel
from core.index.kernels.descent import begin
from core.index.kernels.distance import prefetch_links, reduced_distance
from core.index.kernels.types import COMPUTATIONS, HOPS, SIZE, Float32s, Int32s


class Heap(NamedTuple):
    """Room for entries: key (c,) and row (c,)."""

    key: Float32s
    row: Int32s


@kernel
def filtered_block(
    graph,
    scratch,
    opened,
    beam,
    allowed,
    queries,
    exclude,
    width,
    ids,
    distances,
    computations,
    hops,
):
    """Search each query as `search_block` does; only rows that are `allowed` (n,) are returned.

    opened: a heap with room for n entries. beam: one with room for the widest beam.
    """
    k = ids.shape[1]
    for q in range(len(queries)):
        beam_width = max(width, k + 1) if exclude[q] >= 0 else width
        begin(graph, scratch, queries[q], beam_width + 1)
        size = _walk(graph, scratch, opened, beam, allowed, beam_width)
        _sort(beam.key, beam.row, size, scratch)
        write_answer(graph, scratch, queries[q], exclude[q], ids[q], distances[q])
        computations[q] = scratch.state[COMPUTATIONS]
        hops[q] = scratch.state[HOPS]


@kernel
def _walk(graph, scratch, opened, beam, allowed, width):
    """Fill the beam from layer 0; returns its size."""
    vectors, indptr, targets = graph.vectors, graph.base_indptr, graph.base_targets
    query, squared, state = scratch.query, graph.squared, scratch.state
    fresh, marks, tag = scratch.fresh, scratch.marks, scratch.tag[0]
    open_key, open_row, key, row = opened.key, opened.row, beam.key, beam.row
    size = 0
    if allowed[scratch.entry[0]]:
        size = _push(key, row, size, -scratch.distance[0], scratch.entry[0])
    opens = _push(open_key, open_row, 0, scratch.distance[0], scratch.entry[0])
    while opens > 0 and (size < width or open_key[0] <= -key[0]):
        node = open_row[0]
        opens = _pop(open_key, open_row, opens)
        state[HOPS] += 1
        if opens > 0:
            prefetch_links(indptr, targets, open_row[0])
        visited = _visit_links(vectors, indptr, targets, node, marks, tag, fresh)
        state[COMPUTATIONS] += visited
        for i in range(visited):
            target = fresh[i]
            nearness = reduced_distance(vectors, target, query, squared)
            if size < width or nearness < -key[0]:
                opens = _push(open_key, open_row, opens, nearness, target)
                if open_row[0] == target:
                    prefetch_links(indptr, targets, target)
                if allowed[target]:
                    size = _enter(key, row, size, width, -nearness, target)
    return size


@kernel
def _enter(key, row, size, width, new_key, new_row):
    """Put an entry into the beam, in place of the worst where it is full; returns the size."""
    if size < width:
        return _push(key, row, size, new_key, new_row)
    _sink(key, row, size, new_key, new_row)
    return size


@kernel
def _push(key, row, size, new_key, new_row):
    """Add an entry to a heap; returns the new size."""
    place = size
    while place > 0 and new_key < key[(place - 1) >> 1]:
        parent = (place - 1) >> 1
        key[place], row[place] = key[parent], row[parent]
        place = parent
    key[place], row[place] = new_key, new_row
    return size + 1


@kernel
def _pop(key, row, size):
    """Take the top off a heap; returns the new size."""
    _sink(key, row, size - 1, key[size - 1], row[size - 1])
    return size - 1


@kernel
def _sink(key, row, size, new_key, new_row):
    """Put an entry in place of the top of a heap."""
    place, child = 0, 1
    while child < size:
        if child + 1 < size and key[child + 1] < key[child]:
            child += 1
        if new_key <= key[child]:
            break
        key[place], row[place] = key[child], row[child]
        place, child = child, 2 * child + 1
    key[place], row[place] = new_key, new_row


@kernel
def _sort(key, row, size, scratch):
    """Empty the beam into the entries of the scratch, nearest first."""
    scratch.state[SIZE] = size
    for place in range(size - 1, -1, -1):
        scratch.distance[place] = -key[0]
        scratch.entry[place] = np.int64(row[0])
        _pop(key, row, place + 1)
