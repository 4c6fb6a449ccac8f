"""TwoNN with its fit: does one intrinsic dimension describe the data at all?

Facco et al., Scientific Reports 7, 12140 (2017). Where the density is even around each item, the
ratios mu = r_2 / r_1 have the distribution F(mu) = 1 - mu^-d. So the points (ln mu, -ln(1 - F)),
with F the share of items of at most that ratio, lie on a line through the origin whose slope is
d; a bend is the sign of several dimensions, of noise or of copies.
"""

from dataclasses import dataclass

import numpy as np

from core.checks import check_number
from core.distances import Float64s, Floats
from core.errors import ParameterError
from core.metrics.intrinsic_dimension import checked_distances


@dataclass(frozen=True, eq=False)
class TwoNNFit:
    """Points of the plot and the line through them.

    log_ratios, log_rest: (m,) ln mu ascending and -ln(1 - F), of the items that were fitted.
    dimension: the slope. r_squared: share of the squares of log_rest that the line explains.
    n: items with a ratio; left_out: those without one, for a copy has no distance to its row.
    discarded: the largest ratios, left out of the fit.
    """

    log_ratios: Float64s
    log_rest: Float64s
    dimension: float
    r_squared: float
    n: int
    left_out: int
    discarded: int


def two_nn_fit(distances: Floats, *, discard: float = 0.1) -> TwoNNFit:
    """Fit the line of TwoNN.

    distances: (n, >= 2) ascending lengths to each item's neighbors, itself left out, as in
    `two_nn_dimension`. discard: the share of the largest ratios that is not fitted, in [0, 1):
    they are few and noisy.
    The dimension is NaN where fewer than two items can be fitted, inf where all ratios are 1.
    """
    share = check_number(discard, "discard")
    if not 0 <= share < 1:
        raise ParameterError(f"discard must be at least 0 and below 1; got {discard!r}.")
    lengths = checked_distances(distances, columns=2)[:, :2]
    usable = lengths[(lengths > 0).all(axis=1)]
    n = len(usable)
    logs = np.sort(np.log(usable[:, 1]) - np.log(usable[:, 0]))
    kept = min(int(n * (1 - share)), n - 1)  # the last has F = 1, which is no point
    x, y = logs[: max(0, kept)], -np.log1p(-np.arange(1, max(0, kept) + 1) / max(n, 1))
    slope, explained = _line(x, y)
    return TwoNNFit(x, y, slope, explained, n, len(lengths) - n, n - len(x))


def _line(x: Float64s, y: Float64s) -> tuple[float, float]:
    """Slope of the line through the origin, and the share of sum y^2 that it explains."""
    if len(x) < 2:
        return float("nan"), float("nan")
    squares = float(x @ x)
    if squares == 0:
        return float("inf"), float("nan")
    slope = float(x @ y) / squares
    return slope, float(1 - np.sum((y - slope * x) ** 2) / (y @ y))
