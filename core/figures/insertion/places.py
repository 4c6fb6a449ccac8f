"""Where rows stand around the item whose neighbors are chosen: true radius, angle from a PCA."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.distances import Float64s
from core.index import Insertion

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Places:
    """The vectors of an insertion by row of its trace."""

    made: Insertion

    def vectors(self, rows: Ids) -> Float64s:
        """(r, w) vectors of rows of the trace, the new item included."""
        made = self.made
        known = np.concatenate([made.vectors, made.trace.vector[None]])
        ids = np.append(made.touched, made.trace.n)
        return known[np.searchsorted(ids, rows)].astype(np.float64)

    def angles(self, rows: Ids, shown: Ids) -> Float64s:
        """Angles of `shown` in the plane of the first two principal components of `rows`.

        In radians, around the mean of `rows`; 0 where rows have fewer directions.
        """
        vectors = self.vectors(rows)
        mean = vectors.mean(axis=0)
        _, _, axes = np.linalg.svd(vectors - mean, full_matrices=False)
        plane = np.zeros((2, vectors.shape[1]))
        plane[: len(axes[:2])] = axes[:2]
        largest = np.take_along_axis(plane, np.abs(plane).argmax(axis=1)[:, None], axis=1)
        plane *= np.where(largest < 0, -1.0, 1.0)  # the same each time
        flat = (self.vectors(shown) - mean) @ plane.T
        return np.asarray(np.arctan2(flat[:, 1], flat[:, 0]))
