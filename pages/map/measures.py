"""What the map measures of each item from its neighbors: LID and k-occurrence."""

import numpy as np

from core.distances import Metric
from core.figures.map import Values
from core.metrics import k_occurrence, local_intrinsic_dimension
from core.studies.parts.knn import ROWS_AT_MOST
from pages.ui.display.text import lengths_of
from pages.ui.results import indexes
from pages.ui.session.workspace import Workspace

K_OCCURRENCE, LID = "k-occurrence", "LID"


def measure(work: Workspace, choice: str) -> Values | None:
    """The values of every row, NaN where there is none; None while they are being computed."""
    find = indexes.knn_by_length if choice == LID else indexes.knn
    lists = find(work, indexes.KNN)
    if lists is None:
        return None
    values = np.full(work.embeddings.n, np.nan)
    if choice == LID:
        lid = local_intrinsic_dimension(lists.neighbors.distances, estimator="levina_bickel")
        values[lists.rows] = np.where(np.isfinite(lid), lid, np.nan)
        return Values(f"LID (k = {lists.k})", values)
    values[:] = k_occurrence(lists.neighbors.ids, work.embeddings.n)
    return Values(f"k-occurrence (k = {lists.k})", values)


def notes(n: int, choice: str, metric: Metric) -> list[str]:
    """What a measure rests on, and which rows it leaves out."""
    if choice == LID:
        said = [f"LID from {lengths_of(metric)}."]
        if n > ROWS_AT_MOST:
            said.append(f"It is of {ROWS_AT_MOST:,} rows drawn with seed 0; the rest is gray.")
        return said
    if choice == K_OCCURRENCE and n > ROWS_AT_MOST:
        return [f"k-occurrence in the lists of {ROWS_AT_MOST:,} rows drawn with seed 0."]
    return []
