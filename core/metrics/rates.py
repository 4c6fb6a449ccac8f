"""Error rates of a threshold: FAR and FRR curves, equal error rate, TAR at FAR, AUC, d'.

Genuine pairs share a label, impostor pairs do not. A similarity accepts a pair iff s >= t, a
distance iff d <= t. FAR(t) = accepted impostors / impostors; FRR(t) = rejected genuine / genuine;
TAR = 1 - FRR. All arithmetic is float64.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from core.checks import as_array, check_choice, check_number
from core.distances import Float64s, Floats
from core.errors import ParameterError

EerConvention = Literal["nearest", "interpolated", "convex_hull"]


@dataclass(frozen=True)
class RateCurve:
    """FAR and FRR at each threshold, from the strictest to the laxest; three aligned arrays.

    thresholds: (t,) first the one that accepts nothing (inf for similarities, -inf for distances),
    then every distinct score. far: (t,) rises from 0 to 1. frr: (t,) falls from 1 to 0.
    """

    thresholds: Float64s
    far: Float64s
    frr: Float64s


def far_frr_curve(genuine: Floats, impostor: Floats, *, similarity: bool = True) -> RateCurve:
    """Rates at every threshold where one of them changes.

    genuine: (g,) and impostor: (i,) scores; similarity=False says that they are distances. Raises
    ParameterError if either is empty, not one-dimensional, or holds NaN or infinity.

    >>> curve = far_frr_curve(np.array([0.9, 0.7]), np.array([0.8, 0.1]))
    >>> curve.far.tolist(), curve.frr.tolist()
    ([0.0, 0.0, 0.5, 0.5, 1.0], [1.0, 0.5, 0.5, 0.0, 0.0])
    """
    near, far = _distances(genuine, impostor, similarity)
    limits = np.concatenate([[-np.inf], np.unique(np.concatenate([near, far]))])
    return RateCurve(
        thresholds=-limits if similarity else limits,
        far=np.searchsorted(far, limits, side="right") / len(far),
        frr=(len(near) - np.searchsorted(near, limits, side="right")) / len(near),
    )


def equal_error_rate(
    genuine: Floats,
    impostor: Floats,
    *,
    convention: EerConvention = "interpolated",
    similarity: bool = True,
) -> tuple[float, float]:
    """Equal error rate and its threshold.

    "nearest": the mean of FAR and FRR at the strictest threshold where |FAR - FRR| is least.
    "interpolated": where the polyline through the steps of the ROC meets FAR = FRR. "convex_hull":
    where the convex hull of the ROC does. The threshold of the last two is interpolated between the
    two ends of the piece that is met (the finite one, if the other is infinite).
    """
    curve = far_frr_curve(genuine, impostor, similarity=similarity)
    return rate_where_equal(curve, convention)


def rate_where_equal(
    curve: RateCurve, convention: EerConvention = "interpolated"
) -> tuple[float, float]:
    """Equal error rate and its threshold, read from a curve; see `equal_error_rate`."""
    gap = curve.far - curve.frr
    check_choice(convention, "convention", get_args(EerConvention))
    if convention == "nearest":
        best = int(np.argmin(np.abs(gap)))
        return float(curve.far[best] + curve.frr[best]) / 2, float(curve.thresholds[best])
    if convention == "interpolated":
        last = int(np.argmax(gap >= 0))
        return _crossing(curve, last - 1, last)
    return _crossing(curve, *_hull_piece(curve))


def tar_at_far(genuine: Floats, impostor: Floats, far: float, *, similarity: bool = True) -> float:
    """Largest share of accepted genuine pairs over the thresholds with FAR <= far.

    Conservative: no interpolation between steps. far = 0: no impostor is accepted. NaN for
    0 < far < 1 / impostors, a rate that so few impostors cannot resolve. Raises ParameterError
    unless far is within [0, 1].
    """
    return rate_at_far(far_frr_curve(genuine, impostor, similarity=similarity), far, len(impostor))


def rate_at_far(curve: RateCurve, far: float, n_impostor: int) -> float:
    """TAR at a FAR, read from a curve over `n_impostor` impostor pairs; see `tar_at_far`."""
    if not 0 <= check_number(far, "far") <= 1:
        raise ParameterError(f"far must be between 0 and 1; got {far!r}.")
    if 0 < far < 1 / n_impostor:
        return float("nan")
    last = int(np.searchsorted(curve.far, far, side="right")) - 1
    return float(1.0 - curve.frr[last])


def auc(genuine: Floats, impostor: Floats, *, similarity: bool = True) -> float:
    """Probability that a genuine pair is nearer than an impostor pair, ties counting one half."""
    near, far = _distances(genuine, impostor, similarity)
    nearer = len(far) - np.searchsorted(far, near, side="right")
    tied = np.searchsorted(far, near, side="right") - np.searchsorted(far, near, side="left")
    return float((nearer.sum() + tied.sum() / 2) / (len(near) * len(far)))


def d_prime(genuine: Floats, impostor: Floats, *, similarity: bool = True) -> float:
    """Sensitivity index (mean_g - mean_i) / sqrt((var_g + var_i) / 2), variances of the population.

    Positive where genuine pairs are nearer (the sign is turned for distances). NaN where both
    variances are 0.
    """
    near, far = _distances(genuine, impostor, similarity)
    spread = float(np.sqrt((near.var() + far.var()) / 2))
    return float(far.mean() - near.mean()) / spread if spread > 0 else float("nan")


def _distances(genuine: Floats, impostor: Floats, similarity: bool) -> tuple[Float64s, Float64s]:
    """Both sets of scores as ascending float64 distances."""
    sign = -1.0 if similarity else 1.0
    near, far = _check_scores("genuine", genuine), _check_scores("impostor", impostor)
    return np.sort(sign * near), np.sort(sign * far)


def _check_scores(name: str, scores: Floats) -> Float64s:
    values = as_array(scores, name)
    if values.ndim != 1 or values.size == 0 or values.dtype.kind not in "fiu":
        raise ParameterError(
            f"{name} must be a non-empty one-dimensional array of numbers; "
            f"got shape {values.shape} of {values.dtype}."
        )
    bad = int(np.count_nonzero(~np.isfinite(values)))
    if bad:
        raise ParameterError(f"{name} must be finite; got {bad:,} NaN or infinite. Leave them out.")
    return np.asarray(values, dtype=np.float64)


def _crossing(curve: RateCurve, first: int, last: int) -> tuple[float, float]:
    """Where the straight piece between two points of the curve meets FAR = FRR."""
    far, frr, thresholds = curve.far, curve.frr, curve.thresholds
    before, after = far[first] - frr[first], far[last] - frr[last]
    share = -before / (after - before)
    rate = far[first] + share * (far[last] - far[first])
    if not np.isfinite(thresholds[first]):
        return float(rate), float(thresholds[last])
    step = thresholds[last] - thresholds[first]
    return float(rate), float(thresholds[first] + share * step)


def _hull_piece(curve: RateCurve) -> tuple[int, int]:
    """Ends of the piece of the lower convex hull of (FAR, FRR) that meets FAR = FRR."""
    far, frr = curve.far, curve.frr
    first, last = 0, len(far) - 1
    while True:
        run, rise = far[last] - far[first], frr[last] - frr[first]
        above = (frr - frr[first]) * run - (far - far[first]) * rise
        lowest = int(np.argmin(above))
        if above[lowest] >= -np.finfo(np.float64).eps:
            return first, last
        if far[lowest] < frr[lowest]:
            first = lowest
        else:
            last = lowest
