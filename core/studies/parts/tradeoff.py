"""What each ef gives on the loaded data: recall, its spread over queries, and what it costs."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.distances import Floats, paired_distances
from core.errors import ParameterError
from core.index import EfCurve, HnswGraph, ef_curves
from core.index.checks import check_queries
from core.index.reaching import NONE_REACHES, first_ef, reaches
from core.intervals import bootstrap_interval, normal_half_width
from core.metrics import tied_at_k
from core.progress import Progress, counted, part
from core.studies.parts.blocks import curves_in_blocks
from core.studies.parts.query_sets import TRUTH_ENDS, QuerySet, row_queries
from core.studies.parts.truth import live_rows

RESAMPLES = 200
LOW_TAIL = 0.05
FLAT = 0.005  # a rise of mean recall below this over the last three quarters of ef is none
HALF_WIDTH = 0.005  # of the 95 % interval of mean recall
HONEST_FROM = 0.9  # mean recall from which the interval has to be that narrow
FEWEST, MOST = 1_000, 10_000
COMPARED = 1_000
SAME = 1e-4  # relative: what rounding to float32 moves a distance by stays far below


@dataclass(frozen=True, eq=False)
class EfTradeoff:
    """The curve of a query set, and its summaries over queries; arrays (e,) follow `ef`.

    n: number of rows that a brute-force search compares with.
    """

    queries: QuerySet
    curve: EfCurve
    n: int

    @property
    def ef(self) -> npt.NDArray[np.int64]:
        """Every integer from k to ef_max, (e,)."""
        return self.curve.ef

    @cached_property
    def mean_recall(self) -> npt.NDArray[np.float64]:
        """Mean recall@k over the queries."""
        return np.asarray(self.curve.recall.mean(axis=0))

    @cached_property
    def mean_tie_aware_recall(self) -> npt.NDArray[np.float64]:
        """Mean recall@k where a row counts that is as near as the k-th true neighbor."""
        return np.asarray(self.curve.tie_aware_recall.mean(axis=0))

    @property
    def tied_share(self) -> float:
        """Share of queries whose k-th true neighbor has an equal; NaN if none after it is known."""
        distances, k = self.queries.truth.distances, self.curve.k
        return float(tied_at_k(distances, k).mean()) if distances.shape[1] > k else float("nan")

    @cached_property
    def half_width(self) -> float:
        """Widest half of the 95 % interval (normal) where mean recall is at least 0.9.

        0 where it is nowhere so high; NaN for a single query.
        """
        return _half_width(self.curve)

    @property
    def is_flat(self) -> bool:
        """Whether recall, ties counted, stays below 0.999 and stops rising long before the end.

        Then what is missing is out of the beam's reach, whatever its width: a broken graph. Strict
        recall may be flat for another reason: of equally near rows any may be returned. False where
        the curve ends before twice its first quarter's ef, which is too soon to judge.
        """
        quarter = len(self.ef) // 4
        if self.ef[-1] < 2 * self.ef[quarter]:
            return False
        recall = self.mean_tie_aware_recall
        missing, rise = 1 - recall[-1], recall[-1] - recall[quarter]
        return bool(recall[-1] < 0.999 and rise < min(FLAT, missing))

    @cached_property
    def interval(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """95 % interval of the mean by bootstrap over queries (percentiles of 200 resamples)."""
        return bootstrap_interval(self.curve.recall, resamples=RESAMPLES)

    @cached_property
    def low_recall(self) -> npt.NDArray[np.float64]:
        """Mean recall@k of the worst 5 % of queries at each ef (at least one query)."""
        worst = max(1, round(LOW_TAIL * len(self.curve.hits)))
        lowest = np.partition(self.curve.hits, worst - 1, axis=0)[:worst]
        return np.asarray(lowest.mean(axis=0) / self.curve.k)

    @cached_property
    def mean_computations(self) -> npt.NDArray[np.float64]:
        """Mean distance computations of a query."""
        return np.asarray(self.curve.distance_computations.mean(axis=0))

    @property
    def brute_force_share(self) -> npt.NDArray[np.float64]:
        """Mean distance computations as a share of comparing with every row."""
        return self.mean_computations / self.n

    def share_reaching(self, recall: float) -> npt.NDArray[np.float64]:
        """Share of queries with at least `recall`."""
        needed = np.ceil(recall * self.curve.k - 1e-9)
        return np.asarray((self.curve.hits >= needed).mean(axis=0))

    def smallest_ef(self, mean_recall: float) -> int | None:
        """The first ef whose mean recall is at least `mean_recall`, or None."""
        return self._first(reaches(self.mean_recall, mean_recall))

    def smallest_ef_for_share(self, recall: float, share: float) -> int | None:
        """The first ef at which `share` of the queries reach `recall`, or None."""
        return self._first(reaches(self.share_reaching(recall), share))

    def at(self, ef: int) -> int:
        """Place of `ef` in the arrays."""
        if not self.ef[0] <= ef <= self.ef[-1]:
            raise ParameterError(
                f"ef must be between {self.ef[0]:,} and {self.ef[-1]:,} on this curve; got {ef:,}."
            )
        return ef - int(self.ef[0])

    def _first(self, reached: npt.NDArray[np.bool_]) -> int | None:
        ef = int(first_ef(self.ef, reached))
        return None if ef == NONE_REACHES else ef


def ef_tradeoff(
    graph: HnswGraph,
    queries: QuerySet,
    *,
    ef_max: int = 512,
    progress: Progress | None = None,
) -> EfTradeoff:
    """Sweep every ef from k to `ef_max` over a query set; `queries.truth` gives k."""
    k = queries.truth.ids.shape[1]
    return ef_tradeoffs(graph, queries, (k,), ef_max=ef_max, progress=progress)[k]


def ef_tradeoffs(
    graph: HnswGraph,
    queries: QuerySet,
    ks: Sequence[int],
    *,
    ef_max: int = 512,
    threads: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> dict[int, EfTradeoff]:
    """Sweep every ef for each k, by k, from one traversal of each query.

    threads: default all cores. executor: searches for blocks of queries, each on one thread, in
    place of `threads` of this machine.
    queries: with at least as many true neighbors as the largest k; with one more, ties are known.
    Where the graph stores other vectors than those that the true neighbors were taken from (codes,
    or rows that changed since), its distances say nothing of ties, and none is counted.
    progress: called as progress(share, words) from 0.6 on, after the queries' true neighbors.
    """
    told = part(progress, TRUTH_ENDS, 1.0)
    return _swept(graph, queries, ks, ef_max, told, threads=threads, executor=executor)


def _swept(
    graph: HnswGraph,
    queries: QuerySet,
    ks: Sequence[int],
    ef_max: int,
    progress: Progress,
    threads: int | None = None,
    executor: Executor | None = None,
) -> dict[int, EfTradeoff]:
    if executor is None:
        curves = ef_curves(
            graph,
            queries.vectors,
            queries.truth,
            ks,
            ef_max=ef_max,
            exclude=queries.rows,
            threads=threads,
            progress=counted(progress, "searched {:,} of {:,} queries"),
        )
    else:
        curves = curves_in_blocks(
            graph,
            queries.vectors,
            queries.truth,
            ks,
            ef_max=ef_max,
            exclude=queries.rows,
            executor=executor,
            progress=progress,
        )
    if not _stores_the_truth(graph, queries):
        curves = {k: replace(curve, tied_hits=curve.hits) for k, curve in curves.items()}
    live = graph.n - graph.n_deleted
    return {k: EfTradeoff(queries, curve, live) for k, curve in curves.items()}


def _stores_the_truth(graph: HnswGraph, queries: QuerySet) -> bool:
    """Whether up to 1,000 queries are as far from their true neighbors in the graph as in truth."""
    some = np.unique(np.linspace(0, len(queries.vectors) - 1, COMPARED).astype(np.int64))
    vectors = check_queries(graph, queries.vectors[some])
    ids, true = queries.truth.ids[some], queries.truth.distances[some]
    for column, distances in zip(ids.T, true.T, strict=True):
        stored = paired_distances(vectors, graph.vectors[column], graph.metric)
        if (np.abs(stored - distances) > SAME * np.abs(distances) + SAME / 10).any():
            return False
    return True


def honest_tradeoffs(
    graph: HnswGraph,
    vectors: Floats,
    ks: Sequence[int],
    *,
    ef_max: int = 512,
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[int, EfTradeoff]:
    """`ef_tradeoffs` over as many rows of the data as an honest interval needs, drawn with `seed`.

    1,000 rows are searched for first. Their spread says how many it takes for the 95 % interval of
    mean recall to be at most 0.005 to each side, for every k and wherever mean recall is at least
    0.9; the missing ones are added, up to 10,000 in all, and no query is searched for twice.
    """
    live = live_rows(graph)
    order = np.random.default_rng(seed).permutation(live)
    depth = min(max(ks) + 1, len(live) - 1)

    def search(rows: npt.NDArray[np.int64], report: Progress) -> dict[int, EfTradeoff]:
        exact = part(report, 0.0, 0.5 / TRUTH_ENDS)
        queries = row_queries(graph, vectors, np.sort(rows), depth, progress=exact)
        return _swept(graph, queries, ks, ef_max, part(report, 0.5, 1.0))

    first = search(order[:FEWEST], part(progress, 0.0, 0.5))
    needed = queries_needed(first, len(live))
    if needed <= len(order[:FEWEST]):
        return _with_seed(first, seed if len(live) > FEWEST else None)
    rest = search(order[FEWEST:needed], part(progress, 0.5, 1.0))
    return _with_seed(joined(first, rest), seed if needed < len(live) else None)


def joined(
    first: Mapping[int, EfTradeoff], more: Mapping[int, EfTradeoff]
) -> dict[int, EfTradeoff]:
    """The trade-offs of some queries and of more of the same kind on the same graph, by k."""
    shared = next(iter(first.values())).queries.followed_by(next(iter(more.values())).queries)
    return {
        k: EfTradeoff(shared, study.curve.followed_by(more[k].curve), study.n)
        for k, study in first.items()
    }


def queries_needed(studies: Mapping[int, EfTradeoff], available: int) -> int:
    """How many queries an honest interval takes, going by the spread of those searched for.

    So many that the 95 % interval of mean recall is at most 0.005 to each side, for every k and
    wherever mean recall is at least 0.9; at least 1,000, at most 10,000, and no more than there
    are `available`.
    """
    needed = max(_needed(study.curve) for study in studies.values())
    return min(available, max(FEWEST, min(MOST, needed)))


def _with_seed(studies: dict[int, EfTradeoff], seed: int | None) -> dict[int, EfTradeoff]:
    one = next(iter(studies.values())).queries
    shared = QuerySet(one.vectors, one.truth, one.rows, seed)
    return {k: EfTradeoff(shared, study.curve, study.n) for k, study in studies.items()}


def _needed(curve: EfCurve) -> int:
    """Queries that bring the half width down to 0.005, and a tenth more."""
    count = len(curve.hits)
    return int(np.ceil(1.1 * count * (_half_width(curve) / HALF_WIDTH) ** 2))


def _half_width(curve: EfCurve) -> float:
    high = curve.recall.mean(axis=0) >= HONEST_FROM
    return float(normal_half_width(curve.recall[:, high]).max(initial=0.0))
