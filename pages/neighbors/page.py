"""Neighbors: who is near this item?"""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pages.neighbors import around, cards, diverse, nearest, other_metrics, second_item, trail
from pages.neighbors.asked import Asked
from pages.ui.controls import beam, item_picker, query, widgets
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
    item = item_picker.pick(embeddings, **query.of_item())
with neighbors:
    k = beam.k_slider(work)
with paste, st.popover(query.elsewhere_title(), width="stretch"):
    query.elsewhere_boxes(embeddings, item)

vector, name = embeddings.vectors[item], items.name_of(embeddings, item)
with heading.until_ready("Who is near this text?"):
    elsewhere = query.elsewhere(embeddings)
if elsewhere is None:
    trail.note(embeddings, item)
else:
    vector, name, item = elsewhere.vector, elsewhere.name, -1

section = SECTIONS[widgets.segmented("View", "section", list(SECTIONS), of_page=True, named=False)]
if item >= 0:
    cards.own(embeddings, item)
trail.show(embeddings, item)
with heading.until_ready(section.question.format(name)):
    section.show(Asked(work, vector, item, name, k), heading)
