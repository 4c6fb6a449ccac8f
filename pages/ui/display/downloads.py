"""Files to take along, written when their button is pressed.

Streamlit forgets a written file at the end of the second run of a script after it, and a fragment
that draws the progress of a job is a run twice a second: a browser that asks for the file later
than that gets an error 404 (`MediaFileManager.remove_orphaned_files`). So a file is held here until
others have taken its place, whatever runs in the meantime.
"""

import itertools
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd
import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import add_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext

from core.data.sheets import csv_text
from core.visible import marked

HELD_BYTES = 256_000_000  # of all files that are held; the newest is held whatever its size
HELD_FILES = 64
OCTETS = "application/octet-stream"
LONGEST_NAME = 60  # letters without the ending; file systems take 255 bytes
_RESERVED = re.compile(r'[\\/:*?"<>|]')


def download(rows: pd.DataFrame, name: str, label: str = "Download CSV") -> None:
    """A button that gives the rows as a CSV file."""
    offer(label, lambda: csv_text(rows), f"{name}.csv", "text/csv", key=f"_{name}_csv")


def offer(
    label: str, write: Callable[[], bytes | str], name: str, mime: str = OCTETS, **how: Any
) -> None:
    """A button that gives a file, written when it is pressed, outside of any run.

    write: makes the content, text as UTF-8; a table by `core.data.sheets.csv_text`. name: of the
    file. how: passed to `st.download_button`.
    """
    named = file_name(name)
    st.download_button(
        label,
        lambda: _written(write, named, mime),
        file_name=named,
        mime=mime,
        on_click="ignore",
        **how,
    )


def file_name(text: str) -> str:
    """A name that every system takes for one file, that hides nothing and begins as no option.

    >>> file_name("../a: b?.npz"), file_name("=x.csv"), file_name("a\\u202efdp.csv")
    ('a- b-.npz', 'x.csv', 'a[U+202E]fdp.csv')
    """
    stem, dot, ending = _RESERVED.sub("-", marked(" ".join(text.split()))).rpartition(".")
    stem = stem.lstrip("=+-@'. ")[:LONGEST_NAME].rstrip(". ")
    return f"{stem or 'file'}{dot}{ending}"


def _written(write: Callable[[], bytes | str], name: str, mime: str) -> bytes:
    made = write()
    content = made.encode() if isinstance(made, str) else made
    if runtime.exists():
        _shelf.hold(content, name, mime)
    return content


@dataclass(frozen=True)
class _Holder:
    """What Streamlit asks of a run to whose session a file belongs."""

    session_id: str


class Shelf:
    """Holds files for browsers that fetch them late; the oldest leave when it is full.

    Each file belongs to a session of its own, which no run clears.
    """

    def __init__(self, files: int = HELD_FILES, size: int = HELD_BYTES) -> None:
        self._held: OrderedDict[str, int] = OrderedDict()
        self._files, self._bytes = files, size
        self._numbers, self._lock = itertools.count(), threading.Lock()

    def hold(self, content: bytes, name: str, mime: str) -> None:
        """Keep a file from being forgotten; called in the thread that writes it, without a run."""
        files = runtime.get_instance().media_file_mgr
        with self._lock:
            holder = _Holder(f"download {next(self._numbers)}")
            adding = threading.Thread(
                target=files.add,
                args=(content, mime, "download"),
                kwargs={"file_name": name, "is_for_static_download": True},
            )
            add_script_run_ctx(adding, cast(ScriptRunContext, holder))
            adding.start()
            adding.join()
            self._held[holder.session_id] = len(content)
            while len(self._held) > 1 and self._is_full():
                oldest, _ = self._held.popitem(last=False)
                files.clear_session_refs(oldest)

    def _is_full(self) -> bool:
        return len(self._held) > self._files or sum(self._held.values()) > self._bytes


_shelf = Shelf()
