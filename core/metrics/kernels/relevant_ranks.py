"""Ranks of the relevant rows around a query, by counting the others before them: no full order."""

from core.metrics.kernels.compile import kernel


@kernel
def count_before(
    keys,  # (n,) rising with the distance
    codes,  # (n,) class of each row
    own,  # class of the query
    nearest,  # (R,) keys of the relevant rows, ascending
    tolerance,  # rows whose keys differ by no more may stand in the other order
    starts,  # (2 R + 1,) room
    before,  # (R + 1,) room
    ranks,  # (R,) receives the rank of each relevant row, from 1
):
    """Rank the relevant rows; say whether one and another row may stand in the other order."""
    count = len(nearest)
    low, high = nearest[0], nearest[count - 1]
    buckets = 2 * count
    _fill_starts(nearest, starts)
    before[:] = 0
    unsure = False
    for row in range(len(keys)):
        key = keys[row]
        if codes[row] == own or key > high + tolerance:
            continue
        if key < low - tolerance:
            before[0] += 1
            continue
        bucket = _bucket(key, low, high, buckets)
        left, right = starts[bucket], starts[bucket + 1]
        while left < right:
            middle = (left + right) // 2
            if nearest[middle] < key:
                left = middle + 1
            else:
                right = middle
        if left < count and nearest[left] - key <= tolerance:
            unsure = True
        if left > 0 and key - nearest[left - 1] <= tolerance:
            unsure = True
        before[left] += 1
    others = 0
    for place in range(count):
        others += before[place]
        ranks[place] = place + 1 + others
    return unsure


@kernel
def _fill_starts(nearest, starts):
    """For each of 2 R equal parts of the range, the first key that is not before it; then R."""
    count = len(nearest)
    buckets = 2 * count
    place = 0
    for bucket in range(buckets):
        while (
            place < count
            and _bucket(nearest[place], nearest[0], nearest[count - 1], buckets) < bucket
        ):
            place += 1
        starts[bucket] = place
    starts[buckets] = count


@kernel
def _bucket(key, low, high, buckets):
    if key <= low:
        return 0
    if key >= high:
        return buckets - 1
    return min(int((key - low) / (high - low) * buckets), buckets - 1)


@kernel
def score_ranks(
    ranks,  # (R,) of the relevant rows, ascending
    cutoffs,  # (c,) ascending
    found,  # (c,) receives the relevant rows among the first of each cutoff
    scores,  # (5,) receives what the docstring says
):
    """Score one query.

    scores: relevant rows among the first R; sums of the precision at the relevant ranks up to R, up
    to 100, and over the whole list; the first rank.
    """
    count = len(ranks)
    place = 0
    for column in range(len(cutoffs)):
        while place < count and ranks[place] <= cutoffs[column]:
            place += 1
        found[column] = place
    scores[:] = 0.0
    scores[4] = ranks[0]
    for place in range(count):
        precision = (place + 1) / ranks[place]
        if ranks[place] <= count:
            scores[0] += 1
            scores[1] += precision
        if ranks[place] <= 100:
            scores[2] += precision
        scores[3] += precision
