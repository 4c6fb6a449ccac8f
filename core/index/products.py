"""Rows prepared so that one float32 product per pair orders them by distance.

With c a point near the rows, |x - q|^2 = |x - c|^2 - 2 (x - c).(q - c) + const, and for "cosine"
(rows of length 1) and "inner_product" -x.q = -(x - c).q + const. Centering keeps the products small
where the data lies far from the origin; scaling keeps them within float32.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.distances import Float64s, Floats, Metric, unit_rows

ROWS_AT_ONCE = 16_384
ROWS_FOR_CENTER = 4096
UNIT_ROUNDOFF = 2.0**-24
LONGEST_FACTOR = 1e30  # far above it float32 products overflow


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
        more than it is certainly farther. It is infinite, and the factors are 0, where the query
        lies so far away that float32 cannot distinguish the rows.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            factors = self._factors(queries)
            lengths = np.sqrt(np.einsum("ij,ij->i", factors, factors))
        error = UNIT_ROUNDOFF * ((queries.shape[1] + 16) * lengths + 8.0)
        far = ~(lengths < LONGEST_FACTOR)
        factors[far], error[far] = 0.0, np.inf
        return factors.astype(np.float32), np.asarray(2.0 * error, dtype=np.float32)

    def _factors(self, queries: Floats) -> Float64s:
        if self.metric == "euclidean":
            return np.asarray(-2.0 * (queries.astype(np.float64) - self.center) / self.scale)
        return -unit_rows(queries)


def prepare_products(vectors: Floats, metric: Metric, pool: ThreadPoolExecutor) -> Products:
    """Center and scale the rows of `vectors` (n, d), a block at a time on the threads of `pool`."""
    from core.index.kernels.centered import longest, write_centered

    n, dim = vectors.shape
    unit, squared = metric == "cosine", metric == "euclidean"
    sample = vectors[:: -(-n // ROWS_FOR_CENTER)]
    center = (unit_rows(sample) if unit else sample.astype(np.float64)).mean(axis=0)
    starts = range(0, n, ROWS_AT_ONCE)
    ends = [min(start + ROWS_AT_ONCE, n) for start in starts]

    def length(start: int, end: int) -> float:
        return float(longest(vectors, start, end, unit, center))

    scale = float(np.sqrt(max(pool.map(length, starts, ends)))) or 1.0
    rows, bias = np.empty((n, dim), np.float32), np.empty(n, np.float32)

    def write(start: int, end: int) -> None:
        write_centered(vectors, start, end, unit, center, 1.0 / scale, squared, rows, bias)

    list(pool.map(write, starts, ends))
    return Products(metric, rows, bias, center, scale)
