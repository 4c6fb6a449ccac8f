"""Distances between all pairs of rows, block after block, in bounded memory.

Distance is L2 between rows scaled to length 1: d = sqrt(max(0, 2 - 2 cos)), in [0, 2]. A zero row
has no direction: its cosine counts as 0, so that it lies sqrt(2) away from every other row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Float64s, Floats, unit_rows

LARGEST_DISTANCE = 2.0
EXACT_ROWS = 4_096
TILE_ROWS = 512
TILE_COLUMNS = 2_048
BATCH_PAIRS = 1 << 18
REPEATED_VALUES = 1 << 22

AnyFloats = npt.NDArray[Any]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Unordered pairs of rows: left < right, both (m,) row ids, and their squared distance (m,)."""

    left: Int32s
    right: Int32s
    squared: AnyFloats

    @property
    def distance(self) -> Float64s:
        """Distance of each pair, (m,) float64."""
        return np.sqrt(self.squared, dtype=np.float64)

    def chosen(self, mask: npt.NDArray[np.bool_]) -> "Pairs":
        """The pairs where the mask (m,) is true."""
        place = np.flatnonzero(mask)
        return Pairs(self.left[place], self.right[place], self.squared[place])


@dataclass(frozen=True, eq=False)
class Partners:
    """Which pairs to walk: row i is paired with the rows first[i] <= j < last[i]; both (n,)."""

    first: Int64s
    last: Int64s


class UnitPairs:
    """Distances between the rows of `vectors` (n, d), each scaled to length 1.

    Products are float64, except for float32 vectors of more than 4,096 rows, where they are float32
    about the mean; there distances are right to about 3e-6. Pairs so near that a product would
    lose their distance are recomputed in float64 from the difference of the rows. The vectors are
    finite floats: `ClassPairs` has checked them.
    """

    def __init__(self, vectors: Floats) -> None:
        self._vectors = vectors
        single = vectors.dtype == np.float32 and len(vectors) > EXACT_ROWS
        self._left, self._right, self._reach = _factors(
            vectors, np.float32 if single else np.float64
        )
        self._block = np.empty(TILE_ROWS * TILE_COLUMNS, dtype=self._left.dtype)
        self._tolerance = 1e-6 if single else 1e-12
        self._unsafe = self._reach * (1e-3 if single else 1e-7)

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self._vectors)

    def tiles(self, partners: Partners) -> Iterator[tuple[slice, slice]]:
        """Rows and columns of the blocks that hold all pairs of `partners`."""
        for start in range(0, self.n, TILE_ROWS):
            rows = slice(start, min(start + TILE_ROWS, self.n))
            stop = int(partners.last[rows].max())
            for column in range(int(partners.first[rows].min()), stop, TILE_COLUMNS):
                yield rows, slice(column, min(column + TILE_COLUMNS, stop))

    def raised_to_block(self, ends: Int64s) -> Int64s:
        """Ascending `ends` (n,), each raised to that of the last row of its block of rows."""
        last = np.arange(self.n) // TILE_ROWS * TILE_ROWS + TILE_ROWS - 1
        return np.asarray(ends[np.minimum(last, self.n - 1)])

    def near(self, partners: Partners, bound: float = LARGEST_DISTANCE) -> Iterator[Pairs]:
        """Every pair of `partners` with distance <= bound (and a few just above), in batches."""
        parts: list[Pairs] = []
        held = 0
        for rows, columns in self.tiles(partners):
            parts.append(self.near_in_tile(rows, columns, partners, bound))
            held += len(parts[-1].left)
            if held >= BATCH_PAIRS:
                yield _joined(parts)
                parts, held = [], 0
        if held:
            yield _joined(parts)

    def near_in_tile(self, rows: slice, columns: slice, partners: Partners, bound: float) -> Pairs:
        """The pairs of one block with distance <= bound (and a few just above)."""
        product = self.product(rows, columns)
        first, last = partners.first[rows], partners.last[rows]
        if first.max() > columns.start or last.min() < columns.stop:
            column = np.arange(columns.start, columns.stop)
            product[(column < first[:, None]) | (column >= last[:, None])] = -np.inf
        flat = product.ravel()
        kept = np.flatnonzero(flat > self._smallest_product(bound))
        width = product.shape[1]
        ends = np.searchsorted(kept, np.arange(len(product) + 1) * width)
        row = np.arange(len(product), dtype=np.int32)
        left = np.repeat(row + np.int32(rows.start), np.diff(ends))
        right = kept.astype(np.int32)
        right -= np.repeat(row * np.int32(width) - np.int32(columns.start), np.diff(ends))
        return Pairs(left, right, self._to_squared(flat[kept], left, right))

    def between(self, rows: Int64s) -> Float64s:
        """Distances between some rows, (r, r); for estimates: near 0 they keep few digits."""
        product = self._left[rows] @ self._right[rows].T
        return np.sqrt(np.maximum(product * -2.0, 0.0)).astype(np.float64)

    def product(self, rows: slice, columns: slice) -> AnyFloats:
        """-d^2 / 2 of every pair of a block, as one matrix product; the next call overwrites it."""
        left, right = self._left[rows], self._right[columns]
        block = self._block[: len(left) * len(right)].reshape(len(left), len(right))
        return np.matmul(left, right.T, out=block)

    def _smallest_product(self, bound: float) -> float:
        if bound >= LARGEST_DISTANCE:
            return -np.inf
        return -((bound + self._tolerance) ** 2) / 2 - self._tolerance * max(self._reach, 1.0)

    def _to_squared(self, product: AnyFloats, left: Int32s, right: Int32s) -> AnyFloats:
        squared = np.multiply(product, -2.0, out=product)
        unsafe = np.flatnonzero(squared < self._unsafe)
        np.maximum(squared, 0.0, out=squared)
        step = max(1, REPEATED_VALUES // max(1, self._vectors.shape[1]))
        for start in range(0, len(unsafe), step):
            some = unsafe[start : start + step]
            squared[some] = _unit_squared(self._vectors[left[some]], self._vectors[right[some]])
        return squared


def _unit_squared(left: Floats, right: Floats) -> Float64s:
    """Squared distance of each row of `left` (m, d) to that of `right`, all scaled to length 1."""
    left, right = unit_rows(left), unit_rows(right)
    difference = left - right
    directed = left.any(axis=1) & right.any(axis=1)
    return np.where(directed, np.einsum("ij,ij->i", difference, difference), 2.0)


def _factors(vectors: Floats, dtype: Any) -> tuple[AnyFloats, AnyFloats, float]:
    """Two (n, d + 3) matrices whose product is -d^2 / 2 of every pair, and the largest |row|^2.

    Rows are taken about their mean, so that crowded directions keep their digits.
    """
    rows = unit_rows(vectors)
    zero = ~rows.any(axis=1)
    if not zero.all():
        rows -= rows[~zero].mean(axis=0)
    rows[zero] = 0.0
    squared = np.einsum("ij,ij->i", rows, rows)
    half, one = np.where(zero, -1.0, -squared / 2), np.where(zero, 0.0, 1.0)
    left = np.empty((len(rows), rows.shape[1] + 3), dtype=dtype)
    left[:, :-3] = rows
    right = left.copy()
    left[:, -3:] = np.column_stack([half, one, zero])
    right[:, -3:] = np.column_stack([one, half, -1.0 * zero])
    return left, right, float(squared.max(initial=0.0))


def _joined(parts: list[Pairs]) -> Pairs:
    if len(parts) == 1:
        return parts[0]
    return Pairs(
        np.concatenate([part.left for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.squared for part in parts]),
    )
