"""One insertion as hnswlib 0.8.0 makes it: its heaps, its arithmetic, its search and its rule.

Equal distances are decided by the order in which heaps hand them out, so the heaps here move their
entries as `std::push_heap` and `std::pop_heap` of libstdc++ do (bits/stl_heap.h).

A row id of n, the number of rows, stands for the new item, whose vector is `fresh`.
"""

import numpy as np

from core.index.kernels.compile import kernel
from core.index.kernels.verdicts import DROPPED, KEPT, NOT_ASKED

BLOCK = 16  # numbers that hnswlib takes at once where there are so many
INFINITE = np.float32(np.finfo(np.float32).max)
NO_ROW = -1


@kernel
def distance_as_hnswlib(vectors, row, other, how):
    """The float32 distance that hnswlib compares: squared length, or 1 - dot.

    how: a `SumOrder`. Products are added into `how.sums` partial sums, which are added by halves
    until `how.fold` are left, and these from first to last; what is left over has a sum of its own.
    """
    squared, fused, fold, sums = how.squared, how.fused, how.fold, how.sums
    lanes = len(sums)
    block = BLOCK if lanes > fold or fold > 4 else lanes
    whole = len(other) - len(other) % block
    for lane in range(lanes):
        sums[lane] = np.float32(0.0)
    for start in range(0, whole, lanes):
        for lane in range(lanes):
            j = start + lane
            sums[lane] = _plus(sums[lane], vectors[row, j], other[j], squared, fused)
    while lanes > fold:
        lanes >>= 1
        for lane in range(lanes):
            sums[lane] += sums[lane + lanes]
    if lanes == 4:
        for start in range(whole, len(other) - len(other) % 4, 4):
            for lane in range(4):
                j = start + lane
                sums[lane] = _plus(sums[lane], vectors[row, j], other[j], squared, fused)
        whole = len(other) - len(other) % 4
    total, rest = np.float32(0.0), np.float32(0.0)
    for lane in range(lanes):
        total += sums[lane]
    plain = len(other) - (len(other) - whole) % how.unfused
    for j in range(whole, len(other)):
        rest = _plus(rest, vectors[row, j], other[j], squared, j >= plain)
    total += rest
    return total if squared else np.float32(1.0) - total


@kernel
def _plus(total, left, right, squared, fused):
    """One more product in a sum; fused: rounded once, after the addition.

    The product of two float32 is exact in float64, so rounding the float64 sum is rounding once,
    but for sums that lie at the middle between two float32 to within 2^-29 of their distance.
    """
    if squared:
        left = left - right
        right = left
    if fused:
        return np.float32(np.float64(left) * np.float64(right) + np.float64(total))
    return total + left * right


@kernel
def all_distances(vectors, other, how, out):
    """The distances of all rows to `other` (d,), out (n,)."""
    for row in range(len(out)):
        out[row] = distance_as_hnswlib(vectors, row, other, how)


@kernel
def push(distance, row, size, new_distance, new_row):
    """Put an entry on a heap of `size` entries, the largest distance first."""
    _rise(distance, row, size, 0, new_distance, new_row)


@kernel
def pop(distance, row, size):
    """Take the first entry off; it stands at `size` - 1 afterwards."""
    last = size - 1
    if last == 0:
        return
    value, value_row = distance[last], row[last]
    distance[last], row[last] = distance[0], row[0]
    hole, child = 0, 0
    while child < (last - 1) // 2:
        child = 2 * (child + 1)
        if distance[child] < distance[child - 1]:
            child -= 1
        distance[hole], row[hole] = distance[child], row[child]
        hole = child
    if last % 2 == 0 and child == (last - 2) // 2:
        child = 2 * (child + 1)
        distance[hole], row[hole] = distance[child - 1], row[child - 1]
        hole = child - 1
    _rise(distance, row, hole, 0, value, value_row)


@kernel
def _rise(distance, row, hole, top, value, value_row):
    parent = (hole - 1) // 2
    while hole > top and distance[parent] < value:
        distance[hole], row[hole] = distance[parent], row[parent]
        hole = parent
        parent = (hole - 1) // 2
    distance[hole], row[hole] = value, value_row


@kernel
def drain(distance, row, size, out):
    """The rows of a heap in the order in which it hands them out, the farthest first, out (size,).

    The heap is empty afterwards.
    """
    for place in range(size):
        out[place] = row[0]
        pop(distance, row, size - place)


@kernel
def step(graph, layer, node, distance, fresh, how, visited_distance):
    """One greedy step on a layer above 0: the nearest of a node and its links, and its distance.

    visited_distance: gets the distance of each link, in order.
    """
    row = graph.upper_start[node] + layer - 1
    first, last = graph.upper_indptr[row], graph.upper_indptr[row + 1]
    nearest = node
    for link in range(first, last):
        target = np.int64(graph.upper_targets[link])
        candidate = distance_as_hnswlib(graph.vectors, target, fresh, how)
        visited_distance[link - first] = candidate
        if candidate < distance:
            nearest, distance = target, candidate
    return nearest, distance


@kernel
def search_layer(graph, layer, fresh, start, width, how, room):
    """The candidates of one layer, on the heap `room.near`; all that the search met, in `room`.

    It is `searchBaseLayer` with a beam of `width`. Returns the number of candidates, of expanded
    nodes and of visited rows.
    """
    vectors, deleted = graph.vectors, graph.deleted
    near_distance, near, open_distance, opened = (
        room.near_distance,
        room.near,
        room.open_distance,
        room.opened,
    )
    size, waiting, expanded, visited = 0, 0, 0, 0
    worst = INFINITE
    if not deleted[start]:
        worst = distance_as_hnswlib(vectors, start, fresh, how)
        push(near_distance, near, 0, worst, start)
        size = 1
    push(open_distance, opened, 0, -worst, start)
    waiting = 1
    room.seen[start] = True
    while waiting > 0:
        if -open_distance[0] > worst and size == width:
            break
        node = opened[0]
        pop(open_distance, opened, waiting)
        waiting -= 1
        indptr, targets = (
            (graph.base_indptr, graph.base_targets)
            if layer == 0
            else (graph.upper_indptr, graph.upper_targets)
        )
        row = node if layer == 0 else graph.upper_start[node] + layer - 1
        for link in range(indptr[row], indptr[row + 1]):
            target = np.int64(targets[link])
            if room.seen[target]:
                continue
            room.seen[target] = True
            distance = distance_as_hnswlib(vectors, target, fresh, how)
            room.visited[visited], room.visited_distance[visited] = target, distance
            visited += 1
            if size < width or worst > distance:
                push(open_distance, opened, waiting, -distance, target)
                waiting += 1
                if not deleted[target]:
                    push(near_distance, near, size, distance, target)
                    size += 1
                if size > width:
                    pop(near_distance, near, size)
                    size -= 1
                if size > 0:
                    worst = near_distance[0]
        room.expanded[expanded], room.ends[expanded] = node, visited
        expanded += 1
    return size, expanded, visited


@kernel
def select(vectors, fresh, rows, distances, limit, how, room, verdict, against, against_distance):
    """The rule by which neighbors are chosen, over candidates (c,) with the nearest first.

    A candidate is dropped if it is nearer to one that is kept already than to the center; the
    first such one goes into `against`, with their distance. One that is kept has the nearest that
    was kept before it there. Once `limit` are kept the others are not asked.
    """
    count = 0
    for place in range(len(rows)):
        if count == limit:
            verdict[place] = NOT_ASKED
            continue
        _copy(vectors, fresh, rows[place], room.other)
        verdict[place] = KEPT
        for i in range(count):
            distance = _between(vectors, fresh, rows[room.kept[i]], rows[place], how, room)
            if distance < distances[place]:
                verdict[place] = DROPPED
                against[place], against_distance[place] = rows[room.kept[i]], distance
                break
            if against[place] == NO_ROW or distance < against_distance[place]:
                against[place], against_distance[place] = rows[room.kept[i]], distance
        if verdict[place] == KEPT:
            room.kept[count] = place
            count += 1
    return count


@kernel
def _copy(vectors, fresh, row, out):
    new = row == len(vectors)
    for j in range(len(out)):
        out[j] = fresh[j] if new else vectors[row, j]


@kernel
def _between(vectors, fresh, left, right, how, room):
    """Distance of two rows, `room.other` being the vector of the right one."""
    if left == len(vectors):
        return distance_as_hnswlib(vectors, right, fresh, how)
    return distance_as_hnswlib(vectors, left, room.other, how)


@kernel
def distances_to(vectors, fresh, center, rows, how, room, out):
    """Distances of rows (c,) to the row `center`, which is not the new item, out (c,)."""
    _copy(vectors, fresh, center, room.other)
    for place in range(len(rows)):
        if rows[place] == len(vectors):
            out[place] = distance_as_hnswlib(vectors, center, fresh, how)
        else:
            out[place] = distance_as_hnswlib(vectors, rows[place], room.other, how)
