"""A walk from neighbor to neighbor: tables that lead on, and the items visited."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from core.data import EmbeddingSet
from pages.ui.controls import query, widgets
from pages.ui.display import items, tables
from pages.ui.display.text import plain
from pages.ui.session import fitting, slot
from pages.ui.session.slot import Slot, widget_value

_TRAIL: Slot[dict[str, list[int]]] = Slot(
    "trails", dict, kept=slot.Kept("The trail of items could not be opened")
)
SHOWN = 6
MOST_DATA = 8  # that have a trail of their own; the oldest leaves first


@dataclass(frozen=True)
class Room:
    """Of a table: up to `lines` all are shown, of more so many as `height` pixels hold."""

    lines: int
    height: int


USUAL = Room(15, 560)


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


def table(
    frame: pd.DataFrame,
    embeddings: EmbeddingSet,
    key: str,
    *,
    room: Room = USUAL,
    tinted: Styler | None = None,
) -> None:
    """Draw a table of items, a row of which is walked to when it is chosen.

    frame: with the row ids in its column "row". key: another one for each content, so that what is
    chosen in one table is not chosen in the next. tinted: the frame with its colors.
    """
    tables.show(
        frame if tinted is None else tinted,
        hide_index=True,
        height="content" if len(frame) <= room.lines else room.height,
        column_config=items.column_config(embeddings),
        key=key,
        on_select=lambda: _take_row(key, frame["row"].tolist()),
        selection_mode="single-row",
    )


def _take_row(key: str, rows: list[int]) -> None:
    chosen = widget_value(key).selection.rows
    if chosen:
        go_to(rows[chosen[0]])


def _of(embeddings: EmbeddingSet) -> list[int]:
    trails = _TRAIL.get()
    own = trails.setdefault(embeddings.fingerprint, [])
    if own and fitting.rows_of(embeddings, own, "The trail of items") is None:
        own = trails[embeddings.fingerprint] = []
    while len(trails) > MOST_DATA:
        del trails[next(iter(trails))]
    return own
