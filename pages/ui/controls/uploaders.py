"""Bringing data in: the uploader, which leaves the loaded data alone when a file is wrong."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import DeletedFile

from core.data import EmbeddingSet, read_metadata
from core.errors import CoreError, DataError
from core.index import HnswGraph
from core.studies import metadata_by_label
from core.visible import visible
from pages.ui.controls import arrivals, widgets
from pages.ui.display import messages
from pages.ui.display.text import size
from pages.ui.session import received, upload_files, workspace
from pages.ui.session.received import File, file_of

NO_LABELS = "no labels"
AT_ONCE = 2  # files
_TURN = "_upload_turn"
_ERROR = "_upload_error"
DATA, INDEX = "data", "index"
GIVEN = "queries of the data"  # an option of the control `source`


def uploader(place: str) -> None:
    """Draw the uploader; what is uploaded is shown first (`arrivals`), and used at a button.

    place: where it stands ("card", "page").
    """
    key = f"_upload_{place}_{turn()}"
    draw(
        "Your own vectors",
        accept_multiple_files=True,
        key=key,
        help="A file of vectors, or that and a table of metadata. They are checked here, kept by "
        "this server as long as it uses them, and never run.",
        on_change=_take,
        args=(key,),
    )
    show_error()


def draw(label: str, **how: Any) -> None:
    """An uploader that says how large a file may be; how: passed to `st.file_uploader`.

    Its files are read through `take`.
    """
    most = received.most_megabytes()
    st.file_uploader(label, max_upload_size=most, **how)
    if words := room_words(upload_files.room(), most):
        messages.note(words)


def room_words(room: int, most: int) -> str:
    """How much of an upload the server takes now, where that is less than the uploader says.

    room: bytes on its disk. most: of one file, in units of 2^20 bytes.
    """
    if room >= most * 2**20:
        return ""
    return f"Uploads that are in use fill this server: it takes {size(room)} more now."


def _take(key: str) -> None:
    take(key, _receive)


def _receive(files: Sequence[File]) -> None:
    if len(files) > AT_ONCE:
        raise DataError(
            f"{len(files)} files were uploaded at once. Upload one file of vectors, with one table "
            "of metadata if there is one; or put the files into one .zip."
        )
    arrivals.receive(files)


def adopt(embeddings: EmbeddingSet) -> None:
    """Work on the set; its own queries, if it has some, are the Recall page's from now on."""
    workspace.adopt(embeddings)
    if embeddings.queries is not None:
        widgets.put(source=GIVEN)


def take(key: str, use: Callable[[Any], None], *, about: str = DATA) -> None:
    """Use the file of the uploader `key`, from a callback; an error is kept to be shown.

    use: gets a `File`, or where the uploader takes several files, all of them. about: which
    uploaders show the error.
    """
    uploaded = st.session_state[key]
    several = isinstance(uploaded, list)
    files = uploaded if several else [uploaded]
    if any(isinstance(each, DeletedFile) for each in files):
        return  # told a second time, by a browser that was quick: it was taken then
    st.session_state[_ERROR] = None
    if not uploaded:
        return
    try:
        use([file_of(each) for each in files] if several else file_of(uploaded))
    except CoreError as error:
        st.session_state[_ERROR] = about, error
    else:
        st.session_state[_TURN] += 1  # a fresh uploader: the file itself is let go
        received.let_go(files)


def turn() -> int:
    """Part of an uploader's key that changes once its file was taken."""
    number: int = st.session_state.setdefault(_TURN, 0)
    return number


def show_error(about: str = DATA) -> None:
    """What was wrong with the last file, where it was of these uploaders."""
    failed = st.session_state.get(_ERROR)
    if failed is not None and failed[0] == about:
        messages.show_error(failed[1])
        messages.note("The data loaded before is still here.")


def label_chooser(embeddings: EmbeddingSet) -> None:
    """Choose which metadata column holds the classes; another choice is another set."""
    columns = [str(name) for name in embeddings.metadata.columns]
    if not columns:
        messages.note("There is no metadata, so there are no labels to choose from.")
        return
    key = f"_label_column_{embeddings.fingerprint}"
    st.selectbox(
        "Label column",
        [NO_LABELS, *columns],
        index=columns.index(embeddings.label_column) + 1 if embeddings.label_column else 0,
        key=key,
        format_func=visible,
        help="Classes for colors, purity and thresholds. The changed set is kept like an upload.",
        on_change=_relabel,
        args=(embeddings, key),
    )


def _relabel(embeddings: EmbeddingSet, key: str) -> None:
    chosen = None if st.session_state[key] == NO_LABELS else st.session_state[key]
    if chosen == embeddings.label_column or not workspace.is_current(embeddings):
        return  # a late value of a widget that stood there before an upload
    workspace.adopt_same_vectors(embeddings.relabeled(chosen))


def metadata_uploader(embeddings: EmbeddingSet, graph: HnswGraph | None = None) -> None:
    """Add a table of metadata to the loaded vectors: one row per vector, in order.

    graph: the index that was opened; then rows may be matched by its labels instead.
    """
    key = f"_metadata_{turn()}"
    draw(
        "Metadata for these vectors",
        key=key,
        help="One row per vector, such as the Embedding Projector's metadata.tsv; a blank line is "
        "a row without values. One line more than vectors: the first names the columns. For an "
        "index from a file: a column named id, key or label is matched with the index's labels.",
        on_change=_take_metadata,
        args=(embeddings, graph, key),
    )


def _take_metadata(embeddings: EmbeddingSet, graph: HnswGraph | None, key: str) -> None:
    if workspace.is_current(embeddings):
        take(key, lambda file: _add_metadata(embeddings, graph, file))


def _add_metadata(embeddings: EmbeddingSet, graph: HnswGraph | None, file: File) -> None:
    rows = embeddings.n if graph is None else None
    table = read_metadata(file.content, name=file.name, rows=rows)
    if graph is not None:
        table = metadata_by_label(graph, table)
    workspace.adopt_same_vectors(embeddings.with_metadata(table))
