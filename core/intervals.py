"""95 % intervals of means and of shares, from a sample of values."""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Float64s, Floats

NORMAL_95 = 1.959964  # the 97.5 % point of the normal distribution
PERCENTS = (2.5, 97.5)


def normal_half_width(values: Floats) -> Float64s:
    """Half of the normal interval of a mean: 1.959964 standard errors, s / sqrt(q), s over q - 1.

    values: (q, ...) of q independent items, of which the mean over the first axis is taken.
    The result has the other axes; NaN for fewer than two items, whose spread is unknown.

    >>> round(float(normal_half_width(np.array([0.8, 1.0]))), 6)  # s = 0.141421, s / sqrt(2) = 0.1
    0.195996
    """
    count = len(values)
    if count < 2:
        return np.full(values.shape[1:], np.nan)
    return np.asarray(NORMAL_95 * values.std(axis=0, ddof=1) / np.sqrt(count))


def wilson_interval(share: float, count: float) -> tuple[float, float]:
    """Interval of a share of `count` independent items (Wilson, JASA 22, 1927), within [0, 1].

    Unlike the normal one it has a width where the share is 0 or 1.

    >>> low, high = wilson_interval(0.1, 100)
    >>> round(low, 4), round(high, 4)
    (0.0552, 0.1744)
    """
    low, high = wilson_intervals(np.asarray(share), np.asarray(count))
    return float(low), float(high)


def wilson_intervals(share: Floats, count: npt.NDArray[Any]) -> tuple[Float64s, Float64s]:
    """`wilson_interval` of each share of so many items, of any shape; NaN without an item."""
    z, n = NORMAL_95, np.where(count > 0, count, np.nan)
    scale = 1 + z**2 / n
    middle = (share + z**2 / (2 * n)) / scale
    half = z / scale * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def bootstrap_interval(
    values: Floats, *, resamples: int = 1_000, seed: int = 0
) -> tuple[Float64s, Float64s]:
    """Interval of a mean by bootstrap over items: percentiles of the means of the resamples.

    values: (q, ...) of q independent items, of which the mean over the first axis is taken.
    resamples: how many times q items are drawn, with replacement, with `seed`; the same draws serve
    all of the other axes, which the low and the high ends have.
    """
    return middle_95(np.tensordot(_weights(len(values), resamples, _random(seed)), values, 1))


def crossed_bootstrap_interval(
    values: Floats, *, resamples: int = 1_000, seed: int = 0
) -> tuple[float, float]:
    """Interval of the mean of values (r, q), one for each of q items under each of r conditions.

    Each resample draws conditions and items with replacement, the same items under all conditions.
    """
    random = _random(seed)
    of_rows = _weights(values.shape[0], resamples, random)
    of_columns = _weights(values.shape[1], resamples, random)
    low, high = middle_95(((of_rows @ values) * of_columns).sum(axis=1))
    return float(low), float(high)


def ratio_interval(
    above: Floats, below: Floats, *, resamples: int = 1_000, seed: int = 0
) -> tuple[float, float]:
    """Interval of mean(above) / mean(below) by bootstrap over items that both are of, (q,) each."""
    weights = _weights(len(above), resamples, _random(seed))
    low, high = middle_95((weights @ above) / (weights @ below))
    return float(low), float(high)


def middle_95(draws: Floats) -> tuple[Float64s, Float64s]:
    """The 2.5 and 97.5 % points of draws (r, ...) along the first axis, by linear interpolation."""
    low, high = np.percentile(draws, PERCENTS, axis=0)
    return np.asarray(low), np.asarray(high)


def _random(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def _weights(count: int, resamples: int, random: np.random.Generator) -> Float64s:
    """The weight of each of `count` items in the mean of each resample, (resamples, count)."""
    draws = random.multinomial(count, np.full(count, 1 / count), size=resamples)
    return np.asarray(draws / count)
