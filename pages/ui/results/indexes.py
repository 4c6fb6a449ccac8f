"""What pages need and what takes time: each is a job, shared by all sessions, kept when done.

graph = indexes.graph(work)
if graph is None:      # its progress is drawn here; the rest of the page goes on
    return
"""

import time
from collections.abc import Callable
from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt

from core import studies
from core.data import EmbeddingSet
from core.distances import Metric, length_metric, lengths
from core.index import HnswGraph, HnswParams, Neighbors, build_hnsw, exact_neighbors
from core.progress import Progress as Report
from core.progress import counted
from core.studies import KnnLists
from core.studies.parts.knn import ROWS_AT_MOST
from pages.ui import jobs
from pages.ui.jobs import Progress
from pages.ui.jobs.key import fingerprint
from pages.ui.jobs.runner import Lane
from pages.ui.results import expected, on_cluster
from pages.ui.session.workspace import Workspace

AT_ONCE = 1.5  # seconds that a page waits for what takes some 30 ms, and the first time 500
KNN = 20  # one list for all that pages ask of neighbors: two lengths would stop each other's job


def graph(work: Workspace) -> HnswGraph | None:
    """The HNSW index of the session: the one that was opened, or built from data and settings."""
    if work.opened is not None:
        return work.opened
    return _build.need(work.embeddings.bare, work.params)


def name_of(work: Workspace) -> str:
    """Names the index of a session with its data, to tell it from every other."""
    return fingerprint((work.fingerprint, work.index_key))


def build_seconds(work: Workspace) -> float | None:
    """How long the build of the session's index took, once it is there; None if it was opened."""
    if work.opened is not None:
        return None
    job = _build.finished(work.embeddings.bare, work.params)
    return None if job is None else job.elapsed


def knn(work: Workspace, k: int, *, metric: Metric | None = None, seed: int = 0) -> KnnLists | None:
    """The k nearest neighbors of every row, or of 20,000 rows drawn with `seed`.

    metric: the index's own unless given. k is lowered to n - 1 where the data is smaller.
    """
    metric = metric or work.params.metric
    return _knn.need(work.embeddings.bare, _within(work, k), metric, seed)


def knn_by_length(work: Workspace, k: int) -> KnnLists | None:
    """As `knn`, with lengths for distances, as intrinsic dimension takes them.

    Under cosine they are the chords between unit vectors; under inner product the nearest by
    Euclidean distance are found beside those that the index searches for.
    """
    metric = length_metric(work.params.metric)
    if metric == work.params.metric:
        found = knn(work, k)
    else:
        found = _knn_by_length.need(work.embeddings.bare, _within(work, k), metric)
    return None if found is None else found.as_lengths()


def _within(work: Workspace, k: int) -> int:
    """k, or as many neighbors as a row of smaller data has."""
    return min(k, work.embeddings.n - 1)


def true_neighbors(
    work: Workspace, query: npt.NDArray[np.float32], item: int, k: int
) -> Neighbors | None:
    """The k exact neighbors of one query (d,), (1, k); `item` is the row that it is, or -1.

    They need no index, and wait for none: one pass over the vectors. Of an opened index they are
    those that it can return.
    """
    bare = work.embeddings.bare
    return _true_neighbors.need(bare, work.params.metric, work.opened, query, item, k)


def lengths_near(
    work: Workspace, query: npt.NDArray[np.float32], item: int, k: int
) -> npt.NDArray[np.float64] | None:
    """Lengths to the k nearest rows of one query, (1, k), as intrinsic dimension takes them."""
    metric, most = length_metric(work.params.metric), work.embeddings.n - (item >= 0)
    near = _lengths_near.need(work.embeddings.bare, metric, query, item, min(k, most))
    return None if near is None else lengths(near.distances, metric)


@jobs.job("Building the index", lane=jobs.by_size)
def _build(progress: Progress, embeddings: EmbeddingSet, params: HnswParams) -> HnswGraph:
    report = with_time_left(progress, embeddings, params)
    return build_hnsw(embeddings.vectors, params, progress=counted(report, "{:,} of {:,} rows"))


def with_time_left(
    progress: Report,
    embeddings: EmbeddingSet | HnswGraph,
    params: HnswParams,
    clock: Callable[[], float] = time.monotonic,
) -> Report:
    """The report of a build that also says how long it takes; at once, before its first rows."""
    start = clock()
    rows, dim = embeddings.vectors.shape

    def report(share: float, words: str) -> None:
        left = expected.build_words(rows, dim, params, share, clock() - start)
        progress(share, ", ".join(filter(None, (words, left if share < 1 else ""))))

    report(0.0, "")
    return report


@jobs.job("Finding exact neighbors", lane="quick", patience=AT_ONCE)
def _true_neighbors(
    progress: Progress,
    embeddings: EmbeddingSet,
    metric: Metric,
    opened: HnswGraph | None,
    query: npt.NDArray[np.float32],
    item: int,
    k: int,
) -> Neighbors:
    progress(0.0)
    vectors, asked, exclude = embeddings.vectors, query[None], [item]
    if opened is not None:
        return studies.true_neighbors(opened, vectors, asked, k, exclude=exclude)
    return exact_neighbors(vectors, asked, k, metric=metric, exclude=exclude)


@jobs.job("Measuring lengths", lane="quick", patience=AT_ONCE)
def _lengths_near(
    progress: Progress,
    embeddings: EmbeddingSet,
    metric: Metric,
    query: npt.NDArray[np.float32],
    item: int,
    k: int,
) -> Neighbors:
    progress(0.0)
    return exact_neighbors(embeddings.vectors, query[None], k, metric=metric, exclude=[item])


def _units_of_lists(embeddings: EmbeddingSet) -> float:
    n = len(embeddings.vectors)
    return expected.pairs(min(n, ROWS_AT_MOST), n)


def lane_of_lists(embeddings: EmbeddingSet, *_: object) -> Lane:
    """The lane of `lists_of`: a thread where it waits for the cluster."""
    elsewhere = on_cluster.takes(_units_of_lists(embeddings), embeddings.vectors)
    return "thread" if elsewhere else jobs.by_size(embeddings)


@jobs.job("Finding exact neighbors", lane=lane_of_lists)
def _knn(
    progress: Progress, embeddings: EmbeddingSet, k: int, metric: Metric, seed: int
) -> KnnLists:
    return lists_of(progress, embeddings, k, metric, seed)


@jobs.job("Finding the nearest by {metric} distance", lane=lane_of_lists)
def _knn_by_length(
    progress: Progress, embeddings: EmbeddingSet, k: int, metric: Metric
) -> KnnLists:
    """A kind of its own: a page asks for both lists, and two of one kind stop each other."""
    return lists_of(progress, embeddings, k, metric)


def lists_of(
    progress: Report, embeddings: EmbeddingSet, k: int, metric: Metric, seed: int = 0
) -> KnnLists:
    """`knn_lists` within a job, on the cluster where it is large."""
    vectors = embeddings.vectors

    def find(executor: Executor | None, told: Report) -> KnnLists:
        report = counted(told, "{:,} of {:,} rows")
        return studies.knn_lists(vectors, k, metric, seed=seed, executor=executor, progress=report)

    return on_cluster.run(progress, _units_of_lists(embeddings), vectors, find)
