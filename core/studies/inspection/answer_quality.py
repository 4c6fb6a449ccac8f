"""How near misses are: strict recall beside two figures of the distances that were found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.checks import check_counts
from core.distances import Floats, paired_distances
from core.index import HnswGraph, search
from core.metrics import recall_at_k, relative_distance_error, score_weighted_recall
from core.progress import Progress, unheard
from core.studies.parts.query_sets import QuerySet
from core.studies.parts.truth import as_meant

Float64s = npt.NDArray[np.float64]
HIGH = 95  # percentile of the relative distance error


@dataclass(frozen=True, eq=False)
class AnswerQuality:
    """The answers to q queries at some ef (e,), each (q, e).

    recall: strict by id. score_weighted: of `score_weighted_recall`. relative_error: of
    `relative_distance_error`; NaN where it is not defined, as under inner product.
    """

    k: int
    ef: npt.NDArray[np.int64]
    recall: Float64s
    score_weighted: Float64s
    relative_error: Float64s

    @property
    def queries(self) -> int:
        """How many there are."""
        return len(self.recall)

    @property
    def mean_recall(self) -> Float64s:
        """(e,) mean strict recall."""
        return np.asarray(self.recall.mean(axis=0))

    @property
    def mean_score_weighted(self) -> Float64s:
        """(e,) mean over the queries where it is defined; NaN where it is for none."""
        return _over_known(self.score_weighted, np.mean)

    @property
    def mean_error(self) -> Float64s:
        """(e,) mean over the queries where it is defined; NaN where it is for none."""
        return _over_known(self.relative_error, np.mean)

    @property
    def high_error(self) -> Float64s:
        """(e,) the 95th percentile of the relative distance error over the same queries."""
        return _over_known(self.relative_error, lambda values: np.percentile(values, HIGH))

    @property
    def undefined(self) -> int:
        """Queries whose relative error is not defined at the largest ef."""
        return int(np.isnan(self.relative_error[:, -1]).sum())


def _over_known(values: Float64s, summary: object) -> Float64s:
    """`summary` of the values of each column that are not NaN."""
    known = [column[~np.isnan(column)] for column in values.T]
    return np.array([summary(some) if len(some) else np.nan for some in known])  # type: ignore[operator]


def answer_quality(
    graph: HnswGraph,
    vectors: Floats,
    queries: QuerySet,
    k: int,
    efs: Sequence[int],
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> AnswerQuality:
    """Search for a query set at each of `efs`, at least k, and compare distances with true ones.

    vectors: (n, d) the rows of the graph, from which all distances are computed anew: what an index
    stores in their place is not believed. queries: with at least k true neighbors.
    threads: of the searches; default all cores.
    """
    report, beams = progress or unheard, sorted({max(k, ef) for ef in check_counts(efs, "efs")})
    near = replace(queries, truth=queries.nearest(k))
    asked, rows = as_meant(graph, near.vectors), as_meant(graph, vectors)
    true = _distances(asked, rows, near.truth.ids, graph)
    found: list[tuple[Float64s, Float64s, Float64s]] = []
    for place, ef in enumerate(beams):
        report(place / len(beams), f"searching at ef {ef:,}")
        ids = search(graph, near.vectors, k, ef, exclude=near.rows, threads=threads).ids
        far = _distances(asked, rows, ids, graph)
        found.append(
            (
                recall_at_k(ids, near.truth.ids),
                score_weighted_recall(ids, near.truth.ids, true, metric=graph.metric),
                relative_distance_error(far, true, metric=graph.metric),
            )
        )
    columns = [np.stack(each, axis=1) for each in zip(*found, strict=True)]
    return AnswerQuality(k, np.array(beams), *columns)


def _distances(
    queries: Floats, rows: Floats, ids: npt.NDArray[np.int64], graph: HnswGraph
) -> Float64s:
    """(q, k) distances to the rows, column by column to bound memory; NaN for an empty place."""
    columns = [paired_distances(queries, rows[column], graph.metric) for column in ids.T]
    return np.where(ids >= 0, np.stack(columns, axis=1), np.nan)
