"""Pairs of items side by side: pictures or texts, classes, score, and the ways on."""

import pandas as pd
import streamlit as st

from core.data import EmbeddingSet
from core.metrics import ScoredPairs, ScoreUnit
from pages.thresholds import operating
from pages.thresholds.lab import Lab
from pages.ui.controls import page_links, widgets
from pages.ui.display import items, messages
from pages.ui.display.text import number, plain

CARDS = 12  # at first, and more with each press
COLUMNS = 3
PICTURE_WIDTH = 120
TEXT_LENGTH = 140


def show(lab: Lab, pairs: ScoredPairs, *, key: str) -> None:
    """Draw the pairs as cards, twelve at first."""
    if not len(pairs.left):
        messages.empty("There is no such pair.", "Move the threshold, or choose another class.")
        return
    shown = widgets.held(f"cards_{key}", int, CARDS)
    few = pairs.first(max(CARDS, shown))
    for start in range(0, len(few.left), COLUMNS):
        row = st.columns(COLUMNS)
        for place, column in zip(range(start, len(few.left)), row, strict=False):
            with column, st.container(border=True):
                _card(lab, few, place, key)
    if len(pairs.left) > len(few.left):
        st.button(
            "Show more pairs",
            key=f"_more_{key}",
            on_click=widgets.put,
            kwargs={f"cards_{key}": len(few.left) + CARDS},
        )


def table(lab: Lab, pairs: ScoredPairs, unit: ScoreUnit) -> pd.DataFrame:
    """One line per pair: its value in the unit, and of both items the row, name and class."""
    embeddings = lab.embeddings
    frame = pd.DataFrame({unit.name: unit.of(pairs.score)})
    names, labels = items.short_names(embeddings), items.label_texts(embeddings)
    for side, rows in ((1, pairs.left), (2, pairs.right)):
        frame[f"row ({side})"] = rows
        frame[f"name ({side})"] = names[rows]
        frame[f"class ({side})"] = labels[rows]
    return frame


def _card(lab: Lab, pairs: ScoredPairs, place: int, key: str) -> None:
    unit = operating.unit(lab)
    left, right = int(pairs.left[place]), int(pairs.right[place])
    st.markdown(f"**{number(float(unit.of(pairs.score[place])), 4)}** {unit.name}")
    for column, row in zip(st.columns(2), (left, right), strict=True):
        with column:
            _item(lab.embeddings, row)
    with st.container(horizontal=True):
        st.button(
            "Neighbors",
            key=f"_near_{key}_{place}",
            type="tertiary",
            help="Who is near the first item, on the page Neighbors.",
            on_click=page_links.leave_for,
            args=("neighbors",),
            kwargs={"item": left},
        )
        st.button(
            "Map",
            key=f"_map_{key}_{place}",
            type="tertiary",
            help="The first item and its neighbors, on the page Map.",
            on_click=page_links.leave_for,
            args=("map",),
            kwargs={"item": left},
        )


def _item(embeddings: EmbeddingSet, row: int) -> None:
    if picture := items.picture(embeddings, row):
        st.image(picture, width=PICTURE_WIDTH)
    st.markdown(plain(items.short_names(embeddings)[row]))
    st.caption(plain(items.label_texts(embeddings)[row]))
    if text := longest_text(embeddings, row):
        st.caption(plain(text))


def longest_text(embeddings: EmbeddingSet, row: int) -> str:
    """What the longest text column says of a row, cut at 140 letters; "" where it has no other."""
    columns = [name for name in embeddings.text_columns if name != items.name_column(embeddings)]
    if not columns or columns[-1] == embeddings.label_column:
        return ""
    value = embeddings.metadata[columns[-1]].iloc[row]
    text = value if isinstance(value, str) else ""
    if len(text) > 1_000 and " " not in text[:200]:  # a picture or a vector as text
        return ""
    return text if len(text) <= TEXT_LENGTH else f"{text[: TEXT_LENGTH - 1]}…"
