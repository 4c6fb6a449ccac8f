"""All pairs of labeled rows, a rectangle of rows at a time: `count_pairs` for more than memory.

    task = pair_task(rows, order, metric)      # rows: class after class, read block by block
    counts = PairGathering(task)
    for tile in task.tiles(block_rows):
        counts.add(count_tile(task, *tile))    # in any order, in any process
    counts.result()

Scores rest on one basis and are multiplied in the same blocks as in `count_pairs`, so that each
pair falls into the same bins, and sums of whole numbers know no order.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.blas import one_blas_thread
from core.checks import check_whole
from core.data.shards import VectorRows
from core.distances import Float64s, Metric, check_metric
from core.metrics.class_pairs import ClassOrder
from core.metrics.pair_counts import (
    BLOCK_COLUMNS,
    BLOCK_ROWS,
    GENUINE,
    IMPOSTOR,
    KEPT,
    Int64s,
    PairCounts,
    ScoredPairs,
    Tally,
    WalkPlan,
    count_one,
    each_block_of,
    groups_of,
    plan_of,
    sampled_positions,
)
from core.metrics.pair_scores import BASIS_ROWS, PairScores, ScoreBasis, score_basis, score_pairs
from core.metrics.score_counts import BINS, ScoreCounts

STRIDE = BLOCK_ROWS * BLOCK_COLUMNS // np.gcd(BLOCK_ROWS, BLOCK_COLUMNS)  # of whole blocks
PAIRS_READ = 1_000  # whose rows are read at once
Span = tuple[int, int]
_NONE = np.zeros(0, np.int64)
Uint32s = npt.NDArray[np.uint32]


@dataclass(frozen=True, eq=False)
class PairTask:
    """What all tiles share.

    rows: class after class. ends, slots, runs: as in `ClassOrder` and in a walk. of_rows: whether
    pairs are counted by row, too, which takes about 500 bytes for each.
    """

    rows: VectorRows
    metric: Metric
    basis: ScoreBasis
    plan: WalkPlan
    ends: Int64s
    slots: npt.NDArray[np.int32]
    classes: int
    of_rows: bool

    def tiles(self, block_rows: int) -> list[tuple[Span, Span]]:
        """Rectangles of rows and later rows that hold every pair once.

        block_rows: of each side, rounded up to whole blocks of 512.
        """
        size = -(-check_whole(block_rows, "block_rows", 1) // STRIDE) * STRIDE
        spans = [(start, min(start + size, self.rows.n)) for start in range(0, self.rows.n, size)]
        return [(one, other) for i, one in enumerate(spans) for other in spans[i:]]


def pair_task(
    rows: VectorRows,
    order: ClassOrder,
    metric: Metric,
    *,
    groups: npt.NDArray[np.integer[Any]] | None = None,
    of_rows: bool = True,
) -> PairTask:
    """Look at the rows once, for their basis and the borders of bins.

    rows: the vectors in the order of `order.order`. groups: as in `count_pairs`, of all vectors.
    """
    blocks = (
        rows.read(start, min(start + BASIS_ROWS, rows.n)) for start in range(0, rows.n, BASIS_ROWS)
    )
    basis = score_basis(blocks, check_metric(metric))
    n = len(order.order) if groups is None else len(groups)
    some = _SampledScores(rows, order, metric, basis)
    plan = plan_of(some, order, groups_of(order, groups, n))
    return PairTask(rows, metric, basis, plan, order.ends, order.slots, len(order.classes), of_rows)


class _SampledScores:
    """Scores of the rows that borders follow, by their positions."""

    def __init__(
        self, rows: VectorRows, order: ClassOrder, metric: Metric, basis: ScoreBasis
    ) -> None:
        sampled = sampled_positions(order)
        self._kept = np.unique(np.concatenate([[0, order.n - 1], *sampled]))
        self._scores = PairScores(_read_rows(rows, self._kept), metric, basis=basis)

    @property
    def metric(self) -> Metric:
        """As that of `PairScores`."""
        return self._scores.metric

    def of_pairs(self, left: Int64s, right: Int64s) -> Float64s:
        """As those of `PairScores`."""
        return self._scores.of_pairs(self._places(left), self._places(right))

    def products(self, rows: Int64s, columns: Int64s) -> npt.NDArray[np.float32]:
        """As those of `PairScores`."""
        return self._scores.products(self._places(rows), self._places(columns))

    def of_products(self, products: npt.NDArray[np.float32]) -> Float64s:
        """As those of `PairScores`."""
        return self._scores.of_products(products)

    def _places(self, positions: Int64s) -> Int64s:
        return np.searchsorted(self._kept, positions)


class _Striking(NamedTuple):
    """Pairs of one kind by position, with their products."""

    left: Int64s
    right: Int64s
    found: npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class PairTile:
    """What one tile has counted; each table is (2, ...), genuine and impostor.

    slots, groups: which classes and groups the tables by class and by group have. by_row: of the
    rows of one side and of the other, empty where they are the same or not wanted.
    """

    spans: tuple[Span, Span]
    totals: Int64s
    slots: Int64s
    by_class: Int64s
    groups: Int64s
    by_group: Int64s
    by_row: tuple[Uint32s, Uint32s]
    striking: tuple[_Striking, _Striking]


@dataclass(frozen=True, eq=False)
class _LocalOrder:
    """The rows of a tile, as a walk takes them; classes: one less than there are slots."""

    n: int
    classes: range
    ends: Int64s
    slots: npt.NDArray[np.int32]


def count_tile(
    task: PairTask,
    one: Span,
    other: Span,
    progress: Callable[[int, int], None] | None = None,
) -> PairTile:
    """Count the pairs of the rows `one` with the rows `other`, or of `one` with itself.

    progress: called as progress(blocks done, blocks).
    """
    spans = [one] if one == other else [one, other]
    vectors = np.concatenate([task.rows.read(*span) for span in spans])
    scores = PairScores(vectors, task.metric, basis=task.basis)
    split = one[1] - one[0]
    slots, local_slots = np.unique(_of_spans(task.slots, spans), return_inverse=True)
    plan, groups = _unmapped(task.plan), _NONE
    if plan.n_groups:
        groups, local = np.unique(_of_spans(plan.groups, spans), return_inverse=True)
        plan = replace(plan, groups=local.astype(np.int32), n_groups=len(groups) - 1)
    order = _LocalOrder(
        len(vectors),
        range(len(slots) - 1),
        _local_ends(task.ends, one, other),
        local_slots.astype(np.int32),
    )
    plan = replace(plan, runs=_local_ends(task.plan.runs, one, other))
    tally = Tally(order, plan, with_groups=bool(task.plan.n_groups))
    blocks = list(each_block_of(split) if one == other else _rectangle(split, len(vectors)))
    with one_blas_thread():
        for done, (rows, columns) in enumerate(blocks):
            if progress is not None:
                progress(done, len(blocks))
            count_one(scores, order, plan, tally, rows, columns)
    totals, by_class, by_group = tally.handed_over()
    by_row = (tally.by_row[:, :split], tally.by_row[:, split:])
    empty = np.zeros((2, 0, tally.by_row.shape[2]), np.uint32)
    positions = np.concatenate([np.arange(*span) for span in spans])
    return PairTile(
        (one, other),
        totals,
        slots,
        by_class,
        groups,
        by_group,
        by_row if task.of_rows else (empty, empty),
        (_kept(tally, GENUINE, positions), _kept(tally, IMPOSTOR, positions)),
    )


def _unmapped(plan: WalkPlan) -> WalkPlan:
    """Without maps of files, for whose kind the kernels would be compiled once more."""
    return replace(
        plan,
        few=plan.few.copy(),
        levels=plan.levels.copy(),
        level_edges=plan.level_edges.copy(),
    )


def _of_spans(values: npt.NDArray[Any], spans: list[Span]) -> npt.NDArray[Any]:
    return np.concatenate([values[start:stop] for start, stop in spans])


def _local_ends(ends: Int64s, one: Span, other: Span) -> Int64s:
    """Positions behind the last row of a class, or of a run, among the rows of a tile."""
    here = np.minimum(ends[slice(*one)], one[1]) - one[0]
    if one == other:
        return np.ascontiguousarray(here)
    split = one[1] - one[0]
    reaching = ends[slice(*one)] > other[0]
    there = np.minimum(ends[slice(*one)], other[1]) - other[0] + split
    after = np.minimum(ends[slice(*other)], other[1]) - other[0] + split
    return np.concatenate([np.where(reaching, there, here), after])


def _rectangle(split: int, n: int) -> Iterator[tuple[slice, slice]]:
    """Blocks of the rows before `split` and the columns behind it."""
    for first in range(0, split, BLOCK_ROWS):
        for column in range(split, n, BLOCK_COLUMNS):
            yield (
                slice(first, min(first + BLOCK_ROWS, split)),
                slice(column, min(column + BLOCK_COLUMNS, n)),
            )


def _kept(tally: Tally, kind: int, positions: Int64s) -> _Striking:
    count = int(tally.counts[kind])
    found = _Striking(
        positions[tally.left[kind, :count]],
        positions[tally.right[kind, :count]],
        tally.found[kind, :count].copy(),
    )
    return _most_striking([found], kind)


def _most_striking(parts: list[_Striking], kind: int) -> _Striking:
    """At most 5,000 of all parts."""
    left, right, found = (np.concatenate(each) for each in zip(*parts, strict=True))
    if len(found) > KEPT:
        best = np.argpartition(found if kind == GENUINE else -found, KEPT)[:KEPT]
        left, right, found = left[best], right[best], found[best]
    return _Striking(left, right, found)


class PairGathering:
    """Adds up tiles, in whatever order they come."""

    def __init__(self, task: PairTask, order: ClassOrder) -> None:
        plan, classes = task.plan, task.classes
        few, levels = len(plan.few_edges) + 1, len(plan.level_edges) + 1
        groups = plan.n_groups + 1 if plan.n_groups else 0
        self._task, self._order = task, order
        self._totals = np.zeros((2, BINS), np.int64)
        self._by_class = np.zeros((2, classes + 1, BINS >> plan.shift), np.int64)
        self._by_group = np.zeros((2, groups, groups, levels), np.int64)
        self._by_row = np.zeros((2, order.n if task.of_rows else 0, few), np.uint32)
        none = _Striking(_NONE, _NONE, np.zeros(0, np.float32))
        self._striking = [none, none]

    def add(self, tile: PairTile) -> None:
        """Add what one tile has counted."""
        self._totals += tile.totals
        self._by_class[:, tile.slots] += tile.by_class
        if len(tile.groups):
            both = np.arange(2)
            self._by_group[np.ix_(both, tile.groups, tile.groups)] += tile.by_group
        for span, counts in zip(tile.spans, tile.by_row, strict=True):
            if counts.shape[1]:
                self._by_row[:, slice(*span)] += counts
        for kind in (GENUINE, IMPOSTOR):
            parts = [self._striking[kind], tile.striking[kind]]
            self._striking[kind] = _most_striking(parts, kind)

    def result(self) -> PairCounts:
        """The counts of all tiles that were added."""
        plan, classes = self._task.plan, self._task.classes
        self._by_class[GENUINE] //= 2
        both = self._by_group[:, :-1, :-1]
        both = both + both.transpose(0, 2, 1, 3)
        same = np.arange(both.shape[1])
        both[:, same, same] //= 2
        return PairCounts(
            totals=ScoreCounts(plan.scale, self._totals[GENUINE], self._totals[IMPOSTOR]),
            order=self._order,
            class_genuine=self._by_class[GENUINE, :classes],
            class_impostor=self._by_class[IMPOSTOR, :classes],
            row_edges=plan.few_edges,
            row_genuine=self._by_row[GENUINE],
            row_impostor=self._by_row[IMPOSTOR],
            level_edges=plan.level_edges,
            group_genuine=both[GENUINE] if plan.n_groups else None,
            group_impostor=both[IMPOSTOR] if plan.n_groups else None,
            nearest_impostors=self._measured(IMPOSTOR),
            farthest_genuine=self._measured(GENUINE),
        )

    def _measured(self, kind: int) -> ScoredPairs:
        left, right, _ = self._striking[kind]
        rows, metric = self._task.rows, self._task.metric
        score = np.empty(len(left))
        for start in range(0, len(left), PAIRS_READ):
            some = slice(start, start + PAIRS_READ)
            score[some] = score_pairs(
                _read_rows(rows, left[some]), _read_rows(rows, right[some]), metric
            )
        one, other = self._order.order[left], self._order.order[right]
        best = np.lexsort((other, one, score if kind == GENUINE else -score))
        return ScoredPairs(one[best], other[best], score[best])


def _read_rows(rows: VectorRows, positions: Int64s) -> npt.NDArray[np.floating[Any]]:
    """Single rows (p, d), in the order of their positions in the list."""
    kept, places = np.unique(positions, return_inverse=True)
    found = np.empty((len(kept), rows.dim), rows.dtype)
    runs = np.flatnonzero(np.diff(kept, prepend=-2) > 1)
    for first, end in zip(runs, [*runs[1:], len(kept)], strict=True):
        found[first:end] = rows.read(int(kept[first]), int(kept[end - 1]) + 1)
    return found[places]
