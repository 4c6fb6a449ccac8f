"""The beam: the rows found so far, nearest first, and the loop that expands them.

One best-first traversal with a beam of `width` holds the traversal of every smaller beam `ef`: it
expands the same nodes in the same order, and stops when the first entry that is still open is no
longer among the ef nearest. The open rank is that entry's rank; every ef up to it has stopped.

hnswlib keeps two heaps, so equal distances need care. There a row enters the beam `ef` only while
fewer than ef rows are as near; the rank at arrival is kept for that. And an open row that ties
with the worst of the beam is still expanded, although later arrivals have pushed it out; so ties
at the end of the list are kept, and the open rank counts the strictly nearer rows only.

Deleted rows are walked through: they stand in the list and do not count in any rank.

Arrays are unpacked once and passed one by one: taking them out of a tuple costs reference counts.
"""

import numpy as np

from core.index.kernels.compile import kernel
from core.index.kernels.distance import prefetch_links, prefetch_row, reduced_distance
from core.index.kernels.hits import count_hits
from core.index.kernels.memory import move
from core.index.kernels.types import (
    ARRIVAL_SHIFT,
    COMPUTATIONS,
    EXPANDED,
    FIRST_OPEN,
    FOUND,
    HOPS,
    ROW_MASK,
    SIZE,
    STOPPED,
    VISITED,
)

INFINITE = np.float32(np.inf)
STALE = -1


@kernel
def advance(graph, scratch, record, width, max_hops):
    """Expand up to `max_hops` nodes of layer 0; returns False once the search has ended."""
    vectors, indptr, targets = graph.vectors, graph.base_indptr, graph.base_targets
    deleted, any_deleted, squared = graph.deleted, graph.any_deleted, graph.squared
    query, distance, entry = scratch.query, scratch.distance, scratch.entry
    fresh, fresh_distance = scratch.fresh, scratch.fresh_distance
    entered_distance, entered = scratch.entered_distance, scratch.entered
    marks, tag, state = scratch.marks, scratch.tag[0], scratch.state
    out, now = record.out, record.now
    base = record.ks[0] if len(record.ks) > 0 else 0
    limit = len(distance) - len(fresh)
    size, position, visited = state[SIZE], state[FIRST_OPEN], state[VISITED]
    computations, hops, stopped = state[COMPUTATIONS], state[HOPS], state[STOPPED]
    found = state[FOUND]
    last_hop = hops + max_hops
    ended = False
    while hops < last_hop:
        position = _next_open(entry, position, size)
        rank = width
        if position < size:
            rank = min(width, _open_rank(distance, entry, deleted, any_deleted, position))
        if rank > stopped and (rank >= record.first or rank == width):
            if found == STALE:
                found = count_hits(entry, size, deleted, record)
            _write_record(out, now, base, stopped, rank, computations, hops)
            stopped = rank
        if rank == width:
            ended = True
            break
        node = entry[position] & ROW_MASK
        entry[position] |= EXPANDED
        hops += 1
        visited = _visit_links(vectors, indptr, targets, node, marks, tag, fresh)
        computations += visited
        worst = _worst(distance, entry, deleted, any_deleted, size, width)
        nearest_open = INFINITE
        position = _next_open(entry, position, size)
        if position < size:
            nearest_open = distance[position]
            prefetch_links(indptr, targets, entry[position] & ROW_MASK)
        count = 0
        for i in range(visited):
            row = fresh[i]
            nearness = reduced_distance(vectors, row, query, squared)
            fresh_distance[i] = nearness
            if nearness < worst:
                _insert(entered_distance, entered, count, row, nearness, deleted, any_deleted)
                count += 1
                if nearness < nearest_open:
                    nearest_open = nearness
                    prefetch_links(indptr, targets, row)
        if count > 0:
            lowest = _merge(
                distance, entry, size, entered_distance, entered, count, deleted, any_deleted
            )
            size = _trim(distance, entry, deleted, any_deleted, size + count, width, limit)
            position = min(position, lowest)
            if lowest <= record.k or any_deleted:
                found = STALE
    state[SIZE], state[FIRST_OPEN], state[VISITED] = size, position, visited
    state[COMPUTATIONS], state[HOPS], state[STOPPED] = computations, hops, stopped
    state[FOUND] = found
    return not ended


@kernel
def _visit_links(vectors, indptr, targets, node, marks, tag, fresh):
    """Collect the unseen links of a node and ask for their vectors; returns how many."""
    count = 0
    for link in range(indptr[node], indptr[node + 1]):
        target = targets[link]
        fresh[count] = target
        count += marks[target] != tag  # no branch: whether a link is new can't be predicted
        marks[target] = tag
    for i in range(count):
        prefetch_row(vectors, fresh[i])
    return count


@kernel
def _next_open(entry, position, size):
    """The first open entry from `position` on; `size` where there is none."""
    while position < size and entry[position] & EXPANDED:
        position += 1
    return position


@kernel
def _live_before(entry, deleted, any_deleted, position):
    """Entries before `position` that may be returned."""
    if not any_deleted:
        return position
    live = 0
    for i in range(position):
        live += not deleted[entry[i] & ROW_MASK]
    return live


@kernel
def _open_rank(distance, entry, deleted, any_deleted, position):
    """Rank of the open entry at `position`: every ef up to it has stopped."""
    first_tie = position
    while first_tie > 0 and distance[first_tie - 1] == distance[position]:
        first_tie -= 1
    nearer = _live_before(entry, deleted, any_deleted, first_tie)
    return max(nearer, entry[position] >> ARRIVAL_SHIFT)


@kernel
def _worst(distance, entry, deleted, any_deleted, size, width):
    """Reduced distance that a row must stay below to enter a beam of `width`."""
    if not any_deleted:
        return distance[width - 1] if size >= width else INFINITE
    live = 0
    for i in range(size):
        live += not deleted[entry[i] & ROW_MASK]
        if live == width:
            return distance[i]
    return INFINITE


@kernel
def _insert(entered_distance, entered, count, row, nearness, deleted, any_deleted):
    """Put a row among those that enter, sorted, ties in order of arrival, with its rank there."""
    place = count
    while place > 0 and entered_distance[place - 1] > nearness:
        entered_distance[place] = entered_distance[place - 1]
        entered[place] = entered[place - 1]
        place -= 1
    rank = _live_before(entered, deleted, any_deleted, place)
    entered_distance[place] = nearness
    entered[place] = (np.int64(rank) << ARRIVAL_SHIFT) | row


@kernel
def _merge(distance, entry, size, entered_distance, entered, count, deleted, any_deleted):
    """Merge the sorted newcomers into the list from its end; returns the first place changed."""
    end, place = size, size
    for new in range(count - 1, -1, -1):
        place = _place_after(distance, end, entered_distance[new])
        move(distance, place, place + new + 1, end - place)
        move(entry, place, place + new + 1, end - place)
        rank = np.int64(_live_before(entry, deleted, any_deleted, place))
        distance[place + new] = entered_distance[new]
        entry[place + new] = entered[new] + (rank << ARRIVAL_SHIFT)
        end = place
    return place


@kernel
def _place_after(distance, end, nearness):
    """Number of the first `end` distances that are at most `nearness`, by bisection."""
    place, length = 0, end
    while length > 0:
        half = (length + 1) >> 1
        if distance[place + half - 1] <= nearness:
            place += half
        length -= half
    return place


@kernel
def _trim(distance, entry, deleted, any_deleted, size, width, limit):
    """The size without what is farther than the worst of the beam; ties stay if there is room."""
    worst = _worst(distance, entry, deleted, any_deleted, size, width)
    while size > width and distance[size - 1] > worst:
        size -= 1
    return min(size, limit)


@kernel
def _write_record(out, now, base, stopped, rank, computations, hops):
    """Write a line for every beam that has stopped by now, the first of `out` being for `base`."""
    for place in range(stopped + 1 - base, min(rank + 1 - base, len(out))):
        for i in range(len(now)):
            out[place, i] = now[i]
        out[place, len(now)] = computations
        out[place, len(now) + 1] = hops
