"""Hubness: are a few items in the neighbor lists of very many others?

N_k(i), the k-occurrence of item i, is the number of lists in which it stands; hubness is the
skewness of N_k over the items (Radovanovic, Nanopoulos and Ivanovic, JMLR 2010).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_ids, check_numbers, check_whole


def k_occurrence(neighbor_ids: npt.NDArray[np.integer[Any]], n: int) -> npt.NDArray[np.int64]:
    """How many of the lists hold each item, (n,).

    neighbor_ids: (q, k) row ids below `n`; -1, a place that a search left empty, is not counted.
    n: rows of the data that was searched. Raises ParameterError for an id outside of [-1, n).
    """
    n = check_whole(n, "n", 0)
    ids = check_ids(neighbor_ids, "neighbor_ids", n, empty=True).ravel()
    return np.bincount(ids[ids >= 0], minlength=n).astype(np.int64)


def hubness_skewness(occurrence: npt.NDArray[np.integer[Any]]) -> float:
    """Skewness of k-occurrences (n,): the third central moment over the cube of the deviation.

    0 means even lists, above about 1 a few hubs take many places. NaN where all items occur equally
    often, for then there is no deviation to divide by.
    """
    counts = check_numbers(occurrence, "occurrence").ravel()
    if counts.size == 0 or np.all(counts == counts[0]):
        return float("nan")
    centered = counts - counts.mean()
    return float(np.mean(centered**3) / np.mean(centered**2) ** 1.5)
