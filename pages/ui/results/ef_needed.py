"""The smallest ef that each item needs as a query, as colors of the map."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from core.figures import Values
from core.figures.axes import round_values, tick_name
from core.index.reaching import or_infinity
from pages.ui.controls import queries
from pages.ui.controls.queries import HELD_OUT, ROWS
from pages.ui.results import indexes, tradeoffs
from pages.ui.session.workspace import Workspace

EF_NEEDED = "ef needed"  # the name of these colors on the map
APART = 1.15  # times the smallest ef: nearer ticks would cover its name
LEAST = 1_000  # queries that are colored, or all there are
STEP = 0.1  # of a decade: how far beyond the largest ef the rows stand that no ef serves


def ef_needed(work: Workspace) -> Values | None:
    """The smallest ef for the Recall page's target and k; NaN for rows not asked for.

    The curve is the Recall page's own job.
    """
    graph = indexes.graph(work)
    asked = queries.held(work)
    if asked.source not in (HELD_OUT, ROWS):
        asked = replace(asked, source=queries.rows_kind(work))
    found = None if graph is None else tradeoffs.curves(work, graph, asked, least=LEAST)
    if found is None:
        return None
    study = found.of_k(asked.k)
    title = f"ef for recall@{study.curve.k} {asked.target:g}"
    smallest = np.full(work.embeddings.n, np.nan)
    smallest[found.places] = or_infinity(study.curve.smallest_ef(asked.target))
    return needed_colors(title, smallest)


def needed_colors(title: str, smallest: npt.NDArray[np.float64]) -> Values:
    """Colors by the smallest ef of each row (n,), on a logarithmic scale up to the largest needed.

    NaN for rows not asked for; rows that no ef serves, infinite, stand a step beyond the largest.
    """
    served = smallest[np.isfinite(smallest)]
    unserved = np.isinf(smallest)
    logs, ticks = np.log10(smallest), list[tuple[float, str]]()
    if len(served):
        low, high = float(served.min()), float(served.max())
        rounds = [value for value in round_values(low, high) if value > low * APART]
        ticks = [(float(np.log10(value)), tick_name(value)) for value in (low, *rounds)]
    if unserved.any():
        logs[unserved] = np.log10(served.max()) + STEP if len(served) else 0.0
        ticks.append((float(logs[unserved][0]), "none"))
    return Values(title, logs, tuple(ticks))
