"""t-SNE (van der Maaten and Hinton, 2008) by openTSNE, over k-NN lists found elsewhere."""

from typing import Any

import numpy as np

from core.distances import Floats
from core.errors import ParameterError
from core.limits import default_threads
from core.progress import Progress, part
from core.projection.convergence import Convergence, Watch
from core.projection.libraries import check_extra
from core.projection.neighbor_lists import Ids, check_k, check_lists, filled
from core.projection.result import Projection, check_components
from core.projection.settings import PERPLEXITY, SEED, attracting
from core.projection.starts import shrunk, start_of

FEWEST_ROWS = 5
EARLY, EARLY_EXAGGERATION, EARLY_MOMENTUM = 250, 12.0, 0.5  # openTSNE's own
LATE, LATE_MOMENTUM = 500, 0.8
LAYOUT_BEGINS = 0.1
ONE_THREAD = 10_000  # rows up to which openTSNE's threads wait for each other more than they work


def project_tsne(
    vectors: Floats,
    neighbor_ids: Ids,
    neighbor_distances: Floats,
    *,
    components: int = 2,
    perplexity: float = PERPLEXITY,
    exaggeration: float = 1.0,
    seed: int = SEED,
    start: Floats | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> Projection:
    """Lay `vectors` (n, d) out by t-SNE: 250 iterations with attraction 12-fold, then 500.

    neighbor_ids, neighbor_distances: (n, k) of each row's nearest others, as in `project_umap`, of
    which three times the perplexity are taken; no others attract (Linderman et al., 2019, Fast
    interpolation-based t-SNE for improved visualization of single-cell RNA-seq data, Nature
    Methods 16).
    perplexity: the number of neighbors that count, smoothly.
    exaggeration: by which attraction is multiplied to the end; 1 is t-SNE, 4 looks like UMAP
    (Boehm, Berens and Kobak, 2022, Attraction-repulsion spectrum in neighbor embeddings,
    JMLR 23).
    seed: of the noise that sets equal rows apart; nothing else is drawn.
    start, progress, watch: as in `project_umap`; the start is shrunk, as its authors advise.
    Raises MissingExtraError without openTSNE, ParameterError for fewer than 5 rows, a perplexity
    that the lists are too short for, and lists that do not fit.
    """
    check_components(components)
    _check(vectors, neighbor_ids, neighbor_distances, perplexity, exaggeration)
    check_extra("tsne")
    report = part(progress, 0.0, 1.0)
    report(0.0, "principal axes" if start is None else "start")
    reference = start_of(vectors, components, start)
    report(LAYOUT_BEGINS / 2, "affinities")
    affinities = _affinities(neighbor_ids, neighbor_distances, perplexity)
    told = Convergence(
        "tsne", seed, reference, "iterations", part(report, LAYOUT_BEGINS, 1.0), watch
    )
    places = _descend(shrunk(reference, seed), affinities, exaggeration, told)
    report(1.0, "done")
    return told.end(places)


def _check(
    vectors: Floats, ids: Ids, distances: Floats, perplexity: float, exaggeration: float
) -> None:
    n = len(vectors)
    if n < FEWEST_ROWS:
        raise ParameterError(f"t-SNE needs at least {FEWEST_ROWS} rows; got {n}. Use PCA instead.")
    check_lists(n, ids, distances)
    if not perplexity >= 1.0:
        raise ParameterError(f"perplexity must be at least 1; got {perplexity}.")
    if not exaggeration > 0.0:
        raise ParameterError(f"exaggeration must be more than 0; got {exaggeration}.")
    check_k(ids, min(attracting(perplexity), n - 1), f"A perplexity of {perplexity:g}")


def _affinities(ids: Ids, distances: Floats, perplexity: float) -> Any:
    """openTSNE's symmetric affinities over the lists.

    A perplexity that so few rows cannot have is lowered to a third of their neighbors.
    """
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    k = min(attracting(perplexity), ids.shape[1])
    others, lengths = filled(ids[:, :k], distances[:, :k])
    lists = PrecomputedNeighbors(others.astype(np.int64), lengths)
    return PerplexityBasedNN(
        perplexity=min(perplexity, k / 3), knn_index=lists, n_jobs=_threads(len(ids))
    )


def _threads(n: int) -> int:
    """How many threads lay out `n` rows; the map is the same with any number."""
    return 1 if n <= ONE_THREAD else default_threads()


def _descend(start: Floats, affinities: Any, exaggeration: float, told: Convergence) -> Floats:
    """openTSNE's two phases of gradient descent, each iteration told."""
    from openTSNE import TSNEEmbedding

    total = EARLY + LATE
    embedding = TSNEEmbedding(start, affinities, n_jobs=_threads(len(start)))
    phases = (
        (0, EARLY, EARLY_EXAGGERATION, EARLY_MOMENTUM),
        (EARLY, LATE, exaggeration, LATE_MOMENTUM),
    )
    for before, iterations, attraction, momentum in phases:

        def tell(done: int, _error: float, places: Any, before: int = before) -> None:
            told.step(before + done, total, np.asarray(places))

        embedding.optimize(
            iterations,
            exaggeration=attraction,
            momentum=momentum,
            inplace=True,
            callbacks=tell,
            callbacks_every_iters=10,
        )
    return np.asarray(embedding)
