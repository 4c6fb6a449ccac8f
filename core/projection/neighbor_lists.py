"""k-NN lists that were found elsewhere, checked and made ready for a layout."""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Float64s, Floats
from core.errors import ParameterError

Ids = npt.NDArray[np.integer[Any]]


def check_lists(n: int, ids: Ids, distances: Floats) -> None:
    """Raise a ParameterError unless these are lists (n, k) of rows, -1 where a place is empty."""
    if ids.ndim != 2 or len(ids) != n or ids.shape[1] < 1 or ids.shape != distances.shape:
        raise ParameterError(
            f"neighbor ids and distances must both be ({n:,}, k), one list per vector; "
            f"got {ids.shape} and {distances.shape}."
        )
    if ids.max() >= n or ids.min() < -1 or ids.max() < 0:
        raise ParameterError(
            f"neighbor ids must lie between 0 and {n - 1:,} (or be -1 for none, though not all); "
            f"got {ids.min():,} to {ids.max():,}. Search the same vectors."
        )


def check_k(ids: Ids, needed: int, why: str) -> None:
    """Raise a ParameterError where the lists (n, k) are shorter than `needed`; why: it is."""
    if ids.shape[1] < needed:
        raise ParameterError(
            f"{why} needs {needed:,} neighbors of each row; got lists of {ids.shape[1]:,}. "
            "Find more neighbors, or lower it."
        )


def filled(ids: Ids, distances: Floats) -> tuple[npt.NDArray[np.int32], Float64s]:
    """Lists (n, k) without empty places, and with distances from 0 on.

    An empty place becomes the row itself, which pulls at nothing, as far as its farthest neighbor.
    Inner-product distances can be negative: such rows are shifted to begin at 0, for only
    differences within a row count.
    """
    own = np.arange(len(ids), dtype=np.int32)[:, None]
    found = ids >= 0
    lengths = np.where(found, distances, np.inf).astype(np.float64)
    nearest = lengths.min(axis=1, keepdims=True)
    lengths -= np.where(nearest < 0, nearest, 0.0)
    farthest = np.where(found, lengths, 0.0).max(axis=1, keepdims=True)
    return np.where(found, ids, own).astype(np.int32), np.where(found, lengths, farthest)
