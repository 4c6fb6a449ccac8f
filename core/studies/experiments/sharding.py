"""A sharded index: one HNSW index for each part of the rows, and the nearest of all their answers.

A true neighbor is in the merged answer if and only if its own shard returns it: of the rows that
any shard returns fewer than k can be nearer. So the hits at one ef are the sum of the shards' hits,
and one traversal of each shard gives the curve for every ef.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.checks import check_counts, check_rows
from core.data.shards import ArrayRows, VectorRows, as_rows
from core.distances import Float64s, Floats
from core.errors import ParameterError
from core.index import HnswParams, build_hnsw, ef_curve
from core.index.reaching import cost_at, first_ef, first_place, reaches
from core.progress import ROWS_INSERTED, Progress, counted, part
from core.studies.parts.blocks import neighbors_in_blocks
from core.studies.parts.cells import Cell, Done, SoFar, report_so_far, run_cells
from core.studies.parts.host import host_unless, this_host
from core.studies.parts.query_split import split_queries
from core.studies.parts.shared import Shared, Sharing

COUNTS = (1, 2, 4, 8)
BUILT = 0.8  # share of a cell's time that its build takes, for the progress
Key = tuple[int, int]


@dataclass(frozen=True, eq=False)
class ShardCurve:
    """One shard at every ef.

    rows: it indexes. hits: (q, e) true neighbors of each query that it returns. computations: (e,)
    distance computations, mean over queries. build_seconds: by the clock of `host`, "" for the
    machine that the study was started on.
    """

    rows: int
    hits: npt.NDArray[np.int16]
    computations: Float64s
    build_seconds: float
    host: str = ""


@dataclass(frozen=True, eq=False)
class ShardLayout:
    """The rows in so many shards, each searched with the same ef; arrays (e,) follow `ef`.

    recall: mean recall@k of the merged answers. computations: of all shards together, mean over
    queries. ef_at_target: the first ef whose mean recall reaches the target, -1 for none;
    cost_at_target: the computations there, NaN for none. build_seconds: (shards,).
    """

    shards: int
    ef: npt.NDArray[np.int64]
    recall: Float64s
    computations: Float64s
    ef_at_target: int
    cost_at_target: float
    build_seconds: Float64s
    hosts: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Sharding:
    """All layouts, ascending in the number of shards, at one k and target.

    n: rows. queries: how many; own_queries: whether they were handed in, else they are rows held
    out of every index.
    """

    k: int
    target: float
    n: int
    queries: int
    layouts: tuple[ShardLayout, ...]
    own_queries: bool

    @property
    def cost_ratios(self) -> Float64s:
        """What each layout costs at the target, as a multiple of the first one, (layouts,).

        NaN where one of the two does not reach it. The first is one large index, unless it was
        left out.
        """
        costs = np.array([layout.cost_at_target for layout in self.layouts])
        return np.asarray(costs / costs[0])


@dataclass(frozen=True, eq=False)
class _Plan:
    """What all shards share. truth: (q, k) row ids."""

    rows: VectorRows
    params: HnswParams
    k: int
    ef_max: int
    queries: Floats
    truth: npt.NDArray[np.int64]
    home: str
    threads: int | None


def sharding(
    vectors: Floats | VectorRows,
    params: HnswParams,
    *,
    counts: Sequence[int] = COUNTS,
    k: int = 10,
    target: float = 0.95,
    ef_max: int = 512,
    queries: int = 1000,
    query_vectors: Floats | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    progress: Progress | None = None,
    done: Done | None = None,
    so_far: Callable[[SoFar[Sharding]], None] | None = None,
) -> Sharding:
    """Index `vectors` (n, d) in so many shards as `counts` names, and ask all the same queries.

    vectors: an array, whose rows are dealt to the shards by chance, drawn with `seed`; or what
    `open_shards` gives, whose shards are spans of rows as they come, each in memory while its index
    is built. Then `query_vectors` are needed.
    queries, query_vectors: rows held out of every index, or queries from elsewhere, as
    `split_queries` has it.
    executor: builds shards side by side, each on one thread; else one after the other.
    progress, done: as in `run_cells`. so_far: called with the layouts all of whose shards are done.

    Raises ParameterError where a shard would have fewer than k rows, and for files without queries.
    """
    counts = tuple(sorted(set(check_counts(counts, "counts"))))
    rows, asked, own = _split(vectors, query_vectors, queries, seed)
    _check(rows.n, counts, k, ef_max)
    threads = None
    if executor is not None:  # shards are built side by side
        threads, params = 1, replace(params, threads=1)
    keys = [(count, shard) for count in counts for shard in range(count)]

    def whole(parts: dict[Key, ShardCurve]) -> Sharding | None:
        layouts = [
            _layout(count, [parts[count, shard] for shard in range(count)], k, target, ef_max)
            for count in counts
            if all((count, shard) in parts for shard in range(count))
        ]
        return Sharding(k, target, rows.n, len(asked), tuple(layouts), own) if layouts else None

    with Sharing() as sharing:
        truth = neighbors_in_blocks(
            rows,
            asked,
            k,
            metric=params.metric,
            executor=executor,
            progress=part(progress, 0.0, 0.0),
            sharing=sharing,
        )
        plan = sharing.share(_Plan(rows, params, k, ef_max, asked, truth.ids, this_host(), threads))
        cells = run_cells(
            [Cell(key, _name(*key), _shard, (plan, *key)) for key in keys],
            executor=executor,
            workers=1 if executor is None else None,
            progress=progress,
            done=done,
            finished=report_so_far(so_far, keys, whole),
        )
    found = whole(dict(zip(keys, cells, strict=True)))
    assert found is not None
    return found


def _split(
    vectors: Floats | VectorRows, query_vectors: Floats | None, queries: int, seed: int
) -> tuple[VectorRows, Floats, bool]:
    if isinstance(vectors, np.ndarray):
        split = split_queries(vectors, query_vectors, queries=queries, seed=seed)
        dealt = np.random.default_rng(seed).permutation(len(split.vectors))
        return ArrayRows(split.vectors[dealt]), split.queries, split.own
    if query_vectors is None:
        raise ParameterError(
            "query_vectors must be given where the vectors are read from files: no rows of them "
            "are held out."
        )
    rows = as_rows(vectors)
    return rows, check_rows(query_vectors, "query_vectors", rows.dim), True


def _check(n: int, counts: Sequence[int], k: int, ef_max: int) -> None:
    least = n // counts[-1]
    if not 1 <= k <= least:
        raise ParameterError(
            f"k must be at least 1 and at most the {least:,} rows of the smallest of "
            f"{counts[-1]:,} shards; got {k:,}. Lower k or counts."
        )
    if ef_max < k:
        raise ParameterError(f"ef_max must be at least k = {k:,}; got {ef_max:,}.")


def _name(count: int, shard: int) -> str:
    return "one index" if count == 1 else f"shard {shard + 1:,} of {count:,}"


def _shard(progress: Progress, shared: Shared[_Plan], count: int, shard: int) -> ShardCurve:
    plan = shared.value
    start, stop = plan.rows.n * shard // count, plan.rows.n * (shard + 1) // count
    rows = plan.rows.read(start, stop)
    started = time.perf_counter()
    graph = build_hnsw(
        rows, plan.params, progress=counted(part(progress, 0.0, BUILT), ROWS_INSERTED)
    )
    seconds = time.perf_counter() - started
    progress(BUILT, "searching")
    truth = own_truth(plan.truth, start, stop)
    curve = ef_curve(graph, plan.queries, truth, ef_max=plan.ef_max, threads=plan.threads)
    return ShardCurve(
        rows=stop - start,
        hits=curve.hits.astype(np.int16),
        computations=curve.distance_computations.mean(axis=0),
        build_seconds=seconds,
        host=host_unless(plan.home),
    )


def own_truth(truth: npt.NDArray[np.int64], start: int, stop: int) -> npt.NDArray[np.int64]:
    """Of true neighbors (q, k) those of the rows from `start` to `stop`, numbered from there.

    In their order, and -1 behind them.

    >>> own_truth(np.array([[7, 3, 5], [1, 2, 0]]), 3, 6).tolist()
    [[0, 2, -1], [-1, -1, -1]]
    """
    here = (truth >= start) & (truth < stop)
    first = np.argsort(~here, axis=1, kind="stable")
    return np.take_along_axis(np.where(here, truth - start, -1), first, axis=1)


def _layout(
    count: int, shards: Sequence[ShardCurve], k: int, target: float, ef_max: int
) -> ShardLayout:
    ef = np.arange(k, ef_max + 1)
    hits = sum((shard.hits.astype(np.int64) for shard in shards), np.zeros((), np.int64))
    recall = np.asarray(hits.mean(axis=0) / k)
    computations = np.sum([shard.computations for shard in shards], axis=0)
    reached = reaches(recall, target)
    return ShardLayout(
        shards=count,
        ef=ef,
        recall=recall,
        computations=computations,
        ef_at_target=int(first_ef(ef, reached)),
        cost_at_target=cost_at(computations, int(first_place(reached))),
        build_seconds=np.array([shard.build_seconds for shard in shards]),
        hosts=tuple(shard.host for shard in shards),
    )
