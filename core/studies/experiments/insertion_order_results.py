"""What the insertion-order study found: recall by order, with intervals, and differences."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.intervals import crossed_bootstrap_interval
from core.studies.parts.rebuild_noise import (
    FEWEST,
    Change,
    between_settings,
    query_residual,
)

DESCENDING, ASCENDING, RANDOM = "LID descending", "LID ascending", "random"
BY_CLASS, WORST = "class after class", "worst class order"
ORDERS = (DESCENDING, ASCENDING, RANDOM, BY_CLASS, WORST)


@dataclass(frozen=True, eq=False)
class OrderRun:
    """One index: recall (q, e) of each query at each ef, mean distance computations (e,)."""

    order: str
    seed: int
    recall: npt.NDArray[np.float64]
    distance_computations: npt.NDArray[np.float64]


@dataclass(frozen=True)
class OrderSummary:
    """Mean recall@k of an order at one ef, with a 95 % interval, over its seeds.

    least, most: of the seeds. distance_computations: mean per query.
    """

    order: str
    ef: int
    recall: float
    low: float
    high: float
    least: float
    most: float
    distance_computations: float


@dataclass(frozen=True, eq=False)
class InsertionOrder:
    """All runs of the insertion-order study.

    n: rows that are inserted. queries: how many; own_queries: whether they were handed in, else
    they are rows held out of every index. efs: (e,) at which recall was measured. lid: (n,) local
    intrinsic dimension of each inserted row, from lengths; exact_lid: whether from exact neighbors.
    """

    k: int
    efs: tuple[int, ...]
    n: int
    queries: int
    seeds: tuple[int, ...]
    lid: npt.NDArray[np.float64]
    exact_lid: bool
    runs: tuple[OrderRun, ...]
    own_queries: bool = False

    @property
    def orders(self) -> tuple[str, ...]:
        """The orders that were built; those by class need labels."""
        return tuple(order for order in ORDERS if any(run.order == order for run in self.runs))

    def summary(self, order: str, ef: int) -> OrderSummary:
        """Recall of an order at one of `efs`; the interval resamples seeds, then queries."""
        recall = self._recall(order, ef)
        low, high = crossed_bootstrap_interval(recall)
        by_seed = recall.mean(axis=1)
        costs = [run.distance_computations[self.efs.index(ef)] for run in self._of(order)]
        return OrderSummary(
            order,
            ef,
            float(recall.mean()),
            low,
            high,
            float(by_seed.min()),
            float(by_seed.max()),
            float(np.mean(costs)),
        )

    def change(self, before: str, after: str, ef: int) -> Change:
        """Mean recall from one order to another against rebuild noise, the seeds as rebuilds.

        The rule is `between_settings`: both orders are asked the same queries, and each has the
        variance of its own builds. With one seed the noise is not known, NaN.
        """
        sides = self._recall(before, ef), self._recall(after, ef)
        if min(len(side) for side in sides) < FEWEST:
            return Change(float(sides[0].mean()), float(sides[1].mean()), float("nan"))
        return between_settings(
            sides[0].mean(axis=1),
            sides[1].mean(axis=1),
            residuals=(query_residual(sides[0]), query_residual(sides[1])),
            step=1 / (self.k * self.queries),
        )

    @cached_property
    def class_order_range(self) -> dict[int, float]:
        """By ef: how much mean recall differs between the best and the worst class order tried."""
        if BY_CLASS not in self.orders:
            return {}
        return {ef: self.range_of(BY_CLASS, ef) for ef in self.efs}

    def range_of(self, order: str, ef: int) -> float:
        """How much mean recall differs between the best and the worst seed of an order."""
        means = self._recall(order, ef).mean(axis=1)
        return float(np.ptp(means))

    def _of(self, order: str) -> list[OrderRun]:
        """By seed, so that two orders can be compared run by run."""
        return sorted((run for run in self.runs if run.order == order), key=lambda run: run.seed)

    def _recall(self, order: str, ef: int) -> npt.NDArray[np.float64]:
        """(seeds, q) recall of each query."""
        place = self.efs.index(ef)
        return np.stack([run.recall[:, place] for run in self._of(order)])
