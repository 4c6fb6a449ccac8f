"""Which queries are hard, and what is hard about them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.distances import Floats, distance_matrix, lengths
from core.index import HnswGraph
from core.index.reaching import or_infinity
from core.metrics import local_intrinsic_dimension
from core.studies.parts.tradeoff import EfTradeoff
from core.studies.parts.truth import as_meant, live_rows

Float64s = npt.NDArray[np.float64]
SAMPLE = 500
EXTREME = 0.1  # of the queries: the least contrast, the highest LID, the farthest
FEWEST = 3  # distances from which LID is measured
LOW_CONTRAST, HIGH_LID, FAR = "low contrast", "high LID", "far from the data"
NOT_HARD, UNCLEAR = "", "none of these"
REASONS = {
    LOW_CONTRAST: "its k-th neighbor is hardly nearer than any row: a walk has no slope to follow",
    HIGH_LID: "its neighbors lie in many directions: each link covers few of them",
    FAR: "its nearest row is far away: its neighbors need not be linked to one another",
}


@dataclass(frozen=True, eq=False)
class Hardness:
    """What each query (q,) needs and is like.

    smallest_ef: for the target, -1 where no ef of the curve reaches it. lid: local intrinsic
    dimension (Levina-Bickel) at the deepest true neighbors known, NaN for fewer than three.
    contrast: median length to 500 rows over the length to the k-th true neighbor, after He, Kumar &
    Chang, On the Difficulty of Nearest Neighbor Search (ICML 2012); NaN where that is 0. Under
    cosine the lengths are chords between unit vectors. Under inner product lid and contrast are not
    defined, NaN: its distances are no lengths, and its nearest rows need not be near.
    nearest: distance to the first true neighbor, by the metric. final_recall: at the largest ef of
    the curve. cause: a key of `REASONS`, "none of
    these", or "" for a query that is not hard: one that needs no more than nine in ten others.
    """

    target: float
    smallest_ef: npt.NDArray[np.int64]
    lid: Float64s
    contrast: Float64s
    nearest: Float64s
    final_recall: Float64s
    cause: npt.NDArray[np.str_]

    @property
    def order(self) -> npt.NDArray[np.int64]:
        """Places of the queries, the hardest first.

        Of those that no ef serves the one of the lowest recall at the largest ef comes first; of
        equal ones that of the highest LID.
        """
        least = or_infinity(self.smallest_ef)
        lid = np.nan_to_num(self.lid, nan=-1.0)
        return np.lexsort((-lid, np.where(np.isinf(least), self.final_recall, 0.0), -least))


def hardness(
    graph: HnswGraph, vectors: Floats, study: EfTradeoff, target: float, *, seed: int = 0
) -> Hardness:
    """Measure the queries of a trade-off; vectors: (n, d) the rows of the graph.

    A cause is the first of `REASONS` in which the query is among the most extreme tenth of all.
    None is named under inner product, which has no measure of them.
    """
    smallest = study.curve.smallest_ef(target)
    nearest, final = study.queries.truth.distances[:, 0], study.curve.recall[:, -1]
    unknown = np.full(len(nearest), np.nan)
    if graph.metric == "inner_product":
        cause = _causes(smallest, unknown, unknown, unknown)
        return Hardness(target, smallest, unknown, unknown, nearest, final, cause)
    near = lengths(study.queries.truth.distances, graph.metric)
    contrast = _contrast(graph, vectors, study, near, seed)
    lid = unknown
    if near.shape[1] >= FEWEST:
        lid = local_intrinsic_dimension(near, estimator="levina_bickel")
    cause = _causes(smallest, contrast, lid, nearest)
    return Hardness(target, smallest, lid, contrast, nearest, final, cause)


def _contrast(
    graph: HnswGraph, vectors: Floats, study: EfTradeoff, near: Float64s, seed: int
) -> Float64s:
    """Median length to some live rows over the length to the k-th true neighbor, (q,)."""
    live = live_rows(graph)
    random = np.random.default_rng(seed)
    some = random.choice(live, min(SAMPLE, len(live)), replace=False)
    queries, rows = as_meant(graph, study.queries.vectors), as_meant(graph, vectors[some])
    apart = distance_matrix(queries, rows, graph.metric)
    usual = np.median(lengths(apart, graph.metric), axis=1)
    last = near[:, min(study.curve.k, near.shape[1]) - 1]
    contrast = np.full(len(last), np.nan)
    np.divide(usual, last, out=contrast, where=last > 0)
    return contrast


def _causes(
    smallest: npt.NDArray[np.int64], contrast: Float64s, lid: Float64s, nearest: Float64s
) -> npt.NDArray[np.str_]:
    least = or_infinity(smallest)
    hard = (least > np.quantile(least, 1 - EXTREME, method="lower")) | np.isinf(least)
    return np.select(
        [~hard, _highest(-contrast), _highest(lid), _highest(nearest)],
        [NOT_HARD, LOW_CONTRAST, HIGH_LID, FAR],
        default=UNCLEAR,
    )


def _highest(values: Float64s) -> npt.NDArray[np.bool_]:
    """Which values lie above nine tenths of those that are defined."""
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return np.zeros(len(values), dtype=bool)
    return np.asarray(values > np.quantile(known, 1 - EXTREME))
