"""The items visited on a walk from neighbor to neighbor."""

import streamlit as st

from core.data import EmbeddingSet
from pages.ui.controls import query, widgets
from pages.ui.display import items
from pages.ui.display.text import plain
from pages.ui.session.slot import Slot, widget_value

_TRAIL: Slot[dict[str, list[int]]] = Slot("trails", dict)
SHOWN = 6


def note(embeddings: EmbeddingSet, item: int) -> None:
    """Remember that this item was looked at."""
    trail = _of(embeddings)
    if item in trail:
        trail.remove(item)
    trail.append(item)
    del trail[: -SHOWN - 1]


def show(embeddings: EmbeddingSet, item: int) -> None:
    """Buttons that lead back to the items before this one."""
    before = [row for row in _of(embeddings) if row != item]
    if not before:
        return
    names = items.short_names(embeddings)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption("Trail:", width="content")
        for row in before:
            st.button(
                plain(names[row][:24]),
                key=f"_trail_{row}",
                type="tertiary",
                on_click=go_to,
                args=(row,),
            )


def go_to(row: int) -> None:
    """Make a row the item; from a callback."""
    widgets.put(item=row, **query.of_item())


def take_row(key: str, rows: list[int]) -> None:
    """Make the row chosen in a table the item; the callback of the table."""
    chosen = widget_value(key).selection.rows
    if chosen:
        go_to(rows[chosen[0]])


def _of(embeddings: EmbeddingSet) -> list[int]:
    trails = _TRAIL.get()
    return trails.setdefault(embeddings.fingerprint, [])
