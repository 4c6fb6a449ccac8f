"""Where a layout starts: at the principal axes, or at a layout that is there already."""

import numpy as np
import numpy.typing as npt

from core.distances import Float64s, Floats
from core.errors import ParameterError
from core.projection.pca import project_pca

NOISE = 1e-4  # of the largest coordinate, or less: sets equal rows apart
TSNE_SPREAD = 1e-4


def start_of(vectors: Floats, components: int, start: Floats | None) -> Floats:
    """`start` (n, components) where there is one, else the PCA of `vectors` (n, d)."""
    if start is None:
        return project_pca(vectors, components=components).coordinates
    if start.shape != (len(vectors), components) or not np.isfinite(start).all():
        raise ParameterError(
            f"start must hold finite coordinates of shape ({len(vectors):,}, {components}); "
            f"got {start.shape}."
        )
    return start


def stretched(coordinates: Floats, seed: int) -> npt.NDArray[np.float32]:
    """Coordinates stretched to [0, 10] along each axis, as umap-learn stretches its own starts.

    A little noise sets duplicates apart, which attraction and repulsion alone could not.
    """
    largest = float(np.abs(coordinates).max())
    scaled = coordinates * (10.0 / largest if largest > 0 else 0.0)
    scaled = scaled + np.random.default_rng(seed).normal(scale=NOISE, size=scaled.shape)
    low, high = scaled.min(axis=0), scaled.max(axis=0)
    return np.asarray(10.0 * (scaled - low) / (high - low), dtype=np.float32)


def shrunk(coordinates: Floats, seed: int) -> Float64s:
    """Coordinates shrunk until the first axis has a standard deviation of 1e-4, with some noise.

    So small a start leaves t-SNE free to move points, and keeps what lies where (Kobak and Berens,
    2019, The art of using t-SNE for single-cell transcriptomics, Nature Communications 10).
    """
    centered = coordinates - coordinates.mean(axis=0, dtype=np.float64)
    spread = float(centered[:, 0].std())
    scaled = centered * (TSNE_SPREAD / spread if spread > 0 else 0.0)
    noise = np.random.default_rng(seed).normal(scale=0.01 * TSNE_SPREAD, size=scaled.shape)
    return np.asarray(scaled + noise)
