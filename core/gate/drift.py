"""How far the lengths of vectors have drifted from those of other vectors."""

import numpy as np

from core.checks import check_rows
from core.data import row_norms
from core.distances import Float64s, Floats


def norm_drift(vectors: Floats, reference: Floats) -> float:
    """Distance of two distributions of lengths, as a share of the reference's median length.

    vectors (n, d), reference (m, e): of any dimensions. The distance is Wasserstein's of order 1,
    how far a length has to move on average to make one distribution the other: the area between
    the two cumulative distributions (Ramdas, Garcia Trillos & Cuturi, Entropy 19(2), 2017, 47,
    equation 5). Rounding moves it by as little as the lengths themselves, which a test of equal
    distributions would take for a difference among vectors of length 1. NaN where the reference's
    median length is 0.

    >>> round(norm_drift(np.array([[3.0], [3.0]]), np.array([[2.0], [2.0]])), 6)  # 1 of 2
    0.5
    """
    ours = np.sort(_norms(vectors, "vectors"))
    theirs = np.sort(_norms(reference, "reference"))
    median = float(np.median(theirs))
    if median == 0:
        return float("nan")
    values = np.sort(np.concatenate([ours, theirs]))
    below = [np.searchsorted(side, values[:-1], "right") / len(side) for side in (ours, theirs)]
    return float(np.sum(np.abs(below[0] - below[1]) * np.diff(values))) / median


def _norms(vectors: Floats, name: str) -> Float64s:
    return row_norms(check_rows(vectors, name))
