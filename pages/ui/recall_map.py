"""The smallest ef that each item needs as a query, as colors of the map."""

from dataclasses import replace

import numpy as np

from core.figures import Values
from pages.ui import needs, needs_recall, recall_controls, recall_curve
from pages.ui.recall_controls import ROWS
from pages.ui.workspace import Workspace


def ef_needed(work: Workspace) -> Values | None:
    """log2 of the smallest ef for the Recall page's target and k; NaN for rows not asked for.

    A query that no ef serves gets twice the largest ef. The curve is the Recall page's own job.
    """
    graph = needs.graph(work)
    asked = replace(recall_controls.held(work), source=ROWS)
    found = None if graph is None else needs_recall.curves(work, graph, asked)
    if found is None:
        return None
    study = recall_curve.of_k(found, asked.k)
    smallest = study.curve.smallest_ef(asked.target)
    values = np.full(work.embeddings.n, np.nan)
    if study.queries.rows is not None:
        served = np.where(smallest > 0, smallest, 2 * int(study.ef[-1]))
        values[study.queries.rows] = np.log2(served)
    return Values(f"log2 of the ef for recall@{study.curve.k} {asked.target:g}", values)
