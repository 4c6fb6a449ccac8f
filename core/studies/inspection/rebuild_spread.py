"""The spread of rebuilds: one setting, built several times, asked the same queries."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.checks import check_ids, check_rows, check_whole
from core.distances import Floats
from core.errors import ParameterError
from core.index import (
    HnswGraph,
    HnswParams,
    Neighbors,
    build_hnsw,
    ef_curve,
    exact_neighbors,
    reachable_rows,
)
from core.index.reaching import NONE_REACHES, cost_at, first_place, reaches
from core.progress import ROWS_INSERTED, Progress, counted, part
from core.studies.parts.blocks import TRUTH_WORDS
from core.studies.parts.cells import Cell, Done, SoFar, report_so_far, run_cells
from core.studies.parts.query_split import split_queries
from core.studies.parts.rebuild_noise import (
    Change,
    against_rebuilds,
    noise_half_width,
    query_residual,
)
from core.studies.parts.shared import Shared, Sharing

Float64s = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
REBUILDS, FEWEST, MOST = 5, 2, 100
OTHER_SEEDS = 10_000  # added to the seed of the setting, so that no rebuild is the build itself
LARGEST_SEED = 2**31 - 1
JUDGED = 2  # figures of a pair of builds: recall, and distance computations
BUILT = 0.8  # share of a cell's time that its build takes, for the progress


@dataclass(frozen=True, eq=False)
class RebuildSpread:
    """R rebuilds of one setting, all asked the same q queries; arrays (e,) follow `ef`.

    params: of the setting; `seeds` (R,) are those of the rebuilds. shuffled: whether each inserts
    the rows in an order of its own, drawn with its seed; else in the order that they have.
    ef: every integer from k to ef_max. recall, distance_computations: (R, e) means over the
    queries. recall_residual, computations_residual: (e,) of `query_residual`. unreachable: (R,)
    rows that no search can visit. n: rows of each index.
    """

    params: HnswParams
    seeds: tuple[int, ...]
    shuffled: bool
    k: int
    n: int
    queries: int
    ef: npt.NDArray[np.int64]
    recall: Float64s
    distance_computations: Float64s
    recall_residual: Float64s
    computations_residual: Float64s
    unreachable: npt.NDArray[np.int64]

    @property
    def rebuilds(self) -> int:
        """How many there are."""
        return len(self.seeds)

    @property
    def recall_step(self) -> float:
        """One neighbor more of one query, in mean recall."""
        return 1 / (self.k * self.queries)

    @property
    def recall_noise(self) -> Float64s:
        """(e,) by how much mean recall of two builds of the setting differs at most, 95 %."""
        return noise_half_width(
            self.recall, residual=self.recall_residual, step=self.recall_step, judged=JUDGED
        )

    def recall_change(self, ef: int, before: float, after: float) -> Change:
        """A change of mean recall at `ef` against the rebuilds."""
        place = self.at(ef)
        return against_rebuilds(
            before,
            after,
            self.recall[:, place],
            residual=float(self.recall_residual[place]),
            step=self.recall_step,
            judged=JUDGED,
        )

    def computations_change(self, ef: int, before: float, after: float) -> Change:
        """A change of mean distance computations at `ef` against the rebuilds."""
        place = self.at(ef)
        return against_rebuilds(
            before,
            after,
            self.distance_computations[:, place],
            residual=float(self.computations_residual[place]),
            step=1 / self.queries,
            judged=JUDGED,
        )

    def target_costs(self, target: float) -> Float64s:
        """(R,) mean distance computations at the smallest ef of each rebuild for mean recall.

        NaN for a rebuild that no ef brings there.
        """
        places = first_place(reaches(self.recall, target)).tolist()
        costs = zip(self.distance_computations, places, strict=True)
        return np.array([cost_at(line, place) for line, place in costs])

    def target_efs(self, target: float) -> npt.NDArray[np.int64]:
        """(R,) the smallest ef of each rebuild for mean recall, -1 for none."""
        places = first_place(reaches(self.recall, target))
        return np.where(places == NONE_REACHES, NONE_REACHES, self.ef[places])

    def at(self, ef: int) -> int:
        """Place of `ef` in the arrays."""
        if not self.ef[0] <= ef <= self.ef[-1]:
            raise ParameterError(
                f"ef must be between {self.ef[0]:,} and {self.ef[-1]:,}, for which the rebuilds "
                f"were searched; got {ef:,}."
            )
        return ef - int(self.ef[0])


@dataclass(frozen=True, eq=False)
class _Plan:
    """What all rebuilds share. rows: (q,) that the queries are, each left out, or None."""

    vectors: Floats
    params: HnswParams
    shuffled: bool
    queries: Floats
    rows: Rows | None
    truth: Neighbors
    ef_max: int


@dataclass(frozen=True, eq=False)
class _Rebuild:
    """One rebuild: true neighbors found and distances computed, (q, e), and its lost rows."""

    hits: npt.NDArray[np.uint16]
    distance_computations: npt.NDArray[np.int32]
    unreachable: int


def rebuild_spread(
    vectors: Floats,
    params: HnswParams,
    *,
    k: int = 10,
    ef_max: int = 512,
    rebuilds: int = REBUILDS,
    shuffled: bool = True,
    queries: int = 1000,
    query_vectors: Floats | None = None,
    query_rows: npt.ArrayLike | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    workers: int | None = 1,
    progress: Progress | None = None,
    done: Done | None = None,
    so_far: Callable[[SoFar[RebuildSpread]], None] | None = None,
) -> RebuildSpread:
    """Build the index of `vectors` (n, d) with `params` again and again, and ask the same queries.

    rebuilds: how many, each with a seed of its own, which draws the levels; with more than one
    thread their race makes builds differ, too. shuffled: each inserts the rows in a random order of
    its own; else in the order of `vectors`.
    queries, query_vectors, seed: rows held out of every index, or queries from elsewhere, as
    `split_queries` has it. query_rows: in place of both, (q,) rows of the index as queries, each
    left out of its own answer.
    executor, workers, progress, done: as in `run_cells`.
    so_far: called with the spread of the finished rebuilds, once there are two.

    The rule by which a difference is held against the spread: `core.studies.parts.rebuild_noise`.
    Raises ParameterError where the arguments do not fit.
    """
    count = check_whole(rebuilds, "rebuilds", FEWEST, MOST)
    plan = _plan(vectors, params, shuffled, (queries, seed, ef_max), query_vectors, query_rows, k)
    asked = _with_truth(plan, k, progress)
    seeds = rebuild_seeds(params.seed, count)

    def spread(parts: dict[int, _Rebuild]) -> RebuildSpread | None:
        return _spread(asked, k, parts) if len(parts) >= FEWEST else None

    with Sharing() as sharing:
        shared = sharing.share(asked)
        found = run_cells(
            [Cell(each, f"rebuild with seed {each}", _cell, (shared, each)) for each in seeds],
            executor=executor,
            workers=workers,
            progress=progress,
            done=done,
            finished=report_so_far(so_far, seeds, spread),
        )
    return _spread(asked, k, dict(zip(seeds, found, strict=True)))


def rebuild_seeds(seed: int, count: int) -> tuple[int, ...]:
    """The seeds (count,) of rebuilds of a setting with this seed: other ones than its own."""
    return tuple((seed + OTHER_SEEDS + i) % LARGEST_SEED for i in range(count))


def rebuilt(
    progress: Progress, vectors: Floats, params: HnswParams, shuffled: bool, seed: int
) -> HnswGraph:
    """One rebuild of a setting: with a seed, and where `shuffled` in an order drawn with it."""
    order = np.random.default_rng(seed).permutation(len(vectors)) if shuffled else None
    return build_hnsw(
        vectors,
        replace(params, seed=seed),
        order=order,
        progress=counted(progress, ROWS_INSERTED),
    )


def _plan(
    vectors: Floats,
    params: HnswParams,
    shuffled: bool,
    drawn: tuple[int, int, int],
    query_vectors: Floats | None,
    query_rows: npt.ArrayLike | None,
    k: int,
) -> _Plan:
    """The plan, without the true neighbors. drawn: how many queries, their seed; ef_max."""
    queries, seed, ef_max = drawn
    nothing = Neighbors(np.empty((0, 0), np.int64), np.empty((0, 0)))
    if query_rows is None:
        split = split_queries(vectors, query_vectors, queries=queries, seed=seed)
        plan = _Plan(split.vectors, params, shuffled, split.queries, None, nothing, ef_max)
    elif query_vectors is not None:
        raise ParameterError("query_rows and query_vectors are two kinds of queries; give one.")
    else:
        every = check_rows(vectors, "vectors")
        rows = check_ids(query_rows, "query_rows", len(every), empty=False).astype(np.int64)
        plan = _Plan(every, params, shuffled, every[rows], rows, nothing, ef_max)
    check_whole(k, "k", 1, len(plan.vectors) - (plan.rows is not None))
    check_whole(ef_max, "ef_max", k)
    return plan


def _with_truth(plan: _Plan, k: int, progress: Progress | None) -> _Plan:
    truth = exact_neighbors(
        plan.vectors,
        plan.queries,
        k,
        metric=plan.params.metric,
        exclude=plan.rows,
        progress=counted(part(progress, 0.0, 0.0), TRUTH_WORDS),
    )
    return replace(plan, truth=truth)


def _cell(progress: Progress, shared: Shared[_Plan], seed: int) -> _Rebuild:
    plan = shared.value
    graph = rebuilt(part(progress, 0.0, BUILT), plan.vectors, plan.params, plan.shuffled, seed)
    progress(BUILT, "searching")
    curve = ef_curve(
        graph,
        plan.queries,
        plan.truth,
        ef_max=plan.ef_max,
        exclude=plan.rows,
        threads=plan.params.threads,
    )
    unreachable = int(np.count_nonzero(~reachable_rows(graph)))
    return _Rebuild(curve.hits.astype(np.uint16), curve.distance_computations, unreachable)


def _spread(plan: _Plan, k: int, parts: dict[int, _Rebuild]) -> RebuildSpread:
    builds = list(parts.values())
    hits = np.stack([build.hits for build in builds])
    computations = np.stack([build.distance_computations for build in builds])
    return RebuildSpread(
        params=plan.params,
        seeds=tuple(parts),
        shuffled=plan.shuffled,
        k=k,
        n=len(plan.vectors),
        queries=len(plan.queries),
        ef=np.arange(k, plan.ef_max + 1),
        recall=hits.mean(axis=1) / k,
        distance_computations=computations.mean(axis=1),
        recall_residual=_residuals(hits) / k**2,
        computations_residual=_residuals(computations),
        unreachable=np.array([build.unreachable for build in builds]),
    )


def _residuals(values: npt.NDArray[np.integer]) -> Float64s:
    """`query_residual` at each ef of values (R, q, e), (e,)."""
    each = (values[:, :, place].astype(np.float64) for place in range(values.shape[2]))
    return np.array([query_residual(table) for table in each])
