"""What pages need and what takes time: each is a job, shared by all sessions, kept when done.

graph = needs.graph(work)
if graph is None:      # its progress is drawn here; the rest of the page goes on
    return
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core import studies
from core.data import EmbeddingSet
from core.distances import Metric, length_metric, lengths
from core.index import HnswGraph, HnswParams, Neighbors, build_hnsw, exact_neighbors
from pages.ui import jobs
from pages.ui.jobs import Progress
from pages.ui.session.workspace import Workspace

ROWS_AT_MOST = 20_000
BLOCK = 2_000


@dataclass(frozen=True)
class Neighborhoods:
    """Exact nearest neighbors of rows of the data, each row left out of its own list.

    rows: (q,) row ids, ascending: every row, or a sample drawn without replacement with `seed`.
    neighbors: (q, k) ids and distances.
    """

    rows: npt.NDArray[np.int64]
    neighbors: Neighbors
    n: int
    seed: int

    @property
    def is_sample(self) -> bool:
        """Whether some rows were left out."""
        return len(self.rows) < self.n


def graph(work: Workspace) -> HnswGraph | None:
    """The HNSW index of the session: the one that was brought, or built from data and settings."""
    if work.brought is not None:
        return work.brought
    return _build.need(work.embeddings, work.params)


def build_seconds(work: Workspace) -> float | None:
    """How long the build of the session's index took, once it is there; None if it was brought."""
    if work.brought is not None:
        return None
    job = _build.finished(work.embeddings, work.params)
    return None if job is None else job.elapsed


def neighborhoods(
    work: Workspace, k: int, *, metric: Metric | None = None, seed: int = 0
) -> Neighborhoods | None:
    """The k nearest neighbors of every row, or of 20,000 rows drawn with `seed`.

    metric: the index's own unless given. k is lowered to n - 1 where the data is smaller.
    """
    metric = metric or work.params.metric
    k = min(k, len(work.embeddings.vectors) - 1)
    return _neighborhoods.need(work.embeddings, k, metric, seed)


def neighborhoods_by_length(work: Workspace, k: int) -> Neighborhoods | None:
    """As `neighborhoods`, with lengths for distances, as intrinsic dimension takes them.

    Under cosine they are the chords between unit vectors; under inner product the nearest by
    Euclidean distance are found beside those that the index searches for.
    """
    metric = length_metric(work.params.metric)
    if metric == work.params.metric:
        found = neighborhoods(work, k)
    else:
        k = min(k, len(work.embeddings.vectors) - 1)
        found = _nearest_by_length.need(work.embeddings, k, metric)
    if found is None:
        return None
    measured = lengths(found.neighbors.distances, metric)
    return replace(found, neighbors=Neighbors(found.neighbors.ids, measured))


def true_neighbors(
    work: Workspace, graph: HnswGraph, query: npt.NDArray[np.float32], item: int, k: int
) -> Neighbors | None:
    """The k exact neighbors of one query (d,), (1, k); `item` is the row that it is, or -1.

    A job although it is quick: the first search of a server loads the compiled kernels.
    """
    return _true_neighbors.need(work.embeddings, graph, query, item, k)


@jobs.job("Building the index")
def _build(progress: Progress, embeddings: EmbeddingSet, params: HnswParams) -> HnswGraph:
    def report(done: int, total: int) -> None:
        progress(done / max(total, 1), f"{done:,} of {total:,} rows")

    return build_hnsw(embeddings.vectors, params, progress=report)


@jobs.job("Finding exact neighbors")
def _true_neighbors(
    progress: Progress,
    embeddings: EmbeddingSet,
    graph: HnswGraph,
    query: npt.NDArray[np.float32],
    item: int,
    k: int,
) -> Neighbors:
    progress(0.0)
    return studies.true_neighbors(graph, embeddings.vectors, query[None], k, exclude=[item])


@jobs.job("Finding exact neighbors")
def _neighborhoods(
    progress: Progress, embeddings: EmbeddingSet, k: int, metric: Metric, seed: int
) -> Neighborhoods:
    return _nearest(embeddings, k, metric, seed, progress)


@jobs.job("Finding the nearest by {metric} distance")
def _nearest_by_length(
    progress: Progress, embeddings: EmbeddingSet, k: int, metric: Metric
) -> Neighborhoods:
    """A kind of its own: a page asks for both lists, and two of one kind stop each other."""
    return _nearest(embeddings, k, metric, 0, progress)


def _nearest(
    embeddings: EmbeddingSet, k: int, metric: Metric, seed: int, progress: Progress
) -> Neighborhoods:
    vectors, n = embeddings.vectors, len(embeddings.vectors)
    rows = np.arange(n)
    if n > ROWS_AT_MOST:
        rows = np.sort(np.random.default_rng(seed).choice(n, ROWS_AT_MOST, replace=False))
    found = []
    for start in range(0, len(rows), BLOCK):
        progress(start / len(rows), f"{start:,} of {len(rows):,} rows")
        block = rows[start : start + BLOCK]
        found.append(exact_neighbors(vectors, vectors[block], k, metric=metric, exclude=block))
    neighbors = Neighbors(
        ids=np.concatenate([part.ids for part in found]),
        distances=np.concatenate([part.distances for part in found]),
    )
    return Neighborhoods(rows=rows, neighbors=neighbors, n=n, seed=seed)
