"""An insertion that hnswlib itself makes, its replay, and whether the two agree link by link."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Floats, Metric
from core.errors import ParameterError
from core.index.build import add_rows, new_index
from core.index.checks import check_queries, check_row_list, check_vector, check_vectors
from core.index.graph import HnswGraph
from core.index.hnswlib_file import read_own_file
from core.index.insertion.growth import differing_rows
from core.index.insertion.levels import SEED_AFTER_LOADING, LevelDraw, draw_level, drawn_levels
from core.index.insertion.replay import first_insertion, trace_insertion
from core.index.insertion.results import Ids, InsertionTrace
from core.index.native import native_index
from core.index.params import HnswParams, check_params
from core.index.records import to_graph
from core.progress import CountProgress, counted_from

ROWS_AT_MOST = 200_000


@dataclass(frozen=True, eq=False)
class Insertion:
    """One insertion made by hnswlib, and its replay.

    draw: how its level came about, or None where the generator is not that of libstdc++. differing:
    (r,) rows of the trace whose links hnswlib left otherwise than the replay, of `compared` rows.
    touched (t,), vectors (t, w): the rows that stand in the trace, ascending, and their vectors as
    the index stores them.
    """

    trace: InsertionTrace
    draw: LevelDraw | None
    differing: Ids
    compared: int
    touched: Ids
    vectors: npt.NDArray[np.float32]

    @property
    def proven(self) -> bool:
        """Whether hnswlib's graph has the links of the replay, on every layer and in order."""
        return len(self.differing) == 0


def insert_after(
    vectors: Floats,
    params: HnswParams,
    before: npt.ArrayLike,
    vector: Floats,
    *,
    progress: CountProgress | None = None,
) -> Insertion:
    """Build an index of the rows `before` (p,) of `vectors` (n, d), and insert `vector` (d,).

    One thread inserts the rows in the order of `before`, so that row j of the trace is
    `before[j]`, and p is the new item. progress: called as progress(rows done, p + 1). Raises
    ParameterError above 200,000 rows.
    """
    rows = check_vectors(vectors, "vectors")
    new = check_vector(vector, "vector", rows.shape[1])
    check_params(params)
    order = check_row_list(before, "before", len(rows))
    p = len(order)
    check_size(p)
    index = new_index((p + 1, rows.shape[1]), params)
    if p:
        report = counted_from(progress, 0, p + 1)
        add_rows(index, rows, order, threads=1, labels=np.arange(p), progress=report)
    draw = draw_level(params.m, params.seed, p)
    graph = _graph(index, params.metric, rows.shape[1]) if p else None
    return _made(index, graph, new, draw, params.metric)


def insert_into(graph: HnswGraph, vector: Floats) -> Insertion:
    """Insert `vector` (graph.dim,) into `graph` as hnswlib does it that has just loaded its file.

    Loading leaves hnswlib's generator of levels at its start, whatever the seed of the build was.
    Its internal ids are the row ids here, which decide between equally near rows; in the file that
    a graph was read from they may be others.
    Raises ParameterError above 200,000 rows.
    """
    check_size(graph.n)
    new = check_queries(graph, check_vector(vector, "vector", graph.dim), "vector")
    index = native_index(graph, room=1)
    before = _graph(index, graph.metric, graph.stored_dim)
    draw = draw_level(max(before.m, 2), SEED_AFTER_LOADING, 0)
    return _made(index, before, new, draw, graph.metric)


def check_size(rows: int) -> None:
    """Refuse to build an index of more than `ROWS_AT_MOST` rows for one insertion."""
    if rows > ROWS_AT_MOST:
        raise ParameterError(
            f"The insertion is replayed on up to {ROWS_AT_MOST:,} rows, for the index before it is "
            f"built by one thread; got {rows:,}. Take an item that is inserted earlier."
        )


def _made(
    index: Any,
    before: HnswGraph | None,
    new: npt.NDArray[np.float32],
    draw: LevelDraw,
    metric: Metric,
) -> Insertion:
    """Let hnswlib insert the one row, and replay it from the graph before."""
    n = 0 if before is None else before.n
    index.add_items(new, [n], num_threads=1)
    after = _graph(index, metric, new.shape[1])
    level = int(after.levels[n])
    known = draw if _as_drawn(after, draw) else None
    if before is None:
        trace = first_insertion(after)
        none = np.empty(0, dtype=np.int64)
        return Insertion(trace, known, none, 1, none, after.vectors[:0])
    trace = trace_insertion(before, new[0], level)
    touched = trace.touched
    return Insertion(
        trace=trace,
        draw=known,
        differing=differing_rows(before, trace, after),
        compared=after.n,
        touched=touched,
        vectors=before.vectors[touched],
    )


def _as_drawn(after: HnswGraph, draw: LevelDraw) -> bool:
    """Whether the levels that hnswlib gave are those that our copy of its generator draws.

    All of them where it drew all, else that of the new row.
    """
    if draw.number != after.n - 1:
        return draw.level == int(after.levels[-1])
    return bool(np.array_equal(drawn_levels(draw.m, draw.seed, after.n), after.levels))


def _graph(index: Any, metric: Metric, dim: int) -> HnswGraph:
    with tempfile.TemporaryDirectory(prefix="nearfield-") as folder:
        path = Path(folder) / "index"
        index.save_index(str(path))
        return to_graph(read_own_file(path, metric, dim))
