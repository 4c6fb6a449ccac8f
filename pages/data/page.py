"""Data: what did I load?"""

import streamlit as st

from core.figures.data import class_sizes, norm_histogram
from pages.data import forms, summary
from pages.ui.controls import uploaders
from pages.ui.display import chart, downloads, items, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import plain
from pages.ui.session import workspace
from pages.ui.sidebar import cards

work = workspace.current()
embeddings = work.embeddings
Heading().answer(summary.answer(work))

upload, labels, notes = st.columns([4, 3, 4])
with upload:
    place = st.container()
    with st.popover("How to read the next file"):
        options = forms.read_options()
    with place:
        uploaders.uploader("page", **options)
with labels:
    cards.sample_chooser(work, "Or a sample", "page")
    uploaders.label_chooser(embeddings)
    with st.expander("Add metadata"):
        uploaders.metadata_uploader(embeddings, work.opened)
with notes:
    metric, reason = summary.metric_words(embeddings)
    messages.note(f"Recommended metric: **{metric}**, because {plain(reason)}.")
    messages.note(f"On the way in:\n\n{summary.notes(embeddings)}")
messages.note(summary.FORMATS)

picture, found = st.columns([7, 4])
sizes = embeddings.class_sizes
with picture:
    if len(sizes):
        chart.show(
            class_sizes(embeddings.class_names, sizes, dark=chart.is_dark()),
            key="class_sizes",
            alt=f"Members of each of {len(sizes):,} classes",
            table=lambda: summary.class_table(embeddings),
        )
    else:
        messages.empty("There are no labels.", "Choose or add a column with classes to see them.")
with found:
    st.subheader("Findings")
    findings = summary.findings(embeddings)
    for finding in findings:
        st.markdown(f"**{finding.what}: {finding.count:,}.** {finding.effect}")
    if findings:
        downloads.download(summary.finding_table(embeddings), "findings")
    else:
        messages.note(
            "No zero vectors, duplicates, dominating lengths, small classes or missing labels."
        )
with found if len(sizes) else picture:
    chart.show(
        norm_histogram(
            summary.norms(embeddings), dark=chart.is_dark(), height=230 if len(sizes) else 420
        ),
        key="norms",
        alt=f"Histogram of the vectors' lengths. {summary.lengths(embeddings)}",
        table=lambda: summary.norm_table(embeddings),
    )
    messages.note(plain(summary.lengths(embeddings)))

st.subheader("Rows")
st.dataframe(
    summary.first_rows(embeddings),
    hide_index=True,
    height=400,
    column_config=items.column_config(embeddings),
)
messages.note(
    f"The first {min(embeddings.n, summary.ROWS_SHOWN):,} of {embeddings.n:,} rows, and "
    f"{min(embeddings.dim, summary.VALUES_SHOWN):,} of the {embeddings.dim:,} dimensions of each "
    "vector."
)
downloads.offer(
    "Download as .npz",
    lambda: summary.as_npz(embeddings),
    f"{embeddings.name}.npz",
    help="Vectors, queries and all columns; missing texts become empty texts.",
)
