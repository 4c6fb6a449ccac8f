"""An item as a card, and its neighbors as a gallery where the data has pictures."""

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.data import EmbeddingSet
from pages.neighbors import trail
from pages.ui.display import items
from pages.ui.display.text import number, plain

OWN_PICTURE, PICTURE = 132, 104
IN_GALLERY = 24
TEXT_LENGTH = 320


def own(embeddings: EmbeddingSet, item: int, key: str = "own") -> None:
    """The item that is asked about: picture, name, class, texts and sound."""
    with st.container(horizontal=True, border=True, vertical_alignment="center", key=f"card_{key}"):
        if picture := items.picture(embeddings, item):
            st.image(picture, width=OWN_PICTURE)
        with st.container(gap=None):
            st.markdown(f"**{plain(items.name_of(embeddings, item))}**")
            st.caption(plain(own_words(embeddings, item)))
            if sound := items.sound(embeddings, item):
                st.audio(sound)


def own_words(embeddings: EmbeddingSet, item: int) -> str:
    """Row, class and longest text of an item, in one line."""
    label = str(items.label_texts(embeddings)[item])
    named = None if embeddings.label_column is None or not label else embeddings.label_column
    text = items.longest_texts(embeddings, np.array([item]))[0]
    if len(text) > TEXT_LENGTH:
        text = f"{text[: TEXT_LENGTH - 1]}…"
    parts = [f"row {item:,}", f"{named}: {label}" if named else "", text]
    return " · ".join(filter(None, parts))


def gallery(
    embeddings: EmbeddingSet,
    rows: npt.NDArray[np.int64],
    notes: list[str],
    *,
    key: str,
) -> bool:
    """Cards of rows with their pictures, each of which is walked to; False without pictures."""
    if items.picture_column(embeddings) is None or not len(rows):
        return False
    names = items.short_names(embeddings)
    with st.container(horizontal=True, gap="small", key=f"gallery_{key}"):
        for place, (row, said) in enumerate(zip(rows[:IN_GALLERY], notes, strict=False)):
            with st.container(border=True, width=PICTURE + 34, gap=None):
                if picture := items.picture(embeddings, int(row)):
                    st.image(picture, width=PICTURE)
                st.button(
                    plain(names[row][:40]),
                    key=f"_card_{key}_{place}_{row}",
                    type="tertiary",
                    on_click=trail.go_to,
                    args=(int(row),),
                )
                st.caption(plain(said))
    return True


def ranked(distances: npt.NDArray[np.float64]) -> list[str]:
    """What stands below the cards of neighbors: rank and distance.

    >>> ranked(np.array([0.25]))
    ['1: 0.250']
    """
    return [f"{rank}: {number(float(far))}" for rank, far in enumerate(distances, start=1)]
