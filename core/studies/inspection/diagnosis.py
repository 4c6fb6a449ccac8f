"""Whether a graph is broken: from a census of its items and the end of its recall curve."""

from dataclasses import dataclass, replace
from math import nan

import numpy as np
import numpy.typing as npt

from core.index import Census, HnswGraph, census
from core.intervals import wilson_interval
from core.progress import CountProgress
from core.studies.parts.tradeoff import EfTradeoff

UNREACHABLE = 0.05  # share of the items: hard data in a sound graph stays below 0.03
NOT_FOUND = 0.05  # share of the items that can be reached, at the largest ef of the curve
WORTH_SAYING = 0.005  # of the items: fewer unreachable ones are usual
SLOW = 0.2
LOW = 0.95  # mean recall from which a slow rise is usual
SEARCHED = 500


@dataclass(frozen=True)
class Diagnosis:
    """The evidence for a broken graph: of a census, and of a curve where there is one.

    n: items that a search may return. unreachable: how many of them no search can visit, whatever
    its ef. searched, not_found: items searched for by their own vector at `ef`, drawn with a seed,
    and how many of those that can be reached were not found, nor an exact copy of them; under inner
    product none is searched for, for longer vectors may rightly be nearer than the item itself.
    final_recall: mean recall at `ef`, ties counted; NaN without a curve. is_flat: whether it
    stopped rising long before. reached: whether the curve reaches its target.
    """

    n: int
    unreachable: int
    searched: int
    not_found: int
    ef: int
    final_recall: float = nan
    is_flat: bool = False
    reached: bool = True

    @property
    def cut_off(self) -> bool:
        """Whether 5 % of the items or more cannot be reached."""
        return self.unreachable >= UNREACHABLE * self.n > 0

    @property
    def loses(self) -> bool:
        """Whether 5 % or more of the items searched for can be reached and are not found."""
        return self.not_found >= NOT_FOUND * self.searched > 0

    @property
    def stuck(self) -> bool:
        """Whether recall ends below the target and a larger ef would not help."""
        return self.is_flat and not self.reached

    @property
    def loses_items(self) -> bool:
        """Whether so many items are cut off or not found that the graph is broken."""
        return self.cut_off or self.loses

    @property
    def broken(self) -> bool:
        """Whether the graph is broken: items are cut off or lost, or recall is stuck."""
        return self.loses_items or self.stuck

    @property
    def worth_saying(self) -> bool:
        """Whether more items than usual cannot be reached, although the graph is not broken."""
        return not self.broken and self.unreachable >= WORTH_SAYING * self.n > 0

    @property
    def lost_share(self) -> float:
        """Share of the items that no search can visit or that are not found; NaN for no items."""
        return self._with_unreachable(self._not_found_share)

    @property
    def lost_interval(self) -> tuple[float, float]:
        """95 % interval of `lost_share`; no width where every item was searched for, or none.

        The unreachable ones are counted; of the others a sample is searched for (Wilson, JASA 22,
        1927).
        """
        share, low, high = self._not_found_share, 0.0, 0.0
        if 0 < self.searched < self.n:
            low, high = wilson_interval(share, self.searched)
        else:
            low = high = share
        return self._with_unreachable(low), self._with_unreachable(high)

    @property
    def _not_found_share(self) -> float:
        return self.not_found / self.searched if self.searched else 0.0

    def _with_unreachable(self, not_found: float) -> float:
        return min(1.0, self.unreachable / self.n + not_found) if self.n else nan


def quick_census(
    graph: HnswGraph, ef: int, *, seed: int = 0, progress: CountProgress | None = None
) -> Census:
    """A census that is quick whatever n: links are walked for all items, 500 are searched for."""
    return census(graph, ef=ef, sample=SEARCHED, seed=seed, progress=progress)


def not_found_rows(taken: Census, metric: str) -> npt.NDArray[np.int64]:
    """The rows of a census that can be reached and were not found, nor an exact copy of them.

    None under inner product, for longer vectors may rightly be nearer than the row itself.
    """
    lost = taken.reachable[taken.checked] & ~taken.found & ~taken.first
    return taken.checked[lost & (metric != "inner_product")]


def diagnose(
    taken: Census, *, metric: str, tradeoff: EfTradeoff | None = None, reached: bool = True
) -> Diagnosis:
    """Judge a graph by a census, and by its curve once there is one.

    metric: of the graph. tradeoff: the census was taken at its largest ef. reached: whether the
    curve reaches its target.
    """
    found = Diagnosis(
        n=taken.n - int(np.count_nonzero(taken.deleted)),
        unreachable=len(taken.unreachable),
        searched=0 if metric == "inner_product" else len(taken.checked),
        not_found=len(not_found_rows(taken, metric)),
        ef=taken.ef,
    )
    if tradeoff is None:
        return found
    return replace(
        found,
        final_recall=float(tradeoff.mean_tie_aware_recall[-1]),
        is_flat=tradeoff.is_flat or _is_slow(tradeoff),
        reached=reached,
    )


def _is_slow(tradeoff: EfTradeoff) -> bool:
    """Whether the last three quarters of ef bring back less than a fifth of what was missing.

    In hard data that is sound they bring back a third at least. False where the curve ends before
    twice its first quarter's ef, which is too soon to judge.
    """
    recall, quarter = tradeoff.mean_tie_aware_recall, len(tradeoff.ef) // 4
    if tradeoff.ef[-1] < 2 * tradeoff.ef[quarter] or recall[-1] >= LOW:
        return False
    return bool(recall[-1] - recall[quarter] < SLOW * (1 - recall[quarter]))
