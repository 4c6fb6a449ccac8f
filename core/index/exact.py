"""Exact nearest neighbors."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Neighbors:
    """Exact neighbors: (q, k) row ids and float64 distances, nearest first, ties by id."""

    ids: npt.NDArray[np.int64]
    distances: npt.NDArray[np.float64]
