"""Hubness: do a few items stand in the neighbor lists of very many others?

N_k(i), the k-occurrence of item i, is the number of lists in which it stands; hubness is the
skewness of N_k over the items (Radovanovic, Nanopoulos and Ivanovic, JMLR 2010).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import ParameterError


def k_occurrence(neighbor_ids: npt.NDArray[np.integer[Any]], n: int) -> npt.NDArray[np.int64]:
    """How many of the lists hold each item, (n,).

    neighbor_ids: (q, k) row ids below `n`; -1, a place that a search left empty, is not counted.
    Raises ParameterError for an id outside of [-1, n).
    """
    ids = np.asarray(neighbor_ids).ravel()
    outside = ids[(ids < -1) | (ids >= n)]
    if outside.size:
        raise ParameterError(
            f"neighbor ids must lie between 0 and n - 1 = {n - 1:,} (or be -1 for none); "
            f"got {outside[0]:,}. Give the n of the data that was searched."
        )
    return np.bincount(ids[ids >= 0], minlength=n).astype(np.int64)


def hubness_skewness(occurrence: npt.NDArray[np.integer[Any]]) -> float:
    """Skewness of k-occurrences (n,): the third central moment over the cube of the deviation.

    0 means even lists, above about 1 a few hubs take many places. NaN where all items occur equally
    often, for then there is no deviation to divide by.
    """
    counts = np.asarray(occurrence, dtype=np.float64)
    if counts.size == 0 or np.all(counts == counts[0]):
        return float("nan")
    centered = counts - counts.mean()
    return float(np.mean(centered**3) / np.mean(centered**2) ** 1.5)
