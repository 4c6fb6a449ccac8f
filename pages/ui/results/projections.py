"""Coordinates that are there at once."""

from core.data import EmbeddingSet
from core.projection import Projection, project_pca
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
