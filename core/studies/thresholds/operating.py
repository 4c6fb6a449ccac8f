"""All pairs of a labeled set, or of a sample of its rows, and the figures of its thresholds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.checks import check_labels, check_rows, check_whole
from core.distances import Floats, Metric
from core.metrics.operating import (
    Gap,
    OperatingPoint,
    counted_auc,
    counted_d_prime,
    counted_eer,
    counted_fnmr_at_fmr,
    counted_tar_at_far,
    point_at,
    separation_gap,
)
from core.metrics.opis_score import utility
from core.metrics.pair_counts import PairCounts, count_pairs
from core.metrics.pair_resamples import Figure, Over, PairResamples, resample_pairs
from core.progress import Progress, counted, part, unheard
from core.studies.parts.sampling import sample_classes, sample_rows

FIRST_ROWS = 6_000
EXACT_ROWS = 200_000
FARS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
FMRS = (1e-2, 1e-3)
FEWEST_OF_A_CLASS = 4  # members that a sample of rows leaves to a class on average

FIGURES: Mapping[str, Figure] = {
    "EER": lambda counts: counted_eer(counts)[0],
    "EER, nearest step": lambda counts: counted_eer(counts, "nearest")[0],
    "EER, convex hull": lambda counts: counted_eer(counts, "convex_hull")[0],
    **{f"TAR at FAR {far:g}": partial(counted_tar_at_far, far=far) for far in FARS},
    **{f"FNMR at FMR {fmr:g}": partial(counted_fnmr_at_fmr, fmr=fmr) for fmr in FMRS},
    "AUC": counted_auc,
    "d'": counted_d_prime,
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
    progress: Progress | None = None,
) -> PairStudy:
    """Count the pairs of `vectors` (n, d) with integer `labels` (n,), below 0 for a missing one.

    groups, keep_singletons: see `count_pairs`. rows: where more have a label, about so many are
    drawn with `seed`: of each class its share, or whole classes where a share would leave fewer
    than 4 members to a class on average. Raises ParameterError with fewer than two classes of two
    members.
    """
    given = check_rows(vectors, "vectors")
    codes = check_labels(labels, len(given))
    report = progress or unheard
    report(0.0, "pairs")
    labeled = np.flatnonzero(codes >= 0)
    chosen, sampled = _sample(codes, labeled, rows, check_whole(seed, "seed", 0))
    of_groups = None if groups is None else groups[chosen]
    counts = count_pairs(
        given[chosen],
        codes[chosen],
        metric=metric,
        groups=of_groups,
        keep_singletons=keep_singletons,
        progress=counted(part(report, 0.0, 1.0), "{:,} of {:,} pairs"),
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
    resamples: PairResamples

    def at(self, point: OperatingPoint) -> tuple[Estimate, Estimate]:
        """FAR and TAR at a threshold."""
        found = self.resamples.intervals(
            {
                "FAR": lambda counts: point_at(counts, point.score).far,
                "TAR": lambda counts: point_at(counts, point.score).tar,
            }
        )
        return Estimate(point.far, *found["FAR"]), Estimate(point.tar, *found["TAR"])


def estimates(
    study: PairStudy,
    *,
    over: Over = "items",
    seed: int = 0,
    figures: Mapping[str, Figure] = FIGURES,
) -> Estimates:
    """The figures of a study with 95 % intervals, by drawing its items or its classes."""
    resamples = resample_pairs(study.counts, over=over, seed=seed)
    intervals = resamples.intervals(figures)
    return Estimates(
        {
            name: Estimate(figure(study.counts.totals), *intervals[name])
            for name, figure in figures.items()
        },
        resamples,
    )


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
