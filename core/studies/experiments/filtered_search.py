"""Three ways to search with a filter, and which is the cheapest at each selectivity.

During the traversal: every row is walked through, only allowed ones enter the beam. After it: a
plain search whose beam is then cut down to the allowed rows. Brute force: the query is compared
with each allowed row, which finds them all.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial

import numpy as np
import numpy.typing as npt

from core.errors import ParameterError
from core.index import HnswGraph, exact_neighbors, search, search_filtered
from core.index.checks import check_k
from core.index.search import check_ef
from core.metrics import recall_at_k
from core.spaces import Floats
from core.studies.experiments.filtered_search_results import (
    Climb,
    FilterCell,
    FilteredSearch,
    SkippedFilter,
    reached,
)
from core.studies.parts.cells import Done, Progress, Tell, run_cells
from core.studies.parts.truth import live_rows

Rows = npt.NDArray[np.int64]
Codes = npt.NDArray[np.integer]
Beams = tuple[npt.NDArray[np.int32], float]
Key = tuple[str, float]
Way = Callable[[int], tuple[float, float]]
SELECTIVITIES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
RANDOM, VALUE = "random", "value"
RATIO = 1.5  # between one ef and the next
MOST_VALUES = 12


@dataclass(frozen=True, eq=False)
class _Plan:
    """What all cells share. asked: (q,) row ids; shuffled: the live rows, by chance."""

    graph: HnswGraph
    vectors: Floats
    k: int
    target: float
    ef: int
    ef_max: int
    asked: Rows
    shuffled: Rows
    column: Codes | None

    @cached_property
    def queries(self) -> Floats:
        return self.vectors[self.asked]

    def rows(self, key: Key) -> Rows:
        """Live rows that a filter allows, ascending."""
        if self.column is None:
            return np.sort(self.shuffled[: round(key[1] * len(self.shuffled))])
        return np.sort(self.shuffled[self.column[self.shuffled] == key[1]])


def filtered_search(
    graph: HnswGraph,
    vectors: Floats,
    *,
    k: int,
    target: float,
    selectivities: Sequence[float] = SELECTIVITIES,
    column: Codes | None = None,
    queries: int = 200,
    seed: int = 0,
    ef: int = 40,
    ef_max: int = 4096,
    progress: Progress | None = None,
    done: Done | None = None,
) -> FilteredSearch:
    """Compare the ways to search `vectors` (n, d), the rows of the graph, with filters.

    Without a column a filter of selectivity s allows that share of the live rows, drawn with
    `seed`; each is a part of the less selective ones. column: (n,) codes, -1 for none: each value
    is a filter, and up to 12 are taken, spread over the range of their shares. queries: live rows
    drawn with `seed`, each left out of its own answer, whether the filter allows it or not. Recall
    is against the exact neighbors among the allowed rows. ef grows by a factor of about 1.5 from k
    to `ef_max` at most; during the traversal it need not exceed the number of allowed rows, at
    which it finds all within reach. ef: of `recall_at_ef`, at least k. A query's own row fills a
    place of the beam, as in `search`. done, progress: as in `run_cells`; `done` belongs to one
    graph, set of arguments and column.

    Raises ParameterError where the arguments do not fit the graph or one another.
    """
    _check(graph, vectors, column)
    _check_numbers(k, target, selectivities, queries, ef, ef_max)
    live = live_rows(graph)
    of_queries, of_filters = np.random.default_rng(seed).spawn(2)
    asked = np.sort(of_queries.choice(live, min(queries, len(live)), replace=False))
    shuffled = of_filters.permutation(live)
    plan = _Plan(graph, vectors, k, target, max(k, ef), ef_max, asked, shuffled, column)
    sizes = _sizes(plan, selectivities)
    keys = [key for key, size in sizes.items() if size > k]
    beams = cache(lambda width: _beams(plan, width))  # a plain search knows of no filter
    cells = run_cells(
        keys if column is None else _spread(keys, sizes),
        lambda key, tell: _cell(plan, key, beams, tell),
        name=lambda key: f"{sizes[key]:,} rows allowed",
        done=done,
        progress=progress,
    )
    skipped = tuple(
        SkippedFilter(_value(key), size / len(live), size)
        for key, size in sizes.items()
        if size <= k
    )
    return FilteredSearch(k, target, plan.ef, ef_max, len(live), len(asked), tuple(cells), skipped)


def _check(graph: HnswGraph, vectors: Floats, column: Codes | None) -> None:
    if vectors.shape != (graph.n, graph.dim):
        raise ParameterError(
            f"vectors must hold the {graph.n:,} rows of {graph.dim:,} dimensions that the graph "
            f"was built from; got shape {vectors.shape}."
        )
    if column is not None and (column.shape != (graph.n,) or column.dtype.kind not in "iu"):
        raise ParameterError(
            f"column must hold a whole number for each of the {graph.n:,} rows, -1 for no value; "
            f"got shape {column.shape} of {column.dtype}."
        )


def _check_numbers(
    k: int, target: float, selectivities: Sequence[float], queries: int, ef: int, ef_max: int
) -> None:
    check_k(queries, "queries")
    check_k(ef, "ef")
    check_ef(ef_max, check_k(k), "ef_max")
    for name, share in (("target", target), *(("a selectivity", each) for each in selectivities)):
        if not 0 < share <= 1:
            raise ParameterError(f"{name} must be above 0 and at most 1; got {share}.")


def _sizes(plan: _Plan, selectivities: Sequence[float]) -> dict[Key, int]:
    """How many live rows each filter allows, the largest first."""
    if plan.column is None:
        shares = sorted(set(selectivities), reverse=True)
        return {(RANDOM, share): round(share * len(plan.shuffled)) for share in shares}
    codes, counts = np.unique(plan.column[plan.shuffled], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return {(VALUE, int(codes[i])): int(counts[i]) for i in order if codes[i] >= 0}


def _spread(keys: list[Key], sizes: dict[Key, int]) -> list[Key]:
    """Up to 12 filters whose sizes are spread over their range, by factors."""
    if len(keys) <= MOST_VALUES:
        return keys
    logs = np.log([sizes[key] for key in keys])
    apart = np.abs(logs - np.linspace(logs[0], logs[-1], MOST_VALUES)[:, None])
    for i in range(MOST_VALUES):
        apart[i + 1 :, apart[i].argmin()] = np.inf
    return [keys[i] for i in np.sort(apart.argmin(axis=1))]


def _cell(plan: _Plan, key: Key, beams: Callable[[int], Beams], tell: Tell) -> FilterCell:
    rows = plan.rows(key)
    allowed = np.zeros(plan.graph.n, dtype=bool)
    allowed[rows] = True
    truth = _truth(plan, rows)

    def during(ef: int) -> tuple[float, float]:
        found = search_filtered(plan.graph, plan.queries, plan.k, ef, allowed, exclude=plan.asked)
        return _recall(found.ids, truth), float(found.distance_computations.mean())

    def after(ef: int) -> tuple[float, float]:
        ids, cost = beams(max(ef, plan.k + 1))
        kept = (ids >= 0) & allowed[ids] & (ids != plan.asked[:, None])
        first = np.argsort(~kept, axis=1, kind="stable")[:, : plan.k]
        nearest = np.take_along_axis(np.where(kept, ids, -1), first, axis=1)
        return _recall(nearest, truth), cost

    return FilterCell(
        value=_value(key),
        selectivity=len(rows) / len(plan.shuffled),
        allowed=len(rows),
        during=_climb(plan, during, min(plan.ef_max, len(rows)), partial(_part, tell, 0.1, 0.5)),
        after=_climb(plan, after, plan.ef_max, partial(_part, tell, 0.5, 1.0)),
    )


def _climb(plan: _Plan, way: Way, ef_max: int, tell: Tell) -> Climb:
    """Try one ef after the other until the target is reached."""
    ladder = _ladder(plan.k, ef_max)
    steps: list[tuple[float, float]] = []
    for ef in ladder:
        tell(len(steps) / len(ladder))
        steps.append(way(ef))
        if reached(steps[-1][0], plan.target):
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


def _beams(plan: _Plan, width: int) -> Beams:
    """Whole beams of plain searches and their mean distance computations.

    The beams are (q, width) row ids, or as many columns as there are live rows.
    """
    found = search(plan.graph, plan.queries, min(width, len(plan.shuffled)), width)
    return found.ids.astype(np.int32), float(found.distance_computations.mean())


def _truth(plan: _Plan, rows: Rows) -> Rows:
    """(q, k) the nearest of `rows` to each query, itself left out."""
    place = np.full(plan.graph.n, -1)
    place[rows] = np.arange(len(rows))
    near = exact_neighbors(
        plan.vectors[rows],
        plan.queries,
        plan.k,
        metric=plan.graph.metric,
        exclude=place[plan.asked],
    )
    return np.asarray(rows[near.ids])


def _recall(found: Codes, truth: Rows) -> float:
    return float(recall_at_k(found, truth).mean())


def _value(key: Key) -> int | None:
    return int(key[1]) if key[0] == VALUE else None


def _part(tell: Tell, start: float, end: float, share: float) -> None:
    tell(start + (end - start) * share)
