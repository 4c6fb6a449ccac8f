"""Does one threshold fit all classes: OPIS with its interval, by chance, and with equal classes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_labels, check_rows, check_whole
from core.distances import Float64s, Floats, Metric
from core.metrics import OpisResult, epsilon_opis
from core.metrics.opis_counted import opis_interval, opis_of_counts
from core.metrics.opis_score import Method, Reference, Singletons
from core.metrics.pair_counts import FAR_RANGE, PairCounts, count_pairs
from core.progress import Progress, unheard

EQUAL_ROWS, SEEDS = 4_000, 10
EPSILON = 0.10


@dataclass(frozen=True)
class OpisSettings:
    """How OPIS is taken; see `core.metrics.opis_of_counts`.

    singletons: of the walk over pairs, "negatives" or "drop".
    """

    far: tuple[float, float] = FAR_RANGE
    thresholds: int = 101
    c: float = 1.0
    reference: Reference = "class_mean"
    min_size: int = 2
    method: Method = "grid"
    singletons: Singletons = "negatives"
    epsilon: float = EPSILON

    def of(self, counts: PairCounts) -> OpisResult:
        """OPIS of counted pairs."""
        return opis_of_counts(
            counts,
            far=self.far,
            thresholds=self.thresholds,
            c=self.c,
            reference=self.reference,
            min_size=self.min_size,
            method=self.method,
        )

    def scorer(self, metric: Metric) -> Callable[[Floats, npt.NDArray[np.integer]], OpisResult]:
        """OPIS of vectors and labels under a metric."""

        def score(vectors: Floats, labels: npt.NDArray[np.integer]) -> OpisResult:
            keep = self.singletons == "negatives"
            return self.of(count_pairs(vectors, labels, metric=metric, keep_singletons=keep))

        return score


@dataclass(frozen=True, eq=False)
class Consistency:
    """OPIS and epsilon-OPIS with their 95 % intervals by drawing members within classes."""

    opis: OpisResult
    epsilon_opis: float
    interval: tuple[float, float]
    epsilon_interval: tuple[float, float]


def class_consistency(counts: PairCounts, settings: OpisSettings | None = None) -> Consistency:
    """OPIS of counted pairs; raises ParameterError as `opis_of_counts` does."""
    chosen = settings or OpisSettings()
    result = chosen.of(counts)
    interval, of_worst = opis_interval(
        counts, far=chosen.far, c=chosen.c, min_size=chosen.min_size, epsilon=chosen.epsilon
    )
    return Consistency(result, epsilon_opis(result, chosen.epsilon), interval, of_worst)


@dataclass(frozen=True, eq=False)
class EqualSizes:
    """OPIS of classes of the same size, drawn several times.

    size: members of each class. classes: of that many members, in each draw. values: (seeds,) OPIS
    of each draw.
    """

    size: int
    classes: int
    values: Float64s

    @property
    def mean(self) -> float:
        """Mean over the draws."""
        return float(self.values.mean())


def equal_sizes(
    vectors: Floats,
    labels: npt.NDArray[np.integer],
    *,
    size: int,
    metric: Metric = "cosine",
    settings: OpisSettings | None = None,
    seeds: int = SEEDS,
    progress: Progress | None = None,
) -> EqualSizes:
    """OPIS of `size` members of each class that has as many, drawn with seeds 0, 1, ...

    Data sets whose classes differ in size can be compared so, at the same size. At most about 4,000
    rows are drawn at a time: of more classes, some are drawn. Classes of `size` members are large
    enough whatever the settings say. Raises ParameterError for settings out of range and with fewer
    than two classes of that many members.
    """
    given = check_rows(vectors, "vectors")
    codes = check_labels(labels, len(given))
    size, seeds = check_whole(size, "size", 2), check_count(seeds, "seeds")
    chosen = settings or OpisSettings()
    score = replace(chosen, min_size=min(chosen.min_size, size)).scorer(metric)
    report = progress or unheard
    order = np.argsort(codes, kind="stable")
    names, starts, counts = np.unique(codes[order], return_index=True, return_counts=True)
    large = np.flatnonzero((names >= 0) & (counts >= size))
    most = max(2, EQUAL_ROWS // size)
    values = np.empty(seeds)
    for seed in range(seeds):
        report(seed / seeds, f"{seed} of {seeds} draws")
        random = np.random.default_rng(seed)
        some = large if len(large) <= most else random.choice(large, most, replace=False)
        drawn = [starts[one] + random.choice(counts[one], size, replace=False) for one in some]
        rows = order[np.concatenate([*drawn, np.empty(0, np.int64)]).astype(np.int64)]
        values[seed] = score(given[rows], codes[rows]).opis
    return EqualSizes(size, min(len(large), most), values)
