"""All pairs of labeled rows in one walk: counted by score, by class, by row and by group.

Genuine pairs share a label, impostor pairs do not. A walk goes once through the products of blocks
of rows and keeps no pair but the most striking: the impostors of highest and the genuine pairs of
lowest score. Its memory follows from the rows and the classes, never from the pairs.
"""

import threading
from collections.abc import Iterator, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from core.blas import one_blas_thread
from core.checks import check_count, check_labels, check_rows
from core.distances import Float64s, Floats, Metric, check_metric
from core.errors import ParameterError
from core.limits import default_threads
from core.metrics.class_pairs import ClassOrder, Labels
from core.metrics.pair_scores import PairScores
from core.metrics.score_counts import BINS, ScoreCounts, ScoreScale, accepted
from core.metrics.score_units import threshold_axis
from core.progress import CountProgress, unheard

Int64s = npt.NDArray[np.int64]
Counters = npt.NDArray[np.uint32] | npt.NDArray[np.int64]
GENUINE, IMPOSTOR = 0, 1
FAR_RANGE = (0.01, 0.10)
CLASS_CELLS = 1 << 18  # of all bins of all classes: what stays in a core's cache
FEWEST_CLASS_BINS = 512
GROUP_CELLS = 1 << 21
MOST_LEVELS, FEWEST_LEVELS = 512, 64
MOST_GROUPS = 200
SAMPLED_ROWS = 768
KEPT = 5_000
BLOCK_ROWS, BLOCK_COLUMNS = 512, 512
LARGE = 2_000  # pairs of two runs of rows, from which on a table of their own is quicker
ROOM = KEPT * 2 + BLOCK_ROWS * BLOCK_COLUMNS
UNFLUSHED = 1 << 30  # pairs that 32 bits can count twice, whatever bin they fall in
SECONDS_BETWEEN_REPORTS = 0.2
MARGIN = 0.02  # of the range of sampled scores, below the least
INNER = (0.05, 0.95)  # quantiles of either kind, between which scores are not far
WIDEST = 10.0  # times that range, beyond which scores share the outermost bins


@dataclass(frozen=True, eq=False)
class ScoredPairs:
    """Pairs of rows (m,) with their score, the most striking first."""

    left: Int64s
    right: Int64s
    score: Float64s

    def of_rows(self, rows: Int64s) -> "ScoredPairs":
        """The same pairs, where their ids are places in `rows` (n,)."""
        return ScoredPairs(rows[self.left], rows[self.right], self.score)

    def chosen(self, mask: npt.NDArray[np.bool_]) -> "ScoredPairs":
        """The pairs where the mask (m,) is true."""
        return ScoredPairs(self.left[mask], self.right[mask], self.score[mask])

    def first(self, most: int) -> "ScoredPairs":
        """The most striking, at most so many."""
        return ScoredPairs(self.left[:most], self.right[:most], self.score[:most])


@dataclass(frozen=True, eq=False)
class PairCounts:
    """What a walk over all pairs of m rows in T classes has counted.

    totals: pairs of each kind in each fine bin. order: the rows, class after class, in which `rows`
    and `slots` stand. class_genuine, class_impostor: (T, c) in c equal parts of the range, an
    impostor pair once for each end in the class. row_genuine, row_impostor: (m, f) pairs of each
    row in the few bins between `row_edges` (f - 1,), indices of fine bins. group_genuine,
    group_impostor: (G, G, l), symmetric, pairs with one end in each group by level; `level_edges`
    (l - 1,) are indices of fine bins; None without groups. nearest_impostors, farthest_genuine: up
    to 5,000 pairs of each kind, by row id.
    """

    totals: ScoreCounts
    order: ClassOrder
    class_genuine: Int64s
    class_impostor: Int64s
    row_edges: Int64s
    row_genuine: npt.NDArray[np.uint32]
    row_impostor: npt.NDArray[np.uint32]
    level_edges: Int64s
    group_genuine: Int64s | None
    group_impostor: Int64s | None
    nearest_impostors: ScoredPairs
    farthest_genuine: ScoredPairs

    @property
    def scale(self) -> ScoreScale:
        """The bins of `totals`."""
        return self.totals.scale

    @property
    def rows(self) -> Int64s:
        """Row ids, (m,), class after class."""
        return self.order.order

    def of_rows(self, rows: Int64s) -> "PairCounts":
        """The same counts, where the vectors counted were `rows` (n,) of others: with their ids."""
        named = copy(self.order)
        named.order = rows[self.order.order]
        return replace(
            self,
            order=named,
            nearest_impostors=self.nearest_impostors.of_rows(rows),
            farthest_genuine=self.farthest_genuine.of_rows(rows),
        )

    @property
    def class_edges(self) -> Float64s:
        """Scores at the borders of the bins of classes, (c + 1,)."""
        return self.scale.edges[:: self.scale.bins // self.class_genuine.shape[1]]

    @cached_property
    def sensitivity(self) -> Float64s:
        """Share of each class's genuine pairs accepted at `class_edges`, (T, c + 1)."""
        inner = self.order.sizes * (self.order.sizes - 1) // 2
        return np.asarray(accepted(self.class_genuine) / inner[:, None])

    @cached_property
    def specificity(self) -> Float64s:
        """Share of each class's impostor pairs rejected at `class_edges`, (T, c + 1)."""
        outer = self.order.sizes * (self.order.n - self.order.sizes)
        return np.asarray(1.0 - accepted(self.class_impostor) / outer[:, None])

    def class_rates(self, scores: npt.ArrayLike) -> tuple[Float64s, Float64s]:
        """Sensitivity and specificity of each class at thresholds (g,), both (T, g).

        Between two borders of `class_edges` they are interpolated.
        """
        wanted = np.asarray(scores, dtype=np.float64)
        return (
            _interpolated(wanted, self.class_edges, self.sensitivity),
            _interpolated(wanted, self.class_edges, self.specificity),
        )


def count_pairs(
    vectors: Floats,
    labels: Labels,
    *,
    metric: Metric = "cosine",
    groups: npt.NDArray[np.integer[Any]] | None = None,
    keep_singletons: bool = True,
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> PairCounts:
    """Count all pairs of `vectors` (n, d) with integer `labels` (n,).

    labels: below 0 for a missing one, whose rows are left out. groups: (n,) codes from 0 of at most
    200 groups, below 0 for none; by default the eligible classes, where they are at most 200, else
    none. keep_singletons: whether rows alone in their class stay impostors. threads: default all
    cores. progress: called as progress(pairs done, pairs); an exception that it raises stops the
    walk. Raises ParameterError as `ClassOrder` does, for vectors that are not finite numbers, and
    for more groups.
    """
    check_metric(metric)
    rows = check_rows(vectors, "vectors")
    order = ClassOrder(labels, len(rows), keep_singletons=keep_singletons)
    of_rows = groups_of(order, groups, len(rows))
    workers = default_threads() if threads is None else check_count(threads, "threads")
    scores = PairScores(np.ascontiguousarray(rows[order.order]), metric, threads=workers)
    plan = plan_of(scores, order, of_rows)
    tallies = _walk(scores, order, plan, workers, progress or unheard)
    return _gathered(tallies, scores, order, plan)


@dataclass(frozen=True, eq=False)
class WalkPlan:
    """Where the borders lie, in fine bins, and from which score on pairs are kept at first."""

    scale: ScoreScale
    few_edges: Int64s
    few: npt.NDArray[np.uint8]
    shift: int
    level_edges: Int64s
    levels: npt.NDArray[np.uint16]
    groups: npt.NDArray[np.int32]
    runs: Int64s
    n_groups: int
    nearest: float
    farthest: float


def groups_of(
    order: ClassOrder, groups: npt.NDArray[np.integer[Any]] | None, n: int
) -> npt.NDArray[np.int32]:
    """Group of each position, (m,), below 0 for none; empty without groups."""
    classes = len(order.classes)
    if groups is None:
        if classes > MOST_GROUPS:
            return np.empty(0, np.int32)
        return np.where(order.slots < classes, order.slots, -1).astype(np.int32)
    codes = check_labels(groups, n, "groups")
    if codes.max(initial=-1) >= MOST_GROUPS:
        raise ParameterError(
            f"groups may be at most {MOST_GROUPS}, numbered from 0; got the number "
            f"{codes.max():,}. Join small groups."
        )
    return codes[order.order].astype(np.int32)


def _runs(order: ClassOrder, groups: npt.NDArray[np.int32]) -> Int64s:
    """The position behind the last row in a row of the same class and group, (m,)."""
    changes = np.diff(order.ends) != 0
    if len(groups):
        changes |= np.diff(groups) != 0
    ends = np.append(np.flatnonzero(changes) + 1, order.n)
    return np.repeat(ends, np.diff(ends, prepend=0))


class SomeScores(Protocol):
    """What a plan asks of scores: those of pairs of `sampled_positions`; see `PairScores`."""

    @property
    def metric(self) -> Metric:
        """Of the scores."""
        ...

    def of_pairs(self, left: Int64s, right: Int64s) -> Float64s:
        """Scores of single pairs."""
        ...

    def products(self, rows: Int64s, columns: Int64s) -> npt.NDArray[np.float32]:
        """Products of some rows with some others."""
        ...

    def of_products(self, products: npt.NDArray[np.float32]) -> Float64s:
        """The scores of which these are the products."""
        ...


def plan_of(scores: SomeScores, order: ClassOrder, groups: npt.NDArray[np.int32]) -> WalkPlan:
    """The plan of a walk; groups: of each position, empty for none."""
    genuine, impostor = _sampled(scores, order, sampled_positions(order))
    scale = _scale(scores.metric, genuine, impostor)
    shift = 0
    while len(order.classes) * (BINS >> shift) > CLASS_CELLS and BINS >> shift > FEWEST_CLASS_BINS:
        shift += 1
    n_groups = int(groups.max(initial=-1)) + 1
    count = int(np.clip(GROUP_CELLS // max(1, n_groups**2), FEWEST_LEVELS, MOST_LEVELS))
    few_edges = scale.bins_of(_few_thresholds(scale, genuine, impostor))
    level_edges = scale.bins_of(_levels(scale, impostor, count - 1))
    few_edges, level_edges = _inner(few_edges), _inner(level_edges)
    return WalkPlan(
        scale=scale,
        few_edges=few_edges,
        few=np.searchsorted(few_edges, np.arange(BINS), side="right").astype(np.uint8),
        shift=shift,
        level_edges=level_edges,
        levels=np.searchsorted(level_edges, np.arange(BINS), side="right").astype(np.uint16),
        groups=np.where(groups < 0, np.int32(n_groups), groups),
        runs=_runs(order, groups),
        n_groups=n_groups,
        nearest=_cut(impostor, order.n_impostor),
        farthest=-_cut(-genuine[::-1], order.n_genuine),
    )


def _scale(metric: Metric, genuine: Float64s, impostor: Float64s) -> ScoreScale:
    """Bins from a little below the least sampled score to the highest that the metric knows.

    Without a metric's bounds one row that lies far from all others would stretch the bins until
    they hold all other pairs in one; scores as far as its pairs share the outermost bins.
    """
    low = float(min(genuine.min(), impostor.min()))
    high = float(max(genuine.max(), impostor.max()))
    if metric != "cosine":
        ends = np.array([np.quantile(kind, INNER) for kind in (genuine, impostor)])
        inner_low, inner_high = float(ends.min()), float(ends.max())
        if (reach := WIDEST * (inner_high - inner_low)) > 0:
            low, high = max(low, inner_low - reach), min(high, inner_high + reach)
    margin = max(MARGIN * (high - low), 1e-6 * (max(abs(low), abs(high)) or 1.0))
    highest = {"cosine": 1.0, "euclidean": 0.0}.get(metric, high + margin)
    return ScoreScale(metric, low - margin, highest)


def _few_thresholds(scale: ScoreScale, genuine: Float64s, impostor: Float64s) -> Float64s:
    """Thresholds that follow both rates: even in the calibration range, by quantiles elsewhere."""
    axis = threshold_axis(scale.metric)
    ends = axis.of(_quantiles(impostor, [1.0 - far for far in FAR_RANGE]))
    range_ = axis.to_score(np.linspace(ends[0], ends[1], 21))
    tail = np.geomspace(min(0.01, 2.0 / len(impostor)), 0.01, 12)[:-1]
    wide = [0.15, 0.2, 0.3, 0.5, 0.7, 0.9]
    beyond = np.linspace(impostor[-1], scale.high, 8)[1:-1]
    shares = [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]
    return np.concatenate(
        [
            range_,
            _quantiles(impostor, 1.0 - np.concatenate([tail, wide])),
            beyond,
            _quantiles(genuine, shares),
        ]
    )


def _levels(scale: ScoreScale, impostor: Float64s, count: int) -> Float64s:
    """Thresholds at which a rate changes by about the same factor from one to the next."""
    beyond = count // 4
    shares = np.geomspace(1.0 / len(impostor), 1.0, count - beyond)
    above = np.linspace(impostor[-1], scale.high, beyond + 1)[:-1]
    return np.concatenate([_quantiles(impostor, 1.0 - shares), above])


def _quantiles(ascending: Float64s, shares: npt.ArrayLike) -> Float64s:
    """Quantiles of sorted values, by linear interpolation, without sorting them again."""
    places = np.asarray(shares, dtype=np.float64) * (len(ascending) - 1)
    return np.interp(places, np.arange(len(ascending)), ascending)


def _inner(places: Int64s) -> Int64s:
    """Distinct borders above the first bin, ascending."""
    return np.unique(places[places > 0])


def _cut(ascending: Float64s, pairs: int) -> float:
    """A score, of sampled ones, from which on about 5,000 of the pairs lie, or a few more."""
    if pairs <= KEPT:
        return -np.inf
    return float(ascending[int((1.0 - KEPT / pairs) * (len(ascending) - 1))])


class Sampled(NamedTuple):
    """Positions that borders follow: rows, all of whose pairs are taken, and single pairs."""

    rows: Int64s
    left: Int64s
    right: Int64s


def sampled_positions(order: ClassOrder) -> Sampled:
    """Rows spread over the classes, and genuine pairs."""
    rows = np.unique(np.linspace(0, order.n - 1, min(order.n, SAMPLED_ROWS)).astype(np.int64))
    first = np.flatnonzero(order.ends > np.arange(order.n) + 1)
    chosen = first[np.linspace(0, len(first) - 1, min(len(first), 4 * SAMPLED_ROWS)).astype(int)]
    random = np.random.default_rng(0)
    partner = (
        chosen + 1 + (random.random(len(chosen)) * (order.ends[chosen] - chosen - 1)).astype(int)
    )
    return Sampled(rows, chosen, partner)


def _sampled(scores: SomeScores, order: ClassOrder, sampled: Sampled) -> tuple[Float64s, Float64s]:
    """Scores of some genuine and of some impostor pairs, spread over the classes; both ascending.

    The impostors, of which there are most, are sorted as float32 products: that is quicker.
    """
    rows = sampled.rows
    with ThreadPoolExecutor(1) as pool:
        single = pool.submit(scores.of_pairs, sampled.left, sampled.right)
        between, ends = scores.products(rows, rows), order.ends[rows, None]
        impostor = scores.of_products(np.sort(between[rows >= ends]))
    same = scores.of_products(between[(rows > rows[:, None]) & (rows < ends)])
    if not len(impostor):  # so few classes that none of the sampled rows differ
        impostor = scores.of_pairs(np.zeros(1, np.int64), np.full(1, order.n - 1))
    return np.sort(np.concatenate([single.result(), same])), impostor


class _Tables(NamedTuple):
    """Pairs of both kinds by bin, by class and by group, all (2, ...).

    totals: (2, bins). by_class: (2, T + 1, c), a pair once for each end, the last class for rows
    alone in theirs. by_group: (2, G + 1, G + 1, l), a pair once, the last group for rows in none.
    """

    totals: Counters
    by_class: Counters
    by_group: Counters


class RowOrder(Protocol):
    """What a walk asks of the order of rows; see `ClassOrder`."""

    @property
    def n(self) -> int:
        """Number of rows."""
        ...

    @property
    def classes(self) -> Sized:
        """Those that the slots below the last one stand for."""
        ...

    @property
    def ends(self) -> Int64s:
        """(n,) the position behind the last row of the same class."""
        ...

    @property
    def slots(self) -> npt.NDArray[np.int32]:
        """(n,) class of each row."""
        ...


class Tally:
    """What one thread has counted.

    new: in 32 bits, which are quicker. whole: in 64 bits, what `new` had to hand over; None where
    it never had to. by_row: (2, n, few).
    """

    def __init__(self, order: RowOrder, plan: WalkPlan, *, with_groups: bool) -> None:
        n, classes = order.n, len(order.classes)
        few, levels = len(plan.few_edges) + 1, len(plan.level_edges) + 1
        groups = plan.n_groups + 1 if with_groups else 0  # the last one for rows in no group
        self.new = _Tables(
            np.zeros((2, BINS), np.uint32),
            np.zeros((2, classes + 1, BINS >> plan.shift), np.uint32),
            np.zeros((2, groups, groups, levels), np.uint32),
        )
        self.whole: _Tables | None = None
        self.by_row = np.zeros((2, n, few), np.uint32)
        self.new_pairs = 0
        self.left, self.right = np.empty((2, ROOM), np.int32), np.empty((2, ROOM), np.int32)
        self.found, self.counts = np.empty((2, ROOM), np.float32), np.zeros(2, np.int64)
        self.room = np.empty(BLOCK_ROWS * BLOCK_COLUMNS, np.float32)
        self.places = np.empty((BLOCK_ROWS, BLOCK_COLUMNS), np.uint16)
        self.own = np.zeros(BINS, np.uint32)
        self.nearest, self.farthest = plan.nearest, plan.farthest

    def hand_over(self) -> None:
        """Add what was counted in 32 bits to the tables of 64."""
        if self.whole is None:
            self.whole = _Tables(*(np.zeros(each.shape, np.int64) for each in self.new))
        for whole, new in zip(self.whole, self.new, strict=True):
            whole += new
            new[:] = 0
        self.new_pairs = 0

    def handed_over(self) -> tuple[Int64s, Int64s, Int64s]:
        """All that was counted, by bin, by class and by group, in 64 bits."""
        self.hand_over()
        assert self.whole is not None
        totals, by_class, by_group = (each.astype(np.int64, copy=False) for each in self.whole)
        return totals, by_class, by_group

    def make_room(self, unit: float, offset: float) -> None:
        """Keep the most striking pairs alone, and raise the bar, where a block might not fit."""
        for kind in (GENUINE, IMPOSTOR):
            count = int(self.counts[kind])
            if count <= 2 * KEPT:
                continue
            found = self.found[kind, :count]
            best = np.argpartition(found if kind == GENUINE else -found, KEPT)[:KEPT]
            for kept in (self.left[kind], self.right[kind], self.found[kind]):
                kept[:KEPT] = kept[:count][best]
            self.counts[kind] = KEPT
            bar = float(self.found[kind, :KEPT].max() if kind == GENUINE else found[:KEPT].min())
            if kind == GENUINE:
                self.farthest = bar * unit + offset
            else:
                self.nearest = bar * unit + offset


def _walk(
    scores: PairScores, order: ClassOrder, plan: WalkPlan, workers: int, report: CountProgress
) -> list[Tally]:
    """Count the blocks on `workers` threads, each of which takes the next one.

    They are daemons: a pool's threads would hold up the end of the process until all is counted.
    """
    work = _Work(scores, order, plan)
    total = order.n * (order.n - 1) // 2
    with one_blas_thread():
        threads = [threading.Thread(target=work.run, daemon=True) for _ in range(workers)]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(SECONDS_BETWEEN_REPORTS)
                    report(min(work.done, total), total)
            if work.error is None:  # also where the threads were done before they were looked at
                report(total, total)
        finally:
            work.stopped.set()
            for thread in threads:
                thread.join()
    if work.error is not None:
        raise work.error
    return work.tallies


class _Work:
    """What the threads of a walk share.

    done: pairs counted. tallies: of the threads that have ended. error: that one of them met.
    """

    def __init__(self, scores: PairScores, order: ClassOrder, plan: WalkPlan) -> None:
        self._scores, self._order, self._plan = scores, order, plan
        self._blocks, self._lock = iter(list(each_block_of(order.n))), threading.Lock()
        self.done, self.stopped = 0, threading.Event()
        self.tallies: list[Tally] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        """Count block after block until there is none."""
        try:
            tally = Tally(self._order, self._plan, with_groups=self._plan.n_groups > 0)
            while not self.stopped.is_set():
                with self._lock:
                    block = next(self._blocks, None)
                if block is None:
                    break
                pairs = count_one(self._scores, self._order, self._plan, tally, *block)
                with self._lock:
                    self.done += pairs
            with self._lock:
                self.tallies.append(tally)
        except BaseException as error:
            self.error = error
            self.stopped.set()


def each_block_of(n: int) -> Iterator[tuple[slice, slice]]:
    """Blocks of rows and columns that hold every pair whose column is the later row."""
    for first in range(0, n, BLOCK_ROWS):
        for column in range(first, n, BLOCK_COLUMNS):
            yield (
                slice(first, min(first + BLOCK_ROWS, n)),
                slice(column, min(column + BLOCK_COLUMNS, n)),
            )


def count_one(
    scores: PairScores,
    order: RowOrder,
    plan: WalkPlan,
    tally: Tally,
    rows: slice,
    columns: slice,
) -> int:
    """Count one block, and say how many pairs it has."""
    from core.metrics.kernels.pair_bins import collect_block, count_block

    if tally.new_pairs > UNFLUSHED:
        tally.hand_over()
    tally.new_pairs += BLOCK_ROWS * BLOCK_COLUMNS
    values = scores.block(rows, columns, tally.room)
    unit, offset, scale = scores.unit, scores.offset, plan.scale
    count_block(
        values,
        rows.start,
        columns.start,
        order.ends,
        plan.runs,
        order.slots,
        np.float32((scale.low - offset) / unit),
        np.float32(scale.bins / (scale.high - scale.low) * unit),
        plan.few,
        plan.shift,
        tally.new.totals,
        tally.new.by_class,
        tally.by_row,
        plan.groups,
        plan.levels,
        plan.level_edges,
        tally.new.by_group,
        tally.places,
        tally.own,
        LARGE,
    )
    tally.make_room(unit, offset)
    collect_block(
        values,
        rows.start,
        columns.start,
        order.ends,
        np.float32((tally.nearest - offset) / unit),
        np.float32((tally.farthest - offset) / unit),
        tally.left,
        tally.right,
        tally.found,
        tally.counts,
    )
    height, width = values.shape
    inside: int = max(0, min(rows.stop, columns.stop) - columns.start)
    return int(height * width - inside * (inside + 1) // 2)


def _gathered(
    tallies: Sequence[Tally], scores: PairScores, order: ClassOrder, plan: WalkPlan
) -> PairCounts:
    with ThreadPoolExecutor(min(2, len(tallies))) as pool:
        genuine, impostor = pool.map(
            lambda kind: _of_kind(tallies, scores, order, kind), (GENUINE, IMPOSTOR)
        )
    return PairCounts(
        totals=ScoreCounts(plan.scale, genuine.totals, impostor.totals),
        order=order,
        class_genuine=genuine.by_class,
        class_impostor=impostor.by_class,
        row_edges=plan.few_edges,
        row_genuine=genuine.by_row,
        row_impostor=impostor.by_row,
        level_edges=plan.level_edges,
        group_genuine=genuine.by_group if plan.n_groups else None,
        group_impostor=impostor.by_group if plan.n_groups else None,
        nearest_impostors=impostor.striking,
        farthest_genuine=genuine.striking,
    )


@dataclass(frozen=True, eq=False)
class _OfKind:
    """What all threads have counted of one kind."""

    totals: Int64s
    by_class: Int64s
    by_group: Int64s
    by_row: npt.NDArray[np.uint32]
    striking: ScoredPairs


def _of_kind(tallies: Sequence[Tally], scores: PairScores, order: ClassOrder, kind: int) -> _OfKind:
    tables = [each for tally in tallies for each in (tally.new, tally.whole) if each is not None]
    totals, by_class, by_group = (
        _sum([each[kind] for each in alike]) for alike in zip(*tables, strict=True)
    )
    by_row = tallies[0].by_row[kind]
    for other in tallies[1:]:
        by_row += other.by_row[kind]
    if kind == GENUINE:
        by_class //= 2
    both_ways = by_group[:-1, :-1] + by_group[:-1, :-1].transpose(1, 0, 2)
    same = np.arange(len(both_ways))
    both_ways[same, same] //= 2
    return _OfKind(
        totals=totals,
        by_class=by_class[: len(order.classes)],
        by_group=both_ways,
        by_row=by_row,
        striking=_striking(tallies, scores, order, kind),
    )


def _sum(tables: Sequence[Counters]) -> Int64s:
    whole = tables[0].astype(np.int64)
    for table in tables[1:]:
        whole += table
    return whole


def _striking(
    tallies: Sequence[Tally], scores: PairScores, order: ClassOrder, kind: int
) -> ScoredPairs:
    """The pairs that the threads have kept, measured again in float64, the most striking first."""
    left = np.concatenate([each.left[kind, : each.counts[kind]] for each in tallies])
    right = np.concatenate([each.right[kind, : each.counts[kind]] for each in tallies])
    found = np.concatenate([each.found[kind, : each.counts[kind]] for each in tallies])
    sign = 1.0 if kind == GENUINE else -1.0
    if len(found) > KEPT:
        some = np.argpartition(sign * found, KEPT)[:KEPT]
        left, right = left[some], right[some]
    score = scores.of_pairs(left.astype(np.int64), right.astype(np.int64))
    one, other = order.order[left], order.order[right]
    best = np.lexsort((other, one, sign * score))
    return ScoredPairs(one[best], other[best], score[best])


def _interpolated(wanted: Float64s, edges: Float64s, rates: Float64s) -> Float64s:
    """Each row of rates (T, c), known at ascending edges (c,), at the wanted scores (g,)."""
    place = np.clip(np.searchsorted(edges, wanted, side="right") - 1, 0, len(edges) - 2)
    share = np.clip((wanted - edges[place]) / (edges[place + 1] - edges[place]), 0.0, 1.0)
    return np.asarray(rates[:, place] * (1.0 - share) + rates[:, place + 1] * share)
