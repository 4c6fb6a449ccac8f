"""Which queries are hard, and what is hard about them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.index import HnswGraph
from core.metrics import local_intrinsic_dimension
from core.spaces import Floats, distance_matrix
from core.studies.parts.tradeoff import EfTradeoff
from core.studies.parts.truth import live_rows

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
    contrast: median distance to 500 rows over the distance to the k-th true neighbor, after He,
    Kumar & Chang, On the Difficulty of Nearest Neighbor Search (ICML 2012); NaN where that is 0.
    nearest: distance to the first true neighbor. cause: a key of `REASONS`, "none of these", or ""
    for a query that is not hard: one that needs no more than nine in ten others.
    """

    target: float
    smallest_ef: npt.NDArray[np.int64]
    lid: Float64s
    contrast: Float64s
    nearest: Float64s
    cause: npt.NDArray[np.str_]

    @property
    def order(self) -> npt.NDArray[np.int64]:
        """Places of the queries, the hardest first; of equal ones those of the highest LID."""
        needs = np.where(self.smallest_ef < 0, np.inf, self.smallest_ef)
        return np.lexsort((-np.nan_to_num(self.lid, nan=-1.0), -needs))


def hardness(
    graph: HnswGraph, vectors: Floats, study: EfTradeoff, target: float, *, seed: int = 0
) -> Hardness:
    """Measure the queries of a trade-off; vectors: (n, d) the rows of the graph.

    A cause is the first of `REASONS` in which the query is among the most extreme tenth of all.
    """
    distances, k = study.queries.truth.distances, study.curve.k
    smallest = study.curve.smallest_ef(target)
    live = live_rows(graph)
    random = np.random.default_rng(seed)
    some = random.choice(live, min(SAMPLE, len(live)), replace=False)
    usual = np.median(distance_matrix(study.queries.vectors, vectors[some], graph.metric), axis=1)
    last = distances[:, min(k, distances.shape[1]) - 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        contrast = np.where(last > 0, usual / last, np.nan)
    lid = np.full(len(distances), np.nan)
    if distances.shape[1] >= FEWEST:
        lid = local_intrinsic_dimension(distances, estimator="levina_bickel")
    nearest = distances[:, 0]
    cause = _causes(smallest, contrast, lid, nearest)
    return Hardness(target, smallest, lid, contrast, nearest, cause)


def _causes(
    smallest: npt.NDArray[np.int64], contrast: Float64s, lid: Float64s, nearest: Float64s
) -> npt.NDArray[np.str_]:
    needs = np.where(smallest < 0, np.inf, smallest.astype(np.float64))
    hard = (needs > np.quantile(needs, 1 - EXTREME, method="lower")) | (smallest < 0)
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
