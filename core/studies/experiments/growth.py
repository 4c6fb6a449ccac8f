"""Growth: what a search costs at the same recall as the data doubles, and its extrapolation."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.distances import Floats
from core.errors import ParameterError
from core.index import HnswParams, build_hnsw, ef_curve, exact_neighbors
from core.index.reaching import cost_at, first_place, reaches
from core.progress import ROWS_INSERTED, Progress, counted, part
from core.studies.parts.cells import Cell, Done, SoFar, report_so_far, run_cells
from core.studies.parts.host import host_unless, this_host
from core.studies.parts.shared import Shared, Sharing

Float64s = npt.NDArray[np.float64]
FEWEST_ROWS = 300
MOST_STEPS = 8
BUILT = 0.8  # share of a cell's time that its build takes, for the progress
CONFIDENCE = 0.95


@dataclass(frozen=True)
class GrowthStep:
    """The index of the first n rows, at the recall that the study holds fixed.

    ef, distance_computations, hops: where mean recall@k crosses the target, between two whole ef in
    proportion; NaN where no ef reaches it. build_seconds: by the clock of `host`, "" for the
    machine that the study was started on.
    """

    n: int
    ef: float
    distance_computations: float
    hops: float
    build_seconds: float
    host: str = ""


@dataclass(frozen=True, eq=False)
class _Plan:
    """What all steps share.

    queries: (q, d). pool: (p,) the other rows, in random order. threads: of a search, None for all
    cores.
    """

    vectors: Floats
    params: HnswParams
    k: int
    target: float
    ef_max: int
    queries: Floats
    pool: npt.NDArray[np.int64]
    home: str
    threads: int | None


@dataclass(frozen=True, eq=False)
class Fit:
    """A line through the steps: cost = a + b log2 n ("log"), or log2 cost = a + b log2 n ("power").

    r_squared: of the costs as they were fitted.
    """

    form: str
    a: float
    b: float
    r_squared: float
    _log_n: Float64s
    _deviation: float

    def at(self, n: float) -> tuple[float, float, float]:
        """The cost at n rows, and its 95 % prediction interval (least squares, normal errors)."""
        from scipy.stats import t  # slow to load, and no page opens with it

        x, count = np.log2(n), len(self._log_n)
        middle = self.a + self.b * x
        from_mean = (x - self._log_n.mean()) ** 2 / ((self._log_n - self._log_n.mean()) ** 2).sum()
        width = self._deviation * np.sqrt(1 + 1 / count + from_mean)
        half = float(t.ppf((1 + CONFIDENCE) / 2, count - 2)) * width
        values = np.array([middle, middle - half, middle + half])
        if self.form == "power":
            values = 2.0**values
        return float(values[0]), float(values[1]), float(values[2])


@dataclass(frozen=True, eq=False)
class Growth:
    """All steps, ascending in n, at one k and target.

    Only steps whose mean recall crosses the target at an ef above k are fitted: where the smallest
    beam is better than the target already, the recall is not the same as elsewhere.
    """

    k: int
    target: float
    queries: int
    params: HnswParams
    steps: tuple[GrowthStep, ...]

    @cached_property
    def n(self) -> npt.NDArray[np.int64]:
        """Rows of the steps that cross the target, (s,)."""
        return np.array([step.n for step in self._crossed])

    def costs(self, name: str) -> Float64s:
        """`ef`, `distance_computations` or `hops` of the steps that cross the target, (s,)."""
        return np.array([getattr(step, name) for step in self._crossed])

    def fit(self, name: str, form: str = "log") -> Fit | None:
        """The least-squares line through the steps; None for fewer than four of them."""
        if form not in ("log", "power"):
            raise ParameterError(f"form must be 'log' or 'power'; got {form!r}.")
        costs = self.costs(name)
        if len(costs) < 4:
            return None
        from scipy.stats import linregress  # slow to load, and no page opens with it

        x, y = np.log2(self.n), np.log2(costs) if form == "power" else costs
        line = linregress(x, y)
        left = y - (line.intercept + line.slope * x)
        deviation = float(np.sqrt((left**2).sum() / (len(x) - 2)))
        return Fit(
            form, float(line.intercept), float(line.slope), float(line.rvalue**2), x, deviation
        )

    @property
    def _crossed(self) -> list[GrowthStep]:
        return [step for step in self.steps if step.ef > self.k]  # NaN is not


def growth_sizes(n: int) -> list[int]:
    """n halved until about 300 rows are left, at most eight sizes, ascending.

    >>> growth_sizes(5000)
    [312, 625, 1250, 2500, 5000]
    """
    sizes = [n >> step for step in range(MOST_STEPS) if n >> step >= FEWEST_ROWS]
    return sorted(sizes) or [n]


def growth(
    vectors: Floats,
    params: HnswParams,
    *,
    k: int = 10,
    target: float = 0.95,
    sizes: Sequence[int] | None = None,
    ef_max: int = 512,
    queries: int = 500,
    seed: int = 0,
    executor: Executor | None = None,
    progress: Progress | None = None,
    done: Done | None = None,
    so_far: Callable[[SoFar[Growth]], None] | None = None,
) -> Growth:
    """Index more and more rows of `vectors` (n, d), each time twice as many, at equal recall.

    The sizes are parts of one random order drawn with `seed`, so each holds the one before. The
    queries are the first rows of that order, up to a tenth of all; they are in no index: a row
    that is in one is easier to search for, for its own node leads to it. One after the other, so
    that build times can be compared; with an executor side by side, each on one thread.
    sizes: default `growth_sizes` of the other rows.
    executor, progress, done: as in `run_cells`.
    so_far: called with the growth of the finished steps.
    """
    order = np.random.default_rng(seed).permutation(len(vectors))
    count = max(1, min(queries, len(vectors) // 10))
    drawn, pool = vectors[order[:count]], order[count:]
    sizes = sorted(set(growth_sizes(len(pool)) if sizes is None else sizes))
    if not sizes or sizes[0] <= k or sizes[-1] > len(pool):
        raise ParameterError(
            f"sizes must lie between k + 1 = {k + 1} and {len(pool):,}, the rows that are no "
            f"queries; got {sizes}."
        )

    threads = None
    if executor is not None:  # the steps run side by side
        threads, params = 1, replace(params, threads=1)

    def grown(steps: Iterable[GrowthStep]) -> Growth:
        return Growth(k, target, count, params, tuple(steps))

    with Sharing() as sharing:
        plan = sharing.share(
            _Plan(vectors, params, k, target, ef_max, drawn, pool, this_host(), threads)
        )
        steps = run_cells(
            [Cell(size, f"{size:,} rows", _step, (plan, size)) for size in sizes],
            executor=executor,
            workers=1 if executor is None else None,
            progress=progress,
            done=done,
            finished=report_so_far(so_far, sizes, lambda parts: grown(parts.values())),
        )
    return grown(steps)


def _step(progress: Progress, shared: Shared[_Plan], size: int) -> GrowthStep:
    plan = shared.value
    rows, queries = plan.vectors[plan.pool[:size]], plan.queries
    started = time.perf_counter()
    graph = build_hnsw(
        rows, plan.params, progress=counted(part(progress, 0.0, BUILT), ROWS_INSERTED)
    )
    seconds = time.perf_counter() - started
    truth = exact_neighbors(rows, queries, plan.k, metric=plan.params.metric, threads=plan.threads)
    progress(BUILT + 0.1, "searching")
    curve = ef_curve(graph, queries, truth, ef_max=plan.ef_max, threads=plan.threads)
    recall = curve.recall.mean(axis=0)
    place, share = crossing(recall, plan.target)
    return GrowthStep(
        len(rows),
        _between(curve.ef.astype(np.float64), place, share),
        _between(curve.distance_computations.mean(axis=0), place, share),
        _between(curve.hops.mean(axis=0), place, share),
        seconds,
        host_unless(plan.home),
    )


def crossing(recall: Float64s, target: float) -> tuple[int, float]:
    """The first place (e,) at which recall reaches the target, and how far before it lies.

    (place, share): the target is met `share` of the way from place - 1 to place; (-1, 0) where it
    never is.

    >>> place, share = crossing(np.array([0.8, 0.9, 1.0]), 0.85)
    >>> place, round(share, 3)
    (1, 0.5)
    """
    place = int(first_place(reaches(recall, target)))
    if place <= 0:
        return place, 1.0 if place == 0 else 0.0
    low, high = recall[place - 1], recall[place]
    return place, float((target - low) / (high - low))


def _between(values: Float64s, place: int, share: float) -> float:
    if place <= 0:
        return cost_at(values, place)
    return float(values[place - 1] + share * (values[place] - values[place - 1]))
