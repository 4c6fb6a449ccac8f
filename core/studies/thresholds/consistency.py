"""Does one threshold fit all classes: all figures of the Thresholds page from a walk of the pairs.

Distance is L2 between vectors scaled to length 1, in [0, 2]; a pair is accepted iff d <= t.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.distances import Float64s, Floats
from core.metrics import (
    OpisResult,
    RateCurve,
    auc,
    d_prime,
    equal_error_rate,
    far_frr_curve,
    opis,
    tar_at_far,
)
from core.metrics.class_pairs import ClassPairs
from core.metrics.opis_score import utility
from core.metrics.pairs import Pairs
from core.progress import CountProgress, Progress, counted, part, unheard

Int64s = npt.NDArray[np.int64]

STEPS = 400
GRID: Float64s = np.linspace(0.0, 2.0, STEPS + 1)
CURVE_POINTS = 2_000_000
WORST = 200
FAR_POINTS = (0.001, 0.01, 0.1)


@dataclass(frozen=True, eq=False)
class PairList:
    """Pairs of rows (m,) with their distance, the worst first."""

    left: Int64s
    right: Int64s
    distance: Float64s


@dataclass(frozen=True, eq=False)
class ThresholdStudy:
    """Rates of T eligible classes and of all pairs at G thresholds over the whole range.

    opis: over the calibration range. thresholds: (G,). sensitivity, specificity: (T, G) per class.
    genuine, impostor: (G - 1,) pairs in each interval of the thresholds. accepted_genuine,
    accepted_impostor: (G,) pairs at or below each threshold. curve: FAR and FRR at every distance
    of `genuine_share` of the genuine and `impostor_share` of the impostor pairs, drawn with `seed`
    where that is below 1; eer, tar_at_far, auc and d_prime come from the same pairs. eer: rate and
    threshold by linear interpolation. tar_at_far: by FAR. nearest_impostors, farthest_genuine: the
    worst 200 pairs of each kind.
    """

    opis: OpisResult
    thresholds: Float64s
    sensitivity: Float64s
    specificity: Float64s
    accepted_genuine: Int64s
    accepted_impostor: Int64s
    curve: RateCurve
    genuine_share: float
    impostor_share: float
    seed: int
    eer: tuple[float, float]
    tar_at_far: dict[float, float]
    auc: float
    d_prime: float
    nearest_impostors: PairList
    farthest_genuine: PairList

    @property
    def n_genuine(self) -> int:
        """Number of pairs that share a label."""
        return int(self.accepted_genuine[-1])

    @property
    def n_impostor(self) -> int:
        """Number of pairs that do not."""
        return int(self.accepted_impostor[-1])

    @property
    def genuine(self) -> Int64s:
        """Genuine pairs in each interval, (G - 1,); distance 0 stands in the first."""
        return _intervals(self.accepted_genuine)

    @property
    def impostor(self) -> Int64s:
        """Impostor pairs in each interval, (G - 1,); distance 0 stands in the first."""
        return _intervals(self.accepted_impostor)

    @property
    def far(self) -> Float64s:
        """Share of the impostor pairs accepted at each threshold, (G,); all pairs counted."""
        return np.asarray(self.accepted_impostor / self.n_impostor)

    @property
    def frr(self) -> Float64s:
        """Share of the genuine pairs rejected at each threshold, (G,); all pairs counted."""
        return np.asarray(1.0 - self.accepted_genuine / self.n_genuine)

    def place(self, threshold: float) -> int:
        """Index of the nearest of `thresholds`."""
        return int(np.clip(round(threshold / 2.0 * STEPS), 0, STEPS))


def threshold_study(
    vectors: Floats,
    labels: npt.NDArray[np.integer],
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> ThresholdStudy:
    """Study the pairs of `vectors` (n, d) with integer `labels` (n,), below 0 for a missing one.

    All pairs are counted; only the finest curve is drawn from a sample of each kind of pairs that
    has more than two million. Raises ParameterError with fewer than two classes of two members.
    """
    report = progress or unheard
    report(0.0, "OPIS over the calibration range")
    result = opis(vectors, labels)
    pairs = ClassPairs(vectors, labels)
    report(0.3, "genuine pairs")
    genuine_share = min(1.0, CURVE_POINTS / pairs.n_genuine)
    genuine = _walk(pairs, pairs.genuine(), genuine_share, seed, largest=True)
    impostor_share = min(1.0, CURVE_POINTS / pairs.n_impostor)
    walked = counted(part(report, 0.35, 0.85), "{:,} of {:,} impostor pairs")
    batches = _reported(pairs.impostors(), pairs.n_impostor, walked)
    impostor = _walk(pairs, batches, impostor_share, seed, largest=False)
    same, other = np.concatenate(genuine.kept), np.concatenate(impostor.kept)
    inner = pairs.sizes * (pairs.sizes - 1) // 2
    outer = pairs.sizes * (pairs.n - pairs.sizes)
    hits = _per_class(genuine.by_left, len(pairs.sizes))
    alarms = _per_class(impostor.by_left + impostor.by_right, len(pairs.sizes))
    report(0.9, "rates")
    return ThresholdStudy(
        opis=result,
        thresholds=GRID,
        sensitivity=hits / inner[:, None],
        specificity=1.0 - alarms / outer[:, None],
        accepted_genuine=np.cumsum(genuine.total),
        accepted_impostor=np.cumsum(impostor.total),
        curve=far_frr_curve(same, other, similarity=False),
        genuine_share=genuine_share,
        impostor_share=impostor_share,
        seed=seed,
        eer=equal_error_rate(same, other, similarity=False),
        tar_at_far={far: tar_at_far(same, other, far, similarity=False) for far in FAR_POINTS},
        auc=auc(same, other, similarity=False),
        d_prime=d_prime(same, other, similarity=False),
        nearest_impostors=impostor.worst,
        farthest_genuine=genuine.worst,
    )


def classes_at(
    study: ThresholdStudy, threshold: float, class_names: tuple[str, ...]
) -> pd.DataFrame:
    """One row per eligible class at the nearest threshold of the grid, worst utility first."""
    place = study.place(threshold)
    sensitivity, specificity = study.sensitivity[:, place], study.specificity[:, place]
    served = utility(sensitivity, specificity)
    frame = pd.DataFrame(
        {
            "class": [class_names[code] for code in study.opis.classes],
            "members": study.opis.class_sizes,
            "FRR": 1.0 - sensitivity,
            "FAR": 1.0 - specificity,
            "utility": served,
            "deviation from the mean": served - served.mean(),
            "contribution to OPIS": study.opis.contributions,
        }
    )
    return frame.sort_values("utility", kind="stable", ignore_index=True)


@dataclass(eq=False)
class _Walk:
    """What one walk over pairs gathers."""

    total: Int64s
    by_left: Int64s
    by_right: Int64s
    worst: PairList
    kept: list[Float64s] = field(default_factory=list)


def _walk(
    pairs: ClassPairs, batches: Iterator[Pairs], share: float, seed: int, *, largest: bool
) -> _Walk:
    slots = pairs.slots.astype(np.int64) * len(GRID)
    cells = (int(pairs.slots.max()) + 1) * len(GRID)
    none = PairList(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    walk = _Walk(
        np.zeros(len(GRID), np.int64), np.zeros(cells, np.int64), np.zeros(cells, np.int64), none
    )
    random = np.random.default_rng(seed)
    for batch in batches:
        distance = batch.distance
        place = _first_accepting(distance)
        walk.total += np.bincount(place, minlength=len(GRID))
        walk.by_left += np.bincount(slots[batch.left] + place, minlength=cells)
        walk.by_right += np.bincount(slots[batch.right] + place, minlength=cells)
        walk.kept.append(distance if share >= 1 else distance[random.random(len(distance)) < share])
        walk.worst = _worst(walk.worst, batch, distance, pairs.order, largest)
    return walk


def _worst(
    known: PairList, batch: Pairs, distance: Float64s, order: Int64s, largest: bool
) -> PairList:
    key = -distance if largest else distance
    near = np.argpartition(key, WORST)[:WORST] if len(key) > WORST else np.arange(len(key))
    left = np.concatenate([known.left, order[batch.left[near]]])
    right = np.concatenate([known.right, order[batch.right[near]]])
    joined = np.concatenate([known.distance, distance[near]])
    best = np.lexsort((right, left, -joined if largest else joined))[:WORST]
    return PairList(left[best], right[best], joined[best])


def _reported(batches: Iterator[Pairs], total: int, progress: CountProgress) -> Iterator[Pairs]:
    done = 0
    for batch in batches:
        progress(done, total)
        yield batch
        done += len(batch.left)


def _first_accepting(distance: Float64s) -> Int64s:
    """Index of the first threshold that accepts each distance: np.searchsorted, but faster."""
    place = np.clip(np.ceil(distance * (STEPS / 2.0)).astype(np.int64), 1, STEPS)
    place -= distance <= GRID[place - 1]
    return np.asarray(np.minimum(place + (distance > GRID[place]), STEPS))


def _per_class(counts: Int64s, classes: int) -> Int64s:
    """Pairs of each class at or below each threshold, (classes, G)."""
    return np.asarray(np.cumsum(counts.reshape(-1, len(GRID))[:classes], axis=1))


def _intervals(accepted: Int64s) -> Int64s:
    counts = np.diff(accepted)
    counts[0] += accepted[0]
    return np.asarray(counts)
