"""Intervals of figures of pairs: by drawing rows or classes, never pairs.

Two pairs that share a row are not independent, and there are far more pairs than rows: an interval
from drawn pairs is many times too narrow. Here rows (or classes) are drawn with replacement. A pair
counts w_i w_j times where its rows were drawn w_i and w_j times. That takes a walk over all pairs
for each resample; to first order in w - 1 it is w_i + w_j - 1 (the projection of a U-statistic,
Hoeffding, Ann. Math. Stat. 19, 1948), and then the counts of each row are enough.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from core.checks import check_choice, check_count, check_whole
from core.distances import Float64s
from core.intervals import middle_95
from core.metrics.pair_counts import PairCounts
from core.metrics.score_counts import Counts, ScoreCounts, ScoreScale
from core.progress import CountProgress, unheard

Over = Literal["items", "classes"]
RESAMPLES = 200
Figure = Callable[[ScoreCounts], float]


class Resamples(ABC):
    """Counts of resamples of what pairs are made of, and the intervals of figures of them.

    over: what was drawn. seed: of the draws.
    """

    over: str
    seed: int

    @abstractmethod
    def __len__(self) -> int:
        """How many draws there are."""

    @abstractmethod
    def __iter__(self) -> Iterator[ScoreCounts]:
        """The pairs of each resample; the same ones each time."""

    def rates_at(self, place: int) -> tuple[Float64s, Float64s]:
        """FAR and TAR of each resample at a border of the fine bins, both (r,)."""
        rates = [(counts.far[place], 1.0 - counts.frr[place]) for counts in self]
        far, tar = np.array(rates, dtype=np.float64).reshape(-1, 2).T
        return far, tar

    def intervals(
        self, figures: Mapping[str, Figure], progress: CountProgress | None = None
    ) -> dict[str, tuple[float, float]]:
        """The 2.5 and 97.5 % points of each figure over the resamples.

        No figure is defined in a resample without a genuine or without an impostor pair. Both
        points are NaN for a figure that is not defined in half of the resamples or more.
        """

        def all_of(counts: ScoreCounts) -> dict[str, float]:
            return {name: figure(counts) for name, figure in figures.items()}

        return self.intervals_of(all_of, tuple(figures), progress=progress)

    def intervals_of(
        self,
        figures: Callable[[ScoreCounts], Mapping[str, float]],
        names: Sequence[str],
        most: int | None = None,
        progress: CountProgress | None = None,
    ) -> dict[str, tuple[float, float]]:
        """As `intervals`, of figures that one function gives by name; of at most so many draws.

        progress: called with the draws that are done, and all.
        """
        total = len(self) if most is None else min(most, len(self))
        report, values = progress or unheard, []
        for number, resample in enumerate(islice(self, most)):
            report(number, total)
            known = resample.n_genuine > 0 and resample.n_impostor > 0
            found = figures(resample) if known else {}
            values.append([found.get(name, np.nan) for name in names])
        columns = np.array(values).reshape(len(values), len(names)).T
        return {name: middle_of_known(column) for name, column in zip(names, columns, strict=True)}


@dataclass(frozen=True, eq=False)
class PairResamples(Resamples):
    """Pairs of each resample in the few bins of rows.

    totals: what was counted. bins: (B,) which of the few bins each fine one lies in. genuine,
    impostor: (r, few) pairs of each kind, as weights. over, seed: what was drawn, and how.
    """

    totals: ScoreCounts
    bins: npt.NDArray[np.int64]
    genuine: Float64s
    impostor: Float64s
    over: Over
    seed: int

    def __len__(self) -> int:
        return len(self.genuine)

    def __iter__(self) -> Iterator[ScoreCounts]:
        """Each resample in fine bins: within one of the few bins all weigh alike."""
        scale, totals = self.totals.scale, self.totals
        whole_g, whole_i = self._few(totals.genuine), self._few(totals.impostor)
        for genuine, impostor in zip(self.genuine, self.impostor, strict=True):
            yield ScoreCounts(
                scale,
                totals.genuine * _ratio(genuine, whole_g)[self.bins],
                totals.impostor * _ratio(impostor, whole_i)[self.bins],
            )

    def rates_at(self, place: int) -> tuple[Float64s, Float64s]:
        """FAR and TAR of each resample, (r,), from the few bins, the same as from the fine ones."""
        return (
            self._accepted(self.impostor, self.totals.impostor, place),
            self._accepted(self.genuine, self.totals.genuine, place),
        )

    def _accepted(self, drawn: Float64s, totals: Counts, place: int) -> Float64s:
        """Share of the pairs of a kind at or above a border, in each resample."""
        above = self._few(np.where(np.arange(len(totals)) >= place, totals, 0))
        share = _ratio(above, self._few(totals))
        sums = drawn.sum(axis=1)
        empty = np.full(len(sums), np.nan)
        return np.asarray(np.divide(drawn @ share, sums, out=empty, where=sums > 0))

    def _few(self, counts: Counts) -> Float64s:
        summed = np.bincount(self.bins, weights=counts, minlength=self.genuine.shape[1])
        return np.asarray(summed, dtype=np.float64)


def resample_pairs(
    counts: PairCounts,
    *,
    over: Over = "items",
    resamples: int = RESAMPLES,
    seed: int = 0,
    progress: CountProgress | None = None,
) -> PairResamples:
    """Draw rows or classes with replacement, and weigh the pairs of each draw.

    over: "items" tells how far the figures would be off with other rows of the same classes, where
    chance says how many each class has (of as many in each, the intervals are too wide), "classes"
    with other classes; a row alone in its class is a class. progress: called with the
    draws that are done, and all. Raises ParameterError for settings out of range.
    """
    check_choice(over, "over", get_args(Over))
    draws, seed = check_count(resamples, "resamples"), check_whole(seed, "seed", 0)
    of_rows = counts.row_genuine, counts.row_impostor
    if over == "classes":
        units = _units(counts)
        of_rows = _summed(of_rows[0], units), _summed(of_rows[1], units)
    genuine, impostor = (each.astype(np.float64) for each in of_rows)
    random = np.random.default_rng(seed)
    drawn_g, drawn_i = np.empty((draws, genuine.shape[1])), np.empty((draws, genuine.shape[1]))
    n = len(genuine)
    report = progress or unheard
    for draw in range(draws):
        report(draw, draws)
        weights = np.bincount(random.integers(0, n, n), minlength=n).astype(np.float64)
        drawn_g[draw], drawn_i[draw] = weights @ genuine, weights @ impostor
    whole_g, whole_i = genuine.sum(axis=0) / 2.0, impostor.sum(axis=0) / 2.0
    if over == "classes":  # both rows of a genuine pair are in the class: it is drawn as a whole
        drawn_g /= 2.0
    else:
        drawn_g -= whole_g
    return PairResamples(
        totals=counts.totals,
        bins=few_bins(counts.scale, counts.row_edges),
        genuine=np.maximum(drawn_g, 0.0),
        impostor=np.maximum(drawn_i - whole_i, 0.0),
        over=over,
        seed=seed,
    )


def few_bins(scale: ScoreScale, edges: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Which of the few bins between `edges`, indices of fine bins, each fine bin lies in, (B,)."""
    return np.searchsorted(edges, np.arange(scale.bins), side="right")


def middle_of_known(values: Float64s) -> tuple[float, float]:
    """The 2.5 and 97.5 % points of values (r,); NaN where half of them or more are not defined."""
    known = values[np.isfinite(values)]
    if 2 * len(known) <= len(values):
        return float("nan"), float("nan")
    low, high = middle_95(known)
    return float(low), float(high)


def _units(counts: PairCounts) -> npt.NDArray[np.int64]:
    """Where each class begins among the rows, which stand class after class."""
    return np.flatnonzero(np.diff(counts.order.ends, prepend=-1) != 0)


def _summed(of_rows: Counts, starts: npt.NDArray[np.int64]) -> Counts:
    return np.add.reduceat(of_rows, starts, axis=0, dtype=np.int64)


def _ratio(part: Float64s, whole: Float64s) -> Float64s:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
