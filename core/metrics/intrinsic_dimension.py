"""Intrinsic dimension from the lengths to the nearest neighbors.

Both estimators ask how the number of neighbors grows with the radius, so they take lengths: squares
of lengths would give half of the dimension. 1 - cos is half of a square; `core.distances.lengths`
turns it into the chord.

Local, by maximum likelihood, from the positive lengths r_1 <= ... <= r_k of one item to its
neighbors, with S = sum over j of ln(r_k / r_j):

| estimator       | formula     | source                        |
|-----------------|-------------|-------------------------------|
| "amsaleg"       | k / S       | Amsaleg et al., KDD 2015      |
| "levina_bickel" | (k - 1) / S | Levina and Bickel, NIPS 2004  |
| "unbiased"      | (k - 2) / S | MacKay and Ghahramani, 2005   |

Global, TwoNN (Facco et al., 2017): (n - 1) / sum over items of ln(r_2 / r_1).
"""

from typing import Literal, get_args

import numpy as np

from core.checks import check_choice, check_numbers
from core.distances import Float64s, Floats
from core.errors import ParameterError

Estimator = Literal["amsaleg", "levina_bickel", "unbiased"]

_LOST_DEGREES: dict[str, int] = dict(zip(get_args(Estimator), (0, 1, 2), strict=True))


def local_intrinsic_dimension(distances: Floats, *, estimator: Estimator = "amsaleg") -> Float64s:
    """Local intrinsic dimension of each item, (q,) float64.

    distances: (q, k) ascending lengths to each item's neighbors, itself left out: euclidean
    distances, or what `core.distances.lengths` makes of cosine ones. Zeros, and the NaN where a
    search returned fewer than k, are dropped, and k is the number kept.
    estimator: the formula, see the module.
    The result is inf where all kept distances are equal, and NaN where fewer than two are kept
    (fewer than three for "unbiased", which is 0 / S for two). Raises ParameterError for another
    estimator or shape, and for negative or infinite distances.
    """
    check_choice(estimator, "estimator", get_args(Estimator))
    lengths = checked_distances(distances, columns=1)
    kept = lengths > 0
    logs = np.log(lengths, where=kept, out=np.full(lengths.shape, -np.inf))
    largest = logs.max(axis=1, keepdims=True)
    spread = np.where(kept, np.subtract(largest, logs, where=kept, out=np.zeros_like(logs)), 0.0)
    count = kept.sum(axis=1)
    total = spread.sum(axis=1)
    degrees = count - _LOST_DEGREES[estimator]
    result = np.full(len(lengths), np.nan)
    np.divide(degrees, total, out=result, where=(degrees > 0) & (total > 0))
    result[(total == 0) & (count >= 2)] = np.inf
    result[count < 2] = np.nan
    return result


def two_nn_dimension(distances: Floats) -> float:
    """Intrinsic dimension of the whole data set by TwoNN.

    distances: (n, >= 2) ascending lengths to each item's neighbors, itself left out: euclidean
    distances, or what `core.distances.lengths` makes of cosine ones. Items with an exact duplicate
    (r_1 = 0) have no ratio: they are left out, and n counts the others.
    The result is NaN where fewer than two items are left, inf where r_1 = r_2 for all of them.
    Raises ParameterError for another shape, and for negative or infinite distances.
    """
    lengths = checked_distances(distances, columns=2)[:, :2]
    lengths = lengths[(lengths > 0).all(axis=1)]
    if len(lengths) < 2:
        return float("nan")
    total = float(np.sum(np.log(lengths[:, 1]) - np.log(lengths[:, 0])))
    return (len(lengths) - 1) / total if total > 0 else float("inf")


def checked_distances(distances: Floats, columns: int) -> Float64s:
    """`distances` as lengths, float64, (items, at least `columns` neighbors)."""
    lengths = check_numbers(distances, "distances")
    if lengths.ndim != 2 or lengths.shape[1] < columns:
        raise ParameterError(
            f"distances must be (items, neighbors) with at least {columns} neighbors; "
            f"got shape {lengths.shape}. Search for more neighbors."
        )
    wrong = np.flatnonzero(((lengths < 0) | np.isinf(lengths)).any(axis=1))
    if len(wrong):
        raise ParameterError(
            "distances must be lengths, finite and 0 or more; "
            f"{len(wrong):,} of {len(lengths):,} rows are not, the first is row {wrong[0]:,}. "
            "Give euclidean distances: core.distances.lengths makes them of cosine ones, and those "
            "of inner product are no lengths."
        )
    return lengths
