"""Whether two indexes answer more differently than two builds of one setting do.

The first index is held beside R rebuilds of its own setting, with other seeds and orders, by the
same queries: m_i is the mean rank-biased overlap of the answers of rebuild i with those of the
first index. Were the second index one more rebuild, its mean would be another draw of the same
distribution, and differ from the mean of the m_i by at most t(R - 1, 0.975) sqrt(v (1 + 1 / R)) in
95 % of cases: a prediction interval (Hahn & Meeker, Statistical Intervals, 1991, section 4.7), with
the v of `core.studies.parts.rebuild_noise`.
"""

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_whole
from core.distances import Floats
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, search
from core.index.checks import check_queries
from core.index.params import LARGEST_EF_CONSTRUCTION, LARGEST_M
from core.metrics import rank_biased_overlap
from core.progress import Progress, part
from core.studies.inspection.index_diff import IndexDiff
from core.studies.inspection.rebuild_spread import (
    FEWEST,
    MOST,
    REBUILDS,
    rebuild_seeds,
    rebuilt,
)
from core.studies.parts.cells import Cell, Done, run_cells
from core.studies.parts.rebuild_noise import Change, against_rebuilds, query_residual
from core.studies.parts.shared import Shared, Sharing
from core.studies.parts.truth import live_rows

Float64s = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
USUAL_EF_CONSTRUCTION = 200
BUILT = 0.9  # share of a cell's time that its build takes, for the progress


@dataclass(frozen=True, eq=False)
class DiffNoise:
    """The answers of R rebuilds of one setting beside those of the first index of a difference.

    params: of the setting; seeds (R,): of the rebuilds. shuffled: whether each inserts the rows in
    an order of its own. k, ef: of the searches. overlap: (R, q) rank-biased overlap of each
    rebuild's answer to each query with that of the first index.
    """

    params: HnswParams
    seeds: tuple[int, ...]
    shuffled: bool
    k: int
    ef: int
    overlap: Float64s

    @property
    def rebuilds(self) -> int:
        """How many there are."""
        return len(self.seeds)

    @property
    def step(self) -> float:
        """The least by which the mean changes: one query, in whose answer the last item differs."""
        last = np.arange(self.k)[None]
        other = last.copy()
        other[0, -1] = self.k
        queries: int = self.overlap.shape[1]
        return float(1 - rank_biased_overlap(last, other)[0]) / queries

    def change(self, diff: IndexDiff) -> Change:
        """The mean overlap of the rebuilds (before) and that of the second index (after).

        Beyond noise where two builds of one setting are as far from it in under 5 % of cases.
        Raises ParameterError for a difference of other searches.
        """
        if (diff.k, diff.ef, diff.queries) != (self.k, self.ef, self.overlap.shape[1]):
            raise ParameterError(
                f"diff must be of {self.overlap.shape[1]:,} queries at k = {self.k} and ef = "
                f"{self.ef}, as the rebuilds; got {diff.queries:,}, {diff.k} and {diff.ef}."
            )
        means = self.overlap.mean(axis=1)
        return against_rebuilds(
            means,
            float(diff.rank_overlap.mean()),
            means,
            residual=query_residual(self.overlap),
            step=self.step,
        )


def setting_of(graph: HnswGraph) -> HnswParams:
    """The setting of a graph as far as it is known; else hnswlib's usual ef_construction."""
    width = graph.ef_construction or USUAL_EF_CONSTRUCTION
    return HnswParams(
        graph.metric,
        min(max(graph.m, 2), LARGEST_M),
        min(width, LARGEST_EF_CONSTRUCTION),
    )


def diff_noise(
    a: HnswGraph,
    diff: IndexDiff,
    queries: Floats | None = None,
    params: HnswParams | None = None,
    *,
    rebuilds: int = REBUILDS,
    shuffled: bool = True,
    executor: Executor | None = None,
    workers: int | None = 1,
    progress: Progress | None = None,
    done: Done | None = None,
) -> DiffNoise:
    """Build what `a` holds again and again, and ask what `diff` asked both of its indexes.

    diff: of `diff_indexes(a, b, queries)`. queries: those, None where items were searched for.
    params: of the rebuilds; the graph's own by default. rebuilds: how many, each with a seed of its
    own. shuffled: each inserts the rows in a random order of its own. They index the vectors as `a`
    stores them, without deleted rows, so that only the links differ. executor, workers, progress,
    done: as in `run_cells`.
    """
    count = check_whole(rebuilds, "rebuilds", FEWEST, MOST)
    setting = setting_of(a) if params is None else params
    plan = _plan(a, diff, queries, setting, shuffled)
    seeds = rebuild_seeds(setting.seed, count)
    with Sharing() as sharing:
        shared = sharing.share(plan)
        found = run_cells(
            [Cell(each, f"rebuild with seed {each}", _cell, (shared, each)) for each in seeds],
            executor=executor,
            workers=workers,
            progress=progress,
            done=done,
        )
    return DiffNoise(setting, seeds, shuffled, diff.k, diff.ef, np.stack(found))


@dataclass(frozen=True, eq=False)
class _Plan:
    """What all rebuilds share. rows: (q,) rows of `vectors` that the queries are, or None.

    first: (q, k) the answers of the first index, as rows of `vectors`.
    """

    vectors: npt.NDArray[np.float32]
    params: HnswParams
    shuffled: bool
    queries: Floats
    rows: Rows | None
    first: Rows
    ef: int


def _plan(
    a: HnswGraph, diff: IndexDiff, queries: Floats | None, params: HnswParams, shuffled: bool
) -> _Plan:
    own, live = a.in_own_space(), live_rows(a)
    if queries is not None:
        asked, exclude = check_queries(a, queries), None
    elif diff.rows is None:
        raise ParameterError(
            "queries must be those of the difference, which searched for no items."
        )
    else:
        asked, exclude = own.vectors[diff.rows], diff.rows
    found = search(own, asked, diff.k, diff.ef, exclude=exclude).ids
    place = np.full(a.n + 1, -1)
    place[live] = np.arange(len(live))
    vectors = own.vectors if len(live) == a.n else own.vectors[live]
    rows = None if exclude is None else place[exclude]
    return _Plan(vectors, params, shuffled, asked, rows, place[found], diff.ef)


def _cell(progress: Progress, shared: Shared[_Plan], seed: int) -> Float64s:
    """The overlap of one rebuild's answers with those of the first index, (q,)."""
    plan = shared.value
    graph = rebuilt(part(progress, 0.0, BUILT), plan.vectors, plan.params, plan.shuffled, seed)
    progress(BUILT, "searching")
    k, threads = plan.first.shape[1], plan.params.threads
    found = search(graph, plan.queries, k, plan.ef, exclude=plan.rows, threads=threads)
    same = (found.ids == plan.first).all(axis=1)
    return np.where(same, 1.0, rank_biased_overlap(plan.first, found.ids))
