"""The session's index beside another one, and another build of it, each as a job."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from core import studies
from core.data import EmbeddingSet
from core.index import HnswGraph, HnswParams, build_hnsw
from core.progress import ROWS_INSERTED, counted
from core.studies import IndexDiff
from pages.ui import jobs
from pages.ui.controls import queries
from pages.ui.controls.queries import GIVEN, UPLOADED
from pages.ui.jobs import Progress
from pages.ui.results import indexes
from pages.ui.results.query_sources import query_source
from pages.ui.session.workspace import Workspace

SEED = 0
AT_MOST = 1_000  # queries from elsewhere that both are asked


def compared(
    work: Workspace, graph: HnswGraph, other: HnswGraph, k: int, ef: int
) -> IndexDiff | None:
    """What changed from the session's graph to another one.

    Both are asked the queries of the Recall page where these come from elsewhere, else items of
    both.
    """
    kind, asked = queries.held(work).source, None
    if kind in (GIVEN, UPLOADED):
        source = query_source(work, graph, kind)
        asked = None if source is None else source.vectors(stop=AT_MOST)
    if graph.carried is not None:  # its vectors are known behind the transform only
        other = other.in_own_space()
    return _compared.need(graph, other, asked, k, ef)


def another_build(work: Workspace, graph: HnswGraph, params: HnswParams) -> HnswGraph | None:
    """An index of the session's items with other settings, under the labels of its graph.

    Items that are deleted in the graph are deleted in it, too.
    """
    return _another.need(work.embeddings.bare, params, graph.labels, graph.deleted)


@jobs.job("Building the other index", lane=jobs.by_size)
def _another(
    progress: Progress,
    embeddings: EmbeddingSet,
    params: HnswParams,
    labels: npt.NDArray[np.int64] | npt.NDArray[np.uint64],
    deleted: npt.NDArray[np.bool_],
) -> HnswGraph:
    report = indexes.with_time_left(progress, embeddings, params)
    built = build_hnsw(embeddings.vectors, params, progress=counted(report, ROWS_INSERTED))
    return replace(built, labels=labels, deleted=deleted)


@jobs.job("Comparing the two indexes")
def _compared(
    progress: Progress,
    graph: HnswGraph,
    other: HnswGraph,
    asked: npt.NDArray[np.float32] | None,
    k: int,
    ef: int,
) -> IndexDiff:
    return studies.diff_indexes(graph, other, asked, k, ef, seed=SEED, progress=progress)
