"""Results to plotly figures, in one theme."""

from plotly.graph_objects import Figure

from core.figures.data import class_sizes, norm_histogram
from core.figures.layers import Scene, layers_3d
from core.figures.map import Classes, MapPoints, Values, space_map
from core.figures.neighbors import distance_by_rank
from core.figures.recall import recall_vs_ef, smallest_ef_histogram
from core.figures.search import search_distances
from core.figures.thresholds import (
    class_utility,
    distance_histogram,
    far_frr,
    operating_curve,
)

__all__ = [
    "Classes",
    "Figure",
    "MapPoints",
    "Scene",
    "Values",
    "class_sizes",
    "class_utility",
    "distance_by_rank",
    "distance_histogram",
    "far_frr",
    "layers_3d",
    "norm_histogram",
    "operating_curve",
    "recall_vs_ef",
    "search_distances",
    "smallest_ef_histogram",
    "space_map",
]
