"""The margins of the TCM loss: which pairs lie beyond them, and by how much.

Genuine pairs share a label, impostor pairs do not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_labels, check_number, check_rows
from core.distances import Float64s, Floats
from core.metrics.class_pairs import ClassOrder
from core.metrics.pair_scores import PairScores
from core.metrics.pair_sums import pair_resamples

Labels = npt.NDArray[np.integer[Any]]
Flags = npt.NDArray[np.bool_]
Int64s = npt.NDArray[np.int64]
ROWS_AT_ONCE = 512


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


def tcm_value(
    vectors: Floats,
    labels: Labels,
    *,
    genuine_margin: float = 0.9,
    impostor_margin: float = 0.5,
    seed: int = 0,
) -> TcmValue:
    """The threshold-consistent margin loss of all pairs, which grow as n^2, as a figure.

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
    for start, score, genuine, impostor in _blocks(rows, order):
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


def _blocks(rows: Floats, order: ClassOrder) -> Iterator[tuple[int, Float64s, Flags, Flags]]:
    """First position, cosines (r, c) with the positions from there on, and which pairs are which.

    Every pair stands in one block, its column the later position.
    """
    scores = PairScores(np.ascontiguousarray(rows[order.order]), "cosine")
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
