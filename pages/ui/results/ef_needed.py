"""The smallest ef that each item needs as a query, as colors of the map."""

from dataclasses import replace

import numpy as np

from core.figures import Values
from pages.ui.controls import queries
from pages.ui.controls.queries import HELD_OUT, ROWS
from pages.ui.results import indexes, tradeoffs
from pages.ui.session.workspace import Workspace

EF_NEEDED = "ef needed"  # the name of these colors on the map


def ef_needed(work: Workspace) -> Values | None:
    """log2 of the smallest ef for the Recall page's target and k; NaN for rows not asked for.

    A query that no ef serves gets twice the largest ef. The curve is the Recall page's own job.
    """
    graph = indexes.graph(work)
    asked = queries.held(work)
    if asked.source not in (HELD_OUT, ROWS):
        asked = replace(asked, source=queries.rows_kind(work))
    found = None if graph is None else tradeoffs.curves(work, graph, asked)
    if found is None:
        return None
    study = found.of_k(asked.k)
    smallest = study.curve.smallest_ef(asked.target)
    values = np.full(work.embeddings.n, np.nan)
    served = np.where(smallest > 0, smallest, 2 * int(study.ef[-1]))
    values[found.places] = np.log2(served)
    return Values(f"log2 of the ef for recall@{study.curve.k} {asked.target:g}", values)
