"""Layers: what did HNSW build, and how does a search move through it?"""

import streamlit as st

from pages.ui import (
    controls,
    layers_anatomy,
    layers_autopsy,
    layers_export,
    layers_search,
    layers_what_if,
    messages,
    needs,
    truth_words,
    workspace,
)

SECTIONS = {
    "Search": layers_search.show,
    "Anatomy": layers_anatomy.show,
    "Autopsy": layers_autopsy.show,
    "What if": layers_what_if.show,
    "Take away": layers_export.show,
}

work = workspace.current()
heading = st.container()
if work.embeddings.n < 3:
    with heading:
        messages.answer("A search through layers needs at least three rows.")
    messages.empty(f"There are {work.embeddings.n:,} rows.", "Load more on the Data page.")
    st.stop()

controls.keep("item", "k", "ef", "query", "given_query", "node", "paint", "census_ef")
section = controls.segmented("View", "section", list(SECTIONS))
graph = needs.graph(work)
if graph is None:
    with heading:
        messages.answer("What did HNSW build? The answer is on its way.")
    st.stop()
truth_words.show(work, graph)
SECTIONS[section](work, graph, heading)
