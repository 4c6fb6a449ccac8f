"""Layers: what did HNSW build, and how does a search move through it?"""

import streamlit as st

from pages.layers import anatomy, autopsy, export, search, what_if
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.display import messages
from pages.ui.display.heading import Heading
from pages.ui.results import indexes, truth_words
from pages.ui.session import workspace

SECTIONS = {
    "Search": ("How does a search move through the layers?", search.show),
    "Anatomy": ("What did HNSW build?", anatomy.show),
    "Autopsy": ("What became of every true neighbor?", autopsy.show),
    "What if": ("What would another build of this index change?", what_if.show),
    "Take away": ("What of the graph can be taken along?", export.show),
}

work = workspace.current()
heading = Heading()
if work.embeddings.n < 3:
    heading.answer("A search through layers needs at least three rows.")
    messages.empty(f"There are {work.embeddings.n:,} rows.", "Load more on the Data page.")
    st.stop()

widgets.keep("item", "k", "ef", "query", "given_query", "node", "paint", "census_ef")
section = widgets.segmented("View", "section", list(SECTIONS))
question, show = SECTIONS[section]
with heading.until_ready(question):
    graph = jobs.ready(indexes.graph(work))
    truth_words.show(work, graph)
    show(work, graph, heading)
