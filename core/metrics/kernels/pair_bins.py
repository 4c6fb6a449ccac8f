"""Count the scores of a block of pairs: by kind, by class, by row and by group.

Rows stand in runs of one class and one group. Where a run of rows meets a run of columns, their
pairs share all tables but those of the rows: a large such rectangle is counted in one table of
fine bins, which is then added to the others. Small ones are counted pair by pair.
"""

import numpy as np

from core.metrics.kernels.compile import kernel


@kernel
def count_block(
    scores,  # (rows, columns) float32, one product
    first_row,
    first_column,
    ends,  # (n,) position behind the last row of each row's class
    runs,  # (n,) position behind the last row in a row with the same class and group
    slots,  # (n,) class of each row
    low,
    scale,  # bins per unit of score
    coarse,  # (bins,) which of the few bins each fine one lies in
    shift,  # fine bins per bin of a class, as a power of two
    totals,  # (2, bins): genuine, impostor
    by_class,  # (2, classes + 1, bins of a class)
    by_row,  # (2, n, few)
    groups,  # (n,) group of each row, the last one for none
    levels,  # (bins,) which level each fine bin lies in
    level_edges,  # (levels - 1,) the first fine bin of each level but the first
    by_group,  # (2, groups, groups, levels); without groups (2, 0, 0, levels)
    places,  # (rows, columns) room for the bins of the scores
    own,  # (bins,) zeros, and left so: room for the pairs of a rectangle
    large,  # pairs of the least rectangle with a table of its own
):
    """Add every pair of the block whose column is the later row.

    A pair counts in the row and in the class of each of its ends: a genuine pair twice in its
    class. The bins are found first, in vector instructions, and are then in the cache for the loops
    that count them. These have no branches; their slices spare each access the check for an index
    from the end, which would also keep vector instructions away.
    """
    rows, columns = scores.shape
    with_groups = by_group.shape[1] > 0
    top = 0
    while top < rows:
        row = first_row + top
        bottom = min(runs[row] - first_row, rows)
        left = max(0, row + 1 - first_column)
        least, most = _find_bins(
            scores[top:bottom], low, scale, totals.shape[1], places[top:bottom]
        )
        begin, stop = (least >> shift) << shift, ((most >> shift) + 1) << shift
        while left < columns:
            right = _run_end(runs, first_column, left, columns)
            if (bottom - top) * (right - left) < large:
                right = _small_end(runs, first_column, right, columns, large // (bottom - top))
                for i in range(top, bottom):
                    _count_row(
                        places[i],
                        first_row + i,
                        first_column,
                        left,
                        right,
                        ends,
                        slots,
                        coarse,
                        shift,
                        totals,
                        by_class,
                        by_row,
                        groups,
                        levels,
                        by_group,
                    )
            else:
                column = first_column + left
                kind = 0 if column < ends[row] else 1
                for i in range(top, bottom):
                    start = max(left, first_row + i + 1 - first_column)
                    _count_in_own(
                        places[i, start:right],
                        coarse,
                        own,
                        by_row[kind, first_row + i],
                        by_row[kind, first_column + start : first_column + right],
                    )
                some = own[begin:stop]
                _add(some, totals[kind, begin:stop])
                _accumulate(some)
                _add_parts(some, shift, by_class[kind, slots[row], begin >> shift :])
                _add_parts(some, shift, by_class[kind, slots[column], begin >> shift :])
                if with_groups:
                    of_groups = by_group[kind, groups[row], groups[column]]
                    _add_levels(some, begin, level_edges, of_groups)
                some[:] = 0
            left = right
        top = bottom


@kernel
def _find_bins(scores, low, scale, bins, places):
    """The bin of each score, of `bins`; gives the least and the highest."""
    zero, last = np.float32(0), np.float32(bins - 1)
    least, most = np.uint16(bins - 1), np.uint16(0)
    for i in range(len(scores)):
        some, found = scores[i], places[i]
        for j in range(len(some)):
            found[j] = np.uint16(np.int32(min(max((some[j] - low) * scale, zero), last)))
        for j in range(len(found)):
            least, most = min(least, found[j]), max(most, found[j])
    return np.int64(least), np.int64(most)


@kernel
def _run_end(runs, first_column, left, columns):
    """The column behind the run that has `left`."""
    return min(runs[first_column + left] - first_column, columns)


@kernel
def _small_end(runs, first_column, right, columns, width):
    """The column behind the runs from `right` on that are less than so wide."""
    while right < columns:
        end = _run_end(runs, first_column, right, columns)
        if end - right >= width:
            break
        right = end
    return right


@kernel
def _count_row(
    places,  # (columns,) of one row
    row,
    first_column,
    left,
    right,
    ends,
    slots,
    coarse,
    shift,
    totals,
    by_class,
    by_row,
    groups,
    levels,
    by_group,
):
    """Add the pairs of a row with the columns from `left` to `right`, one by one."""
    start = max(left, row + 1 - first_column)
    border = min(max(ends[row] - first_column, start), right)
    with_groups = by_group.shape[1] > 0
    for kind in range(2):
        begin = start if kind == 0 else border
        end = border if kind == 0 else right
        some = places[begin:end]
        later = slice(first_column + begin, first_column + end)
        total, of_row = totals[kind], by_row[kind, row]
        of_class, of_columns = by_class[kind, slots[row]], by_row[kind, later]
        others, of_others = slots[later], by_class[kind]
        for j in range(len(some)):
            place = np.uint32(some[j])
            few = np.uint32(coarse[place])
            total[place] += 1
            of_class[place >> shift] += 1
            of_row[few] += 1
            of_columns[j, few] += 1
            of_others[np.uint32(others[j]), place >> shift] += 1
        if with_groups:
            near, of_group = groups[later], by_group[kind, groups[row]]
            for j in range(len(some)):
                of_group[np.uint32(near[j]), np.uint32(levels[np.uint32(some[j])])] += 1


@kernel
def _count_in_own(places, coarse, own, of_row, of_columns):
    """Add the pairs of a row to the table of its rectangle, and to those of both ends."""
    for j in range(len(places)):
        place = np.uint32(places[j])
        few = np.uint32(coarse[place])
        own[place] += 1
        of_row[few] += 1
        of_columns[j, few] += 1


@kernel
def _add(counts, table):
    for place in range(len(counts)):
        table[place] += counts[place]


@kernel
def _accumulate(counts):
    """Make of the pairs in each bin those in it and in all before."""
    total = np.uint32(0)
    for place in range(len(counts)):
        total += counts[place]
        counts[place] = total


@kernel
def _add_parts(accumulated, shift, table):
    """Add the pairs in each part of 2^shift bins."""
    before, place = np.uint32(0), (1 << shift) - 1
    for part in range(len(accumulated) >> shift):
        table[part] += accumulated[np.uint32(place)] - before
        before = accumulated[np.uint32(place)]
        place += 1 << shift


@kernel
def _add_levels(accumulated, first, edges, table):
    """Add the pairs in each level, where the accumulated bins begin with the bin `first`."""
    before = np.uint32(0)
    for level in range(len(edges)):
        bins = min(edges[level] - first, len(accumulated))
        upto = accumulated[bins - 1] if bins > 0 else np.uint32(0)
        table[level] += upto - before
        before = upto
    table[len(edges)] += accumulated[len(accumulated) - 1] - before


@kernel
def collect_block(
    scores,
    first_row,
    first_column,
    ends,
    nearest,  # impostor pairs from this score on are kept
    farthest,  # genuine pairs up to this score are kept
    left,  # (2, room): genuine, impostor
    right,
    found,
    counts,  # (2,) how many are kept so far; they must have room
):
    """Append the impostor pairs of high, and the genuine pairs of low score."""
    rows, columns = scores.shape
    for i in range(rows):
        row = first_row + i
        start = max(0, row + 1 - first_column)
        border = min(max(ends[row] - first_column, start), columns)
        if _any_up_to(scores[i, start:border], farthest):
            for j in range(start, border):
                if scores[i, j] <= farthest:
                    place = counts[0]
                    left[0, place], right[0, place] = row, first_column + j
                    found[0, place] = scores[i, j]
                    counts[0] = place + 1
        if _any_from(scores[i, border:], nearest):
            for j in range(border, columns):
                if scores[i, j] >= nearest:
                    place = counts[1]
                    left[1, place], right[1, place] = row, first_column + j
                    found[1, place] = scores[i, j]
                    counts[1] = place + 1


@kernel
def _any_up_to(scores, most):
    """Whether a score is at most that: counted without a branch, in vector instructions."""
    count = np.int32(0)
    for j in range(len(scores)):
        count += np.int32(scores[j] <= most)
    return count > 0


@kernel
def _any_from(scores, least):
    """Whether a score is at least that."""
    count = np.int32(0)
    for j in range(len(scores)):
        count += np.int32(scores[j] >= least)
    return count > 0
