"""Coordinates that are there at once."""

from core.data import EmbeddingSet
from core.distances import Metric
from core.projection import Projection, UmapSettings, project_pca, stored_umap
from pages.ui import jobs

ALL_ROWS_VALUES = 20_000_000  # rows times dimensions, above which the axes are of some rows
SOME_ROWS = 20_000


def pca(embeddings: EmbeddingSet, components: int = 2) -> Projection:
    """PCA coordinates, (n, components), at once."""
    return _pca(embeddings.bare, components)


@jobs.cached
def _pca(embeddings: EmbeddingSet, components: int) -> Projection:
    rows = None if embeddings.vectors.size <= ALL_ROWS_VALUES else SOME_ROWS
    return project_pca(embeddings.vectors, components=components, rows=rows)


def kept_umap(embeddings: EmbeddingSet, components: int, metric: Metric) -> Projection | None:
    """The UMAP that came with a sample, if it is the one that is laid out by default; at once."""
    return stored(embeddings, components, UmapSettings(metric=metric))


def stored(embeddings: EmbeddingSet, components: int, settings: UmapSettings) -> Projection | None:
    """The UMAP of these settings that came with a sample; at once."""
    return _stored(embeddings.bare, components, settings)


@jobs.cached
def _stored(embeddings: EmbeddingSet, components: int, settings: UmapSettings) -> Projection | None:
    return stored_umap(embeddings.vectors, components, settings)
