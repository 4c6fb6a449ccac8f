"""One filter, searched with in each way, at larger and larger ef until the target is reached."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from core.distances import Floats
from core.index import HnswGraph, exact_neighbors, search, search_filtered
from core.index.reaching import reaches
from core.metrics import recall_at_k
from core.progress import Progress, part
from core.studies.experiments.filtered_search_results import Climb, FilterCell
from core.studies.parts.shared import Shared

Rows = npt.NDArray[np.int64]
Codes = npt.NDArray[np.integer]
Beams = tuple[npt.NDArray[np.int32], float]
Key = tuple[str, float]
Way = Callable[[int], tuple[float, float]]
VALUE = "value"
RATIO = 1.5  # between one ef and the next


@dataclass(frozen=True, eq=False)
class FilterPlan:
    """What all cells share.

    queries: (q, d). query_rows: (q,) the rows that they are, each left out of its own answer, or
    None where they are no rows. shuffled: the live rows, by chance. threads: of a search, None for
    all cores.
    """

    graph: HnswGraph
    vectors: Floats
    k: int
    target: float
    ef: int
    ef_max: int
    queries: Floats
    query_rows: Rows | None
    shuffled: Rows
    column: Codes | None
    threads: int | None
    _beams: dict[int, Beams] = field(default_factory=dict)

    def beams(self, width: int) -> Beams:
        """Those of plain searches, which know of no filter: each width is searched with once."""
        if width not in self._beams:
            self._beams[width] = _beams(self, width)
        return self._beams[width]

    def rows(self, key: Key) -> Rows:
        """Live rows that a filter allows, ascending."""
        if self.column is None:
            return np.sort(self.shuffled[: round(key[1] * len(self.shuffled))])
        return np.sort(self.shuffled[self.column[self.shuffled] == key[1]])


def filter_cell(progress: Progress, shared: Shared[FilterPlan], key: Key) -> FilterCell:
    """Search with the filter `key` during the traversal and after it; a cell of the study."""
    plan = shared.value
    rows = plan.rows(key)
    allowed = np.zeros(plan.graph.n, dtype=bool)
    allowed[rows] = True
    truth, own = _truth(plan, rows), plan.query_rows

    def during(ef: int) -> tuple[float, float]:
        found = search_filtered(
            plan.graph,
            plan.queries,
            plan.k,
            ef,
            allowed,
            exclude=own,
            threads=plan.threads,
        )
        return _recall(found.ids, truth), float(found.distance_computations.mean())

    def after(ef: int) -> tuple[float, float]:
        ids, cost = plan.beams(ef if own is None else max(ef, plan.k + 1))
        kept = (ids >= 0) & allowed[ids]
        if own is not None:
            kept &= ids != own[:, None]
        first = np.argsort(~kept, axis=1, kind="stable")[:, : plan.k]
        nearest = np.take_along_axis(np.where(kept, ids, -1), first, axis=1)
        return _recall(nearest, truth), cost

    return FilterCell(
        value=value_of(key),
        selectivity=len(rows) / len(plan.shuffled),
        allowed=len(rows),
        during=_climb(plan, during, min(plan.ef_max, len(rows)), part(progress, 0.1, 0.5)),
        after=_climb(plan, after, plan.ef_max, part(progress, 0.5, 1.0)),
    )


def _climb(plan: FilterPlan, way: Way, ef_max: int, progress: Progress) -> Climb:
    """Try one ef after the other until the target is reached."""
    ladder = _ladder(plan.k, ef_max)
    steps: list[tuple[float, float]] = []
    for ef in ladder:
        progress(len(steps) / len(ladder), f"ef {ef:,}")
        steps.append(way(ef))
        if reaches(steps[-1][0], plan.target):
            break
    recall, computations = np.array(steps).T
    efs = np.array(ladder[: len(steps)])
    return Climb(plan.target, efs, recall, computations, way(plan.ef)[0])


def _ladder(k: int, ef_max: int) -> list[int]:
    """From k to `ef_max`, each about 1.5 times the one before.

    >>> _ladder(10, 50)
    [10, 15, 23, 35, 50]
    """
    steps = [k]
    while steps[-1] < ef_max:
        steps.append(min(math.ceil(steps[-1] * RATIO), ef_max))
    return steps


def _beams(plan: FilterPlan, width: int) -> Beams:
    """Whole beams of plain searches and their mean distance computations.

    The beams are (q, width) row ids, or as many columns as there are live rows.
    """
    most = min(width, len(plan.shuffled))
    found = search(plan.graph, plan.queries, most, width, threads=plan.threads)
    return found.ids.astype(np.int32), float(found.distance_computations.mean())


def _truth(plan: FilterPlan, rows: Rows) -> Rows:
    """(q, k) the nearest of `rows` to each query; a query that is a row is left out itself."""
    place = np.full(plan.graph.n, -1)
    place[rows] = np.arange(len(rows))
    near = exact_neighbors(
        plan.vectors[rows],
        plan.queries,
        plan.k,
        metric=plan.graph.metric,
        exclude=None if plan.query_rows is None else place[plan.query_rows],
        threads=plan.threads,
    )
    return np.asarray(rows[near.ids])


def _recall(found: Codes, truth: Rows) -> float:
    return float(recall_at_k(found, truth).mean())


def value_of(key: Key) -> int | None:
    """The code of the column that a filter stands for, None for a random one."""
    return int(key[1]) if key[0] == VALUE else None
