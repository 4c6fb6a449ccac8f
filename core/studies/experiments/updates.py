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
from core.index import (
    HnswGraph,
    HnswParams,
    Neighbors,
    build_hnsw,
    census,
    churn_hnsw,
    exact_neighbors,
    search,
)
from core.index.beam_search import check_ef
from core.index.churn import HOWS, How, churned_rows
from core.intervals import bootstrap_interval
from core.metrics import recall_at_k
from core.progress import ROWS_INSERTED, Progress, counted, part
from core.studies.experiments.updates_results import Duplicates, Float64s, Series, Updates
from core.studies.inspection.health import Health, health
from core.studies.parts.blocks import truth_of
from core.studies.parts.cells import Cell, Done, SoFar, report_so_far, run_cells
from core.studies.parts.query_sets import QuerySet
from core.studies.parts.query_split import split_queries
from core.studies.parts.shared import Shared, Sharing
from core.studies.parts.truth import true_neighbors

DUPLICATES = "duplicates"
SEARCHED_AT_MOST = 5_000


@dataclass(frozen=True, eq=False)
class _Plan:
    """What all series share.

    vectors: (n, d) indexed rows. queries: (q, d). truth: of the queries among all of them. threads:
    of a search, None for all cores.
    """

    vectors: Floats
    params: HnswParams
    k: int
    ef: int
    rounds: int
    share: float
    seed: int
    queries: Floats
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
    vectors: Floats,
    params: HnswParams,
    *,
    k: int,
    ef: int,
    rounds: int = 5,
    share: float = 0.1,
    queries: int = 500,
    query_vectors: Floats | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    progress: Progress | None = None,
    done: Done | None = None,
    so_far: Callable[[SoFar[Updates]], None] | None = None,
) -> Updates:
    """What duplicates and `rounds` of changes do to the index of `vectors` (n, d), row by row.

    params: of every build. Rows that an index has marked as deleted are left out by the caller.
    queries, query_vectors: rows held out of every index, which no round touches, or queries from
    elsewhere, as `split_queries` has it. The same in every round; the truth is that among the rows
    then live.
    ("duplicates",): the index as built and one without exact duplicates, each copy after the first
    left out; None, and nothing is built, where there are none. ("update",), ("replace",),
    ("delete",): the series of `churn_hnsw`.
    executor: as in `run_cells`; without one the parts come one after the other, each on all cores.
    progress: as in `run_cells`.
    done: finished parts by those keys, as in `run_cells`.
    so_far: called with the finished series, once there is one and the duplicates are done.

    Raises ParameterError where the arguments do not fit one another.
    """
    check_ef(ef, k)
    split = split_queries(vectors, query_vectors, queries=queries, seed=seed)
    rows, asked = split.vectors, split.queries
    n = len(rows)
    _check_lasting(n, k, rounds=rounds, share=share, seed=seed)
    threads = None
    if executor is not None:  # the parts run side by side
        threads, params = 1, replace(params, threads=1)

    def study(parts: dict[Any, Any]) -> Updates | None:
        series = tuple(parts[how,] for how in HOWS if (how,) in parts)
        if (DUPLICATES,) not in parts or not series:
            return None
        return Updates(k, ef, n, share, len(asked), parts[DUPLICATES,], series, split.own)

    with Sharing() as sharing:
        truth = truth_of(
            rows,
            asked,
            k,
            params.metric,
            executor=executor,
            sharing=sharing,
            progress=progress,
        )
        shared = sharing.share(
            _Plan(rows, params, k, ef, rounds, share, seed, asked, truth, threads)
        )
        cells: list[Cell[Any]] = [
            Cell((DUPLICATES,), DUPLICATES, _without_duplicates, (shared,)),
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
    return Updates(k, ef, n, share, len(asked), duplicates, tuple(series), split.own)


def _check_lasting(n: int, k: int, *, rounds: int, share: float, seed: int) -> None:
    """Refuse rounds of deletion that leave fewer than k rows."""
    left = n - churned_rows(n, "delete", rounds=rounds, share=share, seed=seed).size
    if left < k:
        raise ParameterError(
            f"k must be at most the {left:,} rows that {rounds:,} rounds of deletion leave; "
            f"got {k:,}. Lower k, rounds or share."
        )


def _without_duplicates(progress: Progress, shared: Shared[_Plan]) -> Duplicates | None:
    plan = shared.value
    kept = is_first(first_equal_rows(plan.vectors))
    if kept.all():
        return None
    before = _health(plan, plan.vectors, plan.truth, part(progress, 0.0, 0.5))
    rows = plan.vectors[kept]
    truth = exact_neighbors(
        rows, plan.queries, plan.k, metric=plan.params.metric, threads=plan.threads
    )
    after = _health(plan, rows, truth, part(progress, 0.5, 1.0))
    return Duplicates(int((~kept).sum()), before, after)


def _health(plan: _Plan, rows: Floats, truth: Neighbors, progress: Progress) -> Health:
    """That of an index of these rows."""
    graph = build_hnsw(rows, plan.params, progress=counted(progress, ROWS_INSERTED))
    asked = QuerySet(plan.queries, truth, None, None)
    return health(graph, asked, plan.ef, seed=plan.seed, threads=plan.threads)


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
    truth = plan.truth
    if graph.n_deleted:
        truth = true_neighbors(graph, plan.vectors, plan.queries, plan.k, threads=plan.threads)
    found = search(graph, plan.queries, plan.k, plan.ef, threads=plan.threads)
    taken = census(graph, ef=plan.ef, sample=SEARCHED_AT_MOST, seed=plan.seed, threads=plan.threads)
    return _Point(
        recall=recall_at_k(found.ids, truth.ids),
        distance_computations=float(found.distance_computations.mean()),
        live=graph.n - graph.n_deleted,
        unreachable=len(taken.unreachable),
        unfindable_share=taken.unfindable_share,
    )
