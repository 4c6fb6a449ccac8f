"""The build grid: what each M and ef_construction costs, and what it buys."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw, census, search
from core.metrics import recall_at_k
from core.spaces import Floats
from core.studies.parts.cells import Done, Progress, Tell, run_cells
from core.studies.parts.query_sets import QuerySet, sample_queries
from core.studies.parts.tradeoff import EfTradeoff, ef_tradeoffs

OWN_CHECK = 0.9  # hnswlib's: below it, raise ef_construction
WITHIN = 1.1  # of the least search cost: settings as good as the best
CENSUS_EF, CENSUS_SAMPLE = 40, 20_000
BUILT = 0.8  # share of a cell's time that its build takes, for the progress


@dataclass(frozen=True)
class GridCell:
    """One build and what it gives.

    ef: the smallest whose mean recall@k reaches the target, -1 where none does.
    distance_computations: mean per query at that ef, NaN where there is none. best_recall: at the
    largest ef. own_check: mean recall of M neighbors at ef = ef_construction. unreachable: items
    that no search can visit; unfindable_share: of those searched for by their own vector at ef 40.
    bytes_per_vector: vector and links.
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

    @property
    def reaches(self) -> bool:
        """Whether every seed reaches the target."""
        return self.ef > 0

    @property
    def passes(self) -> bool:
        """Whether hnswlib's own check holds for every seed."""
        return self.own_check >= OWN_CHECK


@dataclass(frozen=True, eq=False)
class BuildGrid:
    """All cells of a grid, at one k and target; n rows were built, `queries` of them asked for."""

    k: int
    target: float
    n: int
    queries: int
    cells: tuple[GridCell, ...]

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
            ef=max(efs) if min(efs) > 0 else -1,
            least_ef=min(efs),
            distance_computations=float(np.mean([cell.distance_computations for cell in cells])),
            build_seconds=float(np.mean([cell.build_seconds for cell in cells])),
            bytes_per_vector=float(np.mean([cell.bytes_per_vector for cell in cells])),
            best_recall=float(np.mean([cell.best_recall for cell in cells])),
            own_check=min(cell.own_check for cell in cells),
            unreachable=max(cell.unreachable for cell in cells),
            unfindable_share=float(np.mean([cell.unfindable_share for cell in cells])),
        )


def _costs(setting: GridSetting) -> tuple[float, float, float]:
    search_cost = setting.distance_computations if setting.reaches else float("inf")
    return setting.bytes_per_vector, setting.build_seconds, search_cost


def build_grid(
    vectors: Floats,
    params: Sequence[HnswParams],
    *,
    k: int = 10,
    target: float = 0.95,
    ef_max: int = 512,
    queries: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
    done: Done | None = None,
) -> BuildGrid:
    """Build an index of `vectors` (n, d) with each of `params`, and search all for the same rows.

    One after the other, so that build times can be compared; they are by the clock of this machine.
    queries: rows drawn with `seed`, each left out of its own answer. done, progress: as in
    `run_cells`. hnswlib's check of ef_construction: its documentation, ALGO_PARAMS.md.
    """
    _check(len(vectors), params, k, ef_max)
    depth = min(max(k, *(each.m for each in params)), len(vectors) - 1)
    asked: list[QuerySet] = []

    def make(key: HnswParams, tell: Tell) -> GridCell:
        started = time.perf_counter()
        graph = build_hnsw(vectors, key, progress=partial(_tell_build, tell))
        seconds = time.perf_counter() - started
        if not asked:  # every graph holds the same rows, so the first gives the true neighbors
            asked.append(sample_queries(graph, vectors, depth, size=queries, seed=seed))
        tell(BUILT)
        return _cell(graph, key, seconds, asked[0], k, target, ef_max)

    cells = run_cells(list(params), make, name=_name, done=done, progress=progress)
    return BuildGrid(k, target, len(vectors), min(queries, len(vectors)), tuple(cells))


def _check(n: int, params: Sequence[HnswParams], k: int, ef_max: int) -> None:
    metrics = sorted({each.metric for each in params})
    if len(metrics) != 1:
        raise ParameterError(
            "params must be at least one, and all of one metric, which decides the true neighbors; "
            f"got {len(params)} with {', '.join(metrics) or 'no metric'}."
        )
    if not 1 <= k < n:
        raise ParameterError(f"k must be at least 1 and below n = {n:,}; got {k:,}.")
    if ef_max < k:
        raise ParameterError(f"ef_max must be at least k = {k:,}; got {ef_max:,}.")


def _cell(
    graph: HnswGraph,
    params: HnswParams,
    seconds: float,
    queries: QuerySet,
    k: int,
    target: float,
    ef_max: int,
) -> GridCell:
    study = ef_tradeoffs(graph, queries, (k,), ef_max=ef_max)[k]
    ef = study.smallest_ef(target)
    counted = census(graph, ef=CENSUS_EF, sample=CENSUS_SAMPLE)
    return GridCell(
        params=params,
        build_seconds=seconds,
        bytes_per_vector=graph.memory_bytes / graph.n,
        ef=-1 if ef is None else ef,
        distance_computations=_cost(study, ef),
        best_recall=float(study.mean_recall[-1]),
        own_check=_own_check(graph, queries, params),
        unreachable=len(counted.unreachable),
        unfindable_share=counted.unfindable_share,
    )


def _own_check(graph: HnswGraph, queries: QuerySet, params: HnswParams) -> float:
    m = min(params.m, queries.truth.ids.shape[1])
    ef = max(m, params.ef_construction)
    found = search(graph, queries.vectors, m, ef, exclude=queries.rows)
    return float(recall_at_k(found.ids, queries.truth.ids[:, :m]).mean())


def _cost(study: EfTradeoff, ef: int | None) -> float:
    return float("nan") if ef is None else float(study.mean_computations[study.at(ef)])


def _tell_build(tell: Tell, inserted: int, total: int) -> None:
    tell(BUILT * inserted / total)


def _name(params: HnswParams) -> str:
    return f"M {params.m}, ef_construction {params.ef_construction}, seed {params.seed}"
