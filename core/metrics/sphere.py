"""Alignment and uniformity of rows on the unit sphere (Wang and Isola, arXiv 2005.10242, 2020).

Alignment is the mean squared distance of the pairs of one class, uniformity the logarithm of the
mean of exp(-2 d^2) over all pairs of rows, d the length between rows scaled to length 1. The lower,
the better, both: 0 is the highest uniformity, of rows that are all alike. A zero row has no
direction and is left out.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_labels, check_rows
from core.distances import Float64s, Floats, unit_rows
from core.metrics.pair_sums import pair_resamples

Labels = npt.NDArray[np.integer[Any]]
ROWS_AT_ONCE = 512
STEEPNESS = 2.0


@dataclass(frozen=True, eq=False)
class Alignment:
    """value: over the pairs of all classes, NaN without any. classes: (T,) labels of the classes
    of two rows or more. by_class: (T,) of the pairs of each. pairs: how many in all."""

    value: float
    classes: npt.NDArray[np.int64]
    by_class: Float64s
    pairs: int


@dataclass(frozen=True, eq=False)
class Uniformity:
    """value: at most 0. interval: 95 %, by bootstrap over the rows. rows: that have a direction."""

    value: float
    interval: tuple[float, float]
    rows: int


def alignment(vectors: Floats, labels: Labels) -> Alignment:
    """Alignment of `vectors` (n, d) with integer `labels` (n,), below 0 for a missing one.

    Of a class of m rows x with mean c the m (m - 1) / 2 squared distances sum to m sum |x - c|^2,
    so that no pair is looked at.

    >>> found = alignment(np.array([[1.0, 0.0], [0.0, 1.0], [3.0, 0.0]]), np.array([0, 0, 0]))
    >>> round(found.value, 6)  # squared distances 2, 0 and 2
    1.333333
    """
    rows = check_rows(vectors, "vectors")
    codes = check_labels(labels, len(rows)).astype(np.int64)
    units = unit_rows(rows)
    kept = (codes >= 0) & units.any(axis=1)
    classes, inverse, sizes = np.unique(codes[kept], return_inverse=True, return_counts=True)
    order = np.argsort(inverse, kind="stable")
    units, starts = units[kept][order], np.cumsum(sizes) - sizes
    spread = np.empty(0)
    if len(units):
        means = np.add.reduceat(units, starts) / sizes[:, None]
        units -= np.repeat(means, sizes, axis=0)
        spread = np.add.reduceat(np.einsum("ij,ij->i", units, units), starts)
    several = sizes > 1
    sums, pairs = (sizes * spread)[several], (sizes * (sizes - 1) // 2)[several]
    total = int(pairs.sum())
    return Alignment(
        float(sums.sum() / total) if total else float("nan"), classes[several], sums / pairs, total
    )


def uniformity(vectors: Floats, *, seed: int = 0) -> Uniformity:
    """Uniformity of all pairs of `vectors` (n, d), which grow as n^2; NaN with fewer than two.

    seed: of the bootstrap, whose resamples are taken to first order in the weights of the rows: so
    the interval is too wide rather than too narrow where rows are spread evenly over the sphere.

    >>> round(uniformity(np.eye(3)).value, 6)  # all squared distances are 2: exp(-4)
    -4.0
    """
    units = unit_rows(check_rows(vectors, "vectors"))
    units = units[units.any(axis=1)]
    n = len(units)
    if n < 2:
        return Uniformity(float("nan"), (float("nan"), float("nan")), n)
    units -= units.mean(axis=0)  # keeps the digits of crowded directions
    squared = np.einsum("ij,ij->i", units, units)
    sums = np.empty(n)
    for start in range(0, n, ROWS_AT_ONCE):
        some = slice(start, start + ROWS_AT_ONCE)
        apart = squared[some, None] + squared - 2.0 * (units[some] @ units.T)
        sums[some] = np.exp(-STEEPNESS * np.maximum(apart, 0.0)).sum(axis=1) - 1.0
    draws = pair_resamples(np.column_stack([sums, np.full(n, n - 1.0)]), seed=seed)
    shares = np.clip(draws[:, 0] / draws[:, 1], np.finfo(np.float64).tiny, 1.0)
    low, high = np.percentile(np.log(shares), [2.5, 97.5])
    return Uniformity(float(np.log(sums.sum() / (n * (n - 1)))), (float(low), float(high)), n)
