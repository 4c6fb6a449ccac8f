"""Recall: what does ef buy?"""

import streamlit as st

from pages.ui import (
    controls,
    messages,
    needs,
    recall_curve,
    recall_export,
    recall_queries,
    recall_studies,
    recall_time,
    truth_words,
    workspace,
)

SECTIONS = {
    "Curve": recall_curve.show,
    "Queries": recall_queries.show,
    "Time": recall_time.show,
    "Studies": recall_studies.show,
    "Take away": recall_export.show,
}

work = workspace.current()
heading = st.container()
if work.embeddings.n < 3:
    with heading:
        messages.answer("Recall needs at least three rows.")
    messages.empty(f"There are {work.embeddings.n:,} rows.", "Load more on the Data page.")
    st.stop()

controls.keep("target", "reached", "share", "k", "source", "size", "stated", "against", "all_k")
section = controls.segmented("View", "section", list(SECTIONS))
graph = needs.graph(work)
if graph is None:
    with heading:
        messages.answer("What does ef buy on this data? The index is on its way.")
    st.stop()
truth_words.show(work, graph)
SECTIONS[section](work, graph, heading)
