"""How many true neighbors stand in the list, for several k at once, strict and with ties."""

import numpy as np

from core.index.kernels.compile import kernel
from core.index.kernels.distance import true_distance
from core.index.kernels.types import ROW_MASK
from core.ties import tie_limit

COUNTED = 0
RANK, TIE = 0, 1  # places in Record.known

_tie_limit = kernel(tie_limit)


@kernel
def count_hits(entry, size, deleted, record):
    """Count those among the first k live entries for every k; writes record.now.

    A row that stands at place c of the list and at place r among the true neighbors is a hit for
    every k above both. With ties it is one too where it is as near as the k-th true neighbor.
    """
    ks, now = record.ks, record.now
    for i in range(len(now)):
        now[i] = 0
    count, position = 0, 0
    while position < size and count < record.k and len(ks) > 0:
        row = entry[position] & ROW_MASK
        position += 1
        if row == record.exclude or deleted[row]:
            continue
        rank = record.known[row, RANK] - record.rank_tag
        tie = _tie_place(record, row)
        for i in range(len(ks) - 1, -1, -1):
            if count >= ks[i]:
                break
            hit = rank >= 0 and rank < ks[i]
            now[i] += hit
            now[len(ks) + i] += hit or i >= tie
        count += 1
    return COUNTED


@kernel
def _tie_place(record, row):
    """The first of `ks` whose limit the row keeps, measured once per query."""
    if record.known[row, TIE] >= record.tie_tag:
        return record.known[row, TIE] - record.tie_tag
    place, ks = 0, record.ks
    distance = true_distance(record.vectors, row, record.query, record.squared, record.unit)
    while place < len(ks) and not distance <= record.limits[place]:
        place += 1
    record.known[row, TIE] = record.tie_tag + place
    return place


@kernel
def mark_truth(record, truth):
    """Note the places of the true neighbors (k,), and the limit of each k."""
    farthest, place = -np.inf, 0
    for i in range(len(record.ks)):
        while place < record.ks[i]:
            row = truth[place]
            if row >= 0:
                record.known[row, RANK] = record.rank_tag + place
                distance = true_distance(
                    record.vectors, row, record.query, record.squared, record.unit
                )
                farthest = max(farthest, distance)
            place += 1
        record.limits[i] = _tie_limit(farthest) if farthest > -np.inf else farthest
