"""What if the index were built otherwise: the same queries before and after one change."""

import time
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.data import first_equal_rows, is_first
from core.distances import Floats
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw, census
from core.progress import ROWS_INSERTED, Progress, counted, part, unheard
from core.studies.inspection.health import Health, health
from core.studies.parts.query_sets import QuerySet
from core.studies.parts.truth import live_rows, true_neighbors

Rows = npt.NDArray[np.int64]
NO_COPIES, OTHER_M, OTHER_EF = "without duplicates", "other M", "other ef_construction"
RANDOM, AGAIN = "random order", "lost items again"
CHANGES = (NO_COPIES, OTHER_M, OTHER_EF, RANDOM, AGAIN)
PLAN_END, BUILD_END = 0.2, 0.9


@dataclass(frozen=True, eq=False)
class WhatIf:
    """An index before and after a change of how it is built.

    Both answer the same queries, at the same k and ef; the true neighbors are those among the rows
    that each index holds. params: of the rebuild. rows: (n',) rows of the data that it
    holds: row i of its graph is rows[i]. removed: live rows left out. seconds: the build took so
    long, by the clock.
    """

    change: str
    before: Health
    after: Health
    params: HnswParams
    rows: Rows
    removed: int
    seconds: float


@dataclass(frozen=True, eq=False)
class _Plan:
    """How the rebuild differs: its settings, its rows, their order and those inserted twice."""

    params: HnswParams
    rows: Rows
    order: Rows | None = None
    again: Rows | None = None


def what_if(
    graph: HnswGraph,
    vectors: Floats,
    params: HnswParams,
    change: str,
    *,
    ef: int,
    k: int,
    m: int | None = None,
    ef_construction: int | None = None,
    queries: int = 1000,
    query_vectors: Floats | None = None,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress | None = None,
) -> WhatIf:
    """Rebuild the index of `vectors` (n, d), the rows of the graph, with one change.

    change: one of `CHANGES`. "without duplicates" keeps the first row of each group of exactly
    equal vectors; "other M" and "other ef_construction" need `m` or `ef_construction`; "random
    order" inserts by a permutation drawn with `seed`; "lost items again" builds as before and then
    inserts the rows that the census at `ef` calls lost a second time, which finds most of them
    again and may cut off a few others, as the new links push old ones out; under inner product it
    hardly helps, for short vectors stay the nearest of no other row. Deleted rows are left out of
    every rebuild. params: of the index as it is.
    query_vectors: (q, d) that are no rows of the index, such as rows held out of it; without them
    `queries` of its rows are drawn with `seed`, each left out of its own answer.
    threads: of the searches; default all cores.
    progress: called as progress(share done, words); an exception that it raises stops the work.

    Raises ParameterError where the arguments do not fit the graph or one another.
    """
    report = progress or unheard
    _check(vectors, params, graph)
    plan = _plan(graph, vectors, params, change, (m, ef_construction), ef, seed, report)
    report(PLAN_END, "searching the index as it is")
    asked = _Asked(vectors, None, query_vectors)
    if query_vectors is None:
        asked = _Asked(vectors, _query_rows(plan.rows, queries, seed), None)
    before = health(graph, asked.of(graph, k, threads), ef, seed=seed, threads=threads)
    started = time.perf_counter()
    rebuilt = _rebuild(vectors, plan, report)
    seconds = time.perf_counter() - started
    report(BUILD_END, "searching the rebuilt index")
    after = asked.among(plan.rows).of(rebuilt, k, threads)
    return WhatIf(
        change=change,
        before=before,
        after=health(rebuilt, after, ef, seed=seed, threads=threads),
        params=plan.params,
        rows=plan.rows,
        removed=graph.n - graph.n_deleted - len(plan.rows),
        seconds=seconds,
    )


def _check(vectors: Floats, params: HnswParams, graph: HnswGraph) -> None:
    if vectors.shape != (graph.n, graph.dim):
        raise ParameterError(
            f"vectors must hold the {graph.n:,} rows of {graph.dim:,} dimensions that the graph "
            f"was built from; got shape {vectors.shape}."
        )
    if params.metric != graph.metric:
        raise ParameterError(
            f"params.metric must be {graph.metric!r}, that of the graph; got {params.metric!r}."
        )


def _rebuild(vectors: Floats, plan: _Plan, report: Progress) -> HnswGraph:
    return build_hnsw(
        vectors[plan.rows],
        plan.params,
        order=plan.order,
        again=plan.again,
        progress=counted(part(report, PLAN_END, BUILD_END), ROWS_INSERTED),
    )


def _plan(
    graph: HnswGraph,
    vectors: Floats,
    params: HnswParams,
    change: str,
    sizes: tuple[int | None, int | None],
    ef: int,
    seed: int,
    report: Progress,
) -> _Plan:
    report(0.0, "planning the rebuild")
    rows = live_rows(graph)
    m, ef_construction = sizes
    if change == NO_COPIES:
        return _Plan(params, rows[is_first(first_equal_rows(vectors[rows]))])
    if change == OTHER_M and m is not None:
        return _Plan(replace(params, m=m), rows)
    if change == OTHER_EF and ef_construction is not None:
        return _Plan(replace(params, ef_construction=ef_construction), rows)
    if change == RANDOM:
        return _Plan(params, rows, order=np.random.default_rng(seed).permutation(len(rows)))
    if change == AGAIN:
        lost = _lost(graph, ef, report)
        return _Plan(params, rows, again=np.searchsorted(rows, lost))
    raise ParameterError(
        f"change must be one of {', '.join(CHANGES)}, with m= or ef_construction= where it names "
        f"one; got {change!r}, m={m}, ef_construction={ef_construction}."
    )


def _lost(graph: HnswGraph, ef: int, report: Progress) -> Rows:
    """The rows that are unreachable, or that their own vector does not find at `ef`."""
    searched = counted(part(report, 0.0, PLAN_END), "{:,} of {:,} rows searched for")
    return census(graph, ef=ef, progress=searched).lost


def _query_rows(rows: Rows, size: int, seed: int) -> Rows:
    """Rows that both indexes hold, drawn with the seed, ascending."""
    if size >= len(rows):
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, size, replace=False))


@dataclass(frozen=True, eq=False)
class _Asked:
    """The queries: rows (q,) of `vectors` (n, d), those of the graph, or vectors from elsewhere."""

    vectors: Floats
    rows: Rows | None
    elsewhere: Floats | None

    def among(self, kept: Rows) -> "_Asked":
        """The same queries where only these rows are held, ascending."""
        rows = None if self.rows is None else np.searchsorted(kept, self.rows)
        return _Asked(self.vectors[kept], rows, self.elsewhere)

    def of(self, graph: HnswGraph, k: int, threads: int | None) -> QuerySet:
        """The queries with their true neighbors among the rows of the graph."""
        if self.elsewhere is None:
            assert self.rows is not None
            queries = self.vectors[self.rows]
        else:
            queries = self.elsewhere
        truth = true_neighbors(graph, self.vectors, queries, k, exclude=self.rows, threads=threads)
        return QuerySet(queries, truth, self.rows, None)
