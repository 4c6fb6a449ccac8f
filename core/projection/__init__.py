"""Vectors to coordinates on a map: PCA at once, UMAP over given neighbor lists."""

from core.projection.pca import project_pca
from core.projection.result import Projection
from core.projection.umap import project_umap

__all__ = ["Projection", "project_pca", "project_umap"]
