"""OPIS from counted pairs: with the options of `opis`, a minimum class size, and its interval.

A class's rates between two borders of its bins are interpolated, so that the result differs from
`opis` by what a bin holds (`PairCounts.class_edges`). Thresholds are equally far apart in the unit
of `threshold_axis`, a length where the metric has one; under cosine the L2 distance of unit
vectors, as `opis` has it.
"""

from collections.abc import Sequence
from typing import get_args

import numpy as np
import numpy.typing as npt

from core.checks import check_choice, check_count, check_whole
from core.distances import Float64s
from core.errors import ParameterError
from core.intervals import middle_95
from core.metrics.operating import score_quantile
from core.metrics.opis_score import (
    ClassRates,
    Method,
    OpisResult,
    Reference,
    check_settings,
    even_thresholds,
    opis_of_rates,
    utility,
    worst_count,
)
from core.metrics.pair_counts import FAR_RANGE, PairCounts
from core.metrics.score_counts import Counts, accepted
from core.metrics.score_units import threshold_axis

RESAMPLES = 200
BINS_PER_BLOCK = 1 << 23  # of all resamples of a block of classes


def opis_of_counts(
    counts: PairCounts,
    *,
    far: Sequence[float] = FAR_RANGE,
    thresholds: int = 101,
    c: float = 1.0,
    reference: Reference = "class_mean",
    min_size: int = 2,
    method: Method = "grid",
) -> OpisResult:
    """Operating-point-inconsistency score of counted pairs; see `opis` for the settings.

    min_size: classes of fewer members have no utility; their rows stay impostors of the others.
    method: "grid" as `opis` has it; "exact" takes every border of the bins of classes. The
    thresholds of the result are values of `threshold_axis`. Raises ParameterError for settings out
    of range and where fewer than two classes are left.
    """
    check_settings(far, thresholds, c)
    ends = calibration_ends(counts, far)
    check_choice(method, "method", get_args(Method))
    limits, weights = (
        even_thresholds(ends, thresholds) if method == "grid" else _all_borders(counts, ends)
    )
    rates = _rates(counts, _large_enough(counts, min_size), ends, limits, weights)
    return opis_of_rates(rates, c, reference)


def calibration_ends(counts: PairCounts, far: Sequence[float] = FAR_RANGE) -> Float64s:
    """The thresholds with these two shares of the impostor pairs accepted, (2,), on the axis."""
    scores = [score_quantile(counts.totals, "impostor", 1.0 - rate) for rate in far]
    return threshold_axis(counts.scale.metric).of(scores)


def opis_interval(
    counts: PairCounts,
    *,
    far: Sequence[float] = FAR_RANGE,
    c: float = 1.0,
    min_size: int = 2,
    epsilon: float = 0.10,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[tuple[float, float], tuple[float, float]]:
    """95 % intervals of OPIS and of epsilon-OPIS, by drawing members within their classes.

    Rates of few members scatter, which raises OPIS in the data and once more in every resample; so
    the interval is the basic one (2 x value less the percentiles, from 0 on; Davison and Hinkley,
    Bootstrap Methods, 1997, section 5.2), which takes that off. To first order, as in
    `core.metrics.pair_resamples`, at those thresholds in the range at which rows were counted, with
    the class mean as reference. Raises ParameterError for settings out of range.
    """
    check_settings(far, 2, c)
    draws, seed = check_count(resamples, "resamples"), check_whole(seed, "seed", 0)
    ends, chosen = calibration_ends(counts, far), _large_enough(counts, min_size)
    places, thresholds = _row_thresholds(counts, ends)
    weights = _shares(thresholds)
    base = _rates(counts, chosen, ends, thresholds, weights)
    count = worst_count(len(chosen), epsilon)
    random = np.random.default_rng(seed)
    values = np.empty((draws, 2))
    block = max(1, BINS_PER_BLOCK // (len(chosen) * len(places)))
    genuine, impostor = (
        accepted(kind)[:, places] for kind in (counts.row_genuine, counts.row_impostor)
    )
    for first in range(0, draws, block):
        some = range(first, min(first + block, draws))
        sensitivity, specificity = _drawn(
            counts, base, chosen, genuine, impostor, len(some), random
        )
        for place, draw in enumerate(some):
            served = utility(sensitivity[place], specificity[place], c)
            values[draw] = _scores(served, weights, count)
    own = np.array(_scores(utility(base.sensitivity, base.specificity, c), weights, count))
    low, high = middle_95(values)
    basic = np.maximum(2.0 * own - np.stack([high, low]), 0.0)
    return (float(basic[0, 0]), float(basic[1, 0])), (float(basic[0, 1]), float(basic[1, 1]))


def _all_borders(counts: PairCounts, ends: Float64s) -> tuple[Float64s, Float64s]:
    """The borders of the bins of classes inside the range, with its ends, and what follows each."""
    borders = np.sort(threshold_axis(counts.scale.metric).of(counts.class_edges))
    low, high = float(ends[0]), float(ends[1])
    if high <= low:
        return ends[:1], np.ones(1)
    inside = borders[(borders > low) & (borders < high)]
    limits = np.concatenate([[low], inside, [high]])
    return limits, np.append(np.diff(limits), 0.0) / (high - low)


def _large_enough(counts: PairCounts, min_size: int) -> npt.NDArray[np.intp]:
    chosen = np.flatnonzero(counts.order.sizes >= check_whole(min_size, "min_size", 2))
    if len(chosen) < 2:
        raise ParameterError(
            f"at least two classes of {min_size} or more members are needed; got {len(chosen)}. "
            "Lower the minimum class size."
        )
    return chosen


def _rates(
    counts: PairCounts,
    chosen: npt.NDArray[np.intp],
    ends: Float64s,
    thresholds: Float64s,
    weights: Float64s,
) -> ClassRates:
    order, axis = counts.order, threshold_axis(counts.scale.metric)
    sensitivity, specificity = counts.class_rates(axis.to_score(thresholds))
    return ClassRates(
        classes=order.classes[chosen],
        sizes=order.sizes[chosen],
        thresholds=thresholds,
        weights=weights,
        sensitivity=sensitivity[chosen],
        specificity=specificity[chosen],
        calibration_range=ends,
        n=order.n,
        n_singletons=order.n_singletons,
        n_missing=order.n_missing,
        n_negatives=order.n_impostor,
    )


def _row_thresholds(counts: PairCounts, ends: Float64s) -> tuple[npt.NDArray[np.int64], Float64s]:
    """Borders of the bins of rows inside the range (the nearest two where fewer are), ascending."""
    scores = counts.scale.edges[counts.row_edges]
    values = threshold_axis(counts.scale.metric).of(scores)
    inside = np.flatnonzero((values >= ends[0]) & (values <= ends[1]))
    if len(inside) < 2:
        inside = np.argsort(np.abs(values - ends.mean()), kind="stable")[:2]
    inside = inside[np.argsort(values[inside], kind="stable")]
    return inside + 1, values[inside]  # border k of the rows' bins lies before bin k + 1


def _shares(thresholds: Float64s) -> Float64s:
    """Share of the range that each of the ascending thresholds stands for, (G,)."""
    width = np.gradient(thresholds) if len(thresholds) > 1 else np.ones(1)
    total = width.sum()
    return np.asarray(width / total if total > 0 else np.full(len(width), 1.0 / len(width)))


def _drawn(
    counts: PairCounts,
    base: ClassRates,
    chosen: npt.NDArray[np.intp],
    genuine: Counts,
    impostor: Counts,
    draws: int,
    random: np.random.Generator,
) -> tuple[Float64s, Float64s]:
    """Sensitivity and specificity of each class in each draw of its members, both (r, T, G)."""
    shape = (draws, len(chosen), genuine.shape[1])
    sensitivity, specificity = np.empty(shape), np.empty(shape)
    rows_by_slot = np.argsort(counts.order.slots, kind="stable")
    starts = np.searchsorted(counts.order.slots[rows_by_slot], chosen)
    for place, (start, size) in enumerate(zip(starts, base.sizes, strict=True)):
        rows = rows_by_slot[start : start + size]
        weights = random.multinomial(size, np.full(size, 1.0 / size), size=draws)
        pairs = weights @ genuine[rows].astype(np.float64)
        own = genuine[rows].sum(axis=0, dtype=np.float64) / 2.0
        sensitivity[:, place] = (pairs - own) / base.inner[place]
        alarms = weights @ impostor[rows].astype(np.float64)
        specificity[:, place] = 1.0 - alarms / base.outer[place]
    return np.clip(sensitivity, 0.0, 1.0), np.clip(specificity, 0.0, 1.0)


def _scores(served: Float64s, weights: Float64s, count: int) -> tuple[float, float]:
    """OPIS of utilities (T, G), and epsilon-OPIS of the `count` worst at each threshold."""
    mean = served.mean(axis=0)
    deviation = np.sort(served, axis=0)[:count].mean(axis=0) - mean
    worst = 0.0 if count == len(served) else float(weights @ deviation**2)
    return float(((served - mean) ** 2 @ weights).mean()), worst
