"""How far genuine pairs stand above impostor pairs: the UNPG gap and the value of the TCM loss.

Genuine pairs share a label, impostor pairs do not. Both go through all pairs, which grow as n^2.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_labels, check_number, check_rows
from core.distances import Float64s, Floats, Metric
from core.errors import ParameterError
from core.metrics.class_pairs import ClassOrder
from core.metrics.pair_scores import PairScores
from core.metrics.pair_sums import pair_resamples

Labels = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]
Int64s = npt.NDArray[np.int64]
ROWS_AT_ONCE = 512


@dataclass(frozen=True)
class UnpgGap:
    """Scores (the larger, the nearer; `core.metrics.pair_scores`) where the two kinds part.

    least_genuine, greatest_impostor: one threshold separates all pairs iff the first is larger.
    impostors_above: share of the impostor pairs at or above the least genuine one. genuine_below:
    share of the genuine pairs at or below the greatest impostor. low_genuine, high_impostor: the
    same ends without the `quantile` of the pairs that lie farthest out on each side.
    """

    least_genuine: float
    greatest_impostor: float
    impostors_above: float
    genuine_below: float
    quantile: float
    low_genuine: float
    high_impostor: float

    @property
    def gap(self) -> float:
        """least_genuine - greatest_impostor: above 0 iff one threshold separates everything."""
        return self.least_genuine - self.greatest_impostor

    @property
    def quantile_gap(self) -> float:
        """The gap without the outermost quantile of each kind."""
        return self.low_genuine - self.high_impostor


@dataclass(frozen=True, eq=False)
class TcmValue:
    """value: genuine + impostor part. interval: 95 %, by bootstrap over the rows.

    classes: (T,) labels of the classes of two rows or more. genuine_short: (T,) share of each
    class's genuine pairs with a cosine below m+ (at m+ a pair adds 0). impostors_near: (T,) share
    of its impostor pairs above m-. all_short, all_near: of all pairs.
    """

    value: float
    genuine_part: float
    impostor_part: float
    interval: tuple[float, float]
    classes: Int64s
    genuine_short: Float64s
    impostors_near: Float64s
    all_short: float
    all_near: float


def unpg_gap(
    vectors: Floats, labels: Labels, *, metric: Metric = "cosine", quantile: float = 0.01
) -> UnpgGap:
    """The gap between genuine and impostor scores of `vectors` (n, d) with `labels` (n,).

    labels: below 0 for a missing one, whose rows are left out; rows alone in their class are
    impostors. quantile: by linear interpolation. All scores are held, as float32. Raises
    ParameterError as `ClassOrder` does, and for a quantile that is not within [0, 0.5].

    Source: Jung et al., "Unified Negative Pair Generation toward Well-discriminative Feature Space
    for Face Recognition", arXiv 2203.11593 (there the gap of all pairs).
    """
    if not 0 <= check_number(quantile, "quantile") <= 0.5:
        raise ParameterError(f"quantile must be between 0 and 0.5; got {quantile!r}.")
    rows = check_rows(vectors, "vectors")
    order = ClassOrder(labels, len(rows))
    same, other = [], []
    for _, score, genuine, impostor in _blocks(rows, order, metric):
        same.append(score[genuine].astype(np.float32))
        other.append(score[impostor].astype(np.float32))
    near, far = np.concatenate(same), np.concatenate(other)
    least, greatest = near.min(), far.max()
    return UnpgGap(
        float(least),
        float(greatest),
        float(np.mean(far >= least)),
        float(np.mean(near <= greatest)),
        quantile,
        float(np.quantile(near, quantile)),
        float(np.quantile(far, 1.0 - quantile)),
    )


def tcm_value(
    vectors: Floats,
    labels: Labels,
    *,
    genuine_margin: float = 0.9,
    impostor_margin: float = 0.5,
    seed: int = 0,
) -> TcmValue:
    """The threshold-consistent margin loss of all pairs, as a figure about a space.

    With s the cosine of a pair: the mean of m+ - s over the genuine pairs with s <= m+, and of
    s - m- over the impostor pairs with s >= m-, added with weights of 1; an empty mean is 0. A zero
    row has cosine 0 with every other. seed: of the bootstrap. Raises ParameterError as `ClassOrder`
    does.

    Source: Zhang et al., arXiv 2307.04047, as pytorch-metric-learning's
    ThresholdConsistentMarginLoss states it.
    """
    rows = check_rows(vectors, "vectors")
    order = ClassOrder(check_labels(labels, len(rows)), len(rows))
    high, low = (
        check_number(margin, name)
        for margin, name in (
            (genuine_margin, "genuine_margin"),
            (impostor_margin, "impostor_margin"),
        )
    )
    sums = np.zeros((order.n, 6))  # of each row: excess, pairs with s <= m+, < m+; the same for m-
    for start, score, genuine, impostor in _blocks(rows, order, "cosine"):
        short, near = genuine & (score <= high), impostor & (score >= low)
        figures = (
            np.where(short, high - score, 0.0),
            short,
            short & (score < high),
            np.where(near, score - low, 0.0),
            near,
            near & (score > low),
        )
        for column, figure in enumerate(figures):
            sums[start : start + len(score), column] += figure.sum(axis=1)
            sums[start:, column] += figure.sum(axis=0)
    draws = pair_resamples(sums[:, [0, 1, 3, 4]], seed=seed)
    values = _mean(draws[:, 0], draws[:, 1]) + _mean(draws[:, 2], draws[:, 3])
    ends = np.percentile(values, [2.5, 97.5])
    total = sums.sum(axis=0)
    parts = _mean(total[[0, 3]], total[[1, 4]])
    by_class = np.zeros((len(order.classes) + 1, 6))
    np.add.at(by_class, order.slots, sums)
    return TcmValue(
        float(parts.sum()),
        float(parts[0]),
        float(parts[1]),
        (float(ends[0]), float(ends[1])),
        order.classes.astype(np.int64),
        by_class[:-1, 2] / (order.sizes * (order.sizes - 1)),
        by_class[:-1, 5] / (order.sizes * (order.n - order.sizes)),
        float(total[2] / 2 / order.n_genuine),
        float(total[5] / 2 / order.n_impostor),
    )


def _blocks(
    rows: Floats, order: ClassOrder, metric: Metric
) -> Iterator[tuple[int, Float64s, Flags, Flags]]:
    """First position, scores (r, c) with the positions from there on, and which pairs are which.

    Every pair stands in one block, its column the later position.
    """
    scores = PairScores(np.ascontiguousarray(rows[order.order]), metric)
    room = np.empty(min(ROWS_AT_ONCE, order.n) * order.n, dtype=np.float32)
    for start in range(0, order.n, ROWS_AT_ONCE):
        some = slice(start, min(start + ROWS_AT_ONCE, order.n))
        products = scores.block(some, slice(start, order.n), room)
        column = np.arange(start, order.n)
        later = column > column[: len(products), None]
        same = column < order.ends[some, None]
        score = products.astype(np.float64) * scores.unit + scores.offset
        yield start, score, later & same, later & ~same


def _mean(sums: Float64s, counts: Float64s) -> Float64s:
    return np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
