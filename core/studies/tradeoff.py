"""What each ef buys on the data at hand: recall, its spread over queries, and what it costs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.errors import ParameterError
from core.index import EfCurve, HnswGraph, Neighbors, ef_curve
from core.spaces import Floats
from core.studies.truth import live_rows, true_neighbors

Progress = Callable[[float, str], None]
RESAMPLES = 200
LOW_TAIL = 0.05


@dataclass(frozen=True, eq=False)
class QuerySet:
    """Queries with their true neighbors.

    vectors: (q, d). truth: (q, k). rows: (q,) row ids of the queries in the data, each left out of
    its own answer, or None where they come from elsewhere. seed: of the sample of rows, else None.
    """

    vectors: Floats
    truth: Neighbors
    rows: npt.NDArray[np.int64] | None
    seed: int | None


@dataclass(frozen=True, eq=False)
class EfTradeoff:
    """The curve of a query set, and its summaries over queries; arrays (e,) follow `ef`."""

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
    def interval(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """95 % interval of the mean by bootstrap over queries (percentiles of 200 resamples)."""
        count = len(self.curve.hits)
        random = np.random.default_rng(0)
        weights = random.multinomial(count, np.full(count, 1 / count), size=RESAMPLES) / count
        low, high = np.percentile(weights @ self.curve.recall, [2.5, 97.5], axis=0)
        return low, high

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
        return self._first(self.mean_recall >= mean_recall - 1e-12)

    def smallest_ef_for_share(self, recall: float, share: float) -> int | None:
        """The first ef at which `share` of the queries reach `recall`, or None."""
        return self._first(self.share_reaching(recall) >= share - 1e-12)

    def at(self, ef: int) -> int:
        """Place of `ef` in the arrays."""
        if not self.ef[0] <= ef <= self.ef[-1]:
            raise ParameterError(
                f"ef must be between {self.ef[0]:,} and {self.ef[-1]:,} on this curve; got {ef:,}."
            )
        return ef - int(self.ef[0])

    def _first(self, reached: npt.NDArray[np.bool_]) -> int | None:
        return int(self.ef[reached.argmax()]) if reached.any() else None


def sample_queries(
    graph: HnswGraph,
    vectors: Floats,
    k: int,
    *,
    size: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
) -> QuerySet:
    """Rows drawn with `seed` as queries, each left out of its own answer by id.

    vectors: (n, d) those that the graph was built from; deleted rows are neither queries nor
    answers. Raises ParameterError where too few rows are left for k answers.
    """
    live = live_rows(graph)
    rows = live
    if size < len(live):
        rows = np.sort(np.random.default_rng(seed).choice(live, size, replace=False))
    truth = true_neighbors(
        graph,
        vectors,
        vectors[rows],
        k,
        exclude=rows,
        progress=_part(progress, 0.0, 0.6, "exact neighbors of {:,} of {:,} queries"),
    )
    return QuerySet(vectors[rows], truth, rows, seed if size < len(live) else None)


def given_queries(graph: HnswGraph, vectors: Floats, queries: Floats, k: int) -> QuerySet:
    """Queries that came with the data; their true neighbors are computed, not taken on trust."""
    truth = true_neighbors(graph, vectors, queries, k)
    return QuerySet(queries, truth, None, None)


def ef_tradeoff(
    graph: HnswGraph,
    queries: QuerySet,
    *,
    ef_max: int = 512,
    progress: Progress | None = None,
) -> EfTradeoff:
    """Sweep every ef from k to `ef_max` over a query set."""
    curve = ef_curve(
        graph,
        queries.vectors,
        queries.truth,
        ef_max=ef_max,
        exclude=queries.rows,
        progress=_part(progress, 0.6, 1.0, "searched {:,} of {:,} queries"),
    )
    return EfTradeoff(queries, curve, graph.n)


def _part(
    progress: Progress | None, start: float, end: float, message: str
) -> Callable[[int, int], None] | None:
    if progress is None:
        return None

    def report(done: int, total: int) -> None:
        progress(start + (end - start) * done / total, message.format(done, total))

    return report
