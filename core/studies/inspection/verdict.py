"""The health of an index at a glance: how many items it loses, and mostly why."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data import first_equal_rows, row_norms
from core.distances import paired_distances
from core.index import Census, HnswGraph
from core.progress import Progress, counted, part
from core.studies.inspection.diagnosis import Diagnosis, diagnose, not_found_rows, quick_census
from core.studies.inspection.lost import (
    COPIES,
    HIDDEN,
    MEAN,
    MEAN_SHARE,
    NO_LINKS,
    REGION,
    SHORT,
    STOPPED,
    ZERO,
    center_distances,
    lost_items,
)
from core.studies.inspection.what_if import NO_COPIES, OTHER_EF, OTHER_M, RANDOM

Rows = npt.NDArray[np.int64]
ZEROS, DUPLICATES, NEAR_MEAN = "zero vectors", "duplicates", "copies of the mean"
LENGTHS, SMALL_M, SMALL_EF = "uneven lengths", "small M", "small ef_construction"
CLASS_ORDER = "insertion class after class"
FIXES = {
    ZEROS: NO_COPIES,
    DUPLICATES: NO_COPIES,
    NEAR_MEAN: OTHER_M,
    LENGTHS: OTHER_M,
    SMALL_M: OTHER_M,
    SMALL_EF: OTHER_EF,
    CLASS_ORDER: RANDOM,
}
SEARCH_EF = 512  # the largest ef of a usual curve
EXPLAINED = 500  # unreachable rows that are asked for their cause
CROWD = 0.05  # of the rows: so many in groups of M copies keep searches from other rows, too
TINY_M = 4  # up to it more links help more than better ones
NARROW = 2  # times M: a narrower ef_construction leaves little to choose the links from
IN_ORDER = 0.8  # of the usual distance between two rows: nearer ones follow one another
COMPARED = 5_000  # pairs of rows


@dataclass(frozen=True)
class LossCause:
    """The commonest cause of lost items.

    kind: a key of `FIXES`, which gives the change of `what_if` that fits it. share: of the lost
    items that have it, estimated. figure: its measure, by kind. Zero vectors, duplicates, copies of
    the mean: so many rows are such (a duplicate has as many exact copies as M, or more). Uneven
    lengths: the longest vector over the median one. Small M, small ef_construction: its value.
    Insertion class after class: the median distance from one row to the next, over that of two
    rows drawn at random.
    """

    kind: str
    share: float
    figure: float

    @property
    def fix(self) -> str:
        """The change of `what_if` that fits it."""
        return FIXES[self.kind]


@dataclass(frozen=True, eq=False)
class Verdict:
    """How healthy a graph of this M is, by a quick census alone.

    cause: None where hardly an item is lost.
    """

    census: Census
    diagnosis: Diagnosis
    cause: LossCause | None
    m: int


def judge(
    graph: HnswGraph, *, ef: int = SEARCH_EF, seed: int = 0, progress: Progress | None = None
) -> Verdict:
    """Judge a graph within seconds, whatever its size, and name the commonest cause of a loss."""
    report = counted(part(progress, 0.0, 0.5), "{:,} of {:,} items")
    taken = quick_census(graph, ef, seed=seed, progress=report)
    found = diagnose(taken, metric=graph.metric)
    cause = None
    if found.broken or found.worth_saying:
        cause = main_cause(graph, taken, seed=seed, progress=part(progress, 0.5, 1.0))
    return Verdict(taken, found, cause, graph.m)


def main_cause(
    graph: HnswGraph, taken: Census, *, seed: int = 0, progress: Progress | None = None
) -> LossCause | None:
    """The commonest cause of the lost rows of a census; None where no row is lost.

    Up to 500 unreachable rows, drawn with `seed`, and those that were searched for and not found
    are asked by `lost_items`; each counts as many rows as it stands for. Where the cause of a row
    says nothing of the data (no incoming links, an unreachable region, a search that ends before
    it), it is the first of these: 5 % of all rows or more in groups of M exact copies; for a search
    that ends before it, an order of insertion in which each row is nearer to the next than 0.8 of
    the usual distance; an ef_construction up to 2 M where M is above 4; a small M.
    """
    unreachable, not_found = taken.unreachable, not_found_rows(taken, graph.metric)
    some = unreachable
    if len(some) > EXPLAINED:
        some = np.random.default_rng(seed).choice(unreachable, EXPLAINED, replace=False)
    rows = np.union1d(some, not_found)
    if len(rows) == 0:
        return None
    lost = lost_items(graph, taken, rows=rows, seed=seed, progress=part(progress, 0.0, 0.8))
    live = taken.n - int(np.count_nonzero(taken.deleted))
    weight = np.where(
        lost.unreachable,
        len(unreachable) / max(1, len(some)),
        live / max(1, len(taken.checked)),
    )
    part(progress, 0.8, 1.0)(0.0, "what they have in common")
    measures = _Measures(graph, seed)
    kinds = {cause: measures.kind(cause) for cause in np.unique(lost.cause).tolist()}
    shares: dict[str, float] = {}
    for cause, kind in kinds.items():
        of_it = float(weight[lost.cause == cause].sum() / weight.sum())
        shares[kind] = shares.get(kind, 0.0) + of_it
    commonest = max(shares, key=shares.__getitem__)
    return LossCause(commonest, min(1.0, shares[commonest]), measures.figure(commonest))


class _Measures:
    """What a graph's rows and settings have about them that loses items, measured when asked."""

    def __init__(self, graph: HnswGraph, seed: int) -> None:
        self._graph, self._seed = graph, seed
        kind = first_equal_rows(graph.vectors)
        self._copies = np.bincount(kind)[kind] > graph.m  # M others or more
        self._norms = row_norms(graph.vectors)

    def kind(self, cause: str) -> str:
        """The kind of loss that a cause of `lost_items` belongs to."""
        uneven = self._graph.metric == "inner_product"
        if cause in (NO_LINKS, REGION, STOPPED):
            return self._of_the_links(stopped=cause == STOPPED)
        hidden = LENGTHS if uneven else DUPLICATES
        kinds = {ZERO: ZEROS, COPIES: DUPLICATES, MEAN: NEAR_MEAN, SHORT: LENGTHS, HIDDEN: hidden}
        return kinds[cause]

    def figure(self, kind: str) -> float:
        """The measure of a kind of loss."""
        center = center_distances(self._graph)
        norms = self._norms
        return {
            ZEROS: float(np.count_nonzero(norms == 0)),
            DUPLICATES: float(np.count_nonzero(self._copies)),
            NEAR_MEAN: float(np.count_nonzero(center < MEAN_SHARE * np.median(center))),
            LENGTHS: float(norms.max() / np.median(norms)) if np.median(norms) > 0 else np.inf,
            SMALL_M: float(self._graph.m),
            SMALL_EF: float(self._graph.ef_construction or 0),
            CLASS_ORDER: self._next_over_usual(),
        }[kind]

    def _of_the_links(self, *, stopped: bool) -> str:
        graph = self._graph
        if np.count_nonzero(self._copies) >= CROWD * graph.n:
            return DUPLICATES
        if stopped and self._next_over_usual() < IN_ORDER:
            return CLASS_ORDER
        width = graph.ef_construction
        if graph.m <= TINY_M:
            return SMALL_M
        return SMALL_EF if width is not None and width <= NARROW * graph.m else SMALL_M

    def _next_over_usual(self) -> float:
        """Median length from a row to the next over that between two rows at random; NaN for 0."""
        n, random = self._graph.n, np.random.default_rng(self._seed)
        first, other = random.integers(0, n, (2, COMPARED))
        usual = self._median_length(first, other)
        return self._median_length(first, (first + 1) % n) / usual if usual > 0 else np.nan

    def _median_length(self, left: Rows, right: Rows) -> float:
        vectors = self._graph.vectors
        return float(np.median(paired_distances(vectors[left], vectors[right], "euclidean")))
