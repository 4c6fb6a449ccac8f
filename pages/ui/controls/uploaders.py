"""Bringing data in: the uploader, which leaves the loaded data alone when a file is wrong."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.uploaded_file_manager import DeletedFile

from core.data import EmbeddingSet, read_metadata
from core.errors import CoreError, DataError
from core.index import HnswGraph
from core.studies import metadata_by_label
from core.visible import visible
from pages.ui.controls import arrivals, reading, widgets
from pages.ui.display import messages
from pages.ui.display.text import size
from pages.ui.session import received, upload_files, workspace
from pages.ui.session.received import File, file_of

NO_LABELS = "no labels"
AT_ONCE = 2  # files
_TURN = "_upload_turn"
_ERROR = "_upload_error"
DATA, INDEX, METADATA = "data", "index", "metadata"
GIVEN = "queries of the data"  # an option of the control `source`
T = TypeVar("T")


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
    show_state(DATA, place)


def draw(label: str, **how: Any) -> None:
    """An uploader that says how large a file may be; how: passed to `st.file_uploader`.

    Its files are taken by `read`, or as they are by `take`.
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


def take(key: str, use: Callable[[Any], None]) -> None:
    """Use the files of the uploader `key` as they came; from a callback. An error is kept to be
    shown.

    use: gets a `File`, or where the uploader takes several files, all of them.
    """
    brought = _brought(key, DATA)
    if brought is not None:
        files, given = brought
        _finish(files, DATA, lambda: use(given))


def read(
    key: str,
    read: Callable[[Any], T],
    use: Callable[[T], None],
    *,
    about: str,
    of: EmbeddingSet | None = None,
) -> None:
    """Read the files of the uploader `key` in a job, and use what they hold; from a callback.

    read: gets what `use` of `take` does; it runs away from the session. use: gets what came of
    that, as if in a callback. about: which uploaders show how far it is, and an error. of: the
    loaded data that the file is brought to; nothing is used where another is loaded by then.
    """
    brought = _brought(key, about)
    if brought is None:
        return
    files, given = brought

    def finish(outcome: reading.Outcome) -> None:
        found = outcome()
        if of is not None and not workspace.is_current(of):
            raise DataError(
                f"The file was read to go with {of.name}, and other data is loaded now. Bring it "
                "again if it goes with that, too."
            )
        use(found)

    reading.begin(
        about, lambda: read(given), lambda outcome: _finish(files, about, lambda: finish(outcome))
    )


def _brought(key: str, about: str) -> tuple[Sequence[Any], Any] | None:
    """The files that an uploader holds, and with their bytes; None where there is nothing new."""
    uploaded = st.session_state[key]
    several = isinstance(uploaded, list)
    files = uploaded if several else [uploaded]
    if any(isinstance(each, DeletedFile) for each in files):
        return None  # told a second time, by a browser that was quick: it was taken then
    st.session_state[_ERROR] = None
    reading.let_go(about)
    if not uploaded:
        return None
    try:
        return files, [file_of(each) for each in files] if several else file_of(uploaded)
    except CoreError as error:
        refuse(about, error)
        return None


def refuse(about: str, error: CoreError) -> None:
    """Let these uploaders say what is wrong; from a callback."""
    st.session_state[_ERROR] = about, error


def _finish(files: Sequence[Any], about: str, step: Callable[[], None]) -> None:
    """Take the last step with files: renew the uploader, or keep the error to be shown."""
    try:
        step()
    except CoreError as error:
        refuse(about, error)
    else:
        st.session_state[_TURN] += 1  # a fresh uploader: the file itself is let go
        received.let_go(files)


def turn() -> int:
    """Part of an uploader's key that changes once its file was taken."""
    number: int = st.session_state.setdefault(_TURN, 0)
    return number


def show_state(about: str, place: str = "page") -> None:
    """How far the reading of the last file is, or what was wrong with it; of these uploaders.

    place: where it stands ("card", "page"); tells its widgets apart.
    """
    reading.draw(about, place)
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
    show_state(METADATA)


def _take_metadata(embeddings: EmbeddingSet, graph: HnswGraph | None, key: str) -> None:
    if workspace.is_current(embeddings):
        read(
            key,
            lambda file: _with_metadata(embeddings, graph, file),
            workspace.adopt_same_vectors,
            about=METADATA,
            of=embeddings,
        )


def _with_metadata(embeddings: EmbeddingSet, graph: HnswGraph | None, file: File) -> EmbeddingSet:
    rows = embeddings.n if graph is None else None
    table = read_metadata(file.content, name=file.name, rows=rows)
    if graph is not None:
        table = metadata_by_label(graph, table)
    return embeddings.with_metadata(table)
