"""Coordinates that are there at once."""

from core.data import EmbeddingSet
from core.projection import Projection, project_pca
from pages.ui import jobs


def pca(embeddings: EmbeddingSet, components: int = 2) -> Projection:
    """PCA coordinates, (n, components), at once."""
    return _pca(embeddings.bare, components)


@jobs.cached
def _pca(embeddings: EmbeddingSet, components: int) -> Projection:
    return project_pca(embeddings.vectors, components=components)
