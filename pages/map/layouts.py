"""Coordinates of the map: UMAP as a job, and what a map keeps of the true neighbors."""

import numpy as np
import numpy.typing as npt

from core.data import EmbeddingSet
from core.index import HnswGraph, search
from core.progress import counted
from core.projection import Projection, UmapSettings, project_umap, stored_umap
from core.studies import KeptNeighbors, KnnLists, kept_neighbors
from core.studies.parts.knn import ROWS_AT_MOST
from pages.ui import jobs
from pages.ui.jobs import Progress
from pages.ui.results import indexes, projections
from pages.ui.session.workspace import Workspace

NEIGHBORS = 15
EF = 64
FEWEST_ROWS = 5
SEED = 0
LAYOUT = "Laying out the UMAP"


def umap(work: Workspace, graph: HnswGraph, components: int) -> Projection | None:
    """The UMAP of all rows over their exact k-NN graph, or the index's where that is a sample."""
    if has_exact_graph(work.embeddings):
        lists = indexes.knn(work, indexes.KNN)
        if lists is None:
            return None
        return _exact_umap.need(work.embeddings.bare, lists, components)
    return _index_umap.need(work.embeddings.bare, graph, components)


def kept_umap(work: Workspace, components: int) -> Projection | None:
    """The UMAP that came with a sample, if it is the one that `umap` would lay out; at once."""
    settings = UmapSettings(metric=work.params.metric, neighbors=NEIGHBORS)
    return _kept_umap(work.embeddings.bare, components, settings)


@jobs.cached
def _kept_umap(
    embeddings: EmbeddingSet, components: int, settings: UmapSettings
) -> Projection | None:
    return stored_umap(embeddings.vectors, components, settings)


def at_hand(work: Workspace, shown: Projection, method: str) -> Projection | None:
    """The projection of a method in 2-D without waiting; shown: the one on the page."""
    if shown.method == method and shown.coordinates.shape[1] == 2:
        return shown
    return projections.pca(work.embeddings) if method == "pca" else kept_umap(work, 2)


def has_exact_graph(embeddings: EmbeddingSet) -> bool:
    """Whether the UMAP is laid out over exact neighbors: up to 20,000 rows."""
    return embeddings.n <= ROWS_AT_MOST


def kept_share(work: Workspace, projection: Projection) -> KeptNeighbors | None:
    """How much of the 15 true nearest the map keeps, over all rows or a sample of 5,000.

    None also for data so small that a map could hardly lose a neighbor.
    """
    if work.embeddings.n <= 2 * NEIGHBORS:
        return None
    lists = indexes.knn(work, indexes.KNN)
    if lists is None:
        return None
    return _kept_share.need(projection, lists)


@jobs.job(LAYOUT, lane="process", kind="umap")
def _exact_umap(
    progress: Progress, embeddings: EmbeddingSet, lists: KnnLists, components: int
) -> Projection:
    near = lists.neighbors
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
def _kept_share(progress: Progress, projection: Projection, lists: KnnLists) -> KeptNeighbors:
    report = counted(progress, "nearest on the map")
    return kept_neighbors(projection.coordinates, lists, NEIGHBORS, seed=SEED, progress=report)
