"""A file that was uploaded and is not used yet: what was understood, corrections, one button.

The loaded data stays until the button is pressed, also where the file is wrong.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import streamlit as st

from core.data import LEFT_OUT, ROLES, EmbeddingSet, Preview, ReadSettings, preview_embeddings
from core.data.places import fetch
from core.errors import DataError
from core.progress import part
from pages.ui import jobs
from pages.ui.display import items, messages, preview_words
from pages.ui.display.text import count, plain
from pages.ui.jobs import Progress
from pages.ui.session.slot import Slot, widget_value

METADATA_WORDS = ("meta", "label", "words")
TABLE_HEIGHT = 420
READING = 2.0  # seconds: most files are read within, and shown without the page before
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
    may open, or an address.
    """

    name: str
    content: bytes | ServerFile | Address
    metadata_name: str = ""
    metadata: bytes = b""

    @cached_property
    def fingerprint(self) -> str:
        """Names the bytes and the names of the files."""
        digest = hashlib.blake2b(digest_size=16)
        for held in (
            self.name.encode(),
            self.content if isinstance(self.content, bytes) else repr(self.content).encode(),
            self.metadata_name.encode(),
            self.metadata,
        ):
            digest.update(len(held).to_bytes(8, "little"))
            digest.update(held)
        return digest.hexdigest()


_ARRIVAL: Slot[Arrival | None] = Slot("arrival", lambda: None)
_SETTINGS: Slot[ReadSettings] = Slot("read_settings", ReadSettings)


def receive(files: Sequence[Any]) -> None:
    """Look at what was uploaded: one file of vectors, or that and a table of metadata."""
    vectors, metadata = sorted_out([file.name for file in files])
    table = None if metadata is None else files[metadata]
    _take(
        Arrival(
            files[vectors].name,
            files[vectors].getvalue(),
            "" if table is None else table.name,
            b"" if table is None else table.getvalue(),
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


def show(use: Callable[[EmbeddingSet], None]) -> bool:
    """Draw what was understood of the file that waits, if one does; whether it can be used now.

    use: gets the set that is accepted, in a callback.
    """
    arrival = _ARRIVAL.get()
    if arrival is None:
        return False
    with st.container(border=True, key="arrival"):
        preview = _read.need(arrival, _SETTINGS.get())
        if preview is None:
            return False
        st.subheader(plain(preview_words.title(arrival.name, preview)), anchor=False)
        if preview.embeddings is not None:
            st.markdown(plain(preview_words.facts(preview, _size(arrival, preview))))
        _decide(preview)
        _buttons(preview, use)
        _look(preview)
    return preview.embeddings is not None


def _size(arrival: Arrival, preview: Preview) -> int:
    """Bytes of the files; of what came from an address, of its vectors."""
    if isinstance(arrival.content, bytes):
        return len(arrival.content) + len(arrival.metadata)
    if isinstance(arrival.content, ServerFile):
        return arrival.content.size
    return 0 if preview.embeddings is None else preview.embeddings.vectors.nbytes


@jobs.job("Reading the file", patience=READING)
def _read(progress: Progress, arrival: Arrival, settings: ReadSettings) -> Preview:
    progress(0.0)
    content = arrival.content
    source: bytes | Path
    if isinstance(content, Address):
        try:
            source = fetch(content.url, part(progress, 0.0, 0.8))
        except DataError as error:
            return Preview(None, problem=str(error))
    else:
        source = content.path if isinstance(content, ServerFile) else content
    return preview_embeddings(
        source,
        name=arrival.name,
        settings=settings,
        metadata=arrival.metadata or None,
        metadata_name=arrival.metadata_name or None,
    )


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
                args=(use, preview.embeddings),
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
            help="The data loaded before stays.",
        )


def _accept(use: Callable[[EmbeddingSet], None], embeddings: EmbeddingSet) -> None:
    use(embeddings)
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
    arrival = _ARRIVAL.get()
    if arrival is not None:
        _read.forget(arrival, _SETTINGS.get())


def _look(preview: Preview) -> None:
    """What was guessed, the columns with their roles, the first rows."""
    if preview.embeddings is not None and preview.embeddings.notes:
        messages.note("  \n".join(plain(note) for note in preview.embeddings.notes))
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
        st.dataframe(
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
        preview_words.column_table(preview),
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
        args=(key, preview),
    )


def _change_roles(key: str, preview: Preview) -> None:
    edits = (widget_value(key) or {}).get("edited_rows", {})
    columns = preview_words.listed(preview)
    before = {each.name: each.role for each in columns}
    after = {
        columns[int(row)].name: changed["role"]
        for row, changed in edits.items()
        if "role" in changed
    }
    _correct(_SETTINGS.get().with_roles(before, after))
