"""What a filter costs in each way of searching with it, and which way is the cheapest."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.index.reaching import NONE_REACHES, cost_at, reaches

Rows = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]
DURING, AFTER, BRUTE_FORCE = "during", "after", "brute force"


@dataclass(frozen=True, eq=False)
class Climb:
    """One way of filtering at larger and larger ef, up to the first that reaches the target.

    ef: (e,). recall, distance_computations: (e,) means over the queries. recall_at_ef: mean recall
    at the ef that all filters have in common, for comparison.
    """

    target: float
    ef: Rows
    recall: Float64s
    distance_computations: Float64s
    recall_at_ef: float

    @property
    def smallest_ef(self) -> int:
        """The first ef whose mean recall is at least the target, -1 where none is."""
        return int(self.ef[-1]) if reaches(self.recall[-1], self.target) else NONE_REACHES

    @property
    def cost(self) -> float:
        """Mean distance computations at the smallest ef, NaN where there is none."""
        reached = self.smallest_ef != NONE_REACHES
        return cost_at(self.distance_computations, len(self.ef) - 1 if reached else NONE_REACHES)


@dataclass(frozen=True, eq=False)
class FilterCell:
    """One filter, searched with in every way.

    value: the code of the column that it stands for, None for a random one. allowed: live rows that
    it lets through; selectivity: their share of all live rows.
    """

    value: int | None
    selectivity: float
    allowed: int
    during: Climb
    after: Climb

    @property
    def costs(self) -> dict[str, float]:
        """Mean distance computations of each way at the target, NaN where it is not reached."""
        return {DURING: self.during.cost, AFTER: self.after.cost, BRUTE_FORCE: float(self.allowed)}

    @property
    def best(self) -> str:
        """The cheapest way that reaches the target; brute force always does."""
        reaching = {way: cost for way, cost in self.costs.items() if np.isfinite(cost)}
        return min(reaching, key=lambda way: reaching[way])


@dataclass(frozen=True)
class SkippedFilter:
    """A filter that leaves too few rows for k answers; its fields are those of a `FilterCell`."""

    value: int | None
    selectivity: float
    allowed: int


@dataclass(frozen=True, eq=False)
class FilteredSearch:
    """All filters, the least selective first.

    target: mean recall@k. ef: at which `recall_at_ef` is measured; ef_max: the largest tried.
    n: live rows. queries: how many, the same for all filters. dim, m: of the graph.
    """

    k: int
    target: float
    ef: int
    ef_max: int
    n: int
    queries: int
    cells: tuple[FilterCell, ...]
    skipped: tuple[SkippedFilter, ...]
    dim: int
    m: int

    @property
    def best(self) -> tuple[str, ...]:
        """The cheapest way that reaches the target, of each cell."""
        return tuple(cell.best for cell in self.cells)

    @property
    def brute_force_below(self) -> float | None:
        """The largest selectivity tried from which downwards brute force is always the cheapest.

        None where it is not so at the smallest.
        """
        below = None
        for cell in reversed(self.cells):
            if cell.best != BRUTE_FORCE:
                break
            below = cell.selectivity
        return below
