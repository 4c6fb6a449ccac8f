"""UMAP (McInnes, Healy and Melville, 2018) over k-NN lists that were found elsewhere."""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Floats
from core.errors import ParameterError
from core.progress import ShareProgress, part, wordless
from core.projection.pca import project_pca
from core.projection.result import Projection, check_components, frozen
from core.projection.umap_layout import fuzzy_graph, optimize

Ids = npt.NDArray[np.integer[Any]]

FEWEST_ROWS = 4
MIN_DIST = 0.1
SEED = 42
LAYOUT_BEGINS = 0.1


def project_umap(
    vectors: Floats,
    neighbor_ids: Ids,
    neighbor_distances: Floats,
    *,
    components: int = 2,
    min_dist: float = MIN_DIST,
    seed: int = SEED,
    progress: ShareProgress | None = None,
) -> Projection:
    """Lay `vectors` (n, d) out so that neighbors stay neighbors, starting from their PCA.

    neighbor_ids, neighbor_distances: (n, k) of each row's nearest others, itself left out, nearest
    first, under whatever metric they were found with; UMAP's n_neighbors is k + 1. A place that a
    search left empty (-1) draws no link. min_dist: how tightly points may be packed, 0 to 1. The
    same seed gives the same map on one machine. progress: called with the share done, from 0 to 1,
    between stages and before every epoch; what it raises stops the work and comes out.
    Raises ParameterError for fewer than 4 rows (PCA can show those) and lists that do not fit.
    """
    check_components(components)
    _check(vectors, neighbor_ids, neighbor_distances, min_dist)
    report = wordless(progress)
    report(0.0, "principal axes")
    start = _start(project_pca(vectors, components=components).coordinates, seed)
    report(LAYOUT_BEGINS / 2, "graph")
    graph = fuzzy_graph(*_with_self(neighbor_ids, neighbor_distances))
    coordinates = optimize(start, graph, min_dist, seed, part(report, LAYOUT_BEGINS, 1.0))
    report(1.0, "done")
    return Projection(frozen(coordinates), "umap", None, seed)


def _check(vectors: Floats, ids: Ids, distances: Floats, min_dist: float) -> None:
    n = len(vectors)
    if n < FEWEST_ROWS:
        raise ParameterError(f"UMAP needs at least {FEWEST_ROWS} rows; got {n}. Use PCA instead.")
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
    if not 0.0 <= min_dist <= 1.0:
        raise ParameterError(f"min_dist must be between 0 and 1; got {min_dist}.")


def _start(coordinates: npt.NDArray[np.float32], seed: int) -> npt.NDArray[np.float32]:
    """PCA coordinates stretched to [0, 10] along each axis, as umap-learn stretches its own starts.

    A little noise sets duplicates apart, which attraction and repulsion alone could not.
    """
    largest = float(np.abs(coordinates).max())
    scaled = coordinates * (10.0 / largest if largest > 0 else 0.0)
    scaled = scaled + np.random.default_rng(seed).normal(scale=1e-4, size=scaled.shape)
    low, high = scaled.min(axis=0), scaled.max(axis=0)
    return np.asarray(10.0 * (scaled - low) / (high - low), dtype=np.float32)


def _with_self(
    ids: Ids, distances: Floats
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Lists (n, k + 1) with the row itself first at distance 0, as UMAP wants them.

    Empty places become the row itself, to which UMAP draws no link, as far as its farthest
    neighbor. Inner-product distances can be negative: such rows are shifted to begin at 0, for only
    differences within a row count.
    """
    n = len(ids)
    self_ids = np.arange(n, dtype=np.int32)[:, None]
    found = ids >= 0
    lengths = np.where(found, distances, np.inf).astype(np.float64)
    nearest = lengths.min(axis=1, keepdims=True)
    lengths -= np.where(nearest < 0, nearest, 0.0)
    farthest = np.where(found, lengths, 0.0).max(axis=1, keepdims=True)
    lengths = np.where(found, lengths, farthest)
    with_self = np.concatenate([self_ids, np.where(found, ids, self_ids)], axis=1)
    padded = np.concatenate([np.zeros((n, 1)), lengths], axis=1)
    return with_self.astype(np.int32), padded.astype(np.float32)
