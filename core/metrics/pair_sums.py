"""Bootstrap over rows of sums over pairs of rows, without walking the pairs again."""

import numpy as np

from core.distances import Float64s

RESAMPLES = 1_000


def pair_resamples(sums: Float64s, *, resamples: int = RESAMPLES, seed: int = 0) -> Float64s:
    """Sums over all pairs in resamples of the rows, (resamples, f), to first order.

    sums: (m, f) of each row i the sum over the other rows j of a figure h_ij, so that a pair stands
    in the sums of both its ends. With weights w of the rows the sum over pairs of w_i w_j h_ij is,
    to first order about w = 1, sum_i w_i H_i - T with H_i the row's sum and T = sum_i H_i / 2.
    Pairs are not independent of one another, but rows are: so rows are drawn, never pairs.
    """
    m = len(sums)
    weights = np.random.default_rng(seed).multinomial(m, np.full(m, 1 / m), size=resamples)
    return np.asarray(weights @ sums - sums.sum(axis=0) / 2)
