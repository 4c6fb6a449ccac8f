"""What OPIS would be by chance: equally spread classes, as many and as large, at these centers.

OPIS rises as classes get smaller, for the rates of a small class move in large steps, so its value
alone does not say whether classes differ. One draw of equal classes:

1. Rows are scaled to length 1. A class of n members has its mean as center, and the residuals of
   its members from it, times sqrt(n / (n - 1)): a mean lies too near the rows it is taken from.
2. For the same reason the centers lie too far apart. The variance that the sampling of n rows gives
   a mean is taken from the squared singular values of the centers, evenly, down to 0. Then all get
   one length, their root mean square over the members: the mean of unit vectors is the shorter the
   wider they spread, so unequal lengths would keep the spreads unequal.
3. The residuals of all classes are permuted at random: each member gets one from any class. It goes
   through the reflection that maps the direction of its old center to that of the new one, so that
   its angle to its center stays the same.

Under another metric than cosine the lengths of rows count, and there is no sphere: rows and lengths
of centers stay as they are, the scatter of the centers is taken about their mean, and a residual is
added as it is.

So all classes have the spread of all together; where their centers lie, how many rows they have,
and the rows without a class stay. This is a permutation test within a model of one spread, not a
formula from a paper.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_labels, check_rows, check_whole
from core.distances import Float64s, Floats, Metric, check_metric, unit_rows
from core.intervals import middle_95
from core.metrics.class_pairs import Labels
from core.metrics.opis_score import OpisResult, opis
from core.progress import CountProgress, unheard

Score = Callable[[Floats, Labels], OpisResult]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class OpisByChance:
    """OPIS of the data beside draws of equal classes.

    observed: OPIS of the data. values: (draws,) OPIS of each draw, drawn with `seed`.
    """

    observed: float
    values: Float64s
    seed: int

    @property
    def mean(self) -> float:
        """Mean over the draws: what equal classes of these sizes give."""
        return float(self.values.mean())

    @property
    def interval(self) -> tuple[float, float]:
        """The 0.025 and 0.975 quantiles of the draws (linear interpolation)."""
        low, high = middle_95(self.values)
        return float(low), float(high)

    @property
    def times(self) -> float:
        """Observed over the mean of the draws; NaN where that is 0."""
        return self.observed / self.mean if self.mean > 0 else float("nan")

    @property
    def p_value(self) -> float:
        """Chance of a value as large from equal classes: (1 + draws as large) / (1 + draws)."""
        return (1 + int(np.count_nonzero(self.values >= self.observed))) / (1 + len(self.values))


def opis_by_chance(
    vectors: Floats,
    labels: Labels,
    *,
    draws: int = 20,
    seed: int = 0,
    score: Score = opis,
    metric: Metric = "cosine",
    progress: CountProgress | None = None,
) -> OpisByChance:
    """OPIS of `vectors` (n, d) with integer `labels` (n,), and of draws of equal classes.

    draws: how many; above all of 20, a value has a chance of 1 in 21, below 5 %.
    seed: of the draws.
    score: OPIS with its settings; functools.partial(opis, c=2.0) for others than the defaults.
    metric: that `score` compares rows with; `opis` itself takes cosine.
    progress: called as progress(scores done, draws + 1); an exception that it raises stops.
    The time is that of draws + 1 calls of `score`. Raises ParameterError as `opis` does.
    """
    rows = check_rows(vectors, "vectors")
    codes = check_labels(labels, len(rows))
    draws, seed = check_count(draws, "draws"), check_whole(seed, "seed", 0)
    report = progress or unheard
    observed = score(rows, codes).opis
    report(1, draws + 1)
    classes = _Classes(rows, codes, on_sphere=check_metric(metric) == "cosine")
    random = np.random.default_rng(seed)
    values = np.empty(draws)
    for draw in range(draws):
        values[draw] = score(classes.drawn(random), codes).opis
        report(draw + 2, draws + 1)
    return OpisByChance(observed, values, seed)


class _Classes:
    """The members of the eligible classes as centers and residuals, and the rows as they are."""

    def __init__(self, rows: Floats, codes: Labels, *, on_sphere: bool = True) -> None:
        unit = unit_rows(rows) if on_sphere else rows.astype(np.float64)
        names, inverse, counts = np.unique(codes, return_inverse=True, return_counts=True)
        eligible = (names >= 0) & (counts > 1)
        self._others = rows
        self._members: Places = np.flatnonzero(eligible[inverse])
        place: Places = (np.cumsum(eligible) - 1)[inverse[self._members]]
        self._place, sizes = place, counts[eligible]
        members = unit[self._members]
        centers = np.zeros((len(sizes), unit.shape[1]))
        np.add.at(centers, place, members)
        centers /= sizes[:, None]
        self._residuals = (members - centers[place]) * np.sqrt(sizes / (sizes - 1))[place][:, None]
        spread = float(np.einsum("ij,ij->", self._residuals, self._residuals)) / len(members)
        self._toward = unit_rows(centers)
        self._on_sphere, noise = on_sphere, spread * float(np.mean(1.0 / sizes))
        middle = 0.0 if on_sphere else centers.mean(axis=0)
        reduced = self._centers = middle + without_sampling(centers - middle, noise)
        squared = np.einsum("ij,ij->i", reduced, reduced)
        self._directions = unit_rows(reduced)
        self._length = float(np.sqrt(np.average(squared, weights=sizes)))

    def drawn(self, random: np.random.Generator) -> Floats:
        """The rows of one draw, (n, d), of the type of the data."""
        dealt = random.permutation(len(self._members))
        rows = self._others.copy()
        if not self._on_sphere:
            rows[self._members] = self._centers[self._place] + self._residuals[dealt]
            return rows
        new = self._directions[self._place]
        carried = reflected(self._residuals[dealt], self._toward[self._place[dealt]], new)
        rows[self._members] = unit_rows(self._length * new + carried)
        return rows


def without_sampling(centers: Float64s, noise: float) -> Float64s:
    """`centers` (T, d) without the scatter that means of few rows have.

    noise: the expected squared length of a center's error. T of them scatter by T noise in all,
    which is taken from the squared singular values in equal parts; none falls below 0.
    """
    left, values, right = np.linalg.svd(centers, full_matrices=False)
    reduced = values**2 - noise * len(centers) / len(values)
    return np.asarray((left * np.sqrt(np.maximum(reduced, 0.0))) @ right)


def reflected(rows: Float64s, old: Float64s, new: Float64s) -> Float64s:
    """Each row (m, d) by the reflection that maps the unit vector `old` (m, d) to `new` (m, d)."""
    across = unit_rows(old - new)
    return np.asarray(rows - 2.0 * np.einsum("ij,ij->i", rows, across)[:, None] * across)
