"""Build an HNSW index with hnswlib and keep only its graph."""

import tempfile
import time
from pathlib import Path
from typing import Any

import hnswlib
import numpy as np
import numpy.typing as npt

from core.checks import as_array, got
from core.distances import Floats, Metric
from core.errors import ParameterError
from core.index.checks import check_row_list, check_vectors
from core.index.graph import HnswGraph
from core.index.hnswlib_file import read_own_file
from core.index.params import HnswParams, check_params
from core.index.records import to_graph
from core.index.steps import Clock, timed_steps
from core.progress import CountProgress, unheard

SPACES: dict[Metric, str] = {"cosine": "cosine", "euclidean": "l2", "inner_product": "ip"}
UNIT = 1e-6  # of a squared length, up to which it is 1: float32 rows divided by their lengths
ROWS_AT_ONCE = 4_096
ROWS_PER_THREAD = 4  # hnswlib inserts up to so many rows per thread on one thread


def build_hnsw(
    vectors: Floats,
    params: HnswParams,
    *,
    order: npt.ArrayLike | None = None,
    again: npt.ArrayLike | None = None,
    progress: CountProgress | None = None,
    clock: Clock = time.perf_counter,
) -> HnswGraph:
    """Insert the rows of `vectors` (n, d) into a new HNSW index and return its graph.

    order: (n,) row ids in the order of insertion; by default 0, 1, 2, ...
    again: row ids inserted a second time at the end: hnswlib updates them in place, which gives
    them new links, and links back from their neighbors.
    progress: called as progress(rows done, rows to insert) after each step; an exception that it
    raises stops the build. clock: gives seconds, by which steps are sized to take about 0.3 s at
    most; the graph does not depend on them where one thread builds it.
    The graph shares `vectors` where they are read-only float32, under "cosine" where they also have
    length 1, as many encoders give them: to within `UNIT`, by which its distances then differ from
    those of hnswlib, whose own rows are divided by their lengths once more.
    hnswlib hands its index over through a temporary file: its state in memory would be a second
    copy. With one thread, equal input gives an equal graph every time; with more it does not.
    The algorithm is Malkov & Yashunin's (arXiv 1603.09320) as hnswlib implements it.

    >>> import numpy as np
    >>> graph = build_hnsw(np.eye(4, dtype=np.float32), HnswParams("euclidean", m=2))
    >>> graph.n, graph.dim, int(graph.out_degree(0).max())
    (4, 4, 3)
    """
    rows = check_vectors(vectors, "vectors")
    check_params(params)
    row_ids = _check_order(order, len(rows))
    if again is not None:
        row_ids = np.concatenate([row_ids, check_row_list(again, "again", len(rows))])
    index = new_index(rows.shape, params)
    add_rows(index, rows, row_ids, threads=params.threads, progress=progress, clock=clock)
    shared = shared_rows(rows, params.metric)
    with tempfile.TemporaryDirectory(prefix="nearfield-") as folder:
        path = Path(folder) / "index"
        index.save_index(str(path))
        del index  # before the graph is made, so that the two never stand side by side
        size = rows.shape[1]
        records = read_own_file(path, params.metric, size, with_vectors=shared is None)
    return to_graph(records, shared)


def new_index(shape: tuple[int, ...], params: HnswParams, *, reuse_slots: bool = False) -> Any:
    """hnswlib's empty index with room for rows of `shape` (n, d).

    reuse_slots: a row may take the slot of a deleted one.
    """
    index = hnswlib.Index(space=SPACES[params.metric], dim=shape[1])
    index.init_index(
        max_elements=shape[0],
        M=params.m,
        ef_construction=params.ef_construction,
        random_seed=params.seed,
        allow_replace_deleted=reuse_slots,
    )
    return index


def add_rows(
    index: Any,
    rows: npt.NDArray[np.float32],
    row_ids: npt.NDArray[np.int64],
    *,
    threads: int,
    labels: npt.NDArray[np.int64] | None = None,
    reuse_slots: bool = False,
    progress: CountProgress | None = None,
    clock: Clock = time.perf_counter,
) -> None:
    """Insert the rows `row_ids` (r,) of `rows` (n, d) in steps, under their row ids or `labels`.

    reuse_slots: into those of deleted rows. progress: called as progress(rows done, r). clock: by
    which `timed_steps` sizes the steps.
    """
    total, report = len(row_ids), progress or unheard
    names = row_ids if labels is None else labels
    smallest = 1 if threads == 1 else ROWS_PER_THREAD * threads + 1
    in_order = bool(np.array_equal(row_ids, np.arange(len(rows))))
    for part in timed_steps(total, smallest=smallest, clock=clock):
        block = rows[part] if in_order else rows[row_ids[part]]
        index.add_items(block, names[part], num_threads=threads, replace_deleted=reuse_slots)
        report(part.stop, total)


def shared_rows(rows: npt.NDArray[np.float32], metric: Metric) -> npt.NDArray[np.float32] | None:
    """`rows` where a graph can hold them as they are: unchanged by hnswlib, and read-only."""
    if rows.flags.writeable or (metric == "cosine" and not _are_unit(rows)):
        return None
    return rows


def _are_unit(rows: npt.NDArray[np.float32]) -> bool:
    """Whether all rows (n, d) have length 1, to within `UNIT` of the squared length."""
    for start in range(0, len(rows), ROWS_AT_ONCE):
        block = rows[start : start + ROWS_AT_ONCE]
        squares = np.einsum("ij,ij->i", block, block, dtype=np.float64)
        if np.abs(squares - 1).max() > UNIT:
            return False
    return True


def _check_order(order: npt.ArrayLike | None, n: int) -> npt.NDArray[np.int64]:
    if order is None:
        return np.arange(n)
    row_ids = as_array(order, "order")
    whole = row_ids.shape == (n,) and row_ids.dtype.kind in "iu"
    if not whole or not np.array_equal(np.sort(row_ids), np.arange(n)):
        raise ParameterError(
            f"order must name each of the {n:,} rows exactly once; got {got(row_ids)}. Pass a "
            f"permutation of range({n})."
        )
    return row_ids.astype(np.int64)
