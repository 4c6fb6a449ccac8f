"""Retrieval with labels: does each item find the others of its class first?

Every labeled row is a query against all other rows, ordered by (distance, id). With rel_j in
{0, 1} the relevance of the j-th row and R the number of relevant rows:

| field           | formula                                                         |
|-----------------|-----------------------------------------------------------------|
| precision_at_1  | rel_1                                                           |
| hit_at_k[k]     | max over j <= k of rel_j (recall@k in metric learning, CMC@k)   |
| r_precision     | (1/R) sum over j <= R of rel_j                                  |
| map_at_r        | (1/R) sum over j <= R of P(j) rel_j, P(j) the precision at j    |
| reciprocal_rank | 1 / rank of the first relevant row                              |

Source: Musgrave, Belongie and Lim, "A Metric Learning Reality Check" (R-precision and MAP@R).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_counts, check_labels, check_rows
from core.distances import Float64s, Floats, Metric, check_metric
from core.metrics.ranking import Ids, Ranking

Labels = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class RetrievalScores:
    """Scores per query; element i of each array belongs to the row `used[i]`.

    precision_at_1, r_precision, map_at_r, reciprocal_rank: (q,) float64 in [0, 1]. hit_at_k: k ->
    (q,). used: (q,) row ids, ascending. n_excluded: rows that are no query, because their label is
    missing or no other row has it.
    """

    precision_at_1: Float64s
    r_precision: Float64s
    map_at_r: Float64s
    reciprocal_rank: Float64s
    hit_at_k: dict[int, Float64s]
    used: npt.NDArray[np.int64]
    n_excluded: int


def retrieval_scores(
    vectors: Floats,
    labels: Labels,
    *,
    metric: Metric = "cosine",
    k: int | Sequence[int] = (1, 5, 10),
) -> RetrievalScores:
    """Score every row's list of the other rows, exactly; see the module for the formulas.

    vectors: (n, d); labels: (n,) integer codes. k: of hit@k, one or several; a single 5 is
    (5,). A negative label is a missing one: such a row is no query and is relevant to no query, but
    it stays in the lists of the others, where it can take a better rank. A row excludes itself by
    id. Where fewer than k other rows exist, hit@k looks at them all. Memory is bounded by blocks.
    Raises ParameterError for vectors that are not finite numbers, labels that do not fit them, an
    unknown metric, or a k that is no whole number of at least 1.
    """
    check_metric(metric)
    cutoffs = check_counts(k, "k")
    vectors = check_rows(vectors, "vectors")
    labels = check_labels(labels, len(vectors))
    relevant = _relevant_counts(labels)
    used = np.flatnonzero(relevant > 0)
    ranks = _ranks_of_relevant(Ranking(vectors, metric), labels, relevant, used, max(cutoffs))
    r = relevant[used]
    first = np.array([found[0] for found in ranks], dtype=np.int64)
    inside = [found[found <= size] for found, size in zip(ranks, r, strict=True)]
    return RetrievalScores(
        precision_at_1=(first == 1).astype(np.float64),
        r_precision=np.array([len(found) for found in inside], dtype=np.float64) / r,
        map_at_r=np.array([_precision_sum(found) for found in inside], dtype=np.float64) / r,
        reciprocal_rank=1.0 / first,
        hit_at_k={at: (first <= at).astype(np.float64) for at in cutoffs},
        used=used,
        n_excluded=len(labels) - len(used),
    )


def _relevant_counts(labels: Labels) -> npt.NDArray[np.int64]:
    """R of each row, (n,): the other rows with its label; 0 where the label is missing."""
    _, inverse, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    return np.where(labels >= 0, sizes[inverse] - 1, 0).astype(np.int64)


def _ranks_of_relevant(
    ranking: Ranking, labels: Labels, relevant: Ids, queries: Ids, deepest: int
) -> list[npt.NDArray[np.int64]]:
    """Ranks from 1, ascending, of the relevant rows among the first max(R, deepest) of each query.

    Where none stands there, the rank of the first relevant row alone, wherever it is.
    """
    ranks = []
    for query, keys in ranking.screening_keys(queries):
        depth = min(max(int(relevant[query]), deepest), len(labels) - 1)
        nearest = ranking.nearest(query, keys, depth)
        found = np.flatnonzero(labels[nearest] == labels[query]) + 1
        if len(found) == 0:
            best = float(keys[labels == labels[query]].min())
            further = ranking.within(query, keys, best)
            found = np.flatnonzero(labels[further] == labels[query])[:1] + 1
        ranks.append(found)
    return ranks


def _precision_sum(ranks: npt.NDArray[np.int64]) -> float:
    """Sum of the precisions at the ranks of the relevant rows: the j-th found has j before it."""
    return float(np.sum(np.arange(1, len(ranks) + 1) / ranks))
