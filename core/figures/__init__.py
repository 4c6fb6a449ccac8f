"""Results to plotly figures, in one theme."""

from plotly.graph_objects import Figure

from core.figures.recall import recall_vs_ef, smallest_ef_histogram

__all__ = ["Figure", "recall_vs_ef", "smallest_ef_histogram"]
