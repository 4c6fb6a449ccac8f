"""What the build grid found: its cells, its settings, the Pareto front and the one to take."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.index import HnswParams
from core.index.reaching import NONE_REACHES
from core.studies.parts.rebuild_noise import FEWEST, Change, against_rebuilds, between_settings

OWN_CHECK = 0.9  # hnswlib's: below it, raise ef_construction
WITHIN = 1.1  # of the least search cost: settings as good as the best


@dataclass(frozen=True)
class GridCell:
    """One build and what it gives.

    ef: the smallest whose mean recall@k reaches the target, -1 where none does.
    distance_computations: mean per query at that ef, NaN where there is none. best_recall: at the
    largest ef. own_check: mean recall of M neighbors at ef = ef_construction. unreachable: items
    that no search can visit; unfindable_share: of those searched for by their own vector at ef 40.
    bytes_per_vector: of hnswlib's file, vector and links. host: the machine whose clock
    build_seconds is by, "" for the one that the study was started on.
    """

    params: HnswParams
    build_seconds: float
    bytes_per_vector: float
    ef: int
    distance_computations: float
    best_recall: float
    own_check: float
    unreachable: int
    unfindable_share: float
    host: str = ""


@dataclass(frozen=True)
class GridSetting:
    """The cells of one M and ef_construction, over their seeds.

    ef: the largest of the seeds' (-1 where a seed reaches the target with none), which serves them
    all; least_ef: the smallest. The other figures are means, own_check the worst, unreachable the
    most.
    """

    m: int
    ef_construction: int
    ef: int
    least_ef: int
    distance_computations: float
    build_seconds: float
    bytes_per_vector: float
    best_recall: float
    own_check: float
    unreachable: int
    unfindable_share: float
    seed_costs: tuple[float, ...] = ()

    @property
    def reaches(self) -> bool:
        """Whether every seed reaches the target."""
        return self.ef != NONE_REACHES

    @property
    def passes(self) -> bool:
        """Whether hnswlib's own check holds for every seed."""
        return self.own_check >= OWN_CHECK


@dataclass(frozen=True, eq=False)
class BuildGrid:
    """All cells of a grid, at one k and target.

    n: rows of each index. queries: how many; own_queries: whether they were handed in, else they
    are rows held out of every index. again: rebuilds of the recommended setting with other seeds.
    """

    k: int
    target: float
    n: int
    queries: int
    cells: tuple[GridCell, ...]
    own_queries: bool = False
    again: tuple[GridCell, ...] = ()

    @cached_property
    def settings(self) -> tuple[GridSetting, ...]:
        """One for each M and ef_construction, in ascending order."""
        pairs = sorted({(cell.params.m, cell.params.ef_construction) for cell in self.cells})
        return tuple(self._setting(m, ef_construction) for m, ef_construction in pairs)

    @cached_property
    def pareto(self) -> npt.NDArray[np.bool_]:
        """Which settings no other beats in memory, build time and search cost at once, (s,).

        Settings that miss the target are never on the front.
        """
        costs = np.array([_costs(setting) for setting in self.settings])
        no_worse = (costs[None] <= costs[:, None]).all(axis=2)
        better = (costs[None] < costs[:, None]).any(axis=2)
        beaten = (no_worse & better & np.isfinite(costs).all(axis=1)[None]).any(axis=1)
        return np.asarray(~beaten & np.isfinite(costs).all(axis=1))

    @cached_property
    def recommended(self) -> GridSetting | None:
        """The least memory whose search cost is within a tenth of the best, then the fastest build.

        Only of settings that reach the target, and that pass hnswlib's own check if any does; None
        where no setting reaches the target.
        """
        good = [setting for setting in self.settings if setting.reaches]
        good = [setting for setting in good if setting.passes] or good
        if not good:
            return None
        least = min(setting.distance_computations for setting in good)
        near = [setting for setting in good if setting.distance_computations <= WITHIN * least]
        return min(near, key=lambda setting: (setting.bytes_per_vector, setting.build_seconds))

    def cost_change(self, before: GridSetting, after: GridSetting) -> Change:
        """Distance computations at the target from one setting to another against rebuild noise.

        Where both were built with several seeds, these are the rebuilds (`between_settings`); else
        those of the recommended setting, `again` (`against_rebuilds`). With neither, and where a
        build misses the target, the noise is not known, NaN.
        """
        step = 1 / max(self.queries, 1)
        spread = np.array([cell.distance_computations for cell in self.again])
        if min(len(before.seed_costs), len(after.seed_costs)) >= FEWEST:
            return between_settings(before.seed_costs, after.seed_costs, step=step)
        if len(spread) >= FEWEST:
            return against_rebuilds(before.seed_costs, after.seed_costs, spread, step=step)
        return Change(before.distance_computations, after.distance_computations, float("nan"))

    def _setting(self, m: int, ef_construction: int) -> GridSetting:
        cells = [
            cell
            for cell in self.cells
            if (cell.params.m, cell.params.ef_construction) == (m, ef_construction)
        ]
        efs = [cell.ef for cell in cells]
        return GridSetting(
            m=m,
            ef_construction=ef_construction,
            ef=NONE_REACHES if NONE_REACHES in efs else max(efs),
            least_ef=min(efs),
            distance_computations=float(np.mean([cell.distance_computations for cell in cells])),
            build_seconds=float(np.mean([cell.build_seconds for cell in cells])),
            bytes_per_vector=float(np.mean([cell.bytes_per_vector for cell in cells])),
            best_recall=float(np.mean([cell.best_recall for cell in cells])),
            own_check=min(cell.own_check for cell in cells),
            unreachable=max(cell.unreachable for cell in cells),
            unfindable_share=float(np.mean([cell.unfindable_share for cell in cells])),
            seed_costs=tuple(cell.distance_computations for cell in cells),
        )


def _costs(setting: GridSetting) -> tuple[float, float, float]:
    search_cost = setting.distance_computations if setting.reaches else float("inf")
    return setting.bytes_per_vector, setting.build_seconds, search_cost
