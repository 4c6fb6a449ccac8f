"""Insertion order: does the order in which rows are inserted change what is found?

The protocol is that of Elliott & Clark, The Impacts of Data, Ordering, and Intrinsic Dimensionality
on Recall in Hierarchical Navigable Small Worlds (arXiv 2405.17813): M 16, ef_construction 128,
recall@10 at ef 10 and 40 against exact neighbors, rows ordered by local intrinsic dimension (LID,
Amsaleg's estimator, k = 100) or class after class. Several seeds and an interval are added.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_labels
from core.distances import Floats, length_metric, lengths
from core.errors import ParameterError
from core.index import HnswParams, Neighbors, build_hnsw, ef_curve, exact_neighbors, search
from core.metrics import local_intrinsic_dimension
from core.progress import ROWS_INSERTED, Progress, counted, part
from core.studies.experiments.insertion_order_results import (
    ASCENDING,
    BY_CLASS,
    DESCENDING,
    RANDOM,
    WORST,
    InsertionOrder,
    OrderRun,
)
from core.studies.parts.blocks import truth_of
from core.studies.parts.cells import Cell, Done, SoFar, report_so_far, run_cells
from core.studies.parts.query_split import split_queries
from core.studies.parts.shared import Shared, Sharing

M, EF_CONSTRUCTION, K, EFS = 16, 128, 10, (10, 40)
LID_NEIGHBORS = 100
EXACT_AT_MOST = 30_000  # rows whose neighbors are found exactly for the LID; else by the index
LID_EF = 200
FRESH_SEEDS = 1_000  # added to a seed where the worst class order is built again
LID = "measuring LID"
SEARCHED = "neighbors of {:,} of {:,} rows"
BUILT = 0.9  # share of a cell's time that its build takes, for the progress
Key = tuple[str, int]
Codes = npt.NDArray[np.int64]
Lid = tuple[npt.NDArray[np.float64], bool]


@dataclass(frozen=True, eq=False)
class _Plan:
    """What all runs share: the indexed rows, the settings, the queries with their true neighbors.

    labels: of the indexed rows.
    """

    vectors: Floats
    params: HnswParams
    labels: Codes | None
    efs: tuple[int, ...]
    queries: Floats
    truth: Neighbors


def insertion_order(
    vectors: Floats,
    params: HnswParams,
    labels: Codes | None = None,
    *,
    k: int = K,
    efs: Sequence[int] = EFS,
    seeds: Sequence[int] = (0, 1, 2),
    queries: int = 1000,
    query_vectors: Floats | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    done: Done | None = None,
    so_far: Callable[[SoFar[InsertionOrder]], None] | None = None,
) -> InsertionOrder:
    """Build the index of `vectors` (n, d) in each order with each seed; ask the same queries.

    params: M, ef_construction and metric of every build; each seed draws the levels, the random
    order and the order of the classes. labels: (n,) codes, -1 for none; without them there are no
    orders by class. "worst class order" is the one of "class after class" with the least recall at
    the first ef, built anew with other levels, so that it is not called the worst by chance.
    queries, query_vectors: rows held out of every index, drawn with the first seed, or queries from
    elsewhere, as `split_queries` has it. Orders, LID and classes are those of the indexed rows.
    executor, progress, done: as in `run_cells`.
    workers: builds at the same time, one thread each; default all cores, or as many as there are
    where there is an executor.
    so_far: called with the finished runs, once the LID is measured.
    """
    labels = None if labels is None else _check_labels(vectors, labels)
    _check_numbers(seeds, efs)
    split = split_queries(vectors, query_vectors, queries=queries, seed=seeds[0])
    kept = None if labels is None else labels[split.rows]
    every = tuple(sorted({max(k, ef) for ef in efs}))
    cells: Done = {} if done is None else done
    by_class = [(BY_CLASS, seed) for seed in seeds] if labels is not None else []
    first = [(LID, 0), *[(RANDOM, seed) for seed in seeds], *by_class]
    second = [(order, seed) for order in (DESCENDING, ASCENDING) for seed in seeds]
    second += [(WORST, seed) for _, seed in by_class]
    share = len(first) / (len(first) + len(second))

    def whole(lid: Lid, runs: tuple[OrderRun, ...]) -> InsertionOrder:
        n, asked = len(split.rows), len(split.queries)
        return InsertionOrder(k, every, n, asked, tuple(seeds), *lid, runs, split.own)

    def study(parts: dict[Any, Any]) -> InsertionOrder | None:
        runs = tuple(run for key, run in parts.items() if key != (LID, 0))
        return whole(parts[LID, 0], runs) if (LID, 0) in parts and runs else None

    run = partial(
        run_cells,
        executor=executor,
        workers=workers,
        done=cells,
        finished=report_so_far(so_far, [*first, *second], study),
    )
    with Sharing() as sharing:
        truth = truth_of(
            split.vectors,
            split.queries,
            k,
            params.metric,
            executor=executor,
            sharing=sharing,
            progress=progress,
        )
        plan = _Plan(split.vectors, params, kept, every, split.queries, truth)
        shared = sharing.share(plan)
        run(
            [Cell(key, _name(key), _cell, (shared, key)) for key in first],
            progress=part(progress, 0.0, share),
        )
        lid = sharing.share(cells[LID, 0][0])
        worst = _worst(cells, by_class)
        run(
            [Cell(key, _name(key), _cell, (shared, key, lid, worst)) for key in second],
            progress=part(progress, share, 1.0),
        )
    runs = tuple(cells[key] for key in [*first[1:], *second])
    return whole(cells[LID, 0], runs)


def _worst(cells: Done, by_class: Sequence[Key]) -> int:
    """The seed of the class order of least recall at the first ef."""
    return min(by_class, key=lambda key: cells[key].recall[:, 0].mean(), default=(BY_CLASS, 0))[1]


def _check_labels(vectors: Floats, labels: Codes) -> Codes:
    codes = check_labels(labels, len(vectors)).astype(np.int64, copy=False)
    if (codes < -1).any():
        raise ParameterError(
            f"labels must be whole numbers from 0, or -1 for none; got {codes.min()}."
        )
    return codes


def _check_numbers(seeds: Sequence[int], efs: Sequence[int]) -> None:
    if not seeds or len(set(seeds)) != len(seeds) or not 0 <= min(seeds) <= max(seeds) < 1000:
        raise ParameterError(f"seeds must be different numbers from 0 to 999; got {list(seeds)}.")
    if not efs:
        raise ParameterError("efs must name at least one ef; got none.")


def _cell(
    progress: Progress,
    shared: Shared[_Plan],
    key: Key,
    lid: Shared[npt.NDArray[np.float64]] | None = None,
    worst: int = 0,
) -> Any:
    """The run of (order, seed), or the LID of all indexed rows."""
    plan, (order, seed) = shared.value, key
    if order == LID:
        return _measure_lid(plan, progress)
    by_lid = None if lid is None else lid.value
    rows = _order(plan, order, worst if order == WORST else seed, by_lid)
    level_seed = seed + FRESH_SEEDS if order == WORST else seed
    params = replace(plan.params, seed=level_seed, threads=1)
    built = counted(part(progress, 0.0, BUILT), ROWS_INSERTED)
    graph = build_hnsw(plan.vectors, params, order=rows, progress=built)
    curve = ef_curve(graph, plan.queries, plan.truth, ef_max=plan.efs[-1], threads=1)
    places = [ef - curve.k for ef in plan.efs]
    computations = curve.distance_computations[:, places].mean(axis=0)
    return OrderRun(order, seed, curve.recall[:, places], computations)


def _order(
    plan: _Plan, order: str, seed: int, lid: npt.NDArray[np.float64] | None
) -> npt.NDArray[np.int64]:
    """The rows in order of insertion; equal ones by chance, drawn with the seed."""
    random = np.random.default_rng(seed)
    shuffled = random.permutation(len(plan.vectors))
    if order in (DESCENDING, ASCENDING) and lid is not None:
        by_lid = np.argsort(lid[shuffled], kind="stable")
        return shuffled[by_lid if order == ASCENDING else by_lid[::-1]]
    if order in (BY_CLASS, WORST) and plan.labels is not None:
        classes = int(plan.labels.max()) + 2  # the last one: rows without a class
        rank = random.permutation(classes)
        return shuffled[np.argsort(rank[plan.labels[shuffled]], kind="stable")]
    return shuffled


def _measure_lid(plan: _Plan, progress: Progress) -> Lid:
    """LID of every indexed row, (n,), and whether it is from exact neighbors.

    It is of lengths: where the metric has none, of those between the same rows.
    """
    vectors, n = plan.vectors, len(plan.vectors)
    k, rows = min(LID_NEIGHBORS, n - 1), np.arange(n)
    metric = length_metric(plan.params.metric)
    if n <= EXACT_AT_MOST:
        searched = counted(progress, SEARCHED)
        near = exact_neighbors(
            vectors, vectors, k, metric=metric, exclude=rows, threads=1, progress=searched
        ).distances
    else:
        params = replace(plan.params, metric=metric, threads=1)
        inserted = counted(part(progress, 0.0, 0.5), ROWS_INSERTED)
        graph = build_hnsw(vectors, params, progress=inserted)
        searched = counted(part(progress, 0.5, 1.0), SEARCHED)
        near = search(
            graph, vectors, k, LID_EF, exclude=rows, threads=1, progress=searched
        ).distances
    lid = local_intrinsic_dimension(lengths(near, metric), estimator="amsaleg")
    return lid, n <= EXACT_AT_MOST


def _name(key: Key) -> str:
    return key[0] if key[0] == LID else f"{key[0]}, seed {key[1]}"
