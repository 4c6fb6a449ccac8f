"""Bringing an index file in: what it does not hold is asked for, and what is loaded stays."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from core.data import EmbeddingSet, read_embeddings
from core.distances import METRICS, Metric, metric_name
from core.errors import CoreError, IndexFileError, ParameterError
from core.index import (
    CHROMA_FILES,
    HnswGraph,
    IndexFileKind,
    Scalar,
    holds_bytes,
    index_file_kind,
    read_index,
)
from core.studies import in_order_of, index_with_items, matching_rows, named_rows, rows_by_label
from core.studies.inspection.indexed import NO_ROW
from pages.ui.controls import reading, uploaders
from pages.ui.display import index_words
from pages.ui.results import index_checks
from pages.ui.session import received, workspace
from pages.ui.session.received import File, file_of
from pages.ui.session.workspace import Workspace

ANOTHER = "another index"
AS_WRITTEN = "as the file says"
NOT_CHOSEN = "not chosen"
SCALARS = (NOT_CHOSEN, "uint8", "int8", "float32")
WITHOUT_METRIC: dict[IndexFileKind, str] = {
    "hnswlib": "An hnswlib file",
    "chroma": "Chroma's index",
}
CHROMA = "Chroma"
METRIC_HELP = (
    "hnswlib's files and Chroma's do not say which space they were built with (Chroma's default is "
    "Euclidean, its l2); faiss' and usearch's do. A faiss index of inner products over vectors of "
    "length 1 may be opened as cosine."
)
FILE_HELP = (
    "One file of hnswlib, faiss or usearch; for Chroma the four files header.bin, data_level0.bin, "
    "length.bin and link_lists.bin of its folder at once, or a zip of the folder. Parsed here with "
    "every offset checked: no library loads it, nothing in it runs."
)
SCALAR_HELP = (
    "hnswlib's files do not say how numbers are kept. Vectors of bytes, such as SIFT's, are uint8; "
    "quantized embeddings are often int8."
)
_BYTES = "_index_holds_bytes"
T = TypeVar("T")


class BytesError(IndexFileError):
    """The vectors of a file are plainly bytes, and it was not chosen of which kind."""


@dataclass(frozen=True)
class _Asked:
    """What was chosen beside the files. beside: vectors of the items. loaded: the data of now."""

    metric: Metric | None
    scalar: Scalar | None
    beside: File | None
    loaded: EmbeddingSet


@dataclass(frozen=True, eq=False)
class _Brought:
    """What the files hold. items: the set of the index's items. strangers: how many of its items
    have a row of the loaded data, where none has the vector of its row; else 0.
    """

    graph: HnswGraph
    items: EmbeddingSet
    strangers: int = 0


def uploader(work: Workspace, place: str) -> None:
    """Draw the uploader; a good file becomes the session's index, a wrong one a message.

    place: where it stands ("card", "page"); tells its widgets apart.
    """
    keys = _keys(place, "file", "scalar", "vectors")
    take = partial(_take, work, keys)
    _choose_metric("Metric of the index", keys, take)
    _choose_file("Index file, or Chroma's four", keys, take)
    _choose_scalar(keys, take)
    with st.expander("The file holds no vectors, or codes"):
        uploaders.draw(
            "Vectors of its items",
            key=keys["vectors"],
            help="In ascending order of the index's labels, or with a column named id, key or "
            "label. Needed for usearch files without vectors and faiss files without storage; for "
            "faiss codes (SQ, PQ) recall is then held against the true vectors.",
            on_change=take,
        )
    uploaders.show_state(uploaders.INDEX, place)


def _keys(place: str, *renewed: str) -> dict[str, str]:
    """The keys of the widgets; renewed: those that are fresh ones once a file was used."""
    keys = {"metric": f"_index_metric_{place}"}
    return keys | {name: f"_index_{name}_{place}_{uploaders.turn()}" for name in renewed}


def _choose_metric(label: str, keys: dict[str, str], take: Callable[[], None]) -> None:
    st.selectbox(
        label,
        [AS_WRITTEN, *METRICS],
        format_func=metric_name,
        key=keys["metric"],
        help=METRIC_HELP,
        on_change=take,
    )


def _choose_file(label: str, keys: dict[str, str], take: Callable[[], None]) -> None:
    uploaders.draw(
        label, key=keys["file"], accept_multiple_files=True, help=FILE_HELP, on_change=take
    )


def _choose_scalar(keys: dict[str, str], take: Callable[[], None]) -> None:
    """Ask how numbers are kept, where the file does not tell and they may be bytes."""
    if st.session_state.get(_BYTES) == keys["file"]:
        st.selectbox(
            "Numbers of its vectors",
            SCALARS,
            key=keys["scalar"],
            help=SCALAR_HELP,
            on_change=take,
        )


def uploader_of_another(
    loaded: EmbeddingSet, place: str, use: Callable[[str, HnswGraph], None]
) -> None:
    """Draw the uploader of a second index, which leaves the session's alone.

    loaded: the data of now. place: as for `uploader`. use: gets the name and the graph of a good
    file, as if in a callback.
    """
    keys = _keys(place, "file", "scalar")

    def take() -> None:
        if not st.session_state.get(keys["file"]):
            reading.let_go(ANOTHER)
            return
        metric = st.session_state[keys["metric"]]
        asked = _Asked(None if metric == AS_WRITTEN else metric, _scalar(keys), None, loaded)

        def taken(brought: tuple[str, HnswGraph] | BytesError) -> None:
            use(*_known(brought, keys))

        uploaders.read(
            keys["file"], lambda files: _read_another(files, asked), taken, about=ANOTHER, of=loaded
        )

    metric, file = st.columns([1, 2])
    with metric:
        _choose_metric("Metric of that index", keys, take)
        _choose_scalar(keys, take)
    with file:
        _choose_file("Another index file, or Chroma's four", keys, take)
    uploaders.show_state(ANOTHER, place)


def _take(work: Workspace, keys: dict[str, str]) -> None:
    if not st.session_state.get(keys["file"]):
        reading.let_go(uploaders.INDEX)
        return
    metric, supplied = st.session_state[keys["metric"]], st.session_state.get(keys["vectors"])
    try:
        beside = None if supplied is None else file_of(supplied)
    except CoreError as error:
        uploaders.refuse(uploaders.INDEX, error)
        return
    metric = None if metric == AS_WRITTEN else metric
    asked = _Asked(metric, _scalar(keys), beside, work.embeddings)

    def use(found: _Brought | BytesError) -> None:
        brought = _known(found, keys)
        workspace.adopt_index(brought.graph, brought.items)
        if brought.strangers:
            words = index_words.none_the_same(brought.strangers, asked.loaded.name)
            index_checks.tell_once(words)
        if supplied is not None:
            received.let_go([supplied])

    uploaders.read(
        keys["file"],
        lambda files: _read(files, asked),
        use,
        about=uploaders.INDEX,
        of=work.embeddings,
    )


def _known(found: T | BytesError, keys: dict[str, str]) -> T:
    """What was read; where the kind of its bytes must be chosen, raises that and asks for it."""
    if isinstance(found, BytesError):
        st.session_state[_BYTES] = keys["file"]
        raise found
    return found


def _read(files: list[File], asked: _Asked) -> _Brought | BytesError:
    """What the files hold; runs away from the session. Raises CoreError."""
    name, content = _content(files)
    options = _options(name, content, asked)
    if isinstance(options, BytesError):
        return options
    if asked.beside is not None:
        items = read_embeddings(asked.beside.content, name=asked.beside.name)
        return _Brought(*_with_vectors(content, items, options))
    graph = read_index(content, **options)
    return _Brought(
        *index_with_items(graph, name, asked.loaded), strangers=_strangers(graph, asked.loaded)
    )


def _read_another(files: list[File], asked: _Asked) -> tuple[str, HnswGraph] | BytesError:
    """The name and the graph of files that need nothing beside them; as `_read`."""
    name, content = _content(files)
    options = _options(name, content, asked)
    if isinstance(options, BytesError):
        return options
    return name, read_index(content, **options)


def _options(
    name: str, content: bytes | dict[str, bytes], asked: _Asked
) -> dict[str, Any] | BytesError:
    """What `read_index` is told of the content; raises CoreError where something must be chosen."""
    scalar = None
    with _named(name):
        kind = index_file_kind(content)
        if kind in WITHOUT_METRIC:
            scalar = asked.scalar
            try:
                _check_chosen(WITHOUT_METRIC[kind], asked.metric, scalar, content)
            except BytesError as error:
                return BytesError(f"{name}: {error}")
    return {"name": name, "metric": asked.metric, "scalar": scalar}


def _strangers(graph: HnswGraph, loaded: EmbeddingSet) -> int:
    """How many items have a row of the loaded data by their label, where no vector is the same."""
    rows = named_rows(graph, loaded)
    if rows is None or matching_rows(graph, loaded) is not None:
        return 0
    return int(((rows != NO_ROW) & ~graph.deleted).sum())


def _content(files: list[File]) -> tuple[str, bytes | dict[str, bytes]]:
    """What the files are called, and one file's bytes, or those of Chroma's by name."""
    named = {file.name: bytes(file.content) for file in files}
    of_chroma = bool(set(named) & set(CHROMA_FILES))
    if len(files) == 1 and not of_chroma:
        return next(iter(named.items()))
    if not of_chroma:
        raise IndexFileError(
            f"{len(files):,} files were chosen, and an index is one file, or Chroma's four: "
            f"{', '.join(CHROMA_FILES)}. Remove the others."
        )
    return CHROMA, named


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Let an error begin with the file's name, as `read_index` does."""
    try:
        yield
    except CoreError as error:
        raise type(error)(f"{name}: {error}") from error


def _scalar(keys: dict[str, str]) -> Scalar | None:
    chosen = st.session_state.get(keys["scalar"], NOT_CHOSEN)
    return None if chosen == NOT_CHOSEN else chosen


def _check_chosen(
    what: str,
    metric: Metric | None,
    scalar: Scalar | None,
    content: bytes | dict[str, bytes],
) -> None:
    """Raise an error that says what to choose, where the file leaves something open."""
    if metric is None:
        raise ParameterError(
            f"{what} does not say which metric it was built with. Choose it above, and the file is "
            "opened."
        )
    if scalar is None and holds_bytes(content):
        raise BytesError(
            "Its vectors are no float32: as such, their numbers would lie anywhere between 1e-45 "
            "and 1e38. They look like bytes. Choose uint8 or int8 under 'Numbers of its vectors', "
            "and the file is opened."
        )


def _with_vectors(
    content: bytes | dict[str, bytes], items: EmbeddingSet, options: dict[str, Any]
) -> tuple[HnswGraph, EmbeddingSet]:
    """The graph with the vectors of `items`, and those items in its order.

    The rows go by an id column where there is one; which labels it must hold, the index tells.
    """
    graph = read_index(content, vectors=items.vectors, **options)
    rows = rows_by_label(graph.labels, items)
    if np.array_equal(rows, np.arange(items.n)):
        return graph, items
    sorted_items = in_order_of(rows, items)
    return read_index(content, vectors=sorted_items.vectors, **options), sorted_items
