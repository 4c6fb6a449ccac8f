"""Principal component analysis in blocks of rows, of all rows or of some."""

from collections.abc import Iterator

import numpy as np

from core.blas import one_blas_thread
from core.checks import check_count
from core.distances import Float64s, Floats
from core.errors import ParameterError
from core.projection.result import Projection, check_components, frozen

BLOCK_CELLS = 4_000_000
FLOAT32_BYTES = 4


def project_pca(
    vectors: Floats, *, components: int = 2, seed: int = 0, rows: int | None = None
) -> Projection:
    """Project `vectors` (n, d) on their directions of largest variance.

    components: 2 or 3.
    seed: of the rows that are drawn.
    rows: of which the directions and their shares are, drawn without replacement where there are
    more; by default all, and the answer is exact.

    Each axis is turned so that its largest loading is positive. Where the data has fewer directions
    than `components` (few rows, few columns, equal rows), the axes left over are 0 and explain 0.
    The explained shares are NaN where all rows are equal, for then there is no variance to share.
    Raises ParameterError for no rows, or components other than 2 and 3.
    """
    check_components(components)
    if len(vectors) == 0:
        raise ParameterError("PCA needs at least 1 row; got 0. Load vectors first.")
    n, d = vectors.shape
    fitted = vectors
    if rows is not None and check_count(rows, "rows") < n:
        drawn = np.random.default_rng(seed).choice(n, rows, replace=False)
        fitted = vectors[np.sort(drawn)]
    centered = _Centered(fitted)
    variances, axes = _axes_of_few_rows(fitted) if len(fitted) < d else _axes(centered)
    axes = turned(axes[:components]) * (variances[:components] > 0)[:, None]
    coordinates = np.zeros((n, components))
    coordinates[:, : len(axes)] = centered.places(vectors, axes)
    shares = np.zeros(components)
    shares[: len(axes)] = variances[:components]
    total = float(variances.sum())
    shares = shares / total if total > 0 else np.full(components, np.nan)
    sampled = len(fitted) if fitted is not vectors else None
    return Projection(frozen(coordinates), "pca", shares, seed, sampled)


class _Centered:
    """Rows about their mean, scaled into [-1, 1], block by block and in their own precision.

    A product of float32 is several times as fast as one of float64. Near its mean a row keeps its
    digits, also far from the origin; what rounding the mean leaves is measured and taken off.
    """

    def __init__(self, vectors: Floats) -> None:
        self._vectors = vectors
        self._dtype = np.float32 if vectors.dtype.itemsize <= FLOAT32_BYTES else np.float64
        self._mean = vectors.mean(axis=0, dtype=np.float64).astype(self._dtype)
        spread = max(float(np.abs(rows).max()) for rows in self._differences(vectors))
        self.scale = spread if spread > 0 else 1.0
        total = sum(rows.sum(axis=0, dtype=np.float64) for rows in self.blocks())
        self.rest = np.asarray(total / len(vectors))

    def blocks(self) -> Iterator[Floats]:
        """The scaled rows, whose mean is `rest` and not quite 0."""
        yield from self._scaled(self._vectors)

    def places(self, vectors: Floats, axes: Float64s) -> Float64s:
        """(n, a) coordinates of `vectors` (n, d) along `axes` (a, d)."""
        turned: Floats = np.asarray(axes.T, dtype=self._dtype)
        found = np.concatenate([rows @ turned for rows in self._scaled(vectors)])
        return np.asarray((found.astype(np.float64) - self.rest @ axes.T) * self.scale)

    def _scaled(self, vectors: Floats) -> Iterator[Floats]:
        for rows in self._differences(vectors):
            yield rows / self._dtype(self.scale)

    def _differences(self, vectors: Floats) -> Iterator[Floats]:
        rows = max(1, BLOCK_CELLS // max(1, vectors.shape[1]))
        for start in range(0, len(vectors), rows):
            yield vectors[start : start + rows].astype(self._dtype, copy=False) - self._mean


def _axes(centered: _Centered) -> tuple[Float64s, Float64s]:
    """Eigenvalues of the scatter matrix, falling, and its eigenvectors as rows."""
    d = len(centered.rest)
    scatter, n = np.zeros((d, d)), 0
    for rows in centered.blocks():
        scatter += rows.T @ rows
        n += len(rows)
    scatter -= n * np.outer(centered.rest, centered.rest)
    with one_blas_thread():  # beside other work two threads wait for each other, seconds for 384
        values, columns = np.linalg.eigh(scatter)
    return _without_rounding(values[::-1], d), columns[:, ::-1].T


def _axes_of_few_rows(vectors: Floats) -> tuple[Float64s, Float64s]:
    """The same from a singular value decomposition, cheaper where n < d."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    _, singular, axes = np.linalg.svd(vectors - mean, full_matrices=False)
    return _without_rounding(singular**2, vectors.shape[1]), axes


def _without_rounding(values: Float64s, d: int) -> Float64s:
    """Eigenvalues with those that are only rounding set to 0."""
    smallest = values.max(initial=0.0) * d * np.finfo(np.float64).eps
    return np.where(values > smallest, values, 0.0)


def turned(axes: Float64s) -> Float64s:
    """Axes (rows) with their largest loading positive."""
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return axes * np.where(largest < 0, -1.0, 1.0)
