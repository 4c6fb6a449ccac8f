"""Data: what did I load?"""

import streamlit as st

from core.figures.data import class_sizes, norm_histogram
from pages.ui import charts, data_view, intake, items, messages, workspace

work = workspace.current()
embeddings = work.embeddings
messages.answer(data_view.answer(embeddings))

upload, labels, notes = st.columns([4, 3, 4])
with upload:
    intake.uploader("page")
with labels:
    intake.label_chooser(embeddings)
    with st.expander("Add metadata"):
        intake.metadata_uploader(embeddings)
    metric, reason = data_view.recommended_metric(embeddings)
    messages.note(f"Recommended metric: **{metric}**, because {messages.plain(reason)}.")
with notes:
    messages.note("On the way in:")
    for text in embeddings.notes or ("nothing was converted, dropped or guessed",):
        messages.note(f"- {messages.plain(text)}")
messages.note(data_view.FORMATS)

picture, found = st.columns([7, 4])
with picture:
    sizes = data_view.class_sizes(embeddings)
    if len(sizes):
        charts.show(
            class_sizes(embeddings.class_names, sizes, dark=charts.is_dark()),
            key="class_sizes",
            alt=f"Members of each of {len(sizes):,} classes",
            table=lambda: data_view.class_table(embeddings),
        )
    else:
        charts.show(
            norm_histogram(data_view.norms(embeddings), dark=charts.is_dark()),
            key="norms",
            alt="How long the vectors are",
        )
with found:
    st.subheader("Findings")
    rows = data_view.finding_table(embeddings)
    if len(rows):
        st.dataframe(rows, hide_index=True)
        charts.download(rows, "findings")
    else:
        messages.note(
            "No zero vectors, duplicates, dominating lengths, classes of one member or missing "
            "labels."
        )
    facts = data_view.summary(embeddings)
    shortest, median, longest = st.columns(3)
    shortest.metric("Shortest", messages.number(facts.norm_min), help="Least Euclidean norm.")
    median.metric("Median length", messages.number(facts.norm_median))
    longest.metric("Longest", messages.number(facts.norm_max), help="Largest Euclidean norm.")

st.subheader("Rows")
st.dataframe(
    data_view.first_rows(embeddings),
    hide_index=True,
    height=400,
    column_config=items.column_config(embeddings),
)
messages.note(
    f"The first {min(embeddings.n, data_view.ROWS_SHOWN):,} of {embeddings.n:,} rows, and 16 of "
    "the dimensions of each vector."
)
st.download_button(
    "Download as .npz",
    lambda: data_view.as_npz(embeddings),
    file_name=f"{embeddings.name}.npz",
    on_click="ignore",
)
