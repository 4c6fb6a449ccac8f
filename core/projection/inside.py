"""Which points of a map lie inside a polygon."""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Float64s, Floats
from core.errors import ParameterError

FEWEST_CORNERS = 3


def points_inside(
    coordinates: Floats, polygon: npt.NDArray[np.floating[Any]]
) -> npt.NDArray[np.bool_]:
    """(n,) whether each point (n, 2) lies inside the polygon (m, 2), whose ends are joined.

    Even-odd rule: a point is inside where a ray from it to the right crosses the edges an odd
    number of times (Shimrat 1962, Algorithm 112, Communications of the ACM 5). So where a polygon
    crosses itself, what it goes around twice is outside. Of a point on an edge: that of a left or
    a lower edge counts as inside, of a right or an upper one as outside, so that of two polygons
    with a common edge exactly one holds it.

    ParameterError: a polygon of fewer than 3 corners, or one that is not finite.

    >>> square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])
    >>> points_inside(np.array([[1.0, 1.0], [3.0, 1.0], [0.0, 1.0], [2.0, 1.0]]), square).tolist()
    [True, False, True, False]
    """
    corners = np.ascontiguousarray(polygon, dtype=np.float64)
    if corners.ndim != 2 or corners.shape[1] != 2 or len(corners) < FEWEST_CORNERS:
        raise ParameterError(f"polygon must be (m, 2) with m >= 3; got shape {corners.shape}.")
    if not np.isfinite(corners).all():
        raise ParameterError("polygon must be finite; it holds NaN or infinite corners.")
    inside = np.zeros(len(coordinates), dtype=np.bool_)
    (left, bottom), (right, top) = corners.min(axis=0), corners.max(axis=0)
    x, y = coordinates[:, 0], coordinates[:, 1]
    rows = np.flatnonzero((x >= left) & (x <= right) & (y >= bottom) & (y <= top))
    inside[rows] = _crossings_odd(x[rows].astype(np.float64), y[rows].astype(np.float64), corners)
    return inside


def _crossings_odd(x: Float64s, y: Float64s, corners: Float64s) -> npt.NDArray[np.bool_]:
    """Points are sorted by height, so that each edge looks only at those beside it."""
    order = np.argsort(y)
    x, y = x[order], y[order]
    odd = np.zeros(len(x), dtype=np.bool_)
    for (x_start, y_start), (x_end, y_end) in zip(
        np.roll(corners, 1, axis=0), corners, strict=True
    ):
        low, high = sorted((y_start, y_end))
        beside = slice(np.searchsorted(y, low), np.searchsorted(y, high))  # low <= y < high
        rise = (y[beside] - y_end) / ((y_start - y_end) or 1.0)
        odd[beside] ^= x[beside] < x_end + rise * (x_start - x_end)
    inside = np.empty_like(odd)
    inside[order] = odd
    return inside
