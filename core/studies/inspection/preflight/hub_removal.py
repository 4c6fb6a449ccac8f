"""What an index gains when hubs are left out: recall of the other items, with them and without."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_ids
from core.distances import Floats
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw, search
from core.metrics import normal_half_width, recall_at_k
from core.progress import ROWS_INSERTED, Progress, counted, part, unheard
from core.studies.inspection.preflight.finding import Ids
from core.studies.parts.sampling import sample_rows
from core.studies.parts.truth import true_neighbors


@dataclass(frozen=True)
class HubRemoval:
    """Mean recall@k of items that are no hubs, in an index with the hubs and in one without.

    Each item is searched for by its own vector and left out of its own answer; the true neighbors
    are those among the rows that the index holds. half widths: of the 95 % intervals. queries: how
    many items, drawn with `seed`.
    """

    before: float
    before_half_width: float
    after: float
    after_half_width: float
    k: int
    ef: int
    queries: int
    seed: int


def hub_removal(
    graph: HnswGraph,
    vectors: Floats,
    params: HnswParams,
    hubs: npt.ArrayLike,
    *,
    k: int = 10,
    ef: int = 40,
    queries: int = 500,
    seed: int = 0,
    progress: Progress | None = None,
) -> HubRemoval:
    """Build the index again without the hubs, and search both for the same other items.

    graph: of all rows of `vectors` (n, d), built with `params`. hubs: row ids.
    Raises ParameterError where the graph has other rows, or fewer than k + 1 would be left.
    """
    report, k = progress or unheard, check_count(k, "k")
    if vectors.shape != (graph.n, graph.dim):
        raise ParameterError(
            f"vectors must hold the {graph.n:,} rows of {graph.dim:,} dimensions that the graph "
            f"was built from; got shape {vectors.shape}."
        )
    left_out = check_ids(hubs, "hubs", graph.n, empty=False)
    others = np.setdiff1d(np.arange(graph.n), left_out).astype(np.int64)
    asked = sample_rows(len(others), check_count(queries, "queries"), seed=seed)
    report(0.0, "with the hubs")
    before = _recall(graph, vectors, others[asked], k, ef)
    rebuilt = build_hnsw(
        vectors[others], params, progress=counted(part(report, 0.1, 0.9), ROWS_INSERTED)
    )
    report(0.9, "without the hubs")
    after = _recall(rebuilt, vectors[others], asked, k, ef)
    return HubRemoval(
        float(before.mean()),
        float(normal_half_width(before)),
        float(after.mean()),
        float(normal_half_width(after)),
        k,
        ef,
        len(asked),
        seed,
    )


def _recall(
    graph: HnswGraph, vectors: Floats, rows: Ids, k: int, ef: int
) -> npt.NDArray[np.float64]:
    truth = true_neighbors(graph, vectors, vectors[rows], k, exclude=rows)
    return recall_at_k(search(graph, vectors[rows], k, ef, exclude=rows).ids, truth.ids)
