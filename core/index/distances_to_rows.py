"""The distance of a query to every row, as the index stores the rows."""

import numpy as np
import numpy.typing as npt

from core.distances import Floats
from core.index.blocks import run_in_blocks
from core.index.checks import check_queries
from core.index.graph import HnswGraph
from core.index.scratch import kernel_graph


def row_distances(
    graph: HnswGraph, query: Floats, *, threads: int | None = None
) -> npt.NDArray[np.float64]:
    """Distances of a query (d,) to all rows of the graph, (n,), as `trace_search` gives them.

    threads: default all cores. Raises ParameterError where the query does not fit the graph.
    """
    from core.index.kernels.answers import true_distances

    asked = check_queries(graph, np.atleast_2d(query), "query")[0]
    arrays, rows = kernel_graph(graph), np.arange(graph.n)
    distances = np.empty(graph.n)

    def run(block: slice) -> None:
        true_distances(
            arrays.vectors, rows[block], asked, arrays.squared, arrays.unit, distances[block]
        )

    run_in_blocks(graph.n, run, threads=threads)
    return distances
