"""Count the scores of a block of pairs: by kind, by class, by row and by group."""

import numpy as np

from core.metrics.kernels.compile import kernel


@kernel
def count_block(
    scores,  # (rows, columns) float32, one product
    first_row,
    first_column,
    ends,  # (n,) position behind the last row of each row's class
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
    by_group,  # (2, groups, groups, levels); without groups (2, 0, 0, levels)
    places,  # (columns,) room for the bins of one row of scores
):
    """Add every pair of the block whose column is the later row.

    A pair counts in the row and in the class of each of its ends: a genuine pair twice in its
    class. The bins of one row of scores are found first, in vector instructions, and are then in
    the cache for the loops that count them. These have no branches; their slices spare each access
    the check for an index from the end, which would also keep vector instructions away.
    """
    rows, columns = scores.shape
    with_groups = by_group.shape[1] > 0
    for i in range(rows):
        row = first_row + i
        start = max(0, row + 1 - first_column)
        border = min(max(ends[row] - first_column, start), columns)
        _find_bins(scores[i, start:], low, scale, totals.shape[1] - 1, places[start:])
        for kind in range(2):
            begin = start if kind == 0 else border
            end = border if kind == 0 else columns
            some = places[begin:end]
            later = slice(first_column + begin, first_column + end)
            total, own = totals[kind], by_row[kind, row]
            of_class, of_columns = by_class[kind, slots[row]], by_row[kind, later]
            others, of_others = slots[later], by_class[kind]
            for j in range(len(some)):
                place = np.uint32(some[j])
                few = np.uint32(coarse[place])
                total[place] += 1
                of_class[place >> shift] += 1
                own[few] += 1
                of_columns[j, few] += 1
                of_others[np.uint32(others[j]), place >> shift] += 1
            if with_groups:
                near, of_group = groups[later], by_group[kind, groups[row]]
                for j in range(len(some)):
                    of_group[np.uint32(near[j]), np.uint32(levels[np.uint32(some[j])])] += 1


@kernel
def _find_bins(scores, low, scale, last, places):
    """The bin of each score, of those from 0 to the last."""
    zero, top = np.float32(0), np.float32(last)
    for j in range(len(scores)):
        places[j] = np.int32(min(max((scores[j] - low) * scale, zero), top))


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
