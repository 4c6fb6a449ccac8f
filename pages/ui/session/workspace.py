"""The data and the index settings of this session.

The choice lives in the URL, so that a link restores it, and in the session, so that it survives
a change of page. A page gets a `Workspace` from `current()` and never sees either.
"""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.data import EmbeddingSet, load_sample, sample_names
from core.distances import Metric
from core.index import HnswGraph, HnswParams
from core.index.params import LARGEST_EF_CONSTRUCTION, LARGEST_M
from core.limits import BUILD_THREADS
from pages.ui.display import messages
from pages.ui.session.links import NAMES, Choice, from_query, to_query
from pages.ui.session.uploads import indexes, uploads

_CHOICE = "_choice"
_WORKSPACE = "_workspace"
_PROBLEMS = "_problems"
SMALLEST_M = 2


@dataclass(frozen=True)
class Workspace:
    """What a session works on: the data, and its index: settings to build it with, or opened.

    opened: the graph of an index read from a file (`index_words` tells of it); `params` are then
    what is built instead. queries: an uploaded set of queries for this data.
    """

    data: str
    embeddings: EmbeddingSet
    params: HnswParams
    opened: HnswGraph | None = None
    queries: EmbeddingSet | None = None

    @property
    def fingerprint(self) -> str:
        """Names the data's content, for the keys of jobs and caches."""
        return self.embeddings.fingerprint

    @property
    def index_key(self) -> HnswParams | str:
        """Names the index over this data, for the keys of jobs and caches."""
        return self.params if self.opened is None else self.opened.fingerprint

    @property
    def is_sample(self) -> bool:
        """Whether the data came with Nearfield."""
        return self.data in sample_names()


@st.cache_resource(show_spinner=False)
def sample(name: str) -> EmbeddingSet:
    """A sample, loaded once for all sessions."""
    return load_sample(name)


def default_choice() -> Choice:
    """What the app opens with."""
    return Choice(sample_names()[0], HnswParams(threads=BUILD_THREADS.value))


def open_workspace() -> Workspace:
    """Settle this run's choice from the URL and the session; the router calls it once per run.

    A link's values win, as do those the Back button returns to; otherwise a URL that names none
    (a change of page) keeps the session's choice. What fails is told by `show_problems`.
    """
    default = default_choice()
    asked = {name: st.query_params[name] for name in NAMES if name in st.query_params}
    choice = st.session_state.get(_CHOICE, default)
    if (asked or _came_by_history()) and asked != to_query(choice, default):
        choice, problems = from_query(asked, default)
        choice = _held_or_default(choice, default, problems)
        st.session_state[_PROBLEMS] = problems
    workspace = Workspace(
        choice.data,
        _embeddings(choice.data),
        choice.params,
        _opened(choice.index),
        _queries(choice.queries),
    )
    st.session_state[_CHOICE], st.session_state[_WORKSPACE] = choice, workspace
    _write_url(to_query(choice, default))
    return workspace


def current() -> Workspace:
    """The workspace of this run; a page asks for it before it draws anything."""
    workspace: Workspace = st.session_state[_WORKSPACE]
    return workspace


def is_current(embeddings: EmbeddingSet) -> bool:
    """Whether the session still works on this set; for callbacks, whose values may come late."""
    held: Workspace | None = st.session_state.get(_WORKSPACE)
    return held is not None and held.fingerprint == embeddings.fingerprint


def show_problems() -> None:
    """Show once what a link asked for and could not be used."""
    for problem in st.session_state.pop(_PROBLEMS, []):
        messages.warn(problem)


def choose_data(name: str) -> None:
    """Work on this sample or kept upload from the next run on; call it from a callback.

    The metric that its file states becomes that of the index.
    """
    choice, embeddings = chosen(), _embeddings(name)
    metric = _metric_for(embeddings, _embeddings(choice.data), choice.params.metric)
    params = replace(choice.params, metric=metric)
    _choose(replace(choice, data=name, params=params, index="", queries=""))


def _metric_for(embeddings: EmbeddingSet, left: EmbeddingSet, metric: Metric) -> Metric:
    """The metric of the index where `embeddings` take the place of other data, `left`.

    That the file states; else the present one, unless that came with the file that is left.
    """
    if embeddings.metric is not None:
        return embeddings.metric
    return default_choice().params.metric if left.metric == metric else metric


def adopt_same_vectors(embeddings: EmbeddingSet) -> None:
    """Keep a set that differs in metadata or labels only, so that an opened index still fits."""
    _choose(replace(chosen(), data=uploads().add(embeddings)))


def choose_params(**changes: Any) -> None:
    """Build with other fields of `HnswParams` from the next run on; call it from a callback."""
    choice = chosen()
    _choose(replace(choice, params=replace(choice.params, **changes), index=""))


def adopt_index(graph: HnswGraph, items: EmbeddingSet) -> None:
    """Keep an index read from a file and the set of its items, and work on both: in a callback."""
    usual = HnswParams().ef_construction
    params = HnswParams(
        metric=graph.metric,
        m=min(max(graph.m, SMALLEST_M), LARGEST_M),
        ef_construction=min(graph.ef_construction or usual, LARGEST_EF_CONSTRUCTION),
        threads=BUILD_THREADS.value,
    )
    data = _known_sample(items) or uploads().add(items)
    _choose(Choice(data, params, indexes().add(graph)))


def adopt_queries(queries: EmbeddingSet | None) -> None:
    """Keep an uploaded set of queries for the loaded data, or let it go; from a callback."""
    _choose(replace(chosen(), queries="" if queries is None else uploads().add(queries)))


def adopt(embeddings: EmbeddingSet) -> None:
    """Keep a new set and work on it; from a callback."""
    choose_data(uploads().add(embeddings))


def adopt_version(embeddings: EmbeddingSet, *, keep_queries: bool) -> None:
    """Keep the loaded data after a remedy and work on it, with its own index; from a callback.

    keep_queries: whether an uploaded set of queries still fits.
    """
    held = chosen()
    queries = held.queries if keep_queries else ""
    _choose(replace(held, data=uploads().add(embeddings), index="", queries=queries))


def restore(held: Choice) -> None:
    """Work on what was chosen before; from a callback."""
    _choose(held)


def chosen() -> Choice:
    """What the session has chosen: data, index settings, queries."""
    choice: Choice = st.session_state.get(_CHOICE) or default_choice()
    return choice


def _choose(choice: Choice) -> None:
    st.session_state[_CHOICE] = choice
    _write_url(to_query(choice, default_choice()))


def _came_by_history() -> bool:
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _held_or_default(choice: Choice, default: Choice, problems: list[str]) -> Choice:
    if choice.index and not _fits(choice):
        problems.append(
            "The index file of this link is no longer on this server, so an index is built from "
            "the same data. Open the file again and the link works again."
        )
        choice = replace(choice, index="")
    if choice.queries and not _asks(choice):
        problems.append(
            "The queries of this link are no longer on this server, so rows of the data are the "
            "queries. Upload them again and the link works again."
        )
        choice = replace(choice, queries="")
    if choice.data in sample_names() or uploads().get(choice.data) is not None:
        return choice
    problems.append(
        f"The data of this link ({choice.data[:40]}) is no longer on this server, so the sample "
        f"{default.data} is shown. Upload the same file again and the link works again."
    )
    return replace(choice, data=default.data)


def _embeddings(data: str) -> EmbeddingSet:
    if data in sample_names():
        return sample(data)
    kept = uploads().get(data)
    held: Workspace | None = st.session_state.get(_WORKSPACE)
    if kept is None and held is not None and held.data == data:
        uploads().add(held.embeddings)  # the store let it go, this session still has it
        return held.embeddings
    return kept if kept is not None else sample(default_choice().data)


def _fits(choice: Choice) -> bool:
    """Whether the server holds the index of the choice, and it is one of its data."""
    graph = indexes().get(choice.index)
    embeddings = _embeddings(choice.data)
    return graph is not None and embeddings.vectors.shape == (graph.n, graph.dim)


def _asks(choice: Choice) -> bool:
    queries = _queries(choice.queries)
    return queries is not None and queries.dim == _embeddings(choice.data).dim


def _queries(key: str) -> EmbeddingSet | None:
    """The uploaded queries of this key; held by the session once the store has let them go."""
    kept = uploads().get(key) if key else None
    held: Workspace | None = st.session_state.get(_WORKSPACE)
    if key and kept is None and held is not None and held.queries is not None:
        return held.queries if uploads().add(held.queries) == key else None
    return kept


def _opened(index: str) -> HnswGraph | None:
    """The graph of this key; held by the session once the store has let it go."""
    if not index:
        return None
    kept = indexes().get(index)
    held: Workspace | None = st.session_state.get(_WORKSPACE)
    if kept is None and held is not None and held.opened is not None:
        indexes().add(held.opened)
        return held.opened
    return kept


def _known_sample(items: EmbeddingSet) -> str | None:
    same = (name for name in sample_names() if sample(name).fingerprint == items.fingerprint)
    return next(same, None)


def _write_url(wanted: dict[str, str]) -> None:
    present = {name: st.query_params[name] for name in NAMES if name in st.query_params}
    if present == wanted:
        return
    for name in present.keys() - wanted.keys():
        del st.query_params[name]
    if wanted:
        st.query_params.update(wanted)
