"""What an index takes in memory, system by system: for the data at hand and ten million vectors."""

import math

import pandas as pd
import streamlit as st

from core.engines import MEMORY, EngineMemory, Setting
from pages.ui.display import messages, tables
from pages.ui.display.downloads import download
from pages.ui.display.text import number, plain, size

MANY = 10_000_000
NOTE, SOURCES = "not counted", "sources"
BASES = (
    "Its file: the layout of the file that the library saves, exact but for the layers that are "
    "drawn. Its source, its documentation: an estimate."
)


def show(setting: Setting, engine: str) -> None:
    """The sentence, the table and its file, and what the figures of one system rest on."""
    rows = table(setting)
    st.markdown("**Memory**")
    messages.note(answer(setting))
    shown = [name for name in rows.columns if name not in (NOTE, SOURCES)]
    tables.show(rows, hide_index=True, height="content", column_order=shown)
    messages.note(f"{basis(MEMORY[engine](setting, setting.n))} {BASES}")
    download(rows, "memory")


def basis(memory: EngineMemory) -> str:
    """What the figures of a system rest on and leave out, with links."""
    links = ", ".join(f"[{place}]({url})" for place, url in enumerate(memory.sources, 1))
    said = f"{memory.engine}: {memory.basis}."
    if not math.isnan(memory.per_vector):
        formula = plain(memory.formula)
        said = f"{memory.engine}: {formula} bytes per vector, by {memory.basis} ({links})."
    return f"{said} {plain(memory.note)}".strip()


def answer(setting: Setting) -> str:
    """What hnswlib takes, and the least and the most that the systems state."""
    own = MEMORY["hnswlib"](setting, setting.n)
    many = [each for each in _of_all(setting, MANY) if not math.isnan(each.total)]
    return (
        f"{setting.n:,} vectors of {setting.dim:,} dimensions at M {setting.m:,} take "
        f"{size(own.total)} in hnswlib, {number(round(own.per_vector))} bytes each. For {MANY:,} "
        f"the systems state from {size(many[0].total)} ({many[0].engine}) to "
        f"{size(many[-1].total)} ({many[-1].engine})."
    )


def table(setting: Setting) -> pd.DataFrame:
    """One line per system, the least memory first, those that state none last."""
    now, many = _of_all(setting, setting.n), _of_all(setting, MANY)
    return pd.DataFrame(
        {
            "system": [each.engine for each in now],
            "bytes per vector": [_bytes(each.per_vector) for each in now],
            "vectors": [_bytes(each.vectors) for each in now],
            "links": [_bytes(each.links) for each in now],
            "other": [_bytes(each.other) for each in now],
            f"at {setting.n:,}": [_size(each.total) for each in now],
            f"at {MANY:,}": [_size(each.total) for each in many],
            "by": [each.basis for each in now],
            "formula": [each.formula for each in now],
            NOTE: [each.note for each in now],
            SOURCES: [" ".join(each.sources) for each in now],
        }
    )


def _of_all(setting: Setting, n: int) -> list[EngineMemory]:
    found = [memory(setting, n) for memory in MEMORY.values()]
    return sorted(found, key=lambda each: (math.isnan(each.total), each.total))


def _bytes(value: float) -> str:
    return "not stated" if math.isnan(value) else f"{round(value):,}"


def _size(value: float) -> str:
    return "not stated" if math.isnan(value) else size(value)
