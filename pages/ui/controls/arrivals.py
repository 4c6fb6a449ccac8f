"""A file that was uploaded and is not used yet: what was understood, corrections, one button.

The loaded data stays until the button is pressed, also where the file is wrong.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.data import (
    LEFT_OUT,
    ROLES,
    EmbeddingSet,
    Look,
    Preview,
    ReadSettings,
    look_at,
    preview_of,
    watch,
)
from core.data.places import fetch
from core.data.readers import Content
from core.errors import DataError
from core.progress import Progress as Report
from core.progress import part
from core.projection import FirstPicture, picture_of
from core.visible import visible
from pages.ui import jobs
from pages.ui.controls.reading import LABEL, PATIENCE, STAYS
from pages.ui.display import first_picture, items, messages, preview_words, tables
from pages.ui.display.text import count, plain
from pages.ui.jobs import JobKind, Named, Progress
from pages.ui.jobs.key import fingerprint
from pages.ui.session.received import File
from pages.ui.session.slot import Slot, widget_value
from pages.ui.session.upload_files import Upload, on_disk

METADATA_WORDS = ("meta", "label", "words")
TABLE_HEIGHT = 420
COLUMNS_SHOWN = 1_000  # a file of more is corrected by the name of its vectors


@dataclass(frozen=True)
class ServerFile:
    """A file of this server, as it was when it was chosen; modified: when, in nanoseconds."""

    path: Path
    size: int
    modified: int


@dataclass(frozen=True)
class Address:
    """Where a file is fetched from; asked: when, in seconds, for it may change."""

    url: str
    asked: float


@dataclass(frozen=True, eq=False)
class Arrival:
    """A file, and the bytes of a table of metadata beside it.

    content: its bytes as they were uploaded, or where it lies: a file of this server that visitors
    may open, or an address. fingerprint: names this arrival; the bytes are not
    gone through.
    """

    name: str
    content: Upload | ServerFile | Address
    metadata_name: str = ""
    metadata: Content = b""
    fingerprint: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(eq=False)
class _Seen:
    """What a reader found in a file, and a picture of some of its rows.

    It changes once: `settle`.
    """

    arrival: Arrival
    look: Look
    picture: FirstPicture | None = None

    def settle(self) -> None:
        """Move the bytes of an upload to the disk, and what was found in them with them."""
        upload, found = self.arrival.content, self.look.found
        if not isinstance(upload, Upload):
            return
        before = np.frombuffer(upload.content, np.uint8)
        if upload.settle() and found is not None and np.may_share_memory(found.vectors, before):
            self.look = _look_into(self.arrival, upload.content, self.look.settings)


@dataclass(frozen=True, eq=False)
class _Ahead:
    """Work for the pages that was begun before the file is used."""

    prepare: "Prepare"
    embeddings: Named[EmbeddingSet]


_ARRIVAL: Slot[Arrival | None] = Slot("arrival", lambda: None)
_SETTINGS: Slot[ReadSettings] = Slot("read_settings", ReadSettings)
_PREVIEW: Slot[Preview | None] = Slot("arrival_preview", lambda: None)
_AHEAD: Slot["_Ahead | None"] = Slot("arrival_ahead", lambda: None)
Prepare = JobKind[[Named[EmbeddingSet]], None]


def receive(files: Sequence[File]) -> None:
    """Look at what was uploaded: one file of vectors, or that and a table of metadata."""
    vectors, metadata = sorted_out([file.name for file in files])
    table = None if metadata is None else files[metadata]
    _take(
        Arrival(
            files[vectors].name,
            Upload(files[vectors].content),
            "" if table is None else table.name,
            b"" if table is None else table.content,
        )
    )


def receive_from(place: Path | Address, name: str) -> None:
    """Look at a file of this server, or at an address, that visitors may open."""
    if isinstance(place, Path):
        found = place.stat()
        _take(Arrival(name, ServerFile(place, found.st_size, found.st_mtime_ns)))
    else:
        _take(Arrival(name, place))


def _take(arrival: Arrival) -> None:
    """Look at a file in place of the one that waits."""
    let_go()
    jobs.prepare_for(_size(arrival, None))
    _ARRIVAL.set(arrival)
    _SETTINGS.set(ReadSettings())


def sorted_out(names: Sequence[str]) -> tuple[int, int | None]:
    """Which of one or two files holds the vectors, and which their metadata, by their names.

    >>> sorted_out(["metadata.tsv", "vectors.tsv"]), sorted_out(["a.npy"]), sorted_out(["a", "b"])
    ((1, 0), (0, None), (0, 1))
    """
    if len(names) == 1:
        return 0, None
    first = names[0].casefold()
    return (1, 0) if any(word in first for word in METADATA_WORDS) else (0, 1)


def show(use: Callable[[EmbeddingSet], None], prepare: Prepare) -> bool:
    """Draw what was understood of the file that waits, if one does; whether it can be used now.

    use: gets the set that is accepted, in a callback. prepare: is begun as soon as there is a set,
    so that the pages find its results.
    """
    arrival = _ARRIVAL.get()
    if arrival is None:
        return False
    with st.container(border=True, key="arrival"):
        seen = _look.need(arrival, _SETTINGS.get())
        if seen is None:
            _close_button()
            return False
        words: Any = st.container()
        if seen.picture is not None:
            words, beside = st.columns([7, 5])
            with beside:
                first_picture.draw(seen.picture)
        with words:
            preview = _understood(arrival, seen, use)
        _PREVIEW.set(preview)
        if preview is None:
            return False
        _look_closer(preview)
        if preview.embeddings is not None:
            _begin(_Ahead(prepare, Named(_name(arrival), preview.embeddings)))
    return preview.embeddings is not None


def _understood(
    arrival: Arrival, seen: _Seen, use: Callable[[EmbeddingSet], None]
) -> Preview | None:
    """Facts and what has to be decided; None while the rows are checked, with facts so far."""
    held = Named(_name(arrival), seen)
    top = st.empty()
    if _check.finished(held) is None and seen.look.found is not None:
        with top.container():
            first_picture.draw_facts(arrival.name, seen.look, _size(arrival, None))
    preview = _check.need(held)
    if preview is None:
        _close_button()
        return None
    with top.container():
        st.subheader(plain(preview_words.title(arrival.name, preview)), anchor=False)
        if preview.embeddings is not None:
            st.markdown(plain(preview_words.facts(preview, _size(arrival, preview))))
    _decide(preview)
    _buttons(preview, use)
    if preview.embeddings is not None and preview.embeddings.notes:
        messages.note("  \n".join(plain(note) for note in preview.embeddings.notes))
    return preview


def _name(arrival: Arrival) -> str:
    """Names what was read of the file with the settings of now."""
    return fingerprint((arrival, _SETTINGS.get()))


def _begin(ahead: _Ahead) -> None:
    _AHEAD.set(ahead)
    ahead.prepare.start(ahead.embeddings)


def _size(arrival: Arrival, preview: Preview | None) -> int:
    """Bytes of the files; of what came from an address, of its vectors once they are known."""
    if isinstance(arrival.content, Upload):
        return len(arrival.content.content) + len(arrival.metadata)
    if isinstance(arrival.content, ServerFile):
        return arrival.content.size
    known = None if preview is None else preview.embeddings
    return 0 if known is None else known.vectors.nbytes


@jobs.job(LABEL, patience=PATIENCE, is_private=True)
def _look(progress: Progress, arrival: Arrival, settings: ReadSettings) -> _Seen:
    report: Report = progress
    content = arrival.content
    source: Content | Path
    if isinstance(content, Address):
        report = part(progress, 0.8, 1.0)
        try:
            source = on_disk(fetch(content.url, part(progress, 0.0, 0.8)))
        except DataError as error:
            return _Seen(arrival, Look(None, settings=settings, problem=str(error)))
    else:
        source = content.path if isinstance(content, ServerFile) else content.content
    with watch.heard(report):
        look = _look_into(arrival, source, settings)
    return _Seen(arrival, look, picture_of(look))


def _look_into(arrival: Arrival, source: Content | Path, settings: ReadSettings) -> Look:
    return look_at(
        source,
        name=arrival.name,
        settings=settings,
        metadata=arrival.metadata or None,
        metadata_name=arrival.metadata_name or None,
    )


@jobs.job("Checking the rows", patience=PATIENCE, is_private=True)
def _check(progress: Progress, seen: Named[_Seen]) -> Preview:
    with watch.heard(progress):
        seen.value.settle()
        return preview_of(seen.value.look)


def _decide(preview: Preview) -> None:
    """What stands between the file and its use, with the way on."""
    words = preview_words.decision(preview)
    if preview.candidates:
        messages.warn(words)
        st.selectbox(
            "Which holds the vectors?",
            preview.candidates,
            index=None,
            placeholder="Choose one",
            format_func=visible,
            key="_arrival_vectors",
            on_change=_choose_vectors,
        )
    elif preview.bad_rows:
        messages.warn(words)
    elif words:
        st.error(plain(words))


def _choose_vectors() -> None:
    _correct(replace(_SETTINGS.get(), vector_column=widget_value("_arrival_vectors")))


def _buttons(preview: Preview, use: Callable[[EmbeddingSet], None]) -> None:
    with st.container(horizontal=True):
        if preview.embeddings is not None:
            st.button(
                "Use this data",
                type="primary",
                key="_arrival_use",
                on_click=_accept,
                args=(use,),
            )
        if preview.bad_rows:
            st.button(
                f"Leave out {count(len(preview.bad_rows), 'row')} and go on",
                type="primary",
                key="_arrival_drop",
                on_click=_drop_bad_rows,
            )
        st.button(
            "Cancel" if preview.embeddings is not None else "Close",
            key="_arrival_cancel",
            on_click=let_go,
            help=STAYS,
        )


def _close_button() -> None:
    """Let the file go while it is read, or after its reading was stopped."""
    st.button("Close", key="_arrival_cancel", on_click=let_go, help=STAYS)


def _accept(use: Callable[[EmbeddingSet], None]) -> None:
    """Use the set; Streamlit keeps the arguments of callbacks, so it is not one of them."""
    preview = _PREVIEW.get()
    if preview is None or preview.embeddings is None:
        return  # a second press of a button that is on its way out
    use(preview.embeddings)
    _AHEAD.set(None)  # what was begun for the pages goes on: they need it now
    let_go()


def _drop_bad_rows() -> None:
    _correct(replace(_SETTINGS.get(), drop_bad_rows=True))


def _correct(settings: ReadSettings) -> None:
    """Read the file with other settings; what was read before is not kept beside it."""
    _forget_preview()
    _SETTINGS.set(settings)


def let_go() -> None:
    """Forget the file, and what was read of it."""
    _forget_preview()
    _ARRIVAL.set(None)


def _forget_preview() -> None:
    arrival, ahead = _ARRIVAL.get(), _AHEAD.get()
    if ahead is not None:
        ahead.prepare.forget(ahead.embeddings)
        _AHEAD.set(None)
    _PREVIEW.set(None)
    if arrival is not None:
        _look.forget(arrival, _SETTINGS.get())
        _check.forget(Named(_name(arrival), _Seen(arrival, Look(None))))


def _look_closer(preview: Preview) -> None:
    """The columns with their roles, and the first rows."""
    if not 0 < len(preview.columns) <= COLUMNS_SHOWN:
        _first_rows(preview)
        return
    left, right = st.columns([5, 7])
    with left:
        _roles(preview)
    with right:
        _first_rows(preview)


def _first_rows(preview: Preview) -> None:
    if preview.embeddings is not None:
        tables.show(
            preview_words.first_rows(preview),
            hide_index=True,
            height=TABLE_HEIGHT,
            column_config=items.column_config(preview.embeddings, ("vector",)),
        )


def _roles(preview: Preview) -> None:
    """The columns with their roles, which can be changed."""
    settings = _SETTINGS.get()
    key = f"_arrival_roles_{abs(hash(settings))}"
    st.data_editor(
        tables.visible_frame(preview_words.column_table(preview)),
        hide_index=True,
        height=TABLE_HEIGHT,
        disabled=["column", "why"],
        column_config={
            "role": st.column_config.SelectboxColumn(
                "role",
                options=[*ROLES, LEFT_OUT],
                required=True,
                help="Change what a column is taken for: vector, label, metadata, or left out.",
            )
        },
        key=key,
        on_change=_change_roles,
        args=(key,),
    )


def _change_roles(key: str) -> None:
    preview = _PREVIEW.get()
    if preview is None:
        return
    edits = (widget_value(key) or {}).get("edited_rows", {})
    columns = preview_words.listed(preview)
    before = {each.name: each.role for each in columns}
    after = {
        columns[int(row)].name: changed["role"]
        for row, changed in edits.items()
        if "role" in changed
    }
    _correct(_SETTINGS.get().with_roles(before, after))
