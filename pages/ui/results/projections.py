"""Coordinates that are there at once."""

from core.data import EmbeddingSet
from core.projection import Projection, project_pca
from pages.ui import jobs


@jobs.cached
def pca(embeddings: EmbeddingSet, components: int = 2) -> Projection:
    """PCA coordinates, (n, components), at once."""
    return project_pca(embeddings.vectors, components=components)
