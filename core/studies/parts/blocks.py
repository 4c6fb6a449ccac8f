"""Work on all rows, or for many queries, as cells: on a cluster, and for more rows than fit.

What a cell gives is what the function on everything gives for its part, and what is put together is
equal to it to the last bit: distances are those of single pairs, and ties go by row id.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_count
from core.data.shards import ArrayRows, VectorRows, as_rows
from core.distances import Floats, Metric, check_metric
from core.index import Census, EfCurve, HnswGraph, Neighbors, ef_curves, exact_neighbors
from core.index.checks import check_exclude, check_precise, check_queries
from core.index.exact import check_wanted
from core.index.findability import rows_to_check, search_own
from core.index.reach import reachable_rows
from core.progress import Progress, counted, part
from core.studies.parts.cells import Cell, Done, run_cells
from core.studies.parts.shared import Shared, Sharing
from core.studies.parts.truth import as_meant, of_live_rows

BLOCK_BYTES = 2**26  # of the rows that are in memory at once; their products take as much again
MOST_CELLS = 64  # of which each gives k neighbors of every query
FEWEST_CELLS = 16  # of rows that are in memory, so that all workers have some
TRUTH_WORDS = "exact neighbors of {:,} of {:,} queries"
QUERIES_PER_CELL, ROWS_PER_CELL = 500, 5_000
Ids = npt.NDArray[np.int64]
Span = tuple[int, int]


@dataclass(frozen=True, eq=False)
class _Question:
    """What all cells of exact neighbors share. exclude: (q,) row ids, -1 for none."""

    rows: VectorRows
    queries: Floats
    k: int
    metric: Metric
    exclude: Ids
    block_rows: int
    threads: int | None


def neighbors_in_blocks(
    vectors: Floats | VectorRows,
    queries: Floats,
    k: int,
    *,
    metric: Metric,
    exclude: npt.ArrayLike | None = None,
    block_rows: int | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    done: Done | None = None,
    progress: Progress | None = None,
    sharing: Sharing | None = None,
) -> Neighbors:
    """`exact_neighbors` of blocks of rows, merged by (distance, id): equal to that of all rows.

    vectors: (n, d), or what `open_shards` gives, of which a block at a time is in memory.
    queries, k, metric, exclude: as in `exact_neighbors`.
    block_rows: of one block; default so many as take 64 MB. A block's products take as much again.
    executor: runs the blocks, each on one thread; default one after another, on all cores.
    workers, done, progress: as in `run_cells`; `done` belongs to one set of arguments.
    sharing: of a study, so that its vectors travel once.

    Raises ParameterError as `exact_neighbors` does, and DataError where files cannot be read.

    >>> near = neighbors_in_blocks(np.eye(3), np.eye(3)[:1], 2, metric="euclidean", block_rows=1)
    >>> near.ids.tolist()
    [[0, 1]]
    """
    rows = as_rows(vectors)
    asked = check_precise(queries, "queries", rows.dim).astype(rows.dtype, copy=False)
    excluded = check_exclude(exclude, len(asked), rows.n)
    k = check_wanted(k, rows.n, bool((excluded >= 0).any()))
    at_once = BLOCK_BYTES // (rows.dim * rows.dtype.itemsize)
    at_once = check_count(max(1, at_once) if block_rows is None else block_rows, "block_rows")
    threads = None if executor is None else 1
    question = _Question(rows, asked, k, check_metric(metric), excluded, at_once, threads)
    with ExitStack() as stack:
        shared = _shared(stack, sharing, question)
        found = run_cells(
            [
                Cell(("neighbors", span), f"rows {span[0]:,} to {span[1]:,}", _span, (shared, span))
                for span in _spans(rows.n, at_once)
            ],
            executor=executor,
            workers=workers if executor is not None else 1,
            done=done,
            progress=progress,
        )
    best = reduce(lambda one, other: _merged(one, other, k), found)
    return Neighbors(best.ids[:, :k], best.distances[:, :k])


def _spans(n: int, at_once: int) -> list[Span]:
    """At most 64 spans of whole blocks."""
    blocks = -(-n // at_once)
    size = -(-blocks // MOST_CELLS) * at_once
    return [(start, min(start + size, n)) for start in range(0, n, size)]


def _span(progress: Progress, shared: Shared[_Question], span: Span) -> Neighbors:
    """The nearest rows of a span to each query: at most k, in one memory of a block."""
    question, (first, end) = shared.value, span
    question = replace(
        question, queries=question.queries.copy()
    )  # no map of a file, see _sweep_part
    best: Neighbors | None = None
    for start in range(first, end, question.block_rows):
        progress((start - first) / (end - first), "")
        found = _block(question, start, min(start + question.block_rows, end))
        best = found if best is None else _merged(best, found, question.k)
    assert best is not None
    return best


def _block(question: _Question, start: int, stop: int) -> Neighbors:
    """The nearest rows of a block, by their ids among all rows."""
    rows, k, n = question.rows.read(start, stop), question.k, stop - start
    here = (question.exclude >= start) & (question.exclude < stop)
    exclude = np.where(here, question.exclude - start, -1)
    small = n <= k  # then all rows are listed, and what is excluded leaves the list
    near = exact_neighbors(
        rows,
        question.queries,
        n if small else k,
        metric=question.metric,
        exclude=None if small else exclude,
        threads=question.threads,
    )
    ids, distances = near.ids + start, near.distances
    if small:
        gone = near.ids == np.where(here, exclude, -1)[:, None]
        ids, distances = np.where(gone, question.rows.n, ids), np.where(gone, np.inf, distances)
    return Neighbors(ids, distances)


def _merged(one: Neighbors, other: Neighbors, k: int) -> Neighbors:
    """The k nearest of both lists of each query, by (distance, id)."""
    ids = np.concatenate([one.ids, other.ids], axis=1)
    distances = np.concatenate([one.distances, other.distances], axis=1)
    first = np.lexsort((ids, distances), axis=1)[:, :k]
    return Neighbors(
        np.take_along_axis(ids, first, axis=1), np.take_along_axis(distances, first, axis=1)
    )


@dataclass(frozen=True, eq=False)
class _Sweep:
    """What all cells of a sweep share."""

    graph: HnswGraph
    queries: Floats
    truth: Ids
    ks: tuple[int, ...]
    ef_max: int
    exclude: Ids | None


def curves_in_blocks(
    graph: HnswGraph,
    queries: Floats,
    truth: Neighbors,
    ks: Sequence[int],
    *,
    ef_max: int = 512,
    exclude: Ids | None = None,
    executor: Executor,
    workers: int | None = None,
    progress: Progress | None = None,
) -> dict[int, EfCurve]:
    """`ef_curves` of blocks of 500 queries on the workers of an executor, one after another.

    The arguments are those of `ef_curves`, and of `run_cells`.
    """
    asked = check_queries(graph, queries)
    sweep = _Sweep(graph.in_own_space(), asked, truth.ids, tuple(ks), ef_max, exclude)
    with Sharing() as sharing:
        parts = _on_blocks(
            sharing.share(sweep),
            _sweep_part,
            len(asked),
            QUERIES_PER_CELL,
            "queries",
            executor,
            workers,
            progress,
        )
    return {k: reduce(EfCurve.followed_by, (each[k] for each in parts)) for k in parts[0]}


def _sweep_part(progress: Progress, shared: Shared[_Sweep], span: Span) -> dict[int, EfCurve]:
    sweep, some = shared.value, slice(*span)
    return ef_curves(
        sweep.graph,
        sweep.queries[some].copy(),  # for maps of files the kernels would be compiled once more
        sweep.truth[some].copy(),
        sweep.ks,
        ef_max=sweep.ef_max,
        exclude=None if sweep.exclude is None else sweep.exclude[some],
        threads=1,
        progress=lambda done, total: progress(done / total, ""),
    )


@dataclass(frozen=True, eq=False)
class _Roll:
    """What all cells of a census share. rows: that are searched for."""

    graph: HnswGraph
    rows: Ids
    ef: int


def census_in_blocks(
    graph: HnswGraph,
    *,
    ef: int = 40,
    sample: int | None = None,
    seed: int = 0,
    executor: Executor,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Census:
    """`census` with its searches on the workers of an executor, 5,000 rows in each cell.

    The arguments are those of `census`, and of `run_cells`.
    """
    rows = rows_to_check(graph, ef, sample, seed)
    with Sharing() as sharing:
        parts = _on_blocks(
            sharing.share(_Roll(graph, rows, ef)),
            _roll_part,
            len(rows),
            ROWS_PER_CELL,
            "rows",
            executor,
            workers,
            progress,
        )
    none = np.zeros(0, dtype=bool)
    found, first = (np.concatenate([none, *each]) for each in zip(*parts, strict=True))
    return Census(reachable_rows(graph), graph.deleted, rows, found, first, ef, seed)


def _roll_part(
    progress: Progress, shared: Shared[_Roll], span: Span
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    roll = shared.value
    return search_own(
        roll.graph,
        roll.rows[slice(*span)],
        roll.ef,
        threads=1,
        progress=lambda done, total: progress(done / max(total, 1), ""),
    )


def _on_blocks(
    shared: Shared[Any],
    function: Callable[..., Any],
    count: int,
    at_once: int,
    what: str,
    executor: Executor,
    workers: int | None,
    progress: Progress | None,
) -> list[Any]:
    starts = range(0, max(count, 1), at_once)
    spans = [(start, min(start + at_once, count)) for start in starts]
    return run_cells(
        [
            Cell(span, f"{what} {span[0]:,} to {span[1]:,}", function, (shared, span))
            for span in spans
        ],
        executor=executor,
        workers=workers,
        progress=progress,
    )


def truth_of(
    vectors: Floats,
    queries: Floats,
    k: int,
    metric: Metric,
    *,
    executor: Executor | None,
    sharing: Sharing,
    progress: Progress | None = None,
) -> Neighbors:
    """The true neighbors of a study's queries: on its executor, or here, on all cores."""
    if executor is None:
        told = counted(part(progress, 0.0, 0.0), TRUTH_WORDS)
        return exact_neighbors(vectors, queries, k, metric=metric, progress=told)
    return neighbors_in_blocks(
        ArrayRows(vectors),
        queries,
        k,
        metric=metric,
        executor=executor,
        progress=part(progress, 0.0, 0.0),
        sharing=sharing,
    )


def true_neighbors_in_blocks(
    graph: HnswGraph,
    vectors: Floats,
    queries: Floats,
    k: int,
    *,
    exclude: npt.ArrayLike | None = None,
    executor: Executor,
    progress: Progress | None = None,
) -> Neighbors:
    """`true_neighbors` with the rows in blocks on the workers of an executor; equal to it.

    The arguments are those of `true_neighbors`, and of `run_cells`.
    """

    def nearest(rows: Floats, asked: Floats, k: int, exclude: npt.ArrayLike | None) -> Neighbors:
        return neighbors_in_blocks(
            rows,
            asked,
            k,
            metric=graph.metric,
            exclude=exclude,
            block_rows=rows_of_one(rows),
            executor=executor,
            progress=progress,
        )

    vectors, queries = as_meant(graph, vectors), as_meant(graph, queries)
    return of_live_rows(graph, vectors, queries, k, exclude, nearest)


def rows_of_one(rows: Floats) -> int:
    """Rows of one block where all workers of a cluster should have some: there are 16 at least."""
    return max(1, min(BLOCK_BYTES // max(1, rows[:1].nbytes), -(-len(rows) // FEWEST_CELLS)))


def _shared(stack: ExitStack, sharing: Sharing | None, question: _Question) -> Shared[_Question]:
    return (sharing or stack.enter_context(Sharing())).share(question)
