"""What does not fit between an opened index and the data or the metric it is used with."""

import streamlit as st

from core.data import EmbeddingSet
from core.distances import Metric
from core.index import HnswGraph, MetricFit, metric_fit, metric_words, with_metric
from core.studies import RowChanges, row_changes, with_index_vectors
from pages.ui import jobs
from pages.ui.display import index_words, messages
from pages.ui.session import workspace
from pages.ui.session.workspace import Workspace

_TOLD = "_index_told"


@jobs.cached
def changes(embeddings: EmbeddingSet, graph: HnswGraph) -> RowChanges:
    """The rows of an opened index beside those of the loaded data, compared once."""
    return row_changes(graph, embeddings.vectors)


@jobs.cached
def fit(graph: HnswGraph) -> MetricFit:
    """The metric of an opened index held against its links, once."""
    return metric_fit(graph)


def differing_rows(work: Workspace) -> int:
    """How many rows of the opened index hold other vectors than the data."""
    return 0 if work.opened is None else changes(work.embeddings, work.opened).count


def metric_contradicted(work: Workspace) -> bool:
    """Whether the links of the opened index contradict the metric that it is used with."""
    graph = work.opened
    return graph is not None and graph.metric_stated and fit(graph).contradicted


def sentences(work: Workspace) -> tuple[str, ...]:
    """All that is amiss, in sentences; for the pages and for what is taken away."""
    graph = work.opened
    if graph is None:
        return ()
    other_rows = index_words.changes(changes(work.embeddings, graph), graph, work.embeddings.name)
    other_metric = metric_words(fit(graph)) if graph.metric_stated else ""
    return tuple(words for words in (other_rows, other_metric) if words)


def tell_once(sentence: str) -> None:
    """Show a sentence above the next page, once; call it from a callback."""
    st.session_state[_TOLD] = sentence


def show(work: Workspace) -> None:
    """Say on every page what is amiss, as long as it is, with the ways out."""
    told = st.session_state.pop(_TOLD, None)
    if told is not None:
        messages.warn(told)
    graph = work.opened
    if graph is None:
        return
    for words in sentences(work):
        messages.warn(words)
    with st.container(horizontal=True):
        if differing_rows(work):
            _rows_ways_out(work, graph)
        if metric_contradicted(work):
            _metric_way_out(work, graph, fit(graph).fits)


def _rows_ways_out(work: Workspace, graph: HnswGraph) -> None:
    st.button(
        "Use the index's vectors as data",
        on_click=_take_vectors,
        args=(graph, work.embeddings),
        help="Names, labels and other columns stay. What is shown then is the index as it is.",
    )
    st.button(
        "Keep the data and build a new index",
        on_click=workspace.choose_params,
        help="The file is let go; an index of the loaded data is built by hnswlib.",
    )


def _metric_way_out(work: Workspace, graph: HnswGraph, metric: Metric) -> None:
    st.button(
        f"Open it with {metric.replace('_', ' ')}",
        on_click=_take_metric,
        args=(graph, work.embeddings, metric),
        help="The same file, searched and measured with this metric.",
    )


def _take_vectors(graph: HnswGraph, items: EmbeddingSet) -> None:
    workspace.adopt_index(graph.in_own_space(), with_index_vectors(graph, items))


def _take_metric(graph: HnswGraph, items: EmbeddingSet, metric: Metric) -> None:
    workspace.adopt_index(with_metric(graph, metric), items)
