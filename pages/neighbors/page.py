"""Neighbors: who is near this item?"""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pages.neighbors import around, cards, diverse, nearest, other_metrics, second_item, trail
from pages.neighbors.asked import Asked
from pages.ui.controls import beam, item_picker, widgets
from pages.ui.controls.query import parse_vector, paste_box
from pages.ui.display import items, messages
from pages.ui.display.heading import Heading
from pages.ui.session import workspace


@dataclass(frozen=True)
class Section:
    """question: of an item by its name, shown until its answer is there. show: draws it all."""

    question: str
    show: Callable[[Asked, Heading], None]


SECTIONS = {
    "Nearest": Section("Who is near {}?", nearest.show),
    "Other metrics": Section("Who is near {} under other metrics?", other_metrics.show),
    "Diverse": Section("Who is near {}, without repetition?", diverse.show),
    "Compare two": Section("How do {} and a second item differ?", second_item.compare),
    "Way": Section("Who stands on the way from {} to a second item?", second_item.along),
    "Around": Section("What is {} among all items?", around.show),
}

work = workspace.current()
embeddings, n = work.embeddings, work.embeddings.n
heading = Heading()
if n < 2:
    heading.answer("Neighbors need at least two rows.")
    messages.empty(f"There is {n:,} row.", "Load more on the Data page.")
    st.stop()

pick, neighbors, paste = st.columns([6, 3, 2], vertical_alignment="bottom")
with pick:
    item = item_picker.pick(embeddings)
with neighbors:
    k = beam.k_slider(work)
with paste, st.popover("Paste a vector", width="stretch"):
    pasted = paste_box(embeddings)

query, name = embeddings.vectors[item], str(items.short_names(embeddings)[item])
if pasted.strip():
    with messages.guard():
        query, name, item = parse_vector(pasted, embeddings.dim), "the vector", -1
else:
    trail.note(embeddings, item)

section = SECTIONS[widgets.segmented("View", "section", list(SECTIONS), of_page=True, named=False)]
if item >= 0:
    cards.own(embeddings, item)
trail.show(embeddings, item)
with heading.until_ready(section.question.format(name)):
    section.show(Asked(work, query, item, name, k), heading)
