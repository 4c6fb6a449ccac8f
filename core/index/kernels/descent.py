"""The greedy walk through the upper layers, and the start of the beam on layer 0."""

import numpy as np

from core.index.kernels.compile import kernel
from core.index.kernels.distance import prefetch_row, reduced_distance, unit_query
from core.index.kernels.types import COMPUTATIONS, FIRST_OPEN, FOUND, HOPS, SIZE, STOPPED, VISITED

LAST_TAG = np.iinfo(np.uint16).max


@kernel
def prepare(graph, scratch, query):
    """Take a query in and evaluate the entry point; returns its reduced distance."""
    if scratch.tag[0] == LAST_TAG:
        for row in range(len(scratch.marks)):
            scratch.marks[row] = 0
        scratch.tag[0] = 0
    scratch.tag[0] += 1
    if graph.unit:
        unit_query(query, scratch.query)
    else:
        for j in range(len(query)):
            scratch.query[j] = query[j]
    scratch.state[COMPUTATIONS] = 1
    scratch.state[HOPS] = 0
    return reduced_distance(graph.vectors, graph.entry_point, scratch.query, graph.squared)


@kernel
def step_down(graph, scratch, layer, node, distance):
    """One greedy step: the nearest of a node and its links on `layer`, and its distance."""
    vectors, targets, query = graph.vectors, graph.upper_targets, scratch.query
    row = graph.upper_start[node] + layer - 1
    first, last = graph.upper_indptr[row], graph.upper_indptr[row + 1]
    for link in range(first, last):
        prefetch_row(vectors, targets[link])
    nearest = node
    for link in range(first, last):
        candidate = reduced_distance(vectors, targets[link], query, graph.squared)
        if candidate < distance:
            nearest, distance = np.int64(targets[link]), candidate
    scratch.state[COMPUTATIONS] += last - first
    scratch.state[HOPS] += 1
    return nearest, distance


@kernel
def start_beam(scratch, node, distance, k):
    """Begin layer 0 with one entry, the node that the descent ended at."""
    scratch.distance[0] = distance
    scratch.entry[0] = node
    scratch.marks[node] = scratch.tag[0]
    state = scratch.state
    state[SIZE] = 1
    state[FIRST_OPEN] = 0
    state[VISITED] = 0
    state[STOPPED] = k - 1
    state[FOUND] = -1


@kernel
def begin(graph, scratch, query, k):
    """Prepare the query, walk down to layer 0 and start the beam there."""
    node = np.int64(graph.entry_point)
    distance = prepare(graph, scratch, query)
    for layer in range(graph.max_level, 0, -1):
        moved = True
        while moved:
            origin = node
            node, distance = step_down(graph, scratch, layer, node, distance)
            moved = node != origin
    start_beam(scratch, node, distance, k)
