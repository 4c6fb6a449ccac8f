"""What exact duplicates do to an index, and what updates, replacements and deletions do to it.

Rows that are deleted and inserted again can leave others that no search reaches any more: Xiao et
al., Enhancing HNSW Index for Real-Time Updates (arXiv 2407.07871).
"""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.data import first_equal_rows, is_first
from core.distances import Floats
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, Neighbors, census, churn_hnsw, exact_neighbors, search
from core.index.beam_search import check_ef
from core.index.churn import HOWS, How, churned_rows
from core.intervals import bootstrap_interval
from core.metrics import recall_at_k
from core.progress import Progress, counted
from core.studies.experiments.updates_results import Float64s, Rows, Series, Updates
from core.studies.inspection.health import health
from core.studies.inspection.what_if import NO_COPIES, WhatIf, what_if
from core.studies.parts.cells import Cell, Done, SoFar, report_so_far, run_cells
from core.studies.parts.query_sets import sample_queries
from core.studies.parts.sampling import sample_rows
from core.studies.parts.shared import Shared, Sharing
from core.studies.parts.truth import live_rows, true_neighbors

DUPLICATES = "duplicates"
SEARCHED_AT_MOST = 5_000


@dataclass(frozen=True, eq=False)
class _Plan:
    """What all series share.

    vectors: (n, d) live rows. truth: of the queries among all of them. threads: of a search, None
    for all cores.
    """

    vectors: Floats
    params: HnswParams
    k: int
    ef: int
    rounds: int
    share: float
    seed: int
    query_rows: Rows
    truth: Neighbors
    threads: int | None


@dataclass(frozen=True, eq=False)
class _Point:
    """A graph after a round. recall: (q,)."""

    recall: Float64s
    distance_computations: float
    live: int
    unreachable: int
    unfindable_share: float


def updates(
    graph: HnswGraph,
    vectors: Floats,
    params: HnswParams,
    *,
    k: int,
    ef: int,
    rounds: int = 5,
    share: float = 0.1,
    queries: int = 500,
    seed: int = 0,
    executor: Executor | None = None,
    progress: Progress | None = None,
    done: Done | None = None,
    so_far: Callable[[SoFar[Updates]], None] | None = None,
) -> Updates:
    """What duplicates and `rounds` of changes do to the index of `vectors` (n, d), row by row.

    params: of the index; it is built anew from the rows that `graph` does not mark as deleted.
    ("duplicates",): health with and without exact duplicates, as `what_if` has it; where there are
    none, `removed` is 0 and nothing is built. ("update",), ("replace",), ("delete",): the series of
    `churn_hnsw`; the queries are the same in all, drawn with `seed` from the rows that "delete"
    leaves, each left out of its own answer, and the truth is that among the rows then live.
    executor: as in `run_cells`; without one the parts come one after the other, each on all cores.
    progress: as in `run_cells`.
    done: finished parts by those keys, as in `run_cells`.
    so_far: called with the finished series, once there is one and the duplicates are done.

    Raises ParameterError where the arguments do not fit the graph or one another.
    """
    _check(graph, vectors, params)
    check_ef(ef, k)
    rows = live_rows(graph)
    held = vectors[rows] if graph.n_deleted else vectors
    left = _lasting(len(rows), k, rounds=rounds, share=share, seed=seed)
    query_rows = left[sample_rows(len(left), queries, seed=seed)]
    truth = exact_neighbors(held, held[query_rows], k, metric=params.metric, exclude=query_rows)
    threads = None
    if executor is not None:  # the parts run side by side
        threads, params = 1, replace(params, threads=1)
    plan = _Plan(held, params, k, ef, rounds, share, seed, query_rows, truth, threads)

    def study(parts: dict[Any, Any]) -> Updates | None:
        series = tuple(parts[how,] for how in HOWS if (how,) in parts)
        if (DUPLICATES,) not in parts or not series:
            return None
        return Updates(k, ef, len(rows), share, query_rows, parts[DUPLICATES,], series)

    with Sharing() as sharing:
        shared = sharing.share(plan)
        whole = sharing.share((graph, vectors))
        cells: list[Cell[Any]] = [
            Cell((DUPLICATES,), DUPLICATES, _without_duplicates, (whole, shared, queries)),
            *[Cell((how,), how, _series, (shared, how)) for how in HOWS],
        ]
        duplicates, *series = run_cells(
            cells,
            executor=executor,
            workers=1 if executor is None else None,
            progress=progress,
            done=done,
            finished=report_so_far(so_far, [cell.key for cell in cells], study),
        )
    return Updates(k, ef, len(rows), share, query_rows, duplicates, tuple(series))


def _check(graph: HnswGraph, vectors: Floats, params: HnswParams) -> None:
    if vectors.shape != (graph.n, graph.dim) or params.metric != graph.metric:
        raise ParameterError(
            f"vectors and params must be those of the graph, {graph.n:,} rows of {graph.dim:,} "
            f"dimensions under {graph.metric!r}; got shape {vectors.shape} and {params.metric!r}."
        )


def _lasting(n: int, k: int, *, rounds: int, share: float, seed: int) -> Rows:
    """The rows that no round deletes, ascending."""
    gone = churned_rows(n, "delete", rounds=rounds, share=share, seed=seed)
    if n - gone.size <= k:
        raise ParameterError(
            f"k must be below the {n - gone.size:,} rows that {rounds:,} rounds of deletion leave; "
            f"got {k:,}. Lower k, rounds or share."
        )
    return np.setdiff1d(np.arange(n), gone)


def _without_duplicates(
    progress: Progress, whole: Shared[tuple[HnswGraph, Floats]], shared: Shared[_Plan], queries: int
) -> WhatIf:
    (graph, vectors), plan = whole.value, shared.value
    k, ef, seed = plan.k, plan.ef, plan.seed
    if is_first(first_equal_rows(plan.vectors)).all():
        drawn = sample_queries(graph, vectors, k, size=queries, seed=seed)
        same = health(graph, drawn, ef, seed=seed, threads=plan.threads)
        progress(1.0, "searched")
        return WhatIf(NO_COPIES, same, same, plan.params, live_rows(graph), 0, 0.0)
    result = what_if(
        graph,
        vectors,
        plan.params,
        NO_COPIES,
        ef=ef,
        k=k,
        queries=queries,
        seed=seed,
        threads=plan.threads,
        progress=progress,
    )
    progress(1.0, "searched")
    return result


def _series(progress: Progress, shared: Shared[_Plan], how: How) -> Series:
    plan = shared.value
    graphs = churn_hnsw(
        plan.vectors,
        plan.params,
        rounds=plan.rounds,
        share=plan.share,
        seed=plan.seed,
        how=how,
        progress=counted(progress, "{:,} of {:,} rows"),
    )
    points = [_point(plan, graph) for graph in graphs]
    low, high = bootstrap_interval(np.stack([point.recall for point in points], axis=1))
    return Series(
        how=how,
        rounds=np.arange(len(points)),
        recall=np.array([point.recall.mean() for point in points]),
        recall_low=low,
        recall_high=high,
        distance_computations=np.array([point.distance_computations for point in points]),
        live=np.array([point.live for point in points]),
        unreachable=np.array([point.unreachable for point in points]),
        unfindable_share=np.array([point.unfindable_share for point in points]),
    )


def _point(plan: _Plan, graph: HnswGraph) -> _Point:
    vectors, query_rows, truth = plan.vectors, plan.query_rows, plan.truth
    if graph.n_deleted:
        truth = true_neighbors(
            graph, vectors, vectors[query_rows], plan.k, exclude=query_rows, threads=plan.threads
        )
    found = search(
        graph, vectors[query_rows], plan.k, plan.ef, exclude=query_rows, threads=plan.threads
    )
    taken = census(graph, ef=plan.ef, sample=SEARCHED_AT_MOST, seed=plan.seed, threads=plan.threads)
    return _Point(
        recall=recall_at_k(found.ids, truth.ids),
        distance_computations=float(found.distance_computations.mean()),
        live=graph.n - graph.n_deleted,
        unreachable=len(taken.unreachable),
        unfindable_share=taken.unfindable_share,
    )
