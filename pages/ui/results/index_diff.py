"""The session's index beside another one, and another build of it, each as a job."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import streamlit as st

from core import studies
from core.data import EmbeddingSet
from core.index import HnswGraph, HnswParams, build_hnsw
from core.index.checks import check_queries
from core.progress import ROWS_INSERTED, counted
from core.studies import DiffNoise, IndexDiff
from pages.ui import jobs
from pages.ui.controls import queries
from pages.ui.controls.queries import GIVEN, UPLOADED
from pages.ui.jobs import Progress
from pages.ui.jobs.key import Key
from pages.ui.results import indexes, rebuilds
from pages.ui.results.query_sources import query_source
from pages.ui.session.slot import Slot
from pages.ui.session.workspace import Workspace

SEED = 0
AT_MOST = 1_000  # queries from elsewhere that both are asked
_STARTED: Slot[set[Key]] = Slot("diff_noise_started", set)


def compared(
    work: Workspace, graph: HnswGraph, other: HnswGraph, k: int, ef: int
) -> IndexDiff | None:
    """What changed from the session's graph to another one.

    Both are asked the queries of the Recall page where these come from elsewhere, else items of
    both.
    """
    asked = _asked(work, graph)
    if graph.transform is not None and other.transform is None:  # built of what it stores
        asked = None if asked is None else check_queries(graph, asked).astype(np.float32)
        graph = graph.in_own_space()
    if graph.carried is not None:  # its vectors are known behind the transform only
        other = other.in_own_space()
    return _compared.need(graph, other, asked, k, ef)


def noise(work: Workspace, graph: HnswGraph, found: IndexDiff) -> DiffNoise | None:
    """The same of rebuilds of the session's index; None after drawing a button, or the progress.

    The button stands where they take over a minute, or nobody knows how long.
    """
    call = (
        graph,
        found,
        _asked(work, graph),
        work.params,
        rebuilds.COUNT.held(rebuilds.MOST),
        rebuilds.VARY.held() == rebuilds.SHUFFLED,
    )
    key, started = _noise.key(*call), _STARTED.get()
    built_in = indexes.build_seconds(work)
    is_short = built_in is not None and call[4] * built_in <= rebuilds.AT_ONCE
    if not is_short and key not in started and _noise.finished(*call) is None:
        st.button(
            "Measure rebuild noise",
            on_click=started.add,
            args=(key,),
            help="Builds this index again and again, to tell a change from chance.",
        )
        return None
    return _noise.need(*call)


def _asked(work: Workspace, graph: HnswGraph) -> npt.NDArray[np.float32] | None:
    """The queries of the Recall page, where these come from elsewhere."""
    kind = queries.held(work).source
    if kind not in (GIVEN, UPLOADED):
        return None
    source = query_source(work, graph, kind)
    vectors = None if source is None else source.vectors(stop=AT_MOST)
    return None if vectors is None else np.asarray(vectors, dtype=np.float32)


def another_build(work: Workspace, graph: HnswGraph, params: HnswParams) -> HnswGraph | None:
    """An index of the session's items with other settings, under the labels of its graph.

    Of what the graph stores where these are codes or transformed vectors, so that only the links
    differ. Items that are deleted in the graph are deleted in it, too.
    """
    held: EmbeddingSet | HnswGraph = work.embeddings.bare
    if graph.codes is not None or graph.transform is not None or graph.carried is not None:
        held = graph
    own = replace(params, metric=graph.metric)
    return _another.need(held, own, graph.labels, graph.deleted)


@jobs.job("Building the other index", lane=jobs.by_size)
def _another(
    progress: Progress,
    held: EmbeddingSet | HnswGraph,
    params: HnswParams,
    labels: npt.NDArray[np.int64] | npt.NDArray[np.uint64],
    deleted: npt.NDArray[np.bool_],
) -> HnswGraph:
    report = indexes.with_time_left(progress, held, params)
    built = build_hnsw(held.vectors, params, progress=counted(report, ROWS_INSERTED))
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


@jobs.job("Rebuilding this index to tell a change from chance", lane="long")
def _noise(
    progress: Progress,
    graph: HnswGraph,
    found: IndexDiff,
    asked: npt.NDArray[np.float32] | None,
    params: HnswParams,
    count: int,
    shuffled: bool,
) -> DiffNoise:
    return studies.diff_noise(
        graph, found, asked, params, rebuilds=count, shuffled=shuffled, progress=progress
    )
