"""What one insertion does, as frozen values.

Distances are those that hnswlib compares, in float32: lengths under "euclidean", whose square it
compares, and 1 - dot otherwise. A row id of n, the number of rows before, is the new item.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.index.kernels.verdicts import KEPT

Ids = npt.NDArray[np.int64]
Distances = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Step:
    """One greedy step of the descent: all links of `origin` are compared.

    visited (v,), visited_distances (v,): the links. nearest: the origin itself where no link is
    nearer; the walk then goes down.
    """

    layer: int
    origin: int
    origin_distance: float
    visited: Ids
    visited_distances: Distances
    nearest: int
    nearest_distance: float


@dataclass(frozen=True, eq=False)
class Selection:
    """The rule by which neighbors are chosen, candidate by candidate, the nearest first.

    center: whose neighbors are chosen. limit: how many at most. rows (c,), distances (c,): the
    candidates and how far from the center. verdict (c,): KEPT, DROPPED, or NOT_ASKED where `limit`
    were kept before its turn. against (c,), against_distances (c,): for one dropped, the kept
    candidate that it is nearer to than to the center, the first that was asked; for one kept, the
    nearest kept before it; -1 and NaN where there is none. applied: whether the rule was asked; it
    is not where there are fewer candidates than `limit`, and all are kept.
    """

    center: int
    limit: int
    rows: Ids
    distances: Distances
    verdict: npt.NDArray[np.int8]
    against: Ids
    against_distances: Distances
    applied: bool

    @property
    def kept(self) -> Ids:
        """Rows that are kept, nearest first."""
        return np.asarray(self.rows[self.verdict == KEPT])

    @property
    def dropped(self) -> Ids:
        """Rows that are not kept, whether they were dropped or not asked, nearest first."""
        return np.asarray(self.rows[self.verdict != KEPT])


@dataclass(frozen=True, eq=False)
class ReverseLink:
    """What becomes of the links of a neighbor that the new item has chosen.

    before (b,), links (a,): its links in their order. selection: the rule over the old links and
    the new item, where its list was full; None where there was room.
    """

    neighbor: int
    distance: float
    before: Ids
    links: Ids
    selection: Selection | None

    @property
    def lost(self) -> Ids:
        """Old links that are gone."""
        return np.asarray(self.before[~np.isin(self.before, self.links)])


@dataclass(frozen=True, eq=False)
class LayerInsertion:
    """What happens on one layer.

    start: where the search begins, and its distance. expanded (h,): nodes whose links are followed.
    visited (v,), visited_distances (v,): rows whose distance was computed after that of `start`.
    visited_ends (h,): how many had been visited after each expansion. selection: the candidates and
    the rule. links: of the new item, in the order in which hnswlib keeps them. reverse: the links
    back, in the same order.
    """

    layer: int
    start: int
    start_distance: float
    expanded: Ids
    visited: Ids
    visited_distances: Distances
    visited_ends: Ids
    selection: Selection
    links: Ids
    reverse: tuple[ReverseLink, ...]

    @property
    def linked_back(self) -> int:
        """How many of the chosen neighbors link back to the new item."""
        new = self.selection.center
        return sum(bool(np.any(other.links == new)) for other in self.reverse)


@dataclass(frozen=True, eq=False)
class InsertionTrace:
    """One insertion into a graph of n rows.

    vector: (w,) as the index stores it. level: top layer of the new item. entry_point: of the graph
    before, and its distance; -1 and NaN for the first item. descent: steps on the layers above the
    level. layers: from the highest one that the new item joins to layer 0; none for the first item.
    becomes_entry: whether its level is higher than all others.
    """

    n: int
    m: int
    ef_construction: int
    vector: npt.NDArray[np.float32]
    level: int
    entry_point: int
    entry_distance: float
    descent: tuple[Step, ...]
    layers: tuple[LayerInsertion, ...]
    becomes_entry: bool

    @property
    def compared(self) -> int:
        """Rows before that the descent and the searches compared with the new item, each once."""
        parts = [np.array([self.entry_point], dtype=np.int64)]
        parts += [step.visited for step in self.descent]
        parts += [np.append(layer.start, layer.visited) for layer in self.layers]
        return int(np.count_nonzero(np.unique(np.concatenate(parts)) >= 0))

    @property
    def touched(self) -> Ids:
        """Rows before that stand in any part of the trace, ascending."""
        parts = [np.array([self.entry_point], dtype=np.int64)]
        parts += [step.visited for step in self.descent]
        for layer in self.layers:
            parts += [np.array([layer.start], dtype=np.int64), layer.visited]
            parts += [other.before for other in layer.reverse]
        rows = np.unique(np.concatenate(parts))
        return rows[(rows >= 0) & (rows < self.n)]
