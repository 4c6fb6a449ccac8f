"""Counts on a grid, their smoothing, steepest ascent, and the saddles between hills.

A grid of two axes is one of three whose last axis has one cell; cells are numbered row by row.
"""

import numpy as np

from core.projection.kernels.compile import kernel


@kernel
def extent(points, low, high):
    """low, high: (a,) the least and the largest coordinate along each axis of points (n, a)."""
    for i in range(points.shape[0]):
        for axis in range(points.shape[1]):
            value = np.float64(points[i, axis])
            low[axis], high[axis] = min(low[axis], value), max(high[axis], value)


@kernel
def count_cells(points, low, width, along, cells, counts):
    """cells (n,): the cell of each point (n, a); counts: points in each. Clamped to the grid."""
    for i in range(points.shape[0]):
        cell = np.int64(0)
        for axis in range(points.shape[1]):
            place = np.int64((np.float64(points[i, axis]) - low[axis]) / width[axis])
            cell = cell * along + min(max(place, 0), along - 1)
        cells[i] = cell
        counts[cell] += 1.0


@kernel
def smooth(values, stride, along, weights, out):
    """out: `values` weighted along the axis whose cells are `stride` apart.

    weights: (r + 1,) of the distances 0 to r. What lies beyond the edge counts as 0.
    """
    reach = weights.shape[0] - 1
    for cell in range(values.shape[0]):
        place = (cell // stride) % along
        total = weights[0] * values[cell]
        for step in range(1, reach + 1):
            if place >= step:
                total += weights[step] * values[cell - step * stride]
            if place + step < along:
                total += weights[step] * values[cell + step * stride]
        out[cell] = total


@kernel
def ascend(density, along, axes, uphill):
    """uphill: the densest of each cell and those that touch it, of equal ones the lowest number.

    -1 where there is no density.
    """
    size = density.shape[0]
    deep = along if axes == 3 else 1
    for cell in range(size):
        uphill[cell] = -1
        if density[cell] <= 0.0:
            continue
        rest, z = cell // deep, cell % deep
        y, x = rest % along, rest // along
        best, highest = cell, density[cell]
        for i in range(max(x - 1, 0), min(x + 2, along)):
            for j in range(max(y - 1, 0), min(y + 2, along)):
                for k in range(max(z - 1, 0), min(z + 2, deep)):
                    other = (i * along + j) * deep + k
                    there = density[other]
                    if there > highest or (there == highest and other < best):
                        best, highest = other, there
        uphill[cell] = best


@kernel
def follow(uphill, top):
    """top: the peak that the ascent from each cell ends at; -1 where there is no density."""
    for cell in range(uphill.shape[0]):
        end = uphill[cell]
        if end < 0:
            top[cell] = -1
            continue
        while uphill[end] != end:
            end = uphill[end]
        top[cell] = end
        place = np.int64(cell)
        while uphill[place] != end:  # the next ascent along this path is short
            after = uphill[place]
            uphill[place] = end
            place = after


@kernel
def saddles(density, hill, along, axes, left, right, height):
    """The passes between cells of two hills; how many were written, or would have been.

    left, right: (p,) hills. height: (p,) the lower of the two cells' densities. With room for 0
    passes they are only counted.
    """
    deep = along if axes == 3 else 1
    found, room = 0, left.shape[0]
    for cell in range(density.shape[0]):
        if hill[cell] < 0:
            continue
        rest, z = cell // deep, cell % deep
        y, x = rest % along, rest // along
        for i in range(x, min(x + 2, along)):
            for j in range(max(y - 1, 0), min(y + 2, along)):
                for k in range(max(z - 1, 0), min(z + 2, deep)):
                    other = (i * along + j) * deep + k
                    if other <= cell or hill[other] < 0 or hill[other] == hill[cell]:
                        continue
                    if found < room:
                        left[found], right[found] = hill[cell], hill[other]
                        height[found] = min(density[cell], density[other])
                    found += 1
    return found


@kernel
def merge(order, left, right, height, peak, root, parent, saddle):
    """Join hills over their passes, the highest first: the lower peak joins the higher.

    order: the passes by falling height. peak: (h,) heights of the peaks, hills numbered so that of
    equal peaks the lower number is the elder. root: (h,) each hill's own number. parent: (h,)
    filled with -1; becomes the hill that each joins. saddle: (h,) the height at which it does.
    """
    for place in range(order.shape[0]):
        each = order[place]
        a, b = _find(root, left[each]), _find(root, right[each])
        if a == b:
            continue
        if peak[a] < peak[b] or (peak[a] == peak[b] and b < a):
            a, b = b, a
        root[b], parent[b], saddle[b] = a, a, height[each]


@kernel
def _find(root, hill):
    while root[hill] != hill:
        root[hill] = root[root[hill]]
        hill = root[hill]
    return hill
