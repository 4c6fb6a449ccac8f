"""All pairs of a labeled set, or of a sample of its rows, and the figures of its thresholds."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.checks import check_labels, check_rows, check_whole
from core.distances import Floats, Metric
from core.metrics.calibration import (
    actual_detection_cost,
    binned_scores,
    cllr,
    logistic_calibration,
    min_cllr,
    min_detection_cost,
)
from core.metrics.operating import (
    Gap,
    OperatingPoint,
    counted_auc,
    counted_d_prime,
    counted_eer,
    counted_fnmr_at_fmr,
    counted_tar_at_far,
    score_quantile,
    separation_gap,
)
from core.metrics.opis_score import utility
from core.metrics.pair_counts import PairCounts, count_pairs
from core.metrics.pair_resamples import Figure, Over, Resamples, middle_of_known, resample_pairs
from core.metrics.score_counts import ScoreCounts
from core.progress import Progress, counted, part, unheard
from core.studies.parts.pair_blocks import count_pairs_in_blocks
from core.studies.parts.sampling import sample_classes, sample_rows

FIRST_ROWS = 6_000
EXACT_ROWS = 200_000
FARS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
FMRS = (1e-2, 1e-3)
CALIBRATED = 60  # resamples for figures that a calibration is fitted for
DRAWN, MEASURED = "{:,} of {:,} draws", "figures of {:,} of {:,} draws"
FEWEST_OF_A_CLASS = 4  # members that a sample of rows leaves to a class on average

FIGURES: Mapping[str, Figure] = {
    "EER": lambda counts: counted_eer(counts)[0],
    "EER, nearest step": lambda counts: counted_eer(counts, "nearest")[0],
    "EER, convex hull": lambda counts: counted_eer(counts, "convex_hull")[0],
    **{f"TAR at FAR {far:g}": partial(counted_tar_at_far, far=far) for far in FARS},
    **{f"FNMR at FMR {fmr:g}": partial(counted_fnmr_at_fmr, fmr=fmr) for fmr in FMRS},
    "AUC": counted_auc,
    "d'": counted_d_prime,
    "gap, inner 98 %": lambda counts: (
        score_quantile(counts, "genuine", 0.01) - score_quantile(counts, "impostor", 0.99)
    ),
}


def calibrated_figures(counts: ScoreCounts) -> dict[str, float]:
    """Costs of the scores as decisions and as probabilities; see `core.metrics.calibration`.

    actDCF and Cllr take the log likelihood ratios of a logistic calibration by the same pairs; the
    prior of DCF is 0.01, its costs 1.
    """
    pairs = binned_scores(counts)
    ratios = logistic_calibration(pairs).log_likelihood_ratio(pairs.scores)
    return {
        "minDCF": min_detection_cost(pairs.curve)[0],
        "actDCF": actual_detection_cost(ratios, pairs),
        "Cllr": cllr(ratios, pairs),
        "min Cllr": min_cllr(pairs),
    }


@dataclass(frozen=True, eq=False)
class PairStudy:
    """Counted pairs of `rows` of the `n` labeled rows: of all, or of some drawn with `seed`.

    sampled: "" for all; "rows" where each class gave its share; "classes" where whole classes were
    drawn, so that small ones keep their pairs. missing: rows left out, for they have no label.
    """

    counts: PairCounts
    rows: int
    n: int
    seed: int
    sampled: str
    missing: int

    @property
    def is_sample(self) -> bool:
        """Whether some labeled rows were left out."""
        return self.rows < self.n

    @property
    def gap(self) -> Gap:
        """Whether one threshold could separate all pairs."""
        smallest = self.counts.farthest_genuine.score[0]
        largest = self.counts.nearest_impostors.score[0]
        return separation_gap(self.counts.totals, float(smallest), float(largest))


def pair_study(
    vectors: Floats,
    labels: npt.NDArray[np.integer[Any]],
    *,
    metric: Metric = "cosine",
    groups: npt.NDArray[np.integer[Any]] | None = None,
    keep_singletons: bool = True,
    rows: int | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> PairStudy:
    """Count the pairs of `vectors` (n, d) with integer `labels` (n,), below 0 for a missing one.

    groups, keep_singletons: see `count_pairs`. rows: where more have a label, about so many are
    drawn with `seed`: of each class its share, or whole classes where a share would leave fewer
    than 4 members to a class on average. executor: counts as `count_pairs_in_blocks` does; default
    all cores of this machine. Raises ParameterError with fewer than two classes of two members.
    """
    given = check_rows(vectors, "vectors")
    codes = check_labels(labels, len(given))
    report = progress or unheard
    report(0.0, "pairs")
    labeled = np.flatnonzero(codes >= 0)
    chosen, sampled = _sample(codes, labeled, rows, check_whole(seed, "seed", 0))
    of_groups = None if groups is None else groups[chosen]
    told = part(report, 0.0, 1.0)
    count = (
        partial(count_pairs, progress=counted(told, "{:,} of {:,} pairs"))
        if executor is None
        else partial(count_pairs_in_blocks, executor=executor, progress=told)
    )
    counts: PairCounts = count(
        given[chosen],
        codes[chosen],
        metric=metric,
        groups=of_groups,
        keep_singletons=keep_singletons,
    )
    missing = len(codes) - len(labeled)
    return PairStudy(counts.of_rows(chosen), len(chosen), len(labeled), seed, sampled, missing)


@dataclass(frozen=True)
class Estimate:
    """A figure and its 95 % interval; NaN where it is not defined."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Estimates:
    """The figures of a study by name, with intervals over `over`.

    at: rates at some thresholds: (score, FAR, TAR). resamples: that the intervals come from.
    """

    figures: Mapping[str, Estimate]
    resamples: Resamples

    def at(self, point: OperatingPoint) -> tuple[Estimate, Estimate]:
        """FAR and TAR at a threshold."""
        far, tar = self.resamples.rates_at(point.place)
        return (
            Estimate(point.far, *middle_of_known(far)),
            Estimate(point.tar, *middle_of_known(tar)),
        )

    def hter_at(self, point: OperatingPoint) -> Estimate:
        """Half total error rate at a threshold."""
        far, tar = self.resamples.rates_at(point.place)
        return Estimate(point.hter, *middle_of_known((far + 1.0 - tar) / 2.0))


def estimates(
    study: PairStudy,
    *,
    over: Over = "items",
    seed: int = 0,
    figures: Mapping[str, Figure] = FIGURES,
    progress: Progress | None = None,
) -> Estimates:
    """The figures of a study with 95 % intervals, by drawing its items or its classes."""
    drawn = counted(part(progress, 0.0, 0.6), DRAWN)
    resamples = resample_pairs(study.counts, over=over, seed=seed, progress=drawn)
    return estimates_of(study.counts.totals, resamples, figures, part(progress, 0.6, 1.0))


def estimates_of(
    totals: ScoreCounts,
    resamples: Resamples,
    figures: Mapping[str, Figure] = FIGURES,
    progress: Progress | None = None,
) -> Estimates:
    """The figures of counted pairs with 95 % intervals from resamples of what they are made of."""
    intervals = resamples.intervals(figures, counted(progress, MEASURED))
    found = {name: Estimate(of(totals), *intervals[name]) for name, of in figures.items()}
    return Estimates(found, resamples)


def calibrated_estimates(
    totals: ScoreCounts,
    resamples: Resamples,
    *,
    most: int = CALIBRATED,
    progress: Progress | None = None,
) -> dict[str, Estimate]:
    """`calibrated_figures` with intervals from the first `most` resamples."""
    values = calibrated_figures(totals)
    report = counted(progress, MEASURED)
    intervals = resamples.intervals_of(calibrated_figures, tuple(values), most, report)
    return {name: Estimate(value, *intervals[name]) for name, value in values.items()}


def classes_at(counts: PairCounts, score: float, names: Sequence[str]) -> pd.DataFrame:
    """One line per eligible class at a threshold, worst utility first.

    names: of the classes, in the order of `counts.order.classes`. FAR of a class: share of the
    impostor pairs with one end in it that is accepted. place: index of the class.
    """
    sensitivity, specificity = (rates[:, 0] for rates in counts.class_rates([score]))
    served = utility(sensitivity, specificity)
    frame = pd.DataFrame(
        {
            "class": list(names),
            "members": counts.order.sizes,
            "FRR": 1.0 - sensitivity,
            "FAR": 1.0 - specificity,
            "utility": served,
            "deviation from the mean": served - served.mean(),
            "place": np.arange(len(served)),
        }
    )
    return frame.sort_values("utility", kind="stable", ignore_index=True)


def _sample(
    codes: npt.NDArray[np.integer[Any]],
    labeled: npt.NDArray[np.int64],
    size: int | None,
    seed: int,
) -> tuple[npt.NDArray[np.int64], str]:
    if size is None or len(labeled) <= size:
        return labeled, ""
    classes = len(np.unique(codes[labeled]))
    if size >= FEWEST_OF_A_CLASS * classes:
        some = sample_rows(len(labeled), size, labels=codes[labeled], seed=seed)
        return labeled[some], "rows"
    return sample_classes(codes, size, seed=seed), "classes"
