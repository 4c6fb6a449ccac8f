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
from core.index import HnswGraph, HnswParams, Neighbors, build_hnsw, exact_neighbors
from core.spaces import Metric, length_metric, lengths
from pages.ui import jobs
from pages.ui.executors import Progress
from pages.ui.runner import Key
from pages.ui.workspace import Workspace

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


def graph(work: Workspace, *, place: str = "page") -> HnswGraph | None:
    """The HNSW index of the session: the one that was brought, or built from data and settings."""
    if work.brought is not None:
        return work.brought
    vectors, params = work.embeddings.vectors, work.params
    return jobs.need(_graph_key(work), "Building the index", _build, vectors, params, place=place)


def build_seconds(work: Workspace) -> float | None:
    """How long the build of the session's index took, once it is there; None if it was brought."""
    if work.brought is not None:
        return None
    job = jobs.finished(_graph_key(work))
    return None if job is None else job.elapsed


def neighborhoods(
    work: Workspace, k: int, *, metric: Metric | None = None, seed: int = 0, place: str = "page"
) -> Neighborhoods | None:
    """The k nearest neighbors of every row, or of 20,000 rows drawn with `seed`.

    metric: the index's own unless given. k is lowered to n - 1 where the data is smaller.
    """
    metric = metric or work.params.metric
    k = min(k, len(work.embeddings.vectors) - 1)
    key = ("neighborhoods", work.fingerprint, metric, k, seed)
    label = "Finding exact neighbors"
    return jobs.need(key, label, _neighborhoods, work.embeddings, k, metric, seed, place=place)


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
        # A kind of its own: a page asks for both lists, and two of one kind stop each other.
        key = ("neighborhoods by length", work.fingerprint, metric, k)
        label = "Finding the nearest by Euclidean distance"
        found = jobs.need(key, label, _neighborhoods, work.embeddings, k, metric, 0)
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
    key = ("true neighbors", work.fingerprint, work.index_key, query.tobytes(), item, k)
    label = "Finding exact neighbors"
    return jobs.need(key, label, _true_neighbors, work.embeddings, graph, query, item, k)


def _graph_key(work: Workspace) -> Key:
    return ("graph", work.fingerprint, work.params)


def _build(
    vectors: npt.NDArray[np.float32], params: HnswParams, *, progress: Progress
) -> HnswGraph:
    def report(done: int, total: int) -> None:
        progress(done / max(total, 1), f"{done:,} of {total:,} rows")

    return build_hnsw(vectors, params, progress=report)


def _true_neighbors(
    embeddings: EmbeddingSet,
    graph: HnswGraph,
    query: npt.NDArray[np.float32],
    item: int,
    k: int,
    *,
    progress: Progress,
) -> Neighbors:
    progress(0.0)
    return studies.true_neighbors(graph, embeddings.vectors, query[None], k, exclude=[item])


def _neighborhoods(
    embeddings: EmbeddingSet, k: int, metric: Metric, seed: int, *, progress: Progress
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
