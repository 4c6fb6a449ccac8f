"""PaCMAP (Wang, Huang, Rudin and Shaposhnik, 2021) by pacmap, over k-NN lists found elsewhere.

pacmap can be given pairs of neighbors; mid-near and further pairs it draws itself. It can neither
report nor be stopped. Its optimizer is a plain function over compiled ones, so here a copy of it
gets an update that reports; pacmap itself is left as it is.
"""

import warnings
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Float64s, Floats, Metric
from core.errors import ParameterError
from core.progress import Progress, part
from core.projection.convergence import Convergence, Watch
from core.projection.libraries import check_extra, copied, kept_code
from core.projection.neighbor_lists import Ids, check_k, check_lists, filled
from core.projection.result import Projection, check_components
from core.projection.settings import PACMAP_NEIGHBORS, SEED
from core.projection.starts import start_of

ITERATIONS = (100, 100, 250)  # pacmap's own: of its three phases
LAYOUT_BEGINS = 0.1
SMALLEST_SIGMA = 1e-10


def project_pacmap(
    vectors: Floats,
    neighbor_ids: Ids,
    neighbor_distances: Floats,
    *,
    metric: Metric = "euclidean",
    components: int = 2,
    neighbors: int = PACMAP_NEIGHBORS,
    mid_near: float = 0.5,
    further: float = 2.0,
    seed: int = SEED,
    start: Floats | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> Projection:
    """Lay `vectors` (n, d) out by PaCMAP, in 450 iterations of three phases.

    neighbor_ids, neighbor_distances: (n, k) of each row's nearest others, as in `project_umap`; of
    these `neighbors` are linked, those nearest by scaled distance (`neighbor_pairs`).
    metric: of the mid-near pairs: by angle under cosine, else by Euclidean distance.
    mid_near, further: pairs of these kinds for each linked neighbor; mid-near pairs hold the whole
    together, further ones push apart.
    seed: of the draws of pairs.
    start, progress, watch: as in `project_umap`; pacmap shrinks its start.
    Raises MissingExtraError without pacmap, ParameterError for too few rows (they must be more
    than the pairs of one row), and lists that do not fit.
    """
    check_components(components)
    _check(vectors, neighbor_ids, neighbor_distances, neighbors, mid_near, further)
    check_extra("pacmap")
    report = part(progress, 0.0, 1.0)
    report(0.0, "principal axes" if start is None else "start")
    reference = start_of(vectors, components, start)
    report(LAYOUT_BEGINS / 2, "pairs")
    pairs = neighbor_pairs(neighbor_ids, neighbor_distances, neighbors)
    told = Convergence(
        "pacmap", seed, reference, "iterations", part(report, LAYOUT_BEGINS, 1.0), watch
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that a seed makes it slower
        model = _load().PaCMAP(
            n_components=components,
            n_neighbors=neighbors,
            MN_ratio=mid_near,
            FP_ratio=further,
            pair_neighbors=pairs,
            distance="angular" if metric == "cosine" else "euclidean",
            num_iters=ITERATIONS,
            random_state=seed,
        )
        places = _fit(model, vectors, _spread(reference), told)
    report(1.0, "done")
    return told.end(places)


def neighbor_pairs(ids: Ids, distances: Floats, neighbors: int) -> npt.NDArray[np.int32]:
    """(n * neighbors, 2) rows that PaCMAP links, row by row, the nearest by scaled distance first.

    The scaled distance of i and j is d^2 / (s_i s_j), s_i being the mean distance of i to its
    fourth to sixth neighbor (section 4.1 of the paper); of equal ones the nearer in the list wins.
    Lists (n, k) of fewer than 6 take what they have from the fourth on, or the last.
    """
    others, lengths = filled(ids, distances)
    first = min(3, lengths.shape[1] - 1)
    sigma = np.maximum(lengths[:, first:6].mean(axis=1), SMALLEST_SIGMA)
    scaled = lengths**2 / sigma[:, None] / sigma[others]
    scaled[np.asarray(ids) < 0] = np.inf  # a place that a search left empty comes last
    order = np.argsort(scaled, axis=1, kind="stable")[:, :neighbors]
    linked = np.take_along_axis(others, order, axis=1)
    rows = np.repeat(np.arange(len(ids), dtype=np.int32), neighbors)
    return np.stack([rows, linked.reshape(-1)], axis=1)


def most_neighbors(n: int, mid_near: float, further: float) -> int:
    """How many neighbors `n` rows allow, so that all pairs of a row are of different rows.

    >>> most_neighbors(36, 0.5, 2.0)  # 10 + 5 + 20 are fewer than 36
    10
    """
    fits = int(n / (1 + mid_near + further)) + 1
    while fits > 0 and fits + round(fits * mid_near) + round(fits * further) >= n:
        fits -= 1
    return fits


def _check(
    vectors: Floats, ids: Ids, distances: Floats, neighbors: int, mid_near: float, further: float
) -> None:
    n = len(vectors)
    if neighbors < 1 or mid_near < 0 or further <= 0:
        raise ParameterError(
            "neighbors must be at least 1, mid_near at least 0 and further above 0; got "
            f"{neighbors}, {mid_near} and {further}."
        )
    most = most_neighbors(n, mid_near, further)
    if neighbors > most:
        raise ParameterError(
            f"PaCMAP of {n:,} rows allows at most {most:,} neighbors; got {neighbors:,}. Lower "
            "neighbors, or use PCA instead."
        )
    check_lists(n, ids, distances)
    check_k(ids, neighbors, f"A PaCMAP of {neighbors} neighbors")


def _spread(reference: Floats) -> Float64s:
    """The start with a little along axes that all rows share: pacmap divides by their spread."""
    start = reference.astype(np.float64)
    flat = start.std(axis=0) == 0
    start[:, flat] = np.random.default_rng(SEED).normal(size=(len(start), int(flat.sum())))
    return start


def _fit(model: Any, vectors: Floats, start: Float64s, told: Convergence) -> Floats:
    """`model.fit`, with the optimizer that reports in place of its own."""
    module, total = _load(), sum(ITERATIONS)

    def update(places: Any, *state: Any) -> None:
        module.update_embedding_adam(places, *state)
        told.step(int(state[-1]) + 1, total, places)

    optimizer = copied(module.pacmap, module, update_embedding_adam=update)
    fit = copied(type(model).fit, module, pacmap=optimizer)
    fit(model, np.asarray(vectors, dtype=np.float32), start)
    return np.asarray(model.embedding_)


@cache
def _load() -> Any:
    """pacmap's module, imported at the first use: it compiles for seconds."""
    with kept_code("pacmap"):
        from pacmap import pacmap as module
    return module
