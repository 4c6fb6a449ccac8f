"""The side bar on every page: the data that is loaded, its index, and how to change both."""

import streamlit as st

from core.data import sample_names
from core.distances import METRICS, Metric
from core.index import HnswGraph
from core.limits import BUILD_THREADS
from pages.ui import jobs
from pages.ui.controls.uploaders import uploader
from pages.ui.display import index_words, messages, verdict_words
from pages.ui.display.text import count, plain, seconds
from pages.ui.results import index_checks, indexes, verdicts
from pages.ui.session import workspace
from pages.ui.session.workspace import Workspace
from pages.ui.sidebar import index_file

PAPER = "[Malkov & Yashunin 2018](https://arxiv.org/abs/1603.09320)"
METRIC_NAMES: dict[Metric, str] = {
    "cosine": "cosine",
    "euclidean": "Euclidean",
    "inner_product": "inner product",
}
METRIC_HELP = (
    "How distance is measured: cosine 1 - cos, Euclidean the length of the difference, inner "
    "product 1 - dot. Search with the one that the model was trained for "
    "([hnswlib](https://github.com/nmslib/hnswlib#supported-distances))."
)
M_HELP = (
    "Links a node gets on each layer when it is inserted; up to 2 M stay on layer 0. More links: "
    f"better recall, more memory, slower build ({PAPER}, section 4.1)."
)
EF_HELP = (
    "Beam width of the search that finds a new node's links. Wider: a better graph, a slower "
    f"build ({PAPER}, section 4.1)."
)
SEED_HELP = "Draws the top layer of each node; another seed gives another graph of the same law."
THREADS_HELP = (
    "One thread builds the same graph every time; several build faster, and a different graph "
    "each time ([hnswlib](https://github.com/nmslib/hnswlib/issues/317))."
)


def data_card(work: Workspace) -> None:
    """Name, rows and dimensions, metric, label column; and the popover that changes them."""
    embeddings = work.embeddings
    rows, dimensions = embeddings.vectors.shape
    with st.container(key="card_data", gap="xxsmall"):
        st.caption("Data")
        st.markdown(f"**{plain(embeddings.name)}**")
        label = embeddings.label_column
        _facts(
            f"{count(rows, 'vector')} of {count(dimensions, 'dimension')}",
            metric_words(work.params.metric, embeddings.metric),
            f"labels: {label}" if label else "no labels",
        )
        with st.popover("Change data", width="stretch"):
            _data_form(work)


def metric_words(metric: Metric, stated: Metric | None) -> str:
    """The metric of the index, and what the data's file says of it."""
    words = f"{METRIC_NAMES[metric]} distance"
    if stated is None:
        return words
    if stated == metric:
        return f"{words}, as the file says"
    return f"{words}; the file says {METRIC_NAMES[stated]}"


def index_card(work: Workspace) -> None:
    """The index's settings and facts; progress while it is built; the popover to rebuild it."""
    with st.container(key="card_index", gap="xxsmall"):
        st.caption("Index")
        st.markdown("**HNSW**")
        _facts(*_settings(work))
        with jobs.place("side"):
            graph = indexes.graph(work)
        if graph is not None:
            _graph_facts(graph, indexes.build_seconds(work))
            _health(work, graph)
        with st.popover("Change index", width="stretch"):
            build, bring = st.tabs(["Build", "Open a file"])
            with build:
                _index_form(work)
            with bring:
                index_file.uploader(work, "card")


def _settings(work: Workspace) -> tuple[str, ...]:
    words, opened = index_words.settings(work.params, work.opened), work.opened
    if opened is None:
        return (words,)
    codes = f", {opened.codes} codes" if opened.codes is not None else ""
    deleted = f", {count(opened.n_deleted, 'deleted item')}" if opened.n_deleted else ""
    said = index_checks.sentences(work)  # above the page, with the way out
    notes = (note for note in opened.notes if note not in said)
    return words + codes + deleted, index_words.not_in_file(opened), *notes


def _facts(*lines: str) -> None:
    st.markdown("  \n".join(plain(line) for line in lines))


def _graph_facts(graph: HnswGraph, build_seconds: float | None) -> None:
    layers = count(graph.max_level + 1, "layer")
    built = "" if build_seconds is None else f", built in {seconds(build_seconds)}"
    _facts(f"{layers}{index_words.memory(graph)}{built}")


def _health(work: Workspace, graph: HnswGraph) -> None:
    """The health of the index in a phrase; where it loses items, with the ways out."""
    found = verdicts.verdict(work, graph)
    if found is None:
        return
    words = plain(verdict_words.card(found))
    if not found.diagnosis.broken:
        st.markdown(words)
        return
    st.markdown(f":orange[**{words}**]")
    with st.container(gap=None):
        verdicts.ways_out(found, "card")


def _data_form(work: Workspace) -> None:
    sample_chooser(work, "Sample", "card")
    uploader("card")
    st.segmented_control(
        "Metric",
        METRICS,
        default=work.params.metric,
        required=True,
        format_func=METRIC_NAMES.__getitem__,
        key=f"_metric_{work.params.metric}",
        help=METRIC_HELP,
        on_change=_choose_metric,
        args=(f"_metric_{work.params.metric}",),
    )


def sample_chooser(work: Workspace, label: str, place: str) -> None:
    """Choose one of the sets that come with Nearfield; `place` tells its widgets apart."""
    names, key = list(sample_names()), f"_sample_{place}_{work.data}"
    st.selectbox(
        label,
        names,
        index=names.index(work.data) if work.is_sample else None,
        key=key,
        placeholder="your own data is loaded",
        on_change=_choose_sample,
        args=(key, work.data),
    )


def _choose_sample(key: str, loaded: str) -> None:
    chosen = st.session_state[key]
    if chosen not in (None, loaded):  # a browser may tell the old value late, after an upload
        workspace.choose_data(chosen)


def _choose_metric(key: str) -> None:
    if st.session_state[key] is not None:
        workspace.choose_params(metric=st.session_state[key])


def _index_form(work: Workspace) -> None:
    params = work.params
    with st.form("_index_form", border=False):
        m = st.number_input("M", 2, 128, min(params.m, 128), help=M_HELP)
        ef = st.number_input(
            "ef_construction", 4, 2000, min(max(params.ef_construction, 4), 2000), 10, help=EF_HELP
        )
        seed = st.number_input("Seed", 0, 2**31 - 1, params.seed, help=SEED_HELP)
        threads = st.number_input(
            "Threads",
            1,
            max(BUILD_THREADS.value, params.threads),
            params.threads,
            help=THREADS_HELP,
            disabled=BUILD_THREADS.value == 1,
        )
        if st.form_submit_button("Build", type="primary"):
            workspace.choose_params(m=m, ef_construction=ef, seed=seed, threads=threads)
            st.rerun()
    if work.opened is not None:
        messages.note(index_words.rebuilding(params, work.opened))
    messages.note("The build runs in the background; the other figures stay.")
