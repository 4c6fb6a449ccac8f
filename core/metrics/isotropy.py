"""Isotropy: do vectors look alike in all directions, or do they keep to a narrow cone?"""

import numpy as np
import numpy.typing as npt

from core.checks import check_rows
from core.distances import Float64s, Floats, unit_rows
from core.metrics.spectrum import blocks_of, second_moment


def mean_cosine(vectors: Floats) -> float:
    """Mean cosine over all pairs of two rows of `vectors` (n, d): exact, in one pass.

    With u the rows scaled to length 1, it is (|sum u|^2 - m) / (m (m - 1)) for the m rows that are
    not zero; zero rows have no direction and are left out. 0 for evenly spread directions, near 1
    in a narrow cone. NaN for fewer than two directions. (Ethayarajh, arXiv 1909.00512, estimates
    it from random pairs.)

    >>> round(mean_cosine(np.array([[2.0, 0.0], [0.0, 3.0], [1.0, 1.0]])), 4)  # 0, 0.7071, 0.7071
    0.4714
    """
    rows = check_rows(vectors, "vectors")
    total, count = np.zeros(rows.shape[1]), 0
    for block in blocks_of(rows):
        units = unit_rows(block)
        total += units.sum(axis=0)
        count += int(units.any(axis=1).sum())
    if count < 2:
        return float("nan")
    return float((total @ total - count) / (count * (count - 1)))


def partition_score(vectors: Floats, *, moment: npt.ArrayLike | None = None) -> float:
    """min Z(c) / max Z(c), Z(c) = sum over rows x of exp(c . x), in (0, 1]; 1 is isotropic.

    c: the eigenvectors of X'X and their opposites (Mu and Viswanath, arXiv 1702.01417, after Arora
    et al., TACL 2016; a sign is arbitrary for an eigenvector, so both are taken). vectors: (n, d).
    moment: their second moment about 0, (d, d), where it is at hand. Longer vectors give a lower
    score: only sets of like lengths can be compared.
    """
    rows = check_rows(vectors, "vectors")
    matrix = second_moment(rows) if moment is None else np.asarray(moment, np.float64)
    axes = np.linalg.eigh(matrix)[1]
    logs = _log_partitions(rows, axes)
    return float(np.exp(logs.min() - logs.max()))


def _log_partitions(rows: Floats, axes: Float64s) -> Float64s:
    """ln Z of each column of `axes` (d, c) and of its opposite, (2, c)."""
    logs = np.full((2, axes.shape[1]), -np.inf)
    for block in blocks_of(rows):
        products = block.astype(np.float64) @ axes
        for i, signed in enumerate((products, -products)):
            largest = signed.max(axis=0)
            part = largest + np.log(np.exp(signed - largest).sum(axis=0))
            logs[i] = np.logaddexp(logs[i], part)
    return logs
