"""Rows prepared so that one float32 product per pair orders them by distance.

With c a point near the rows, |x - q|^2 = |x - c|^2 - 2 (x - c).(q - c) + const, and for "cosine"
(rows of length 1) and "inner_product" -x.q = -(x - c).q + const. Centering keeps the products small
where the data lies far from the origin; scaling keeps them within float32.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.spaces import Float64s, Floats, Metric, unit_rows

ROWS_AT_ONCE = 16_384
UNIT_ROUNDOFF = 2.0**-24


@dataclass(frozen=True, eq=False)
class Products:
    """Rows (n, d) float32 of length at most 1 and bias (n,) float32.

    bias + row . factors orders the rows by their distance to the query of these factors.
    """

    metric: Metric
    rows: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    center: Float64s
    scale: float

    def of_queries(
        self, queries: Floats
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Factors (q, d) to multiply the rows with, and slack (q,).

        Slack is twice the largest error of bias + product: a row whose value exceeds another's by
        more than it is certainly farther.
        """
        if self.metric == "euclidean":
            factors = -2.0 * (queries.astype(np.float64) - self.center) / self.scale
        else:
            factors = -unit_rows(queries)
        lengths = np.sqrt(np.einsum("ij,ij->i", factors, factors))
        error = UNIT_ROUNDOFF * ((queries.shape[1] + 16) * lengths + 8.0)
        return factors.astype(np.float32), np.asarray(2.0 * error, dtype=np.float32)


def prepare_products(vectors: Floats, metric: Metric) -> Products:
    """Center and scale the rows of `vectors` (n, d), a block at a time."""
    n, dim = vectors.shape
    blocks = [slice(start, start + ROWS_AT_ONCE) for start in range(0, n, ROWS_AT_ONCE)]
    center = sum((_prepared(vectors[b], metric).sum(axis=0) for b in blocks), np.zeros(dim)) / n
    rows = np.empty((n, dim), dtype=np.float32)
    scale = 0.0
    for block in blocks:
        moved = _prepared(vectors[block], metric) - center
        scale = max(scale, float(np.sqrt(np.einsum("ij,ij->i", moved, moved).max())))
    scale = scale or 1.0
    bias = np.zeros(n, dtype=np.float32)
    for block in blocks:
        moved = (_prepared(vectors[block], metric) - center) / scale
        rows[block] = moved
        if metric == "euclidean":
            bias[block] = np.einsum("ij,ij->i", moved, moved)
    return Products(metric, rows, bias, center, scale)


def _prepared(vectors: Floats, metric: Metric) -> Float64s:
    return unit_rows(vectors) if metric == "cosine" else vectors.astype(np.float64)
