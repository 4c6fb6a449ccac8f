"""Whether an index holds the vectors of the data that it is shown with, row by row."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.distances import Floats, unit_rows
from core.errors import ParameterError
from core.index import HnswGraph
from core.index.codes import MANY_OTHERS, as_compared, have_own_code
from core.index.storage import FLOAT32, storage_of

Rows = npt.NDArray[np.int64]

FLOAT_ROUNDING = 1e-4  # of a row's length: lengths summed in float32, numbers written as text
ROWS_AT_ONCE = 8_192


@dataclass(frozen=True, eq=False)
class RowChanges:
    """The rows of a graph beside the same rows of a set.

    labels: (n,) external labels. moved: (n,) length of the difference as a share of the longer of
    the two rows; of rows of length 1 where only directions count; 1 where one of the two is not
    finite. tolerance: what rounding explains of it. live: (n,) rows that a search may return.
    other_code: (n,) rows whose code is not that of the set's row; None where vectors are stored,
    not codes.
    """

    labels: npt.NDArray[np.int64] | npt.NDArray[np.uint64]
    moved: npt.NDArray[np.float64]
    tolerance: float
    live: npt.NDArray[np.bool_]
    other_code: npt.NDArray[np.bool_] | None = None

    @property
    def n(self) -> int:
        """Number of rows that a search may return."""
        return int(np.count_nonzero(self.live))

    @property
    def differ(self) -> npt.NDArray[np.bool_]:
        """Which rows hold another vector, (n,); deleted rows are not counted."""
        apart = self.moved > self.tolerance if self.other_code is None else self.other_code
        return np.asarray(apart & self.live)

    @property
    def rows(self) -> Rows:
        """Row ids of those that hold another vector, ascending."""
        return np.flatnonzero(self.differ)

    @property
    def count(self) -> int:
        """Number of rows that hold another vector."""
        return len(self.rows)


def row_changes(graph: HnswGraph, vectors: Floats, *, tolerance: float | None = None) -> RowChanges:
    """Compare each row of the graph with the same row of `vectors` (n, graph.dim).

    A row is the same where the length of the difference is at most `tolerance` times the length of
    the longer one. Without a tolerance it is what the storage of the graph and that of `vectors`
    can have moved (float16: 2^-11; 8-bit numbers: sqrt(d) / 127), and 0.0001 for the rest. Under
    "cosine", and where the storage keeps directions only, rows are scaled to length 1 first.
    `vectors` go through the graph's transform, if it has one.

    Codes lie at any distance from what they stand for, and yet no other code is nearer: where the
    graph stores codes and no tolerance is given, a row differs if another row's decoded vector, of
    21 tried, is nearer to it than its own. About 1 in 22 rows that differ pass by chance.

    tolerance: how far a row of the graph may lie off, as a share of its length. Raises
    ParameterError where the shapes differ.
    """
    shape = (graph.n, graph.dim)
    if vectors.shape != shape:
        raise ParameterError(
            f"vectors must have the shape of the graph's, {shape}; got {vectors.shape}. Take the "
            "rows by label first (`rows_by_label`)."
        )
    by_code = tolerance is None and graph.codes is not None and graph.storage == FLOAT32
    if tolerance is None:
        stored = (graph.storage, storage_of(vectors))
        tolerance = FLOAT_ROUNDING + sum(kind.tolerance(graph.stored_dim) for kind in stored)
    directions = graph.metric == "cosine" or graph.storage.scaled
    moved, other_code = np.empty(graph.n), np.zeros(graph.n, dtype=bool)
    for start in range(0, graph.n, ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        ours = as_compared(graph, vectors[part])
        moved[part] = _moved(graph.vectors[part], ours, directions)
        if by_code:
            places = np.arange(graph.n)[part]
            other_code[part] = ~have_own_code(ours, graph.vectors, places, MANY_OTHERS)
    live = ~graph.deleted
    return RowChanges(graph.labels, moved, tolerance, live, other_code if by_code else None)


def rows_moved(
    left: Floats, rows: Rows, right: Floats, others: Rows, *, directions: bool
) -> npt.NDArray[np.float64]:
    """How far rows (m,) of `left` are from rows (m,) of `right`, as `RowChanges.moved`, (m,)."""
    moved = np.empty(len(rows))
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = slice(start, start + ROWS_AT_ONCE)
        moved[part] = _moved(left[rows[part]], right[others[part]], directions)
    return moved


def _moved(theirs: Floats, ours: Floats, directions: bool) -> npt.NDArray[np.float64]:
    with np.errstate(invalid="ignore"):  # infinity by infinity, and less it
        scaled = unit_rows if directions else _float64
        left, right = scaled(theirs), scaled(ours)
        longer = np.maximum(np.linalg.norm(left, axis=1), np.linalg.norm(right, axis=1))
        moved = np.linalg.norm(left - right, axis=1) / np.where(longer > 0, longer, 1.0)
    return np.where(np.isfinite(moved), moved, 1.0)


def _float64(rows: Floats) -> npt.NDArray[np.float64]:
    return rows.astype(np.float64)
