"""Walks along links: what can be reached, and which nodes reach one another."""

from core.index.kernels.compile import kernel
from core.index.kernels.distance import prefetch_links
from core.index.kernels.memory import prefetch_item

AHEAD, FAR_AHEAD = 2, 4  # nodes whose links are asked for before they are needed


@kernel
def spread(layer, upper_start, indptr, targets, reached, queue, count):
    """Follow links of one layer from the first `count` rows of the queue; returns how many it
    holds at the end, each reached once."""
    first = 0
    while first < count:
        node = queue[first]
        first += 1
        row = node
        if layer > 0:
            row = upper_start[node] + layer - 1
        for link in range(indptr[row], indptr[row + 1]):
            target = targets[link]
            if not reached[target]:
                reached[target] = True
                queue[count] = target
                count += 1
    return count


@kernel
def strong_components(indptr, targets, component, order, low, stack, call, place):
    """Tarjan's strongly connected components without recursion; returns their number.

    component: (n,) int32 filled with -1, receives the component of each node. order: (n,) int32
    filled with -1. low, stack, call: (n,) int32. place: (n,) int64.
    """
    counter, count, held = 0, 0, 0
    for root in range(len(component)):
        if order[root] >= 0:
            continue
        depth = _enter(root, 0, counter, order, low, call, place, indptr)
        stack[held] = root
        held += 1
        counter += 1
        while depth > 0:
            node = call[depth - 1]
            if place[node] < indptr[node + 1]:
                target = targets[place[node]]
                place[node] += 1
                if order[target] < 0:
                    depth = _enter(target, depth, counter, order, low, call, place, indptr)
                    stack[held] = target
                    held += 1
                    counter += 1
                elif component[target] < 0:
                    low[node] = min(low[node], order[target])
                continue
            depth -= 1
            if depth > 0:
                caller = call[depth - 1]
                low[caller] = min(low[caller], low[node])
            if low[node] == order[node]:
                held = _close(node, count, held, component, stack)
                count += 1
    return count


@kernel
def _enter(node, depth, counter, order, low, call, place, indptr):
    """Begin with a node; returns the new depth."""
    order[node] = counter
    low[node] = counter
    place[node] = indptr[node]
    call[depth] = node
    return depth + 1


@kernel
def _close(node, number, held, component, stack):
    """Give all nodes above and at `node` on the stack their component; returns what is left."""
    while True:
        held -= 1
        component[stack[held]] = number
        if stack[held] == node:
            return held


@kernel
def weak_components(indptr, targets, parent):
    """Union of linked nodes; parent: (n,) int32, node i holds i. Returns the number of parts."""
    count = len(parent)
    for node in range(len(parent)):
        for link in range(indptr[node], indptr[node + 1]):
            a, b = _root(parent, node), _root(parent, targets[link])
            if a != b:
                parent[max(a, b)] = min(a, b)
                count -= 1
    for node in range(len(parent)):
        parent[node] = _root(parent, node)
    return count


@kernel
def _root(parent, node):
    """The least node of a part, halving the way there."""
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@kernel
def count_reciprocal(indptr, targets, first, last):
    """Number of links of the nodes first..last - 1 whose reverse exists."""
    count = 0
    for node in range(first, last):
        if node + FAR_AHEAD < last:
            for link in range(indptr[node + FAR_AHEAD], indptr[node + FAR_AHEAD + 1]):
                prefetch_item(indptr, targets[link])
        if node + AHEAD < last:
            for link in range(indptr[node + AHEAD], indptr[node + AHEAD + 1]):
                prefetch_links(indptr, targets, targets[link])
        for link in range(indptr[node], indptr[node + 1]):
            target = targets[link]
            for back in range(indptr[target], indptr[target + 1]):
                if targets[back] == node:
                    count += 1
                    break
    return count
