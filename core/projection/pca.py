"""Principal component analysis, exact and in blocks of rows."""

from collections.abc import Iterator

import numpy as np

from core.distances import Float64s, Floats
from core.errors import ParameterError
from core.projection.result import Projection, check_components, frozen

BLOCK_CELLS = 4_000_000


def project_pca(vectors: Floats, *, components: int = 2, seed: int = 0) -> Projection:
    """Project `vectors` (n, d) on their directions of largest variance.

    The answer is exact and the same each time: each axis is turned so that its largest loading is
    positive. Where the data has fewer directions than `components` (few rows, few columns, equal
    rows), the axes left over are 0 and explain 0. The explained shares are NaN where all rows are
    equal, for then there is no variance to share. Raises ParameterError for no rows, or components
    other than 2 and 3.
    """
    check_components(components)
    if len(vectors) == 0:
        raise ParameterError("PCA needs at least 1 row; got 0. Load vectors first.")
    mean = vectors.mean(axis=0, dtype=np.float64)
    n, d = vectors.shape
    variances, axes = _axes_of_few_rows(vectors, mean) if n < d else _axes(vectors, mean)
    axes = _turned(axes[:components]) * (variances[:components] > 0)[:, None]
    coordinates = np.zeros((n, components))
    coordinates[:, : len(axes)] = np.concatenate([rows @ axes.T for rows in _blocks(vectors, mean)])
    shares = np.zeros(components)
    shares[: len(axes)] = variances[:components]
    total = float(variances.sum())
    shares = shares / total if total > 0 else np.full(components, np.nan)
    return Projection(frozen(coordinates), "pca", shares, seed)


def _blocks(vectors: Floats, mean: Float64s) -> Iterator[Float64s]:
    """Centered rows in float64, block by block."""
    rows = max(1, BLOCK_CELLS // max(1, vectors.shape[1]))
    for start in range(0, len(vectors), rows):
        yield vectors[start : start + rows] - mean


def _axes(vectors: Floats, mean: Float64s) -> tuple[Float64s, Float64s]:
    """Eigenvalues of the scatter matrix, falling, and its eigenvectors as rows."""
    d = vectors.shape[1]
    scatter = np.zeros((d, d))
    for rows in _blocks(vectors, mean):
        scatter += rows.T @ rows
    values, columns = np.linalg.eigh(scatter)
    return _without_rounding(values[::-1], d), columns[:, ::-1].T


def _axes_of_few_rows(vectors: Floats, mean: Float64s) -> tuple[Float64s, Float64s]:
    """The same from a singular value decomposition, cheaper where n < d."""
    _, singular, axes = np.linalg.svd(vectors - mean, full_matrices=False)
    return _without_rounding(singular**2, vectors.shape[1]), axes


def _without_rounding(values: Float64s, d: int) -> Float64s:
    """Eigenvalues with those that are only rounding set to 0."""
    smallest = values.max(initial=0.0) * d * np.finfo(np.float64).eps
    return np.where(values > smallest, values, 0.0)


def _turned(axes: Float64s) -> Float64s:
    """Axes (rows) with their largest loading positive."""
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return axes * np.where(largest < 0, -1.0, 1.0)
