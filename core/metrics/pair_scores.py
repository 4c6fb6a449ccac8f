"""Scores of pairs of rows under each metric, in blocks: the larger, the nearer.

| metric          | score                                            |
|-----------------|--------------------------------------------------|
| "cosine"        | cos; with a zero row, which has no direction, 0  |
| "euclidean"     | -d^2 / 2, d the length of the difference         |
| "inner_product" | dot                                              |

`core.metrics.score_units` has the same thresholds as the systems in use write them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.distances import (
    Float64s,
    Floats,
    Metric,
    check_metric,
    each_block,
    paired_distances,
    unit_rows,
)

Float32s = npt.NDArray[np.float32]
Positions = npt.NDArray[np.int64]
PAIRS_AT_ONCE = 512  # whose rows, as float64, stay in the cache
BASIS_ROWS = 4096  # that are added up at once, so that the basis is the same however rows are read


@dataclass(frozen=True, eq=False)
class ScoreBasis:
    """What the products of all rows rest on: the point that they are about, and their unit.

    center: (d,), zeros under inner product. unit: 1 under cosine.
    """

    center: Float64s
    unit: float


def score_basis(blocks: Iterable[Floats], metric: Metric) -> ScoreBasis:
    """The basis of rows that come in blocks of 4,096, as that of all of them in one array."""
    sums = _Sums()
    for block in blocks:
        sums.add(*_precise(block, metric, 1))
    return sums.basis(metric)


class _Sums:
    """What a basis is made of, block after block."""

    def __init__(self) -> None:
        self._total: Float64s | None = None
        self._low, self._high, self._directed = np.inf, -np.inf, 0

    def add(self, rows: Float64s, directed: npt.NDArray[np.bool_]) -> None:
        """Add rows as `_precise` makes them; a row without a direction is zero."""
        total, low, high = rows.sum(axis=0), rows.min(axis=0), rows.max(axis=0)
        self._total = total if self._total is None else self._total + total
        self._low, self._high = np.minimum(self._low, low), np.maximum(self._high, high)
        self._directed += int(np.count_nonzero(directed))

    def basis(self, metric: Metric) -> ScoreBasis:
        """That of what was added."""
        assert self._total is not None
        center = np.zeros_like(self._total)
        if metric != "inner_product" and self._directed:
            center = self._total / self._directed
        if metric == "cosine":
            return ScoreBasis(center, 1.0)
        farthest = max(float((center - self._low).max()), float((self._high - center).max()), 0.0)
        longest = farthest * np.sqrt(len(center))
        return ScoreBasis(center, float(longest**2) if longest > 0 else 1.0)


class PairScores:
    """Scores between the rows of `vectors` (n, d), finite floats; see the module.

    Products are float32, about the mean of the rows where the score is one of distances, so that
    crowded directions keep their digits: scores are right to about 3e-6 of the largest squared
    length about the mean.
    """

    def __init__(
        self,
        vectors: Floats,
        metric: Metric,
        *,
        basis: ScoreBasis | None = None,
        threads: int = 1,
    ) -> None:
        """basis: where these are some of the rows, that of all. threads: that prepare the rows."""
        self._vectors, self.metric = vectors, check_metric(metric)
        self.offset = 1.0 if metric == "cosine" else 0.0
        rows, directed = _precise(vectors, metric, threads)
        if basis is None:
            sums = _Sums()
            for start in range(0, len(rows), BASIS_ROWS):
                some = slice(start, start + BASIS_ROWS)
                sums.add(rows[some], directed[some])
            basis = sums.basis(metric)
        if metric != "inner_product":
            rows -= basis.center
        rows[~directed] = 0.0
        self.unit = basis.unit
        if metric != "cosine":
            rows /= np.sqrt(self.unit)
        self._left, self._right = (
            _factors(rows, directed, threads) if metric != "inner_product" else (_single(rows),) * 2
        )

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self._left)

    def block(self, rows: slice, columns: slice, room: Float32s) -> Float32s:
        """Products of a block, (r, c), written into `room`: (score - offset) / unit."""
        left, right = self._left[rows], self._right[columns]
        out = room[: len(left) * len(right)].reshape(len(left), len(right))
        return np.matmul(left, right.T, out=out)

    def between(self, rows: Positions, columns: Positions) -> Float64s:
        """Scores of some rows with some others, (r, c), from the products."""
        return self.of_products(self.products(rows, columns))

    def products(self, rows: Positions, columns: Positions) -> Float32s:
        """Products of some rows with some others, (r, c), in the order of their scores."""
        return np.asarray(self._left[rows] @ self._right[columns].T)

    def of_products(self, products: Float32s) -> Float64s:
        """The scores of which these are the products, of any shape."""
        return np.asarray(products.astype(np.float64) * self.unit + self.offset)

    def of_pairs(self, left: Positions, right: Positions) -> Float64s:
        """Scores of single pairs, (m,), in float64 from the rows themselves."""
        found = np.empty(len(left))
        for start in range(0, len(left), PAIRS_AT_ONCE):
            some = slice(start, start + PAIRS_AT_ONCE)
            one, other = self._vectors[left[some]], self._vectors[right[some]]
            found[some] = score_pairs(one, other, self.metric)
        return found


def score_pairs(left: Floats, right: Floats, metric: Metric) -> Float64s:
    """Score of each row of `left` (m, d) with the same row of `right`, (m,); see the module."""
    distance = paired_distances(left, right, metric)
    return -(distance**2) / 2.0 if metric == "euclidean" else 1.0 - distance


def _precise(
    vectors: Floats, metric: Metric, threads: int
) -> tuple[Float64s, npt.NDArray[np.bool_]]:
    """The rows in float64, of length 1 under cosine, and whether each has a direction."""
    if metric == "cosine":
        return unit_rows(vectors, threads=threads), np.asarray(vectors.any(axis=1))
    return vectors.astype(np.float64), np.ones(len(vectors), dtype=bool)


def _factors(
    rows: Float64s, directed: npt.NDArray[np.bool_], threads: int
) -> tuple[Float32s, Float32s]:
    """Two (n, d + 3) matrices whose product is -d^2 / 2 of every pair, -1 without a direction."""
    left, right = np.empty((2, len(rows), rows.shape[1] + 3), dtype=np.float32)
    squared = np.empty(len(rows))

    def fill(some: slice) -> None:
        left[some, :-3] = right[some, :-3] = rows[some]
        squared[some] = np.einsum("ij,ij->i", rows[some], rows[some])

    each_block(len(rows), fill, threads)
    half, one = np.where(directed, -squared / 2, -1.0), np.where(directed, 1.0, 0.0)
    left[:, -3:] = np.column_stack([half, one, ~directed])
    right[:, -3:] = np.column_stack([one, half, -1.0 * ~directed])
    return left, right


def _single(rows: Float64s) -> Float32s:
    return np.ascontiguousarray(rows, dtype=np.float32)
