"""The order in which hnswlib adds up a distance on this machine.

float32 sums depend on their order in the last digit, and one digit can decide which of two
candidates is nearer. hnswlib has a function for each width of vector instructions (space_l2.h and
space_ip.h of 0.8.0) and takes one by the processor and the number of dimensions, so the order is
found by trying: it is that which gives hnswlib's own distances, bit by bit.
"""

from functools import cache
from itertools import product

import hnswlib
import numpy as np
import numpy.typing as npt

from core.index.kernels.types import SumOrder

PROBES = 512
BLOCK = 16
LANES_AND_FOLD = ((16, 16), (16, 1), (8, 8), (8, 4), (4, 4), (8, 1), (4, 1), (1, 1))
UNFUSED = (BLOCK, 1, 4, 8)


def sum_order(dim: int, *, squared: bool) -> SumOrder:
    """hnswlib's order of sums for vectors of `dim` numbers.

    Where none of those tried is its own, the first: a replay may then differ from the index in
    distances that are equal but for rounding.
    """
    lanes, fold, fused, unfused = _found(dim, squared)
    return SumOrder(squared, fused, fold, unfused, np.empty(lanes, np.float32))


@cache
def _found(dim: int, squared: bool) -> tuple[int, int, bool, int]:
    from core.index.kernels.insertion import all_distances

    # Products far from 1 in sum: 1 - dot would round the differences of small ones away.
    rows = np.random.default_rng(dim).normal(size=(PROBES, dim)).astype(np.float32)
    rows.setflags(write=False)
    native, ours = _native(rows, squared), np.empty(PROBES, np.float32)
    for (lanes, fold), fused, unfused in product(LANES_AND_FOLD, (True, False), UNFUSED):
        how = SumOrder(squared, fused, fold, unfused, np.empty(lanes, np.float32))
        all_distances(rows, rows[0].copy(), how, ours)
        if np.array_equal(ours, native):
            return lanes, fold, fused, unfused
    return *LANES_AND_FOLD[0], True, BLOCK


def _native(rows: npt.NDArray[np.float32], squared: bool) -> npt.NDArray[np.float32]:
    """hnswlib's distances of all rows to the first, (n,)."""
    index = hnswlib.BFIndex("l2" if squared else "ip", rows.shape[1])
    index.init_index(len(rows))
    index.add_items(rows, np.arange(len(rows)))
    labels, distances = index.knn_query(rows[:1], len(rows), num_threads=1)
    out = np.empty(len(rows), np.float32)
    out[labels[0].astype(np.int64)] = distances[0]
    return out
