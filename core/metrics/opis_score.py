"""OPIS and epsilon-OPIS: does one distance threshold serve all classes alike?

Distance is L2 between vectors scaled to length 1, in [0, 2]; a pair is accepted iff d <= t. For
class i, sensitivity psi_i(t) is the share of its inner pairs with d <= t, specificity phi_i(t) the
share of the pairs with exactly one end in it with d > t, and its utility is

    U_i(t) = (1 + c^2) phi psi / (c^2 phi + psi), 0 where the denominator is 0.

OPIS is the mean over classes of the mean over t in the calibration range of (U_i(t) - Ubar(t))^2;
lower is better, 0.25 is the most. Source: Zhang et al., "Threshold-Consistent Margin Loss for
Open-World Deep Metric Learning", arXiv 2307.04047; the equations are reconstructed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from core.checks import check_choice, check_number, check_numbers, check_whole
from core.distances import Float64s, Floats
from core.errors import ParameterError
from core.metrics.class_pairs import ClassPairs, Labels
from core.metrics.opis_counts import (
    TIE,
    NearPairs,
    accepted_by_slot,
    calibrate,
    jumps_between,
)
from core.metrics.pairs import LARGEST_DISTANCE, Int64s

Reference = Literal["class_mean", "macro_rates", "pooled"]
Singletons = Literal["negatives", "drop"]
Method = Literal["grid", "exact"]
EXACT_CELLS = 10_000_000
EQUAL = 1e-24  # the square of what rounding makes of a utility, taken generously


@dataclass(frozen=True, eq=False)
class OpisResult:
    """OPIS with all that it is made of; T eligible classes, G thresholds.

    opis: mean of the contributions. contributions: (T,) mean over t of (U_i - Ubar)^2. signs: (T,)
    -1, 0 or 1, the sign of the mean over t of U_i - Ubar. classes: (T,) labels. class_sizes: (T,)
    members. thresholds: (G,) distances; weights: (G,) share of the calibration range each stands
    for. sensitivity, specificity, class_utility: (T, G). mean_utility: (G,) the reference Ubar.
    calibration_range: (2,) distances. n_singletons: rows alone in their class; n_missing: rows left
    out for a label < 0; n_negatives: unordered impostor pairs.
    """

    opis: float
    contributions: Float64s
    signs: Int64s
    classes: Labels
    class_sizes: Int64s
    thresholds: Float64s
    weights: Float64s
    sensitivity: Float64s
    specificity: Float64s
    class_utility: Float64s
    mean_utility: Float64s
    calibration_range: Float64s
    n_singletons: int
    n_missing: int
    n_negatives: int

    @property
    def is_equal(self) -> bool:
        """Whether OPIS is 0 but for rounding: one pair more or less moves it by far more."""
        return self.opis <= EQUAL


def opis(
    vectors: Floats,
    labels: Labels,
    *,
    far: Sequence[float] = (0.01, 0.10),
    thresholds: int = 101,
    calibration_range: Sequence[float] | None = None,
    c: float = 1.0,
    reference: Reference = "class_mean",
    singletons: Singletons = "negatives",
    method: Method = "grid",
) -> OpisResult:
    """Operating-point-inconsistency score of `vectors` (n, d) with integer `labels` (n,).

    A label < 0 is a missing one. far: overall FAR at the ends of the calibration range, whose
    distances are those quantiles of all impostor distances; calibration_range gives the distances
    themselves. c > 1 weighs sensitivity. reference: Ubar is the mean utility of the classes, the
    utility of their mean rates, or that of all their pairs together (a negative counts once for
    each of its ends in an eligible class). singletons: rows alone in their class stay negatives, or
    are dropped. method: "grid" takes the mean over equally spaced thresholds, "exact" integrates
    the step functions. All pairs are used; memory is bounded. Raises ParameterError for settings
    out of range, vectors that are not finite numbers, fewer than two classes of two members, and
    for "exact" with too many steps. Small classes raise OPIS: do not compare data sets of unlike
    class sizes, but each with its own `opis_by_chance`.

    >>> angles = np.radians([0, 10, 90, 100])
    >>> vectors = np.column_stack([np.cos(angles), np.sin(angles)])
    >>> opis(vectors, np.array([0, 0, 1, 1])).opis
    0.0
    """
    check_settings(far, thresholds, c)
    check_choice(reference, "reference", get_args(Reference))
    check_choice(singletons, "singletons", get_args(Singletons))
    check_choice(method, "method", get_args(Method))
    pairs = ClassPairs(vectors, labels, keep_singletons=singletons == "negatives")
    if calibration_range is None:
        ends, near = calibrate(pairs, far)
    else:
        ends = _check_range(calibration_range)
        near = NearPairs(pairs, min(float(ends[1]) + TIE, LARGEST_DISTANCE))
    limits, weights = (
        even_thresholds(ends, thresholds) if method == "grid" else _exact(ends, pairs, near)
    )
    return opis_of_rates(_rates(pairs, near, ends, limits, weights), c, reference)


def epsilon_opis(result: OpisResult, epsilon: float = 0.10) -> float:
    """Mean over t of (mean of U - Ubar over the worst classes)^2, Ubar the mean over all classes.

    At each threshold the max(1, ceil(epsilon T)) classes of lowest utility are the worst. Never
    rises with epsilon; 0 at epsilon = 1. Reconstructed from arXiv 2307.04047. Raises ParameterError
    unless 0 < epsilon <= 1.
    """
    count = worst_count(len(result.classes), epsilon)
    if count == len(result.classes):
        return 0.0
    worst = np.sort(result.class_utility, axis=0)[:count]
    deviation = worst.mean(axis=0) - result.class_utility.mean(axis=0)
    return float(np.sum(result.weights * deviation**2))


def worst_count(classes: int, epsilon: float) -> int:
    """How many classes are the worst: max(1, ceil(epsilon T)); see `epsilon_opis`."""
    if not 0 < check_number(epsilon, "epsilon") <= 1:
        raise ParameterError(f"epsilon must be above 0 and at most 1; got {epsilon!r}.")
    return max(1, math.ceil(epsilon * classes - 1e-9))  # 0.07 * 100 exceeds 7


def utility(sensitivity: Float64s, specificity: Float64s, c: float = 1.0) -> Float64s:
    """(1 + c^2) phi psi / (c^2 phi + psi), element by element; 0 where the denominator is 0."""
    denominator = c**2 * specificity + sensitivity
    product = (1 + c**2) * specificity * sensitivity
    return np.asarray(product / np.where(denominator > 0, denominator, 1.0))


@dataclass(frozen=True, eq=False)
class ClassRates:
    """Rates of T classes at G thresholds: what OPIS is made of.

    classes, sizes: (T,) labels and members. thresholds: (G,) distances; weights: (G,) share of the
    calibration range each stands for. sensitivity, specificity: (T, G). calibration_range: (2,).
    n: rows, those without an eligible class included.
    """

    classes: Labels
    sizes: Int64s
    thresholds: Float64s
    weights: Float64s
    sensitivity: Float64s
    specificity: Float64s
    calibration_range: Float64s
    n: int
    n_singletons: int
    n_missing: int
    n_negatives: int

    @property
    def inner(self) -> Int64s:
        """Genuine pairs of each class, (T,)."""
        return np.asarray(self.sizes * (self.sizes - 1) // 2)

    @property
    def outer(self) -> Int64s:
        """Pairs with exactly one end in each class, (T,)."""
        return np.asarray(self.sizes * (self.n - self.sizes))


def opis_of_rates(rates: ClassRates, c: float, reference: Reference) -> OpisResult:
    """OPIS of rates that were counted; see `opis` for c and reference."""
    check_c(c)
    check_choice(reference, "reference", get_args(Reference))
    class_utility = utility(rates.sensitivity, rates.specificity, c)
    if reference == "class_mean":
        mean_utility = class_utility.mean(axis=0)
    elif reference == "macro_rates":
        mean = rates.sensitivity.mean(axis=0), rates.specificity.mean(axis=0)
        mean_utility = utility(*mean, c)
    else:
        hits = rates.inner @ rates.sensitivity / rates.inner.sum()
        mean_utility = utility(hits, rates.outer @ rates.specificity / rates.outer.sum(), c)
    deviation = class_utility - mean_utility
    contributions, shift = deviation**2 @ rates.weights, deviation @ rates.weights
    return OpisResult(
        opis=float(contributions.mean()),
        contributions=contributions,
        signs=np.sign(np.where(np.abs(shift) > TIE, shift, 0.0)).astype(np.int64),
        classes=rates.classes,
        class_sizes=rates.sizes,
        thresholds=rates.thresholds,
        weights=rates.weights,
        sensitivity=rates.sensitivity,
        specificity=rates.specificity,
        class_utility=class_utility,
        mean_utility=mean_utility,
        calibration_range=rates.calibration_range,
        n_singletons=rates.n_singletons,
        n_missing=rates.n_missing,
        n_negatives=rates.n_negatives,
    )


def _rates(
    pairs: ClassPairs, near: NearPairs, ends: Float64s, thresholds: Float64s, weights: Float64s
) -> ClassRates:
    limits, n_classes = thresholds + TIE, len(pairs.classes)
    inner = pairs.sizes * (pairs.sizes - 1) // 2
    outer = pairs.sizes * (pairs.n - pairs.sizes)
    hits = accepted_by_slot(near.genuine(), pairs.slots, limits, both_ends=False)[:n_classes]
    alarms = accepted_by_slot(near.impostors(), pairs.slots, limits, both_ends=True)[:n_classes]
    return ClassRates(
        classes=pairs.classes,
        sizes=pairs.sizes,
        thresholds=thresholds,
        weights=weights,
        sensitivity=hits / inner[:, None],
        specificity=1.0 - alarms / outer[:, None],
        calibration_range=ends,
        n=pairs.n,
        n_singletons=pairs.n_singletons,
        n_missing=pairs.n_missing,
        n_negatives=pairs.n_impostor,
    )


def even_thresholds(ends: Float64s, count: int) -> tuple[Float64s, Float64s]:
    """`count` thresholds equally far apart from end to end, and the equal weight of each."""
    return np.linspace(ends[0], ends[1], count), np.full(count, 1.0 / count)


def _exact(ends: Float64s, pairs: ClassPairs, near: NearPairs) -> tuple[Float64s, Float64s]:
    """The jumps inside the range with its ends, and the share of the range that follows each."""
    low, high = float(ends[0]), float(ends[1])
    most = EXACT_CELLS // len(pairs.classes) - 2
    jumps = jumps_between(near.genuine(), low, high, np.empty(0), most)
    jumps = jumps_between(near.impostors(), low, high, jumps, most)
    if len(jumps) > most:
        raise ParameterError(
            f'method="exact" takes at most {EXACT_CELLS:,} values (classes x jumps); '
            f"{len(pairs.classes):,} classes here have more than {most:,} jumps inside the "
            'calibration range. Use method="grid", with more thresholds if need be.'
        )
    if high <= low:
        return ends[:1], np.ones(1)
    limits = np.concatenate([[low], jumps, [high]])
    return limits, np.append(np.diff(limits), 0.0) / (high - low)


def check_settings(far: Sequence[float], thresholds: int, c: float) -> None:
    """Raise a ParameterError for settings that `opis` does not take."""
    rates = check_numbers(far, "far")
    if rates.shape != (2,) or not 0 <= rates[0] <= rates[1] <= 1:
        raise ParameterError(f"far must be two rates, ascending and between 0 and 1; got {far!r}.")
    check_whole(thresholds, "thresholds", 2)
    check_c(c)


def check_c(c: float) -> None:
    """Raise a ParameterError for a weight of sensitivity that is no finite number above 0."""
    if not 0 < check_number(c, "c") < math.inf:
        raise ParameterError(f"c must be a finite number above 0; got {c!r}.")


def _check_range(calibration_range: Sequence[float]) -> Float64s:
    ends = check_numbers(calibration_range, "calibration_range")
    if ends.shape != (2,) or not np.isfinite(ends).all() or not 0 <= ends[0] <= ends[1]:
        raise ParameterError(
            "calibration_range must be two distances, ascending and from 0 to 2; "
            f"got {calibration_range!r}."
        )
    return ends
