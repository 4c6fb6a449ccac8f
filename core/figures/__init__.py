"""Results to plotly figures, in one theme."""

from plotly.graph_objects import Figure

from core.figures.layers import Scene, layers_3d
from core.figures.recall import recall_vs_ef, smallest_ef_histogram
from core.figures.search import search_distances

__all__ = [
    "Figure",
    "Scene",
    "layers_3d",
    "recall_vs_ef",
    "search_distances",
    "smallest_ef_histogram",
]
