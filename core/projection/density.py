"""How dense a map is at each of its points."""

import numpy as np
from scipy import ndimage

from core.distances import Float64s, Floats
from core.projection.regions_hills import check_places

CELLS = {2: 256, 3: 64}  # along each axis
SPREAD = 1.5  # cells: the deviation of the Gaussian that smooths the counts


def map_density(coordinates: Floats) -> Float64s:
    """(n,) density at each point of a map (n, 2 or 3), in multiples of an even spread.

    Points are counted in cells of equal size over the map's extent, smoothed by a Gaussian of 1.5
    cells, and read off at each point between the middles of the cells. 1 is the density of as many
    points spread evenly over the same extent.

    Raises ParameterError for no points or another number of axes.

    >>> corners = np.array([[0.0, 0.0]] * 9 + [[1.0, 1.0]])
    >>> density = map_density(corners)
    >>> round(float(density[0] / density[-1]), 6)
    9.0
    """
    points = check_places(coordinates).astype(np.float64)
    cells = CELLS[points.shape[1]]
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    places = (points - low) / np.where(extent > 0, extent, 1.0) * cells
    within = np.minimum(places.astype(np.int64), cells - 1)
    shape = (cells,) * points.shape[1]
    flat = np.ravel_multi_index(tuple(within.T), shape)
    counts = np.bincount(flat, minlength=cells ** len(shape)).astype(np.float64).reshape(shape)
    smooth = ndimage.gaussian_filter(counts, SPREAD, mode="constant")
    at = ndimage.map_coordinates(smooth, (places - 0.5).T, order=1, mode="nearest")
    return np.asarray(at * (counts.size / len(points)), dtype=np.float64)
