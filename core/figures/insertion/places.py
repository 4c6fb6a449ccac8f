"""Where rows stand around the item whose neighbors are chosen: true radius, angle from a PCA."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigh

from core.distances import Float64s
from core.index import Insertion

Ids = npt.NDArray[np.int64]
ROUNDING = 1e-6  # of the largest singular value


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
        axes = _two_axes(vectors - mean)
        flat = (self.vectors(shown) - mean) @ axes.T
        return np.asarray(np.arctan2(flat[:, 1], flat[:, 0]))


def _two_axes(centered: Float64s) -> Float64s:
    """The first two principal axes of rows (r, w), (2, w), the largest loading of each positive.

    From the products of the rows, or of the columns, whichever are fewer; an axis is 0 where there
    are fewer directions.
    """
    r, w = centered.shape
    products = centered @ centered.T if r < w else centered.T @ centered
    size = len(products)
    values, columns = eigh(products, subset_by_index=[max(0, size - 2), size - 1])
    found = columns[:, ::-1].T
    if r < w:
        found = found @ centered
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    smallest = ROUNDING * np.sqrt(max(float(values[-1]), 0.0)) if r < w else 0.0
    found = np.where(lengths > smallest, found / np.where(lengths > 0, lengths, 1.0), 0.0)
    axes = np.zeros((2, w))
    axes[: len(found)] = found
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return np.asarray(axes * np.where(largest < 0, -1.0, 1.0))
