"""Recall: what does ef buy?"""

import streamlit as st

from pages.recall import curve, export, latency, queries
from pages.recall.studies import chooser
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.display import messages
from pages.ui.display.heading import Heading
from pages.ui.results import indexes, truth_words
from pages.ui.session import workspace

SECTIONS = {
    "Curve": ("What does ef buy on this data?", curve.show),
    "Queries": ("How much ef does each query need?", queries.show),
    "Time": ("How long does a search take?", latency.show),
    "Studies": ("What would change if the data or the index did?", chooser.show),
    "Take away": ("Which setting, and how is it written?", export.show),
}

work = workspace.current()
heading = Heading()
if work.embeddings.n < 3:
    heading.answer("Recall needs at least three rows.")
    messages.empty(f"There are {work.embeddings.n:,} rows.", "Load more on the Data page.")
    st.stop()

widgets.keep("target", "reached", "share", "k", "source", "size", "stated", "against", "all_k")
section = widgets.segmented("View", "section", list(SECTIONS))
question, show = SECTIONS[section]
with heading.until_ready(question):
    graph = jobs.ready(indexes.graph(work))
    truth_words.show(work, graph)
    show(work, graph, heading)
