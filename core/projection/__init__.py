"""Vectors to coordinates on a map: PCA at once, layouts over given neighbor lists, or as kept."""

from core.projection.alignment import aligned
from core.projection.convergence import Watch
from core.projection.first_picture import FirstPicture, picture_of
from core.projection.given import (
    is_map,
    number_columns,
    project_columns,
    project_given,
    proposed_columns,
)
from core.projection.libraries import check_extra
from core.projection.pacmap import most_neighbors, neighbor_pairs, project_pacmap
from core.projection.pca import project_pca
from core.projection.result import NAMES, Projection, Steps
from core.projection.settings import LayoutSettings, PacmapSettings, TsneSettings, UmapSettings
from core.projection.stored import stored_umap
from core.projection.tsne import project_tsne
from core.projection.umap import project_umap

__all__ = [
    "NAMES",
    "FirstPicture",
    "LayoutSettings",
    "PacmapSettings",
    "Projection",
    "Steps",
    "TsneSettings",
    "UmapSettings",
    "Watch",
    "aligned",
    "check_extra",
    "is_map",
    "most_neighbors",
    "neighbor_pairs",
    "number_columns",
    "picture_of",
    "project_columns",
    "project_given",
    "project_pacmap",
    "project_pca",
    "project_tsne",
    "project_umap",
    "proposed_columns",
    "stored_umap",
]
