"""Choosing an item: by its texts, by row id, or by chance."""

import random
from typing import Any

import streamlit as st

from core.data import EmbeddingSet
from pages.ui.controls import widgets
from pages.ui.controls.declared import NumberBox
from pages.ui.display import items, messages
from pages.ui.display.text import plain

NUMBER_WIDTH = 130
ITEM = NumberBox("item", "Item, row id", width=NUMBER_WIDTH)


def pick(embeddings: EmbeddingSet, **also: Any) -> int:
    """Choose a row: typed text finds it in the text columns, else by row id, or by chance.

    also: other controls, by key, and what a choice sets them to.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        search = st.container(width="stretch")
        item = ITEM.draw(max(0, embeddings.n - 1), **also)
        st.button(
            "Random",
            key="_random_item",
            on_click=_put_random,
            args=(embeddings.n,),
            kwargs=also,
        )
    with search:
        _searcher(embeddings, item, also)
    return item


def _searcher(embeddings: EmbeddingSet, item: int, also: dict[str, Any]) -> None:
    """A box that finds an item by its texts or id; only its name where there are none."""
    if not items.searched_columns(embeddings):
        st.text_input(
            "Item", items.short_names(embeddings)[item], disabled=True, key=f"_item_name_{item}"
        )
        return
    typed = st.text_input(
        "Item, by text or id" if embeddings.id_column else "Item, by text",
        key="_item_text",
        placeholder=items.short_names(embeddings)[item],
        help="Finds the first item whose texts hold these letters; its name comes first.",
        on_change=_put_found,
        args=(embeddings,),
        kwargs=also,
    )
    if typed and len(items.find(embeddings, typed, 1)) == 0:
        messages.note(f"Nothing holds {plain(typed)}.")


def _put_found(embeddings: EmbeddingSet, **also: Any) -> None:
    rows = items.find(embeddings, st.session_state["_item_text"], 1)
    if len(rows):
        widgets.put(item=int(rows[0]), **also)
        st.session_state["_item_text"] = ""


def _put_random(n: int, **also: Any) -> None:
    widgets.put(item=random.randrange(n), **also)
