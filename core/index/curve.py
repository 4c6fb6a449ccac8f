"""What every ef gives, from one traversal per query."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.errors import ParameterError
from core.index.blocks import Progress, run_in_blocks
from core.index.checks import check_exclude, check_vectors
from core.index.exact import Neighbors
from core.index.graph import HnswGraph
from core.index.scratch import kernel_graph, new_scratch
from core.index.search import check_ef
from core.spaces import Floats


@dataclass(frozen=True, eq=False)
class EfCurve:
    """Recall and cost of each query at each ef.

    k: number of true neighbors asked for. ef: (e,) every integer from k to ef_max. hits: (q, e)
    true neighbors found. distance_computations, hops: (q, e), all layers together.
    """

    k: int
    ef: npt.NDArray[np.int64]
    hits: npt.NDArray[np.int32]
    distance_computations: npt.NDArray[np.int32]
    hops: npt.NDArray[np.int32]

    @cached_property
    def recall(self) -> npt.NDArray[np.float64]:
        """recall@k, strict by id: hits / k, (q, e)."""
        return np.asarray(self.hits / self.k)

    def smallest_ef(self, recall: float) -> npt.NDArray[np.int64]:
        """The first ef at which each query reaches `recall`, (q,); -1 where none does.

        Recall may fall again at a larger ef for no query: the k nearest rows found only get nearer
        as ef grows, up to ties.
        """
        if not 0 <= recall <= 1:
            raise ParameterError(f"recall must be between 0 and 1; got {recall}.")
        needed = np.ceil(recall * self.k - 1e-9)
        reached = self.hits >= needed
        return np.where(reached.any(axis=1), self.ef[reached.argmax(axis=1)], -1)


def ef_curve(
    graph: HnswGraph,
    queries: Floats,
    ground_truth: Neighbors | npt.ArrayLike,
    *,
    ef_max: int = 512,
    exclude: npt.ArrayLike | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> EfCurve:
    """Recall and cost for every ef from k to `ef_max`, for each of the queries (q, d).

    ground_truth: `Neighbors` or (q, k) row ids of the true neighbors; -1 fills rows that have fewer
    than k, and is never found. exclude: as in `search`.

    One traversal with a beam of ef_max serves all: a smaller beam expands the same nodes in the
    same order and stops earlier. Every column equals a `search` of its own.
    """
    truth = _check_truth(ground_truth, len(np.asarray(queries)), graph.n)
    k = truth.shape[1]
    ef_max = check_ef(ef_max, k, "ef_max")
    rows = check_vectors(queries, "queries", graph.dim)
    excluded = check_exclude(exclude, len(rows), graph.n)
    from core.index.kernels.answers import curve_block

    arrays = kernel_graph(graph)
    efs = np.arange(k, ef_max + 1)
    hits, computations, hops = (np.zeros((len(rows), len(efs)), np.int32) for _ in range(3))

    def run(block: slice) -> None:
        curve_block(
            arrays,
            new_scratch(graph, ef_max + 1),
            np.full(graph.n, -1, np.int32),
            rows[block],
            truth[block],
            excluded[block],
            k,
            ef_max,
            hits[block],
            computations[block],
            hops[block],
        )

    run_in_blocks(len(rows), run, threads=threads, progress=progress)
    return EfCurve(k, efs, hits, computations, hops)


def _check_truth(
    ground_truth: Neighbors | npt.ArrayLike, queries: int, n: int
) -> npt.NDArray[np.int64]:
    ids = np.asarray(ground_truth.ids if isinstance(ground_truth, Neighbors) else ground_truth)
    if ids.ndim != 2 or len(ids) != queries or ids.shape[1] < 1:
        raise ParameterError(
            f"ground_truth must hold the ids of k true neighbors for each of the {queries:,} "
            f"queries, (q, k); got shape {ids.shape}."
        )
    if not np.issubdtype(ids.dtype, np.integer):
        raise ParameterError(f"ground_truth must hold row ids, integers; got {ids.dtype}.")
    if ids.size and (ids.min() < -1 or ids.max() >= n):
        raise ParameterError(
            f"ground_truth must hold row ids below n = {n:,} (or -1 for none); got values from "
            f"{ids.min()} to {ids.max()}."
        )
    return np.ascontiguousarray(ids, dtype=np.int64)
