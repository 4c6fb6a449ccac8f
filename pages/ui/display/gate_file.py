"""Bounds for a pipeline, written from what a page shows: what pages have in common of them."""

from collections.abc import Sequence

from core.gate import Bounds, DataSettings, IndexSettings, bounds_text
from pages.ui.display import downloads, messages
from pages.ui.display.text import plain
from pages.ui.session.workspace import Workspace

LABEL = "Export as a gate (TOML)"
MORE = 1.1  # times what is counted now may be there later


def data_settings(work: Workspace) -> DataSettings:
    """How the session's data is read again."""
    return DataSettings(label=work.embeddings.label_column or "")


def index_settings(work: Workspace) -> IndexSettings:
    """How the session's index is built again; of an opened file only its metric."""
    if work.opened is not None:
        return IndexSettings(metric=work.opened.metric)
    it = work.params
    return IndexSettings(it.metric, it.m, it.ef_construction, it.seed)


def command(work: Workspace, name: str, *, queries: bool = False) -> str:
    """The command that checks the bounds, with the files that it needs."""
    index = " --index INDEX" if work.opened is not None else ""
    asked = " --queries QUERIES" if queries else ""
    return f"nearfield check DATA{index}{asked} --bounds {name}"


def rounded_down(value: float, digits: int) -> float:
    """The value with so many digits after the point, or the next lower such number: a floor."""
    near = round(value, digits)
    return near if near <= value else round(near - 10.0**-digits, digits)


def rounded_up(value: float, digits: int) -> float:
    """The value with so many digits after the point, or the next higher such number: a ceiling."""
    return -rounded_down(-value, digits)


def offer(bounds: Bounds, margins: Sequence[str], work: Workspace, name: str, run: str) -> None:
    """A button that gives the bounds as a file, and what they leave room for, in words.

    margins: a sentence for each bound. name: of the file. run: the command that checks them.
    """
    written = (f"Written by Nearfield on {work.embeddings.name}.", *margins, f"Run: {run}")
    text = bounds_text(bounds, written)
    downloads.offer(LABEL, lambda: text, name, "application/toml", width="stretch")
    words = plain(" ".join(margins))
    messages.note(f"{words} `{run}` holds new data or a new index against them.")
