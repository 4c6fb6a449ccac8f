"""Coordinates of the map: PCA at once, UMAP as a job, and what a map keeps of the neighborhoods."""

import numpy as np
import numpy.typing as npt

from core.data import EmbeddingSet
from core.index import HnswGraph, exact_neighbors, search
from core.projection import Projection, project_umap
from pages.ui import jobs, needs
from pages.ui.executors import Progress
from pages.ui.workspace import Workspace

NEIGHBORS = 15
EXACT_AT_MOST = 20_000
EF = 64
FEWEST_ROWS = 5
SAMPLE = 5_000


def umap(work: Workspace, graph: HnswGraph, components: int) -> Projection | None:
    """The UMAP of all rows over their exact k-NN graph; above 20,000 rows, over the index's."""
    key = ("umap", work.fingerprint, work.params, components)
    label = "Laying out the UMAP"
    return jobs.need(key, label, _umap, work.embeddings, graph, components, lane="process")


def kept_share(work: Workspace, projection: Projection) -> float | None:
    """Share of the 15 true nearest neighbors that are among the 15 nearest on the map.

    Over every row, or the rows that `needs.neighborhoods` draws.
    """
    components = projection.coordinates.shape[1]
    key = ("kept", work.fingerprint, work.params, projection.method, components)
    hoods = needs.neighborhoods(work, NEIGHBORS)
    if hoods is None:
        return None
    label = "Comparing the map with the true neighbors"
    return jobs.need(key, label, _kept_share, projection.coordinates, hoods)


def _umap(
    embeddings: EmbeddingSet, graph: HnswGraph, components: int, *, progress: Progress
) -> Projection:
    progress(0.0, "nearest neighbors")
    ids, distances = _neighbors(embeddings.vectors, graph)
    return project_umap(
        embeddings.vectors,
        ids,
        distances,
        components=components,
        progress=lambda share: progress(0.1 + 0.9 * share, "layout"),
    )


def _neighbors(
    vectors: npt.NDArray[np.float32], graph: HnswGraph
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    rows, k = np.arange(len(vectors)), min(NEIGHBORS, len(vectors) - 1)
    if len(vectors) <= EXACT_AT_MOST:
        exact = exact_neighbors(vectors, vectors, k, metric=graph.metric, exclude=rows)
        return exact.ids, exact.distances
    found = search(graph, vectors, k, EF, exclude=rows)
    return found.ids, np.nan_to_num(found.distances)


def _kept_share(
    coordinates: npt.NDArray[np.float32], hoods: needs.Neighborhoods, *, progress: Progress
) -> float:
    progress(0.0, "nearest on the map")
    rows = hoods.rows[:: max(1, len(hoods.rows) // SAMPLE)]
    true = hoods.neighbors.ids[:: max(1, len(hoods.rows) // SAMPLE)]
    k = true.shape[1]
    shown = exact_neighbors(coordinates, coordinates[rows], k, metric="euclidean", exclude=rows)
    kept = [len(np.intersect1d(a, b)) for a, b in zip(shown.ids, true, strict=True)]
    return float(np.mean(kept) / k)
