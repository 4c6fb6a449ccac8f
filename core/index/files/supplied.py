"""Vectors that come beside a file that holds none."""

import numpy as np
import numpy.typing as npt

from core.errors import ParameterError
from core.index.checks import check_vectors
from core.index.codes import OWN_CODES, as_compared, own_code_share
from core.index.graph import HnswGraph

COMPARED = 1_000


def check_supplied(
    vectors: npt.NDArray[np.float32] | None, count: int, dim: int, held: str
) -> npt.NDArray[np.float32]:
    """`vectors` as (count, dim) float32; raises ParameterError where there are none or others."""
    if vectors is None:
        raise ParameterError(
            f"A {held} file holds no vectors as they were added; pass vectors=, {count:,} rows of "
            f"{dim:,} dimensions in ascending order of label."
        )
    rows = check_vectors(vectors, "vectors", dim)
    if len(rows) != count:
        raise ParameterError(
            f"vectors must have {count:,} rows, one for each item of the index in ascending order "
            f"of label; got {len(rows):,}."
        )
    return rows


def check_beside(vectors: npt.NDArray[np.float32] | None, graph: HnswGraph) -> None:
    """Raise ParameterError where vectors were passed that cannot be those of the graph.

    Beside codes they are the truth, so 1,000 rows are held against their codes.
    """
    if vectors is None:
        return
    if np.shape(vectors) != (graph.n, graph.dim):
        raise ParameterError(
            f"vectors must be {graph.n:,} rows of {graph.dim:,} dimensions, as its items have; "
            f"got shape {np.shape(vectors)}. Leave them out: the file holds its own."
        )
    if graph.codes is None:
        return
    some = np.unique(np.linspace(0, graph.n - 1, COMPARED).astype(np.int64))
    rows = check_vectors(vectors[some], "vectors", graph.dim)
    share = own_code_share(as_compared(graph, rows), graph.vectors[some].astype(np.float64))
    if share < OWN_CODES:
        raise ParameterError(
            f"vectors are not those that the {graph.codes} codes were made from: of the items "
            f"compared, {100 * share:.0f} % lie nearest to their own code. Pass the vectors that "
            "were added, in ascending order of label."
        )
