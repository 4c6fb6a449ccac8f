"""UMAP (McInnes, Healy and Melville, 2018) over k-NN lists that were found elsewhere."""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Floats
from core.errors import ParameterError
from core.progress import Progress, part
from core.projection.convergence import Convergence, Watch
from core.projection.neighbor_lists import Ids, check_lists, filled
from core.projection.result import Projection, check_components
from core.projection.settings import MIN_DIST, SEED
from core.projection.starts import start_of, stretched
from core.projection.umap_layout import fuzzy_graph, optimize, with_classes

FEWEST_ROWS = 4
LAYOUT_BEGINS = 0.1


def project_umap(
    vectors: Floats,
    neighbor_ids: Ids,
    neighbor_distances: Floats,
    *,
    components: int = 2,
    min_dist: float = MIN_DIST,
    seed: int = SEED,
    codes: npt.NDArray[np.integer[Any]] | None = None,
    label_weight: float = 0.5,
    start: Floats | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> Projection:
    """Lay `vectors` (n, d) out so that neighbors stay neighbors.

    neighbor_ids, neighbor_distances: (n, k) of each row's nearest others, itself left out, nearest
    first, under whatever metric they were found with; UMAP's n_neighbors is k + 1. A place that a
    search left empty (-1) draws no link.
    min_dist: how tightly points may be packed, 0 to 1.
    seed: the same one gives the same map on one machine.
    codes: (n,) classes that draw the layout too, negative where there is none; links between rows
    of different classes are weakened, as umap-learn does with `y` (its supervised UMAP).
    label_weight: how much, between 0 and 1 (umap-learn's target_weight); 0 leaves classes out.
    start: (n, components) to start from, and to turn the map onto; by default the PCA of `vectors`.
    progress: called with the share done, from 0 to 1, and words, between stages and before every
    epoch; what it raises stops the work and comes out.
    watch: called in each epoch, as in `core.projection.convergence`.
    Raises ParameterError for fewer than 4 rows (PCA can show those) and lists that do not fit.
    """
    check_components(components)
    _check(vectors, neighbor_ids, neighbor_distances, min_dist)
    report = part(progress, 0.0, 1.0)
    report(0.0, "principal axes" if start is None else "start")
    reference = start_of(vectors, components, start)
    report(LAYOUT_BEGINS / 2, "graph")
    graph = fuzzy_graph(*_with_self(neighbor_ids, neighbor_distances))
    if codes is not None and label_weight > 0:
        graph = with_classes(graph, _checked_codes(codes, len(vectors)), _checked(label_weight))
    epochs = part(report, LAYOUT_BEGINS, 1.0)
    told = Convergence("umap", seed, reference, "epochs", epochs, watch)
    places = optimize(stretched(reference, seed), graph, min_dist, seed, told.step)
    report(1.0, "done")
    return told.end(places)


def _check(vectors: Floats, ids: Ids, distances: Floats, min_dist: float) -> None:
    n = len(vectors)
    if n < FEWEST_ROWS:
        raise ParameterError(f"UMAP needs at least {FEWEST_ROWS} rows; got {n}. Use PCA instead.")
    check_lists(n, ids, distances)
    if not 0.0 <= min_dist <= 1.0:
        raise ParameterError(f"min_dist must be between 0 and 1; got {min_dist}.")


def _checked_codes(codes: npt.NDArray[np.integer[Any]], n: int) -> npt.NDArray[np.int64]:
    if codes.shape != (n,):
        raise ParameterError(f"codes must be ({n:,},), one class per vector; got {codes.shape}.")
    return np.where(codes < 0, -1, codes).astype(np.int64)


def _checked(label_weight: float) -> float:
    if not 0.0 <= label_weight <= 1.0:
        raise ParameterError(f"label_weight must be between 0 and 1; got {label_weight}.")
    return label_weight


def _with_self(
    ids: Ids, distances: Floats
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Lists (n, k + 1) with the row itself first at distance 0, as UMAP wants them."""
    others, lengths = filled(ids, distances)
    n = len(ids)
    with_self = np.concatenate([np.arange(n, dtype=np.int32)[:, None], others], axis=1)
    padded = np.concatenate([np.zeros((n, 1)), lengths], axis=1)
    return with_self, padded.astype(np.float32)
