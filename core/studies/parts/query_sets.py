"""Queries with their true neighbors: rows of the data, or queries that come from elsewhere."""

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_ids, check_rows, got
from core.distances import Floats, lengths, paired_distances
from core.errors import ParameterError
from core.index import HnswGraph, Neighbors
from core.progress import Progress, counted, part
from core.studies.parts.blocks import TRUTH_WORDS, true_neighbors_in_blocks
from core.studies.parts.truth import as_meant, live_rows, true_neighbors

Rows = npt.NDArray[np.int64]
COMPARED = 500
TRUTH_ENDS = 0.6  # share of the work on a query set that its true neighbors take; then the sweep


@dataclass(frozen=True, eq=False)
class QuerySet:
    """Queries with their true neighbors.

    vectors: (q, d). truth: (q, k). rows: (q,) row ids of the queries in the data, each left out of
    its own answer, or None where they come from elsewhere. seed: of the sample of rows, else None.
    """

    vectors: Floats
    truth: Neighbors
    rows: Rows | None
    seed: int | None

    @property
    def in_index(self) -> bool:
        """Whether the queries are rows of the index, which flatter it."""
        return self.rows is not None

    @property
    def depth(self) -> int:
        """How many true neighbors of each query are known."""
        return int(self.truth.ids.shape[1])

    def nearest(self, k: int) -> Neighbors:
        """The first k true neighbors of each query, (q, k)."""
        return Neighbors(self.truth.ids[:, :k], self.truth.distances[:, :k])

    def at(self, places: Rows) -> "QuerySet":
        """The queries at these places (p,), counted from 0, in this order."""
        truth = Neighbors(self.truth.ids[places], self.truth.distances[places])
        rows = None if self.rows is None else self.rows[places]
        return QuerySet(self.vectors[places], truth, rows, None)

    def followed_by(self, other: "QuerySet") -> "QuerySet":
        """These queries and others of the same kind."""
        rows = None
        if self.rows is not None and other.rows is not None:
            rows = np.concatenate([self.rows, other.rows])
        truth = Neighbors(
            np.concatenate([self.truth.ids, other.truth.ids]),
            np.concatenate([self.truth.distances, other.truth.distances]),
        )
        return QuerySet(np.concatenate([self.vectors, other.vectors]), truth, rows, self.seed)


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
    size, live = check_count(size, "size"), live_rows(graph)
    rows = np.sort(np.random.default_rng(seed).permutation(live)[:size])
    drawn = row_queries(graph, vectors, rows, k, progress=progress)
    return QuerySet(drawn.vectors, drawn.truth, rows, seed if size < len(live) else None)


def row_queries(
    graph: HnswGraph,
    vectors: Floats,
    rows: Rows,
    k: int,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> QuerySet:
    """These rows (q,) of `vectors` as queries, each left out of its own answer by id.

    executor: finds their true neighbors; default all cores of this machine.
    """
    rows = check_ids(rows, "rows", len(vectors), empty=False).astype(np.int64, copy=False)
    queries = vectors[rows]
    truth = _truth(graph, vectors, queries, k, rows, executor, progress)
    return QuerySet(queries, truth, rows, None)


def given_queries(
    graph: HnswGraph,
    vectors: Floats,
    queries: Floats,
    k: int,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> QuerySet:
    """Queries from elsewhere; their true neighbors are computed, not taken from a file.

    executor: as in `row_queries`.
    """
    truth = _truth(graph, vectors, queries, k, None, executor, progress)
    return QuerySet(queries, truth, None, None)


def _truth(
    graph: HnswGraph,
    vectors: Floats,
    queries: Floats,
    k: int,
    exclude: Rows | None,
    executor: Executor | None,
    progress: Progress | None,
) -> Neighbors:
    told = part(progress, 0.0, TRUTH_ENDS)
    if executor is None:
        report = counted(told, TRUTH_WORDS)
        return true_neighbors(graph, vectors, queries, k, exclude=exclude, progress=report)
    return true_neighbors_in_blocks(
        graph, vectors, queries, k, exclude=exclude, executor=executor, progress=told
    )


def stated_queries(graph: HnswGraph, vectors: Floats, queries: Floats, ids: Rows) -> QuerySet:
    """Queries from elsewhere with the true neighbors that their file states, ids (q, k).

    Distances are measured from the vectors. Raises ParameterError where an id is no row (below 0,
    or n and above), and where a stated neighbor is farther than the one after it, beyond rounding:
    it was made under another metric, or numbers other rows.
    """
    queries = check_rows(queries, "queries", graph.dim)
    ids = _check_stated(ids, len(queries), len(vectors))
    meant, rows = as_meant(graph, queries), as_meant(graph, vectors)
    columns = [paired_distances(meant, rows[column], graph.metric) for column in ids.T]
    distances = np.stack(columns, axis=1)
    slack = 1e-4 * np.abs(distances[:, :-1]) + 1e-6
    wrong = np.flatnonzero((np.diff(distances, axis=1) < -slack).any(axis=1))
    if len(wrong) > len(ids) / 100:
        raise ParameterError(
            f"The stated neighbors of {len(wrong):,} of {len(ids):,} queries are not in the order "
            f"of {graph.metric.replace('_', ' ')} distance. They belong to another metric or "
            "number other rows: choose that metric, or let the true neighbors be computed."
        )
    return QuerySet(queries, Neighbors(ids, distances), None, None)


def _check_stated(ids: Rows, queries: int, n: int) -> Rows:
    stated = check_ids(ids, "The stated neighbors", n, empty=False)
    if stated.ndim != 2 or len(stated) != queries or stated.shape[1] < 1:
        raise ParameterError(
            f"The stated neighbors must be row ids, one list for each of the {queries:,} queries, "
            f"(q, k); got {got(stated)}."
        )
    return stated.astype(np.int64, copy=False)


def agreement(computed: Neighbors, stated: Rows) -> float:
    """Mean share of the computed true neighbors that stand among the stated ones (q, k)."""
    k = min(computed.ids.shape[1], stated.shape[1])
    ours, theirs = computed.ids[:, :k], stated[:, :k]
    return float((ours[:, :, None] == theirs[:, None, :]).any(axis=2).mean())


def distance_shift(graph: HnswGraph, vectors: Floats, queries: QuerySet, *, seed: int = 0) -> float:
    """How much farther a query's nearest row is than a row's nearest other row: ratio of medians.

    500 rows drawn with `seed` stand for the data. Of lengths, which under cosine are chords between
    unit vectors. About 1 where the queries are distributed as the rows; NaN where half of the rows
    have an exact copy, or under inner product, whose distances are no lengths.
    """
    if graph.metric == "inner_product":
        return float("nan")
    own = sample_queries(graph, vectors, 1, size=COMPARED, seed=seed)
    usual = float(np.median(lengths(own.truth.distances[:, 0], graph.metric)))
    if usual <= 0:
        return float("nan")
    return float(np.median(lengths(queries.truth.distances[:, 0], graph.metric))) / usual
