"""The build grid: what each M and ef_construction costs, and what it buys."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial

from core.distances import Floats
from core.errors import ParameterError
from core.index import (
    HnswGraph,
    HnswParams,
    build_hnsw,
    census,
    hnswlib_bytes,
    search,
)
from core.index.reaching import cost_at, first_ef, first_place, reaches
from core.metrics import recall_at_k
from core.progress import ROWS_INSERTED, Progress, counted, part
from core.studies.experiments.build_grid_results import BuildGrid, GridCell
from core.studies.inspection.rebuild_spread import rebuild_seeds
from core.studies.parts.blocks import truth_of
from core.studies.parts.cells import (
    Cell,
    Done,
    Finished,
    SoFar,
    report_so_far,
    run_cells,
)
from core.studies.parts.host import host_unless, this_host
from core.studies.parts.query_sets import QuerySet
from core.studies.parts.query_split import split_queries
from core.studies.parts.shared import Shared, Sharing
from core.studies.parts.tradeoff import ef_tradeoffs

CENSUS_EF, CENSUS_SAMPLE = 40, 20_000
BUILT = 0.8  # share of a cell's time that its build takes, for the progress


@dataclass(frozen=True, eq=False)
class _Plan:
    """What all cells share.

    vectors: the indexed rows. queries: with as many true neighbors as any cell needs. threads: of a
    search, None for all cores.
    """

    vectors: Floats
    queries: QuerySet
    k: int
    target: float
    ef_max: int
    home: str
    threads: int | None


def build_grid(
    vectors: Floats,
    params: Sequence[HnswParams],
    *,
    k: int = 10,
    target: float = 0.95,
    ef_max: int = 512,
    queries: int = 1000,
    query_vectors: Floats | None = None,
    rebuilds: int = 0,
    seed: int = 0,
    executor: Executor | None = None,
    progress: Progress | None = None,
    done: Done | None = None,
    so_far: Callable[[SoFar[BuildGrid]], None] | None = None,
) -> BuildGrid:
    """Build an index of `vectors` (n, d) with each of `params`, and ask all the same queries.

    One after the other, so that build times can be compared; with an executor side by side, each on
    one thread. Times are by the clock of the machine that builds.
    queries, query_vectors: rows held out of every index, or queries from elsewhere, as
    `split_queries` has it.
    rebuilds: where each setting is built once, the recommended one is built so many times more with
    other seeds, by whose spread the search costs of two settings are told from chance.
    executor, progress, done: as in `run_cells`.
    so_far: called with the grid of the finished cells.
    hnswlib's check of ef_construction: its documentation, ALGO_PARAMS.md.
    """
    split = split_queries(vectors, query_vectors, queries=queries, seed=seed)
    n = len(split.rows)
    _check(n, params, k, ef_max)
    depth = min(max(k, *(each.m for each in params)), n)
    threads = None
    if executor is not None:  # the cells run side by side
        threads, params = 1, [replace(each, threads=1) for each in params]

    def grid(cells: Iterable[GridCell]) -> BuildGrid:
        return BuildGrid(k, target, n, len(split.queries), tuple(cells), split.own)

    extra = (
        0 if len({(each.m, each.ef_construction) for each in params}) < len(params) else rebuilds
    )

    def report(keys: Sequence[HnswParams], more: int) -> Finished | None:
        """How far the study is, with the finished ones of these builds, and so many to come."""
        if so_far is None:
            return None

        def heard(parts: SoFar[BuildGrid]) -> None:
            so_far(replace(parts, total=parts.total + more))

        def of_grid(parts: dict[HnswParams, GridCell]) -> BuildGrid:
            return grid(parts[each] for each in params if each in parts)

        return report_so_far(heard, keys, of_grid)

    run = partial(run_cells, executor=executor, workers=1 if executor is None else None, done=done)
    share = len(params) / (len(params) + extra)
    with Sharing() as sharing:
        truth = truth_of(
            split.vectors,
            split.queries,
            depth,
            params[0].metric,
            executor=executor,
            sharing=sharing,
            progress=progress,
        )
        asked = QuerySet(split.queries, truth, None, None)
        plan = sharing.share(
            _Plan(split.vectors, asked, k, target, ef_max, home=this_host(), threads=threads)
        )
        found = grid(
            run(
                [Cell(each, _name(each), _cell, (plan, each)) for each in params],
                progress=part(progress, 0.0, share),
                finished=report(params, extra),
            )
        )
        again = _again(found, extra) if extra else []
        if not again:
            return found
        cells = [Cell(each, _name(each), _cell, (plan, each)) for each in again]
        built = run(
            cells, progress=part(progress, share, 1.0), finished=report([*params, *again], 0)
        )
        return replace(found, again=tuple(built))


def _again(grid: BuildGrid, rebuilds: int) -> list[HnswParams]:
    """The recommended setting with other seeds; none where a setting has several seeds."""
    best = grid.recommended
    if best is None:
        return []
    setting = best.m, best.ef_construction
    every = (cell.params for cell in grid.cells)
    first = next(each for each in every if (each.m, each.ef_construction) == setting)
    return [replace(first, seed=seed) for seed in rebuild_seeds(first.seed, rebuilds)]


def _check(n: int, params: Sequence[HnswParams], k: int, ef_max: int) -> None:
    metrics = sorted({each.metric for each in params})
    if len(metrics) != 1:
        raise ParameterError(
            "params must be at least one, and all of one metric, which decides the true neighbors; "
            f"got {len(params)} with {', '.join(metrics) or 'no metric'}."
        )
    if not 1 <= k <= n:
        raise ParameterError(
            f"k must be at least 1 and at most the {n:,} rows that are indexed; got {k:,}."
        )
    if ef_max < k:
        raise ParameterError(f"ef_max must be at least k = {k:,}; got {ef_max:,}.")


def _cell(progress: Progress, shared: Shared[_Plan], params: HnswParams) -> GridCell:
    plan = shared.value
    started = time.perf_counter()
    graph = build_hnsw(
        plan.vectors, params, progress=counted(part(progress, 0.0, BUILT), ROWS_INSERTED)
    )
    seconds = time.perf_counter() - started
    progress(BUILT, "searching")
    study = ef_tradeoffs(graph, plan.queries, (plan.k,), ef_max=plan.ef_max, threads=plan.threads)[
        plan.k
    ]
    reached = reaches(study.mean_recall, plan.target)
    taken = census(graph, ef=CENSUS_EF, sample=CENSUS_SAMPLE, threads=plan.threads)
    return GridCell(
        params=params,
        build_seconds=seconds,
        bytes_per_vector=hnswlib_bytes(graph) / graph.n,
        ef=int(first_ef(study.ef, reached)),
        distance_computations=cost_at(study.mean_computations, int(first_place(reached))),
        best_recall=float(study.mean_recall[-1]),
        own_check=_own_check(graph, plan, params),
        unreachable=len(taken.unreachable),
        unfindable_share=taken.unfindable_share,
        host=host_unless(plan.home),
    )


def _own_check(graph: HnswGraph, plan: _Plan, params: HnswParams) -> float:
    truth = plan.queries.truth.ids
    m = min(params.m, truth.shape[1])
    ef = max(m, params.ef_construction)
    found = search(graph, plan.queries.vectors, m, ef, threads=plan.threads)
    return float(recall_at_k(found.ids, truth[:, :m]).mean())


def _name(params: HnswParams) -> str:
    return f"M {params.m}, ef_construction {params.ef_construction}, seed {params.seed}"
