"""The data and the index settings of this session.

The choice lives in the URL, so that a link restores it, and in the session, so that it survives
a change of page. A page gets a `Workspace` from `current()` and never sees either.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.data import EmbeddingSet, load_sample, sample_names
from core.distances import Metric
from core.errors import CoreError, StoreError
from core.index import HnswGraph, HnswParams
from core.index.params import LARGEST_EF_CONSTRUCTION, LARGEST_M
from core.limits import BUILD_THREADS
from pages.ui.display import messages
from pages.ui.session import contents, links, open_record, opened
from pages.ui.session.links import NAMES, Choice, from_query

_CHOICE = "_choice"
_WORKSPACE = "_workspace"
_PROBLEMS = "_problems"
_SHOWN = "_shown_choice"
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


def set_to_parts(embeddings: EmbeddingSet) -> tuple[str, Any]:
    """A set as it is saved: a sample by its name."""
    name = _known_sample(embeddings)
    return ("set", embeddings) if name is None else ("sample", name)


def set_from_parts(parts: tuple[str, Any]) -> EmbeddingSet:
    """The set again."""
    kind, what = parts
    return sample(what) if kind == "sample" else what


def to_parts(work: Workspace) -> dict[str, Any]:
    """What a session works on as it is saved, where it is kept beside others."""
    return {**vars(work), "embeddings": set_to_parts(work.embeddings)}


def from_parts(parts: dict[str, Any]) -> Workspace:
    """The same again; raises StoreError where its parts are not of one another."""
    made = Workspace(**{**parts, "embeddings": set_from_parts(parts["embeddings"])})
    items, graph, asked = made.embeddings, made.opened, made.queries
    if graph is not None and items.vectors.shape != (graph.n, graph.dim):
        raise StoreError(
            f"An index of {graph.n:,} rows of {graph.dim:,} dimensions was kept with data of "
            f"{items.n:,} rows of {items.dim:,}."
        )
    if asked is not None and asked.dim != items.dim:
        raise StoreError(
            f"Queries of {asked.dim:,} dimensions were kept with data of {items.dim:,}."
        )
    return made


def choice_parts() -> dict[str, Any]:
    """What this session has chosen, as it is saved."""
    return links.to_parts(_choice())


def restore_choice(parts: dict[str, Any]) -> None:
    """Choose what was saved, unless the address says otherwise."""
    try:
        st.session_state[_CHOICE] = links.from_parts(parts)
    except (CoreError, TypeError, KeyError):
        st.session_state.pop(_CHOICE, None)


def current_name() -> str:
    """What the data of this session is called."""
    return _embeddings(chosen().data).name


def write_link() -> None:
    """Have the address name what is chosen; after a workspace was begun."""
    if _CHOICE in st.session_state:
        _write_url(_query(_choice()))


def begin_anew() -> None:
    """Let go of all that was chosen; from a callback."""
    for place in (_WORKSPACE, _SHOWN, _CHOICE, _PROBLEMS):
        st.session_state.pop(place, None)
    _choose(_first_choice())


def default_choice() -> Choice:
    """What the app opens with."""
    return Choice(sample_names()[0], HnswParams(threads=BUILD_THREADS.value))


def _first_choice() -> Choice:
    """What a session begins with: the file that the server was started with, else the default."""
    default, data = default_choice(), opened.opened_data()
    embeddings = opened.opened_set(data or "")
    if data is None or embeddings is None:
        return default
    metric = embeddings.metric or default.params.metric
    return replace(default, data=data, params=replace(default.params, metric=metric))


def open_workspace() -> Workspace:
    """Settle this run's choice from the URL and the session; the router calls it once per run.

    A link's values win, as do those the Back button returns to; otherwise a URL that names none
    (a change of page) keeps the session's choice. What fails is told by `show_problems`. What the
    server no longer holds keeps its name in the URL, so that the link works once it is back.
    """
    default = default_choice()
    asked = {name: st.query_params[name] for name in NAMES if name in st.query_params}
    choice = st.session_state.get(_CHOICE) or _first_choice()
    if (asked or _came_by_history()) and asked != _query(choice):
        choice, st.session_state[_PROBLEMS] = from_query(asked, default)
    held = _held(choice, default)
    workspace = Workspace(
        held.data, _embeddings(held.data), held.params, _opened(held.index), _queries(held.queries)
    )
    st.session_state[_CHOICE], st.session_state[_WORKSPACE] = choice, workspace
    st.session_state[_SHOWN] = held
    _write_url(_query(choice))
    return workspace


def current() -> Workspace:
    """The workspace of this run; a page asks for it before it draws anything."""
    workspace: Workspace = st.session_state[_WORKSPACE]
    return workspace


def is_current(embeddings: EmbeddingSet) -> bool:
    """Whether the session still works on this set; for callbacks, whose values may come late."""
    held: Workspace | None = st.session_state.get(_WORKSPACE)
    return held is not None and held.fingerprint == embeddings.fingerprint


def show_problems(others: Sequence[str], dismiss: Callable[[], None]) -> None:
    """Show what a link asked for and cannot be used, until it is dismissed or back.

    others: more of such sentences, which `dismiss` lets go of.
    """
    choice = _choice()
    refused: list[str] = st.session_state.get(_PROBLEMS, [])
    missing = missing_words(choice, _held(choice, default_choice()))
    problems = [*others, *missing, *refused]
    for problem in problems:
        messages.warn(problem)
    if problems:
        st.button(
            "Dismiss, and go on with what is shown",
            key="_dismiss",
            on_click=_dismiss,
            args=(dismiss,),
        )


def missing_words(asked: Choice, held: Choice) -> list[str]:
    """A sentence for each part of a link that this server no longer holds."""
    words = []
    if asked.data != held.data:
        words.append(
            f"The data of this link ({asked.data[:40]}) is not on this server, or not shared with "
            f"you, so {held.data} is shown in its place. Ask whoever sent the link to share its "
            "workspace, or upload the file yourself."
        )
    elif asked.index != held.index:
        words.append(
            "The index file of this link is not on this server, or not shared with you, so an "
            "index is built from the same data. Open the file again to see it."
        )
    if asked.data == held.data and asked.queries != held.queries:
        words.append(
            "The queries of this link are not on this server, or not shared with you, so rows of "
            "the data are the queries. Upload them again to ask them."
        )
    return words


def _dismiss(others: Callable[[], None]) -> None:
    others()
    st.session_state[_PROBLEMS] = []
    _choose(_held(_choice(), default_choice()))


def choose_data(name: str) -> None:
    """Work on this sample or kept upload from the next run on; call it from a callback.

    The metric that its file states becomes that of the index.
    """
    if name == _choice().data:  # what a link had asked for, with its settings, is here now
        return
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
    _choose(replace(chosen(), data=contents.add(embeddings)))


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
    data = _known_sample(items) or contents.add(items)
    _choose(Choice(data, params, contents.add_index(graph)))


def adopt_queries(queries: EmbeddingSet | None) -> None:
    """Keep an uploaded set of queries for the loaded data, or let it go; from a callback."""
    _choose(replace(chosen(), queries="" if queries is None else contents.add(queries)))


def adopt(embeddings: EmbeddingSet) -> None:
    """Keep a new set and work on it; from a callback."""
    choose_data(contents.add(embeddings))


def adopt_version(embeddings: EmbeddingSet, *, keep_queries: bool) -> None:
    """Keep the loaded data after a remedy and work on it, with its own index; from a callback.

    keep_queries: whether an uploaded set of queries still fits.
    """
    held = chosen()
    queries = held.queries if keep_queries else ""
    _choose(replace(held, data=contents.add(embeddings), index="", queries=queries))


def restore(held: Choice) -> None:
    """Work on what was chosen before; from a callback."""
    _choose(held)


def chosen() -> Choice:
    """What a change starts from: what was chosen, or what is shown where that is not here."""
    choice = _choice()
    return choice if _is_held(choice.data) else default_choice()


def _choice() -> Choice:
    choice: Choice = st.session_state.get(_CHOICE) or _first_choice()
    return choice


def _choose(choice: Choice) -> None:
    st.session_state[_CHOICE] = choice
    _write_url(_query(choice))


def _shown() -> Choice:
    """The choice that the workspace of the last run was made of."""
    choice: Choice = st.session_state.get(_SHOWN) or default_choice()
    return choice


def _query(choice: Choice) -> dict[str, str]:
    """What the address has of a choice; in a workspace the data in any case, for its link stays
    the same view when the workspace moves on.
    """
    data = {} if open_record.record() is None else {"data": choice.data}
    return {**data, **links.to_query(choice, default_choice())}


def _came_by_history() -> bool:
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _held(choice: Choice, default: Choice) -> Choice:
    """The choice, less what neither this server nor this session holds; without data, `default`."""
    if not _is_held(choice.data):
        return default
    if choice.index and not _fits(choice):
        choice = replace(choice, index="")
    return replace(choice, queries=choice.queries if _asks(choice) else "")


def _is_held(data: str) -> bool:
    """Whether this server or this session holds the data of a choice."""
    held: Workspace | None = st.session_state.get(_WORKSPACE)
    kept = data in sample_names() or _kept(data) is not None
    return kept or (held is not None and held.data == data)


def _embeddings(data: str) -> EmbeddingSet:
    if data in sample_names():
        return sample(data)
    kept = _kept(data)
    held: Workspace | None = st.session_state.get(_WORKSPACE)
    if kept is None and held is not None and held.data == data:
        contents.put_back(data, held.embeddings)  # memory let it go, this session still has it
        return held.embeddings
    return kept if kept is not None else sample(default_choice().data)


def _kept(data: str) -> EmbeddingSet | None:
    """The set of this key that the server holds."""
    own = opened.opened_set(data)
    return own if own is not None else contents.data(data)


def _fits(choice: Choice) -> bool:
    """Whether the index of the choice is held, and is one of its data."""
    graph = _opened(choice.index)
    embeddings = _embeddings(choice.data)
    return graph is not None and embeddings.vectors.shape == (graph.n, graph.dim)


def _asks(choice: Choice) -> bool:
    queries = _queries(choice.queries)
    return queries is not None and queries.dim == _embeddings(choice.data).dim


def _queries(key: str) -> EmbeddingSet | None:
    """The uploaded queries of this key; held by the session once the store has let them go."""
    kept = contents.data(key)
    if kept is not None or not key:
        return kept
    held: Workspace | None = st.session_state.get(_WORKSPACE)
    if held is None or held.queries is None or _shown().queries != key:
        return None
    contents.put_back(key, held.queries)
    return held.queries


def _opened(index: str) -> HnswGraph | None:
    """The graph of this key; held by the session once the store has let it go."""
    kept = contents.index(index)
    if kept is not None or not index:
        return kept
    held: Workspace | None = st.session_state.get(_WORKSPACE)
    if held is None or held.opened is None or _shown().index != index:
        return None
    contents.put_index_back(index, held.opened)
    return held.opened


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
