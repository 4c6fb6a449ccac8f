"""What a search knows after its first hops on layer 0, before it has to choose its ef."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_count
from core.distances import Float64s, Floats
from core.index.beam_search import check_ef
from core.index.blocks import run_in_blocks
from core.index.checks import check_k, check_queries, check_returnable
from core.index.graph import HnswGraph
from core.index.scratch import kernel_graph, new_scratch, no_record
from core.progress import CountProgress


@dataclass(frozen=True, eq=False)
class FirstHops:
    """Distances of the metric that a search has computed by its first h hops on layer 0.

    nearest, kth: (q, h + 1) distance of the nearest row that the beam holds, and of the k-th, or of
    the last where it holds fewer: where layer 0 begins, and after each hop. NaN where it holds no
    row that can be returned. neighbors: (q, 3) least, mean and largest distance of the rows that
    the first hop visits, the neighbors of the row where layer 0 begins; NaN where it visits none.
    distance_computations: (q,) by then, all layers together. descent: (q,) hops above layer 0.
    """

    k: int
    nearest: Float64s
    kth: Float64s
    neighbors: Float64s
    distance_computations: npt.NDArray[np.int64]
    descent: npt.NDArray[np.int64]

    @property
    def hops(self) -> int:
        """How many hops on layer 0."""
        return int(self.nearest.shape[1]) - 1


def first_hops(
    graph: HnswGraph,
    queries: Floats,
    k: int,
    hops: int,
    *,
    ef_max: int = 512,
    exclude: npt.ArrayLike | None = None,
    threads: int | None = None,
    progress: CountProgress | None = None,
) -> FirstHops:
    """The first hops of a search for the k nearest of each of the queries (q, d).

    A smaller beam expands the same rows in the same order and stops earlier, so that what is known
    here costs a search nothing that goes on with any ef up to `ef_max`, unless it would have
    stopped before. The other arguments and errors are those of `search`.

    >>> from core.index import HnswParams, build_hnsw
    >>> graph = build_hnsw(np.eye(3, dtype=np.float32), HnswParams("euclidean"))
    >>> found = first_hops(graph, np.float32([[1, 0, 0]]), k=1, hops=2)
    >>> found.nearest[0].tolist(), found.distance_computations.tolist()
    ([0.0, 0.0, 0.0], [3])
    """
    k, count, width = check_k(k), check_count(hops, "hops"), check_ef(ef_max, check_k(k), "ef_max")
    rows = check_queries(graph, queries)
    excluded = check_returnable(graph, k, exclude, len(rows))
    from core.index.kernels.probe import first_hops_block

    arrays, q = kernel_graph(graph), len(rows)
    near, neighbors = np.full((q, count + 1, 2), np.nan), np.full((q, 3), np.nan)
    computations, descent = np.zeros(q, np.int64), np.zeros(q, np.int64)

    def run(block: slice) -> None:
        first_hops_block(
            arrays,
            new_scratch(graph, width + 1),
            no_record(),
            rows[block],
            excluded[block],
            width,
            k,
            near[block],
            neighbors[block],
            computations[block],
            descent[block],
        )

    run_in_blocks(q, run, threads=threads, progress=progress)
    return FirstHops(k, near[:, :, 0], near[:, :, 1], neighbors, computations, descent)
