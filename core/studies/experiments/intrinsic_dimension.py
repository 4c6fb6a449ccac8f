"""Intrinsic dimension: recall of synthetic data by its rank, and where the data at hand falls.

After Elliott & Clark (arXiv 2405.17813): vectors of full dimension that are random combinations of
r orthonormal ones, indexed with M 16 and ef_construction 128, recall@10 at ef 10 and 40.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_counts, check_rows
from core.distances import Float64s, Floats, Metric, length_metric, lengths
from core.index import HnswParams, build_hnsw, ef_curve, exact_neighbors
from core.metrics import local_intrinsic_dimension, two_nn_dimension
from core.progress import ROWS_INSERTED, Progress, counted, part
from core.studies.parts.cells import Cell, Done, SoFar, report_so_far, run_cells
from core.studies.parts.query_split import split_queries
from core.studies.parts.sampling import sample_rows
from core.studies.parts.shared import Shared, Sharing

OWN = 0  # the key of the data at hand, which has no rank of its own
ROWS = 10_000
LID_NEIGHBORS = 100
RANKS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


@dataclass(frozen=True)
class RankPoint:
    """One data set: recall (e,) at each ef, and the measures of its dimension.

    rank: of the synthetic data, 0 for the data at hand. lid: median local intrinsic dimension of
    the queries (Amsaleg, k = 100). two_nn: TwoNN over the queries. Both are of lengths: chords
    between unit vectors under cosine, Euclidean under inner product. distance_computations: (e,).
    """

    rank: int
    lid: float
    two_nn: float
    recall: tuple[float, ...]
    distance_computations: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class _Plan:
    """What all points share.

    vectors: the indexed rows of the data at hand; queries: its own. Synthetic data has as many of
    both.
    """

    vectors: Floats
    queries: Floats
    params: HnswParams
    k: int
    efs: tuple[int, ...]
    seed: int


@dataclass(frozen=True, eq=False)
class IntrinsicDimension:
    """Synthetic points by rank, ascending, and the data at hand.

    n: rows of each index; dim: values of a row. queries: how many of each data set; own_queries:
    whether those of the data at hand were handed in. All others are rows held out of the index.
    """

    k: int
    efs: tuple[int, ...]
    n: int
    dim: int
    points: tuple[RankPoint, ...]
    own: RankPoint
    queries: int
    own_queries: bool = False

    @property
    def rank_like_own(self) -> float:
        """The rank at which synthetic data has the LID of the data at hand.

        Between two ranks in proportion of logarithms; the first or last rank beyond them.
        """
        lids = np.log([point.lid for point in self.points])
        ranks = np.log([point.rank for point in self.points])
        return float(np.exp(np.interp(np.log(self.own.lid), lids, ranks)))

    def expected_recall(self, ef: int) -> float:
        """Recall at one of `efs` of synthetic data with the LID of the data at hand."""
        place = self.efs.index(ef)
        lids = np.log([point.lid for point in self.points])
        recall = [point.recall[place] for point in self.points]
        return float(np.interp(np.log(self.own.lid), lids, recall))


def intrinsic_dimension(
    vectors: Floats,
    params: HnswParams,
    *,
    k: int = 10,
    efs: Sequence[int] = (10, 40),
    ranks: Sequence[int] = RANKS,
    rows: int = ROWS,
    queries: int = 500,
    query_vectors: Floats | None = None,
    seed: int = 0,
    executor: Executor | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    done: Done | None = None,
    so_far: Callable[[SoFar[IntrinsicDimension]], None] | None = None,
) -> IntrinsicDimension:
    """Index synthetic data of each rank up to d, and the data at hand, in equal numbers of rows.

    vectors: (n, d), of which up to `rows` are drawn with `seed`. Synthetic rows are normal
    coefficients (m, r) times r orthonormal vectors of d dimensions.
    queries, query_vectors: rows held out of the index of the data at hand, or queries from
    elsewhere, as `split_queries` has it. Each synthetic set has as many held-out rows.
    executor, progress, done: as in `run_cells`.
    workers: points at the same time; default all cores, or all points where there is an executor.
    so_far: called with the finished points, once the data at hand is among them.
    """
    k, vectors = check_count(k, "k"), check_rows(vectors, "vectors")
    efs = tuple(sorted({max(k, ef) for ef in check_counts(efs, "efs")}))
    ranks, dim = check_counts(ranks, "ranks"), vectors.shape[1]
    drawn = vectors[sample_rows(len(vectors), check_count(rows, "rows"), seed=seed)]
    split = split_queries(drawn, query_vectors, queries=queries, seed=seed)
    n, asked = len(split.rows), len(split.queries)
    kept = sorted({dim, *(rank for rank in ranks if rank < dim)})

    def study(points: dict[Any, RankPoint]) -> IntrinsicDimension | None:
        synthetic = tuple(point for rank, point in points.items() if rank != OWN)
        if OWN not in points or not synthetic:
            return None
        return IntrinsicDimension(k, efs, n, dim, synthetic, points[OWN], asked, split.own)

    with Sharing() as sharing:
        plan = sharing.share(_Plan(split.vectors, split.queries, params, k, efs, seed))
        own, *points = run_cells(
            [Cell(rank, _name(rank), _cell, (plan, rank)) for rank in [OWN, *kept]],
            executor=executor,
            workers=workers,
            progress=progress,
            done=done,
            finished=report_so_far(so_far, [OWN, *kept], study),
        )
    return IntrinsicDimension(k, efs, n, dim, tuple(points), own, asked, split.own)


def _name(rank: int) -> str:
    return "the data at hand" if rank == OWN else f"rank {rank}"


def _cell(progress: Progress, shared: Shared[_Plan], rank: int) -> RankPoint:
    plan = shared.value
    if rank != OWN:
        n, dim = plan.vectors.shape
        random = np.random.default_rng((plan.seed, rank))
        rows = synthetic(n + len(plan.queries), dim, rank, random)
        plan = replace(plan, vectors=rows[:n], queries=rows[n:])
    return _point(plan, rank, progress)


def synthetic(n: int, dim: int, rank: int, random: np.random.Generator) -> npt.NDArray[np.float32]:
    """(n, dim) random combinations of `rank` orthonormal vectors, with normal coefficients."""
    basis, _ = np.linalg.qr(random.normal(size=(dim, rank)))
    return np.asarray(random.normal(size=(n, rank)) @ basis.T, dtype=np.float32)


def _point(plan: _Plan, rank: int, progress: Progress) -> RankPoint:
    params = replace(plan.params, threads=1)  # points are made side by side
    vectors, queries = plan.vectors, plan.queries
    near = _lengths(vectors, queries, params.metric)
    truth = exact_neighbors(vectors, queries, plan.k, metric=params.metric, threads=1)
    graph = build_hnsw(vectors, params, progress=counted(part(progress, 0.1, 0.9), ROWS_INSERTED))
    curve = ef_curve(graph, queries, truth, ef_max=plan.efs[-1], threads=1)
    places = [ef - plan.k for ef in plan.efs]
    return RankPoint(
        rank,
        float(np.nanmedian(local_intrinsic_dimension(near, estimator="amsaleg"))),
        two_nn_dimension(near[:, :2]),
        tuple(curve.recall[:, places].mean(axis=0).tolist()),
        tuple(curve.distance_computations[:, places].mean(axis=0).tolist()),
    )


def _lengths(vectors: Floats, queries: Floats, metric: Metric) -> Float64s:
    """Lengths from the queries (q, d) to their 100 nearest rows, (q, 100 or all rows)."""
    depth, measured = min(LID_NEIGHBORS, len(vectors)), length_metric(metric)
    near = exact_neighbors(vectors, queries, depth, metric=measured, threads=1)
    return lengths(near.distances, measured)
