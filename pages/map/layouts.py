"""Coordinates of the map: UMAP as a job, and what a map keeps of the neighborhoods."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data import EmbeddingSet
from core.index import HnswGraph, exact_neighbors, search
from core.projection import Projection, project_umap
from pages.ui import jobs
from pages.ui.jobs import Progress
from pages.ui.results import indexes
from pages.ui.session.workspace import Workspace

HOOD = 20  # one list for all that the map asks: two lengths would stop each other's job
NEIGHBORS = 15
EF = 64
FEWEST_ROWS = 5
SAMPLE = 5_000
SEED = 0
LAYOUT = "Laying out the UMAP"


@dataclass(frozen=True)
class Kept:
    """Share of true nearest neighbors that are among as many nearest on the map.

    rows: how many rows it was measured over, of n. error: half the width of its 95 % interval, 0
    where every row was measured.
    """

    share: float
    error: float
    rows: int
    n: int


def umap(work: Workspace, graph: HnswGraph, components: int) -> Projection | None:
    """The UMAP of all rows over their exact k-NN graph, or the index's where that is a sample."""
    if has_exact_graph(work.embeddings):
        hoods = indexes.neighborhoods(work, HOOD)
        if hoods is None:
            return None
        return _exact_umap.need(work.embeddings, hoods, components)
    return _index_umap.need(work.embeddings, graph, components)


def has_exact_graph(embeddings: EmbeddingSet) -> bool:
    """Whether the UMAP is laid out over exact neighbors: up to 20,000 rows."""
    return embeddings.n <= indexes.ROWS_AT_MOST


def kept_share(work: Workspace, projection: Projection) -> Kept | None:
    """How much of the 15 true nearest the map keeps, over all rows or a sample of 5,000.

    None also for data so small that a map could hardly lose a neighbor.
    """
    if work.embeddings.n <= 2 * NEIGHBORS:
        return None
    hoods = indexes.neighborhoods(work, HOOD)
    if hoods is None:
        return None
    return _kept_share.need(projection, hoods)


@jobs.job(LAYOUT, lane="process", kind="umap")
def _exact_umap(
    progress: Progress, embeddings: EmbeddingSet, hoods: indexes.Neighborhoods, components: int
) -> Projection:
    near = hoods.neighbors
    ids, distances = near.ids[:, :NEIGHBORS], near.distances[:, :NEIGHBORS]
    return _layout(embeddings.vectors, ids, distances, components, progress)


@jobs.job(LAYOUT, lane="process", kind="umap")
def _index_umap(
    progress: Progress, embeddings: EmbeddingSet, graph: HnswGraph, components: int
) -> Projection:
    progress(0.0, "neighbors from the index")
    rows = np.arange(embeddings.n)
    k = min(NEIGHBORS, max(1, graph.n - graph.n_deleted - 1))
    found = search(graph, embeddings.vectors, k, EF, exclude=rows)
    distances = np.nan_to_num(found.distances)
    return _layout(embeddings.vectors, found.ids, distances, components, progress)


def _layout(
    vectors: npt.NDArray[np.float32],
    ids: npt.NDArray[np.int64],
    distances: npt.NDArray[np.float64],
    components: int,
    progress: Progress,
) -> Projection:
    return project_umap(
        vectors,
        ids,
        distances,
        components=components,
        progress=lambda share: progress(share, "layout"),
    )


@jobs.job("Comparing the map with the true neighbors")
def _kept_share(progress: Progress, projection: Projection, hoods: indexes.Neighborhoods) -> Kept:
    progress(0.0, "nearest on the map")
    coordinates = projection.coordinates
    place = np.arange(len(hoods.rows))
    if len(place) > SAMPLE:
        place = np.sort(np.random.default_rng(SEED).choice(len(place), SAMPLE, replace=False))
    rows, true = hoods.rows[place], hoods.neighbors.ids[place, :NEIGHBORS]
    shown = exact_neighbors(
        coordinates, coordinates[rows], NEIGHBORS, metric="euclidean", exclude=rows
    )
    kept = np.array([len(np.intersect1d(a, b)) for a, b in zip(shown.ids, true, strict=True)])
    spread = float(kept.std(ddof=1)) / NEIGHBORS
    error = 1.96 * spread / np.sqrt(len(rows)) if len(rows) < hoods.n else 0.0
    return Kept(float(kept.mean()) / NEIGHBORS, float(error), len(rows), hoods.n)
