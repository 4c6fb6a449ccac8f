"""What the kernels pass around: named tuples of arrays, made once per block of queries."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Float32s = npt.NDArray[np.float32]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

# Places in Scratch.state
SIZE, FIRST_OPEN, COMPUTATIONS, HOPS, VISITED, STOPPED, FOUND = range(7)
STATE_LENGTH = 7

# An entry of the beam is one int64: rank at arrival, "already expanded" and row id.
ROW_BITS = 31
ROW_MASK = (1 << ROW_BITS) - 1
EXPANDED = 1 << ROW_BITS
ARRIVAL_SHIFT = 32


class Graph(NamedTuple):
    """The arrays of an `HnswGraph`; `squared` is true under "euclidean", `unit` under "cosine"."""

    vectors: Float32s
    base_indptr: Int64s
    base_targets: Int32s
    upper_start: Int64s
    upper_indptr: Int64s
    upper_targets: Int32s
    deleted: npt.NDArray[np.bool_]
    any_deleted: bool
    entry_point: int
    max_level: int
    squared: bool
    unit: bool


class Scratch(NamedTuple):
    """Working memory of one thread.

    query: (d,) the prepared query. distance (c,), entry (c,): the beam, nearest first.
    fresh (b,), fresh_distance (b,): rows that the last expansion visited, in the order of the
    links. entered_distance (b,), entered (b,): those near enough to enter the beam, sorted.
    marks: (n,) tag of the search that saw a row last. tag: (1,). state: (STATE_LENGTH,).
    """

    query: Float32s
    distance: Float32s
    entry: Int64s
    fresh: Int32s
    fresh_distance: Float32s
    entered_distance: Float32s
    entered: Int64s
    marks: npt.NDArray[np.uint16]
    tag: npt.NDArray[np.uint16]
    state: Int64s


class Record(NamedTuple):
    """Where the state at the end of each smaller beam goes; empty arrays for a plain search.

    out: (e, 2 s + 2) a line for each beam from ks[0] on: the true neighbors found for each k of
    `ks` (s,), ascending; the same with ties; distance computations; hops. now: (2 s,) the counts of
    the list as it stands. known: (n, 2) what is known of a row for this query: its place among the
    true neighbors plus `rank_tag`, and the first k whose limit it keeps plus `tie_tag`; less where
    it is none, or not measured yet. limits: (s,) the distance that a row must not exceed to be as
    near as the k-th true neighbor. vectors, query, squared, unit: of distances. exclude: row left
    out, or -1. k: the largest of `ks`. first: the smallest beam that is searched.
    """

    out: Int32s
    now: Int32s
    ks: Int64s
    known: Int32s
    rank_tag: int
    tie_tag: int
    limits: npt.NDArray[np.float64]
    vectors: Float32s
    query: Float32s
    squared: bool
    unit: bool
    exclude: int
    k: int
    first: int


class InsertionRoom(NamedTuple):
    """Working memory of one insertion.

    near_distance, near: a heap of candidates, the farthest first. open_distance, opened: a heap of
    nodes to expand, the nearest first. seen: (n,). expanded, ends, visited, visited_distance: what
    the search met. kept: places of the candidates kept so far. other: (w,) a vector.
    """

    near_distance: Float32s
    near: Int64s
    open_distance: Float32s
    opened: Int64s
    seen: npt.NDArray[np.bool_]
    expanded: Int64s
    ends: Int64s
    visited: Int64s
    visited_distance: Float32s
    kept: Int64s
    other: Float32s


class SumOrder(NamedTuple):
    """The order in which hnswlib adds up a distance.

    squared: squared lengths, else 1 - dot. fused: products are added without being rounded before.
    fold: down to how many partial sums they are added by halves. unfused: of the numbers behind the
    last whole block, those in groups of so many are rounded before; so the compiler treats loops
    that it takes several steps at a time. sums: (lanes,) memory for the partial sums.
    """

    squared: bool
    fused: bool
    fold: int
    unfused: int
    sums: Float32s
