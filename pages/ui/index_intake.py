"""Bringing an index file in: what it does not hold is asked for, and what is loaded stays."""

from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.data import SUPPORTED_ENDINGS, EmbeddingSet, read_embeddings
from core.errors import ParameterError
from core.index import HnswGraph, index_file_kind, read_index
from core.spaces import METRICS, Metric
from core.studies import index_with_items, rows_by_label
from pages.ui import intake, workspace
from pages.ui.workspace import Workspace

AS_WRITTEN = "as the file says"
METRIC_HELP = (
    "hnswlib's files do not say which space they were built with; faiss' and usearch's do. A "
    "faiss index of inner products over vectors of length 1 may be opened as cosine."
)


def uploader(work: Workspace, place: str) -> None:
    """Draw the uploader; a good file becomes the session's index, a wrong one a message.

    place: where it stands ("card", "page"); tells its widgets apart.
    """
    keys = {name: f"_index_{name}_{place}" for name in ("metric", "vectors")}
    keys["file"] = f"_index_file_{place}_{intake.turn()}"
    st.selectbox(
        "Metric of the index",
        [AS_WRITTEN, *METRICS],
        format_func=lambda metric: metric.replace("_", " "),
        key=keys["metric"],
        help=METRIC_HELP,
        on_change=_take,
        args=(work, keys),
    )
    st.file_uploader(
        "Index file of hnswlib, faiss or usearch",
        key=keys["file"],
        help="Parsed here with every offset checked: no library loads it, nothing in it runs.",
        on_change=_take,
        args=(work, keys),
    )
    with st.expander("The file holds no vectors, or codes"):
        st.file_uploader(
            "Vectors of its items",
            type=list(SUPPORTED_ENDINGS),
            key=keys["vectors"],
            help="In ascending order of the index's labels, or with a column named id, key or "
            "label. Needed for usearch files without vectors and faiss files without storage; for "
            "faiss codes (SQ, PQ) recall is then held against the true vectors.",
            on_change=_take,
            args=(work, keys),
        )
    intake.show_error(intake.INDEX)


def _take(work: Workspace, keys: dict[str, str]) -> None:
    if st.session_state.get(keys["file"]) is not None:
        intake.take(keys["file"], lambda file: _open(work, keys, file), about=intake.INDEX)


def _open(work: Workspace, keys: dict[str, str], file: Any) -> None:
    chosen = st.session_state[keys["metric"]]
    metric: Metric | None = None if chosen == AS_WRITTEN else chosen
    if metric is None and index_file_kind(file.getvalue()) == "hnswlib":
        raise ParameterError(
            "An hnswlib file does not say which metric it was built with. Choose it above, and "
            "the file is opened."
        )
    supplied = st.session_state.get(keys["vectors"])
    items = None if supplied is None else read_embeddings(supplied, name=supplied.name)
    vectors = None if items is None else _in_label_order(items)
    graph = read_index(file.getvalue(), name=file.name, metric=metric, vectors=vectors)
    if items is None:
        workspace.adopt_index(*index_with_items(graph, file.name, work.embeddings))
    else:
        workspace.adopt_index(graph, _supplied_items(graph, items))


def _supplied_items(graph: HnswGraph, supplied: EmbeddingSet) -> EmbeddingSet:
    """The set of the index's items, in the order of its rows."""
    rows = rows_by_label(graph.labels, supplied)
    return EmbeddingSet.from_arrays(
        supplied.vectors[rows],
        metadata=supplied.metadata.iloc[rows].reset_index(drop=True),
        label_column=supplied.label_column,
        name=supplied.name,
    )


def _in_label_order(items: EmbeddingSet) -> npt.NDArray[np.float32]:
    """The rows by an id column, ascending, where there is one; else as they stand."""
    for column in items.metadata.columns:
        if str(column).casefold() in ("id", "ids", "key"):
            return items.vectors[np.argsort(items.metadata[column].to_numpy(), kind="stable")]
    return items.vectors
