"""ICNN: how well a space separates the classes near each item (arXiv 2305.09062, reconstructed).

For item i take its k + 1 nearest; nn_i is the smallest distance to an item of another class among
them, infinite if there is none. Over its first k neighbors j at distance d_ij:

- nd_ij = d_ij / nn_i, divided by max(1, max over j of nd_ij); s_i = mean nd_ij over same-class j;
- o_i = mean of d_ij / D over other-class j, D the largest such d_ij of the whole data;
- g_i = share of same-class j.

lambda_same = 1 - mean s_i, lambda_diff = mean o_i (each over the items that have such neighbors),
gamma = mean g_i, and ICNN = ((lambda_same + lambda_diff) / 2 + gamma) / 2. Higher is better.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_labels, check_rows
from core.distances import Float64s, Floats, Metric, check_metric
from core.errors import ParameterError
from core.metrics.ranking import Ranking

Labels = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class IcnnResult:
    """score and its parts, each in [0, 1], higher is better.

    lambda_same: nearness of same-class neighbors. lambda_diff: distance of the others. gamma: share
    of same-class neighbors. k: the neighbors taken. n_excluded: rows left out because they have no
    label.
    """

    score: float
    lambda_same: float
    lambda_diff: float
    gamma: float
    k: int
    n_excluded: int


def icnn_score(
    vectors: Floats, labels: Labels, *, k: int = 4, metric: Metric = "euclidean"
) -> IcnnResult:
    """ICNN of labeled vectors; see the module for the formula.

    vectors: (n, d); labels: (n,) codes. Rows with a negative (missing) label are left out first. k
    is lowered to n - 2 where k + 2 >= n. Where an item of another class lies at distance 0, the
    same-class neighbors are at best as near: nd_ij = 1. Without any same-class neighbor lambda_same
    is 0; without any other-class neighbor lambda_diff is 1. d is the distance of the metric, under
    cosine 1 - cos: the definition takes any distance that is 0 for equal rows. Raises
    ParameterError for vectors that are not finite numbers, labels that do not fit them, k below 1,
    fewer than three labeled rows, or the inner product, whose distances may be negative.
    """
    vectors = check_rows(vectors, "vectors")
    codes = check_labels(labels, len(vectors))
    labeled = codes >= 0
    vectors, codes = vectors[labeled], codes[labeled]
    _check(len(codes), k, metric)
    k = min(k, len(codes) - 2)
    distances, same = _nearest_others(vectors, codes, k + 1, metric)
    return icnn_of_neighbors(distances, same, n_excluded=int(np.sum(~labeled)))


def icnn_of_neighbors(distances: Float64s, same: Flags, *, n_excluded: int = 0) -> IcnnResult:
    """ICNN of items whose k + 1 nearest labeled others are known; see the module.

    distances: (q, k + 1), 0 or more, ascending. same: (q, k + 1) which of them share the label.
    n_excluded: goes into the result. Of a sample of the items, D is the largest distance in it.
    """
    k = distances.shape[1] - 1
    nearest_other = np.where(same, np.inf, distances).min(axis=1)
    distances, same = distances[:, :k], same[:, :k]
    lambda_same = _lambda_same(distances, same, nearest_other)
    lambda_diff = _lambda_diff(distances, ~same)
    gamma = float(same.mean())
    score = ((lambda_same + lambda_diff) / 2 + gamma) / 2
    return IcnnResult(score, lambda_same, lambda_diff, gamma, k, n_excluded)


def _check(n: int, k: int, metric: Metric) -> None:
    if check_metric(metric) == "inner_product":
        raise ParameterError("ICNN needs distances; got inner_product. Use cosine or euclidean.")
    check_count(k, "k")
    if n < 3:
        raise ParameterError(f"ICNN needs at least 3 labeled rows; got {n}. Label more rows.")


def _nearest_others(
    vectors: Floats, labels: Labels, count: int, metric: Metric
) -> tuple[Float64s, Flags]:
    """Distances (n, count) to the nearest others, ascending, and which of them share the label."""
    ranking = Ranking(vectors, metric)
    distances = np.empty((len(vectors), count))
    same = np.empty((len(vectors), count), dtype=bool)
    for query, keys in ranking.screening_keys(np.arange(len(vectors))):
        ids = ranking.nearest(query, keys, count)
        distances[query] = np.maximum(ranking.distances(query, ids), 0.0)
        same[query] = labels[ids] == labels[query]
    return distances, same


def _lambda_same(distances: Float64s, same: Flags, nearest_other: Float64s) -> float:
    touching = nearest_other == 0
    ratio = distances / np.where(touching, 1.0, nearest_other)[:, None]
    ratio /= np.maximum(1.0, ratio.max(axis=1, keepdims=True))
    ratio[touching] = 1.0
    return 1.0 - _mean_of_means(ratio, same, without=1.0)


def _lambda_diff(distances: Float64s, other: Flags) -> float:
    largest = float(distances[other].max(initial=0.0))
    return _mean_of_means(distances / (largest or 1.0), other, without=1.0)


def _mean_of_means(values: Float64s, chosen: Flags, *, without: float) -> float:
    """Mean over the rows with a chosen cell of the mean of their chosen cells, else `without`."""
    count = chosen.sum(axis=1)
    rows = count > 0
    if not rows.any():
        return without
    return float(np.mean(np.where(chosen, values, 0.0).sum(axis=1)[rows] / count[rows]))
