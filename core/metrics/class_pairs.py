"""Genuine and impostor pairs of labeled rows, sorted by class: each kind is a plain range."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_labels, check_rows
from core.distances import Float64s, Floats
from core.errors import ParameterError
from core.metrics.pairs import (
    LARGEST_DISTANCE,
    Int32s,
    Int64s,
    Pairs,
    Partners,
    UnitPairs,
)

Labels = npt.NDArray[np.integer[Any]]
SAMPLE_ROWS = 1_024


class ClassOrder:
    """Labeled rows, class after class, so that genuine pairs and impostor pairs are ranges.

    Rows with a label < 0 are left out. Classes with one member have no genuine pair; their rows
    stay among the impostors unless keep_singletons is False. Raises ParameterError for labels that
    are not (n,) integers, and with fewer than two classes of at least two members (two such classes
    always have impostor pairs).

    order: (m,) row ids of the rows kept, class after class; a position is an index into it.
    classes, sizes: (T,) labels, ascending, and members of the eligible classes. slots: (m,) index
    of each position's class in `classes`, T where its class has one member. ends: (m,) the position
    behind the last one of the same class.
    """

    def __init__(self, labels: Labels, n: int | None, *, keep_singletons: bool = True) -> None:
        codes = check_labels(labels, n)
        names, inverse, counts = np.unique(codes, return_inverse=True, return_counts=True)
        members = counts[inverse]
        kept = (codes >= 0) & ((members > 1) | keep_singletons)
        eligible = (names >= 0) & (counts > 1)
        self.n_missing = int(np.count_nonzero(codes < 0))
        self.n_singletons = int(np.count_nonzero((codes >= 0) & (members == 1)))
        self.classes, self.sizes = names[eligible], counts[eligible].astype(np.int64)
        _check_classes(self.sizes)
        self.order = _by_class(codes, kept)
        slot_of_name = np.where(eligible, np.cumsum(eligible) - 1, len(self.classes))
        self.slots: Int32s = slot_of_name[inverse[self.order]].astype(np.int32)
        self.ends: Int64s = np.searchsorted(codes[self.order], codes[self.order], side="right")

    @property
    def n(self) -> int:
        """Number of rows kept."""
        return len(self.order)

    @property
    def n_genuine(self) -> int:
        """Number of pairs that share a label."""
        return int(np.sum(self.sizes * (self.sizes - 1) // 2))

    @property
    def n_impostor(self) -> int:
        """Number of pairs that do not."""
        return self.n * (self.n - 1) // 2 - self.n_genuine


class ClassPairs(ClassOrder):
    """Pairs of the rows of `vectors` (n, d) by whether their labels (n,) are equal.

    Rows, errors and attributes are those of `ClassOrder`. Raises ParameterError also for vectors
    that are not finite numbers.
    """

    def __init__(self, vectors: Floats, labels: Labels, *, keep_singletons: bool = True) -> None:
        vectors = check_rows(vectors, "vectors")
        super().__init__(labels, len(vectors), keep_singletons=keep_singletons)
        self._pairs = UnitPairs(np.ascontiguousarray(vectors[self.order]))
        self.genuine_partners = Partners(np.arange(self.n) + 1, self.ends)
        self.impostor_partners = Partners(self.ends, np.full(self.n, self.n))

    def genuine(self, bound: float = LARGEST_DISTANCE) -> Iterator[Pairs]:
        """Positions and distances of the genuine pairs up to `bound`, in batches."""
        return self._pairs.near(self.genuine_partners, bound)

    def impostors(self, bound: float = LARGEST_DISTANCE) -> Iterator[Pairs]:
        """Positions and distances of the impostor pairs up to `bound`, in batches."""
        return self._pairs.near(self.impostor_partners, bound)

    def both(self, bound: float = LARGEST_DISTANCE) -> tuple[list[Pairs], list[Pairs]]:
        """Genuine and impostor pairs up to `bound`, each in batches, from one walk."""
        border = self._pairs.raised_to_block(self.ends)
        genuine, impostors = [], []
        for batch in self._pairs.near(Partners(self.genuine_partners.first, border), bound):
            inner = batch.right < self.ends[batch.left]
            genuine.append(batch.chosen(inner))
            impostors.append(batch.chosen(~inner))
        beyond = Partners(border, self.impostor_partners.last)
        impostors.extend(self._pairs.near(beyond, bound))
        return genuine, impostors

    def impostor_tiles(self) -> Iterator[tuple[slice, slice]]:
        """Blocks of positions that hold all impostor pairs."""
        return self._pairs.tiles(self.impostor_partners)

    def sampled_impostor_distances(self) -> Float64s:
        """Distances of the impostor pairs among 1,024 rows spread evenly over the classes."""
        if self.n <= SAMPLE_ROWS:
            batches = list(self.impostors())
            return np.concatenate([batch.distance for batch in batches])
        rows = np.linspace(0, self.n - 1, SAMPLE_ROWS).astype(np.int64)
        distances = self._pairs.between(rows)
        ends = self.ends[rows]
        return np.asarray(distances[rows[None, :] >= ends[:, None]])


def _check_classes(sizes: Int64s) -> None:
    if len(sizes) < 2:
        raise ParameterError(
            f"at least two classes with two or more members are needed; got {len(sizes)}. "
            "Choose a label column whose values repeat."
        )


def _by_class(codes: Labels, kept: npt.NDArray[np.bool_]) -> Int64s:
    """Ids of the rows kept, class after class, ascending within a class."""
    rows = np.flatnonzero(kept)
    return np.asarray(rows[np.argsort(codes[rows], kind="stable")])
