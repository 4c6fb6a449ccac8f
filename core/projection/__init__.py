"""Vectors to coordinates on a map: PCA at once, UMAP over given neighbor lists or as kept."""

from core.projection.first_picture import FirstPicture, picture_of
from core.projection.pca import project_pca
from core.projection.result import Projection
from core.projection.stored import UmapSettings, stored_umap
from core.projection.umap import project_umap

__all__ = [
    "FirstPicture",
    "Projection",
    "UmapSettings",
    "picture_of",
    "project_pca",
    "project_umap",
    "stored_umap",
]
