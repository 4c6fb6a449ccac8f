"""The hills of a map: where points are dense, which hill joins which, and at what level.

Points are counted in the cells of a grid and the counts smoothed by a Gaussian, the wider the fewer
the points. Each cell belongs to the peak that steepest ascent from it ends at (Koontz, Narendra and
Fukunaga, 1976, A graph-theoretic approach to nonparametric cluster analysis, IEEE Transactions on
Computers C-25). Two hills meet at their highest pass; there the one with the lower peak joins the
other, so that a hill's peak over that saddle says how much it stands out (its persistence; Chazal,
Guibas, Oudot and Skraba, 2013, Persistence-based clustering in Riemannian manifolds, Journal of the
ACM 60). Nothing is drawn by chance, and the order of the points does not matter.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.distances import Float64s, Floats
from core.errors import ParameterError

Ids = npt.NDArray[np.int64]

CELLS = {2: 256, 3: 48}  # along each axis
WIDTH = 0.05  # of the Gaussian in shares of the grid, for one point; it falls with n
NARROWEST = 1.0  # cells
REACH = 3.0  # standard deviations after which weights are cut off


@dataclass(frozen=True, eq=False)
class Hills:
    """The hills of n points, the highest peak first.

    of: (n,) the hill of each point. places: (h, 2 or 3) coordinates of the peaks. peak: (h,) their
    densities, falling. parent: (h,) the hill that each joins, with a lower number; -1 where there
    is no pass to another. saddle: (h,) density of the pass, 0 without one. size: (h,) points.
    """

    of: Ids
    places: Float64s
    peak: Float64s
    parent: Ids
    saddle: Float64s
    size: Ids

    @property
    def standing(self) -> Float64s:
        """(h,) how many times its saddle each peak is; infinite without a pass."""
        with np.errstate(divide="ignore"):
            return self.peak / self.saddle


def find_hills(coordinates: Floats) -> Hills:
    """The hills of a map (n, 2 or 3)."""
    from core.projection.kernels import hills as kernels

    points = check_places(coordinates)
    n, axes = points.shape
    along = CELLS[axes]
    low, width = _extent(points, along)
    cells, counts = np.empty(n, np.int64), np.zeros(along**axes)
    kernels.count_cells(points, low, width, along, cells, counts)
    density = _smoothed(counts, along, axes, gaussian(n, axes))
    uphill, top = np.empty(density.size, np.int64), np.empty(density.size, np.int64)
    kernels.ascend(density, along, axes, uphill)
    kernels.follow(uphill, top)
    ends = np.unique(top[top >= 0])
    ends = ends[np.argsort(-density[ends], kind="stable")]
    number = np.full(density.size, -1)
    number[ends] = np.arange(len(ends))
    hill = np.where(top >= 0, number[top], -1)
    parent, saddle = _joined(density, hill, along, axes, density[ends])
    of = hill[cells]
    middle = np.stack(np.unravel_index(ends, (along,) * axes), axis=1) + 0.5
    size = np.bincount(of, minlength=len(ends))
    return Hills(of, low + middle * width, density[ends], parent, saddle, size)


def check_places(coordinates: Floats) -> Floats:
    """`coordinates` as C-contiguous floats, (n, 2) or (n, 3) with at least 1 row."""
    if coordinates.ndim != 2 or coordinates.shape[1] not in CELLS or len(coordinates) == 0:
        raise ParameterError(
            f"coordinates must be (n, 2) or (n, 3) with at least 1 row; got {coordinates.shape}."
        )
    kind = np.float32 if coordinates.dtype == np.float32 else np.float64
    points: Floats = np.ascontiguousarray(coordinates, dtype=kind)
    return points


def gaussian(n: int, axes: int) -> Float64s:
    """(r + 1,) weights at 0 to r cells; together with those on the other side their sum is 1.

    The width falls as n^(-1/6) in the plane and n^(-1/7) in space, as that of the best kernel for
    one normal density does (Scott, 1992, Multivariate Density Estimation, chapter 6); a map is many
    of these, so it begins narrower.
    """
    width = max(NARROWEST, CELLS[axes] * WIDTH * n ** (-1.0 / (axes + 4)))
    steps = np.arange(int(np.ceil(REACH * width)) + 1)
    weights = np.exp(-0.5 * (steps / width) ** 2)
    return np.asarray(weights / (2.0 * weights.sum() - weights[0]))


def _extent(points: Floats, along: int) -> tuple[Float64s, Float64s]:
    """The lowest corner of the grid, and the width of a cell along each axis."""
    from core.projection.kernels.hills import extent

    axes = points.shape[1]
    low, high = np.full(axes, np.inf), np.full(axes, -np.inf)
    extent(points, low, high)  # numpy's own along the rows takes ten times as long as the rest
    width = (high - low) / along
    return low, np.where(width > 0, width, 1.0)


def _smoothed(counts: Float64s, along: int, axes: int, weights: Float64s) -> Float64s:
    from core.projection.kernels.hills import smooth

    values, out = counts, np.empty_like(counts)
    for axis in range(axes):
        smooth(values, along**axis, along, weights, out)
        values, out = out, (np.empty_like(counts) if values is counts else values)
    return values


def _joined(
    density: Float64s, hill: Ids, along: int, axes: int, peak: Float64s
) -> tuple[Ids, Float64s]:
    """(h,) the hill that each joins and the height of the pass."""
    from core.projection.kernels.hills import merge, saddles

    nothing = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    passes = saddles(density, hill, along, axes, *nothing)
    left, right, height = np.empty(passes, np.int64), np.empty(passes, np.int64), np.empty(passes)
    saddles(density, hill, along, axes, left, right, height)
    order = np.argsort(-height, kind="stable")
    root, parent = np.arange(len(peak)), np.full(len(peak), -1)
    saddle = np.zeros(len(peak))
    merge(order, left, right, height, peak, root, parent, saddle)
    return parent, saddle
