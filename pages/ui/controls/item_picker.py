"""Choosing an item: by its texts, by row id, or by chance."""

import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.data import EmbeddingSet
from core.data.text_search import Hits
from core.visible import visible
from pages.ui.controls import widgets
from pages.ui.controls.declared import NumberBox
from pages.ui.display import items
from pages.ui.display.text import count
from pages.ui.session.slot import Slot, widget_value

NUMBER_WIDTH = 130
ITEM = NumberBox("item", "Item, row id", width=NUMBER_WIDTH)
KEY = "find_item"
LISTED = 50  # hits in the list
WALKED = 1_000  # that the next match goes through
MORE_LENGTH = 90  # letters of the line below a name
TYPED_LENGTH = 200  # letters of what is typed that are searched for


@dataclass(frozen=True)
class Walk:
    """The hits of what was typed, of which one was chosen. place: of that one. data: its name."""

    typed: str
    place: int
    data: str


_TYPED: Slot[str] = Slot("find_typed", str)
_WALK: Slot[Walk | None] = Slot("find_walk", lambda: None)


def pick(embeddings: EmbeddingSet, **also: Any) -> int:
    """Choose a row: what is typed finds it by its texts or id, else by row id, or by chance.

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


@st.fragment
def _searcher(embeddings: EmbeddingSet, item: int, also: dict[str, Any]) -> None:
    """A box that lists the hits while a person types; a choice runs the whole page."""
    done = _search_box(
        data=listing(embeddings, item, _TYPED.get(), _WALK.get()),
        key=KEY,
        on_typed_change=_take_typed,
        on_picked_change=lambda: _take_picked(embeddings, also),
        on_stepped_change=lambda: _take_step(embeddings, also),
        height="content",
    )
    if done.picked is not None or done.stepped is not None:
        st.rerun()


def listing(embeddings: EmbeddingSet, item: int, typed: str, walk: Walk | None) -> dict[str, Any]:
    """What the box shows: the item's name, the hits of what is typed, the place among the last."""
    found = items.hits(embeddings, typed, LISTED)
    named = embeddings.id_column or embeddings.text_columns
    classed = "row id" if embeddings.labels is None else "class or row id"
    return {
        "label": f"Item, by {'text or id' if named else classed}",
        "name": visible(items.name_of(embeddings, item)),
        "asked": typed.strip(),
        "hits": lines(embeddings, found),
        "count": count_words(found, typed),
        "walk": walk_words(embeddings, walk, item),
    }


def lines(embeddings: EmbeddingSet, found: Hits) -> list[dict[str, Any]]:
    """For each hit its row, its name, and class and longest text below it."""
    names, labels = items.names_of(embeddings, found.rows), items.label_texts(embeddings)
    said = items.longest_texts(embeddings, found.rows)
    return [
        {
            "row": int(row),
            "name": visible(name),
            "more": visible(": ".join(filter(None, (str(labels[row]), text)))[:MORE_LENGTH]),
        }
        for row, name, text in zip(found.rows, names, said, strict=True)
    ]


def count_words(found: Hits, typed: str) -> str:
    """How many hits there are, and how many of them are listed."""
    if not found.total:
        return f"Nothing holds {visible(' '.join(typed.split()))}." if typed.strip() else ""
    if len(found.rows) < found.total:
        return f"{len(found.rows):,} of {found.total:,} hits, the best first"
    return count(found.total, "hit")


def walk_words(embeddings: EmbeddingSet, walk: Walk | None, item: int) -> str:
    """Which of the last hits the item is, "" where it is none or the only one."""
    if walk is None or walk.data != embeddings.fingerprint:
        return ""
    found = items.hits(embeddings, walk.typed, WALKED)
    if found.total < 2 or walk.place >= len(found.rows) or found.rows[walk.place] != item:
        return ""
    return f"Hit {walk.place + 1:,} of {found.total:,} for {visible(walk.typed)}."


def _take_typed() -> None:
    _TYPED.set(str(widget_value(KEY).get("typed") or "")[:TYPED_LENGTH])


def _take_picked(embeddings: EmbeddingSet, also: dict[str, Any]) -> None:
    picked = widget_value(KEY).get("picked")
    if not picked:
        return
    row, place = int(picked[0]), int(picked[1])
    if 0 <= row < embeddings.n:
        _WALK.set(Walk(_TYPED.get(), place, embeddings.fingerprint))
        _TYPED.set("")
        widgets.put(item=row, **also)


def _take_step(embeddings: EmbeddingSet, also: dict[str, Any]) -> None:
    walk, step = _WALK.get(), widget_value(KEY).get("stepped")
    if walk is None or not step:
        return
    rows = items.hits(embeddings, walk.typed, WALKED).rows
    if len(rows):
        place = int(np.mod(walk.place + int(step), len(rows)))
        _WALK.set(Walk(walk.typed, place, walk.data))
        widgets.put(item=int(rows[place]), **also)


def _put_random(n: int, **also: Any) -> None:
    widgets.put(item=random.randrange(n), **also)


@cache
def _part(ending: str) -> str:
    return Path(__file__).with_name("scripts").joinpath(f"search_box.{ending}").read_text("utf-8")


_search_box = st.components.v2.component(
    "nearfield_search_box", html=_part("html"), css=_part("css"), js=_part("js")
)
