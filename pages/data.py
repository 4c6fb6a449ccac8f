"""Data: what did I load?"""

import streamlit as st

from core.figures.data import class_sizes, norm_histogram
from pages.ui import cards, charts, data_forms, data_view, intake, items, messages, workspace

work = workspace.current()
embeddings = work.embeddings
messages.answer(data_view.answer(work))

upload, labels, notes = st.columns([4, 3, 4])
with upload:
    place = st.container()
    with st.popover("How to read the next file"):
        options = data_forms.read_options()
    with place:
        intake.uploader("page", **options)
with labels:
    cards.sample_chooser(work, "Or a sample", "page")
    intake.label_chooser(embeddings)
    with st.expander("Add metadata"):
        intake.metadata_uploader(embeddings, work.brought)
with notes:
    metric, reason = data_view.recommended_metric(embeddings)
    messages.note(f"Recommended metric: **{metric}**, because {messages.plain(reason)}.")
    messages.note(f"On the way in:\n\n{data_view.notes(embeddings)}")
messages.note(data_view.FORMATS)

picture, found = st.columns([7, 4])
sizes = data_view.class_sizes(embeddings)
with picture:
    if len(sizes):
        charts.show(
            class_sizes(embeddings.class_names, sizes, dark=charts.is_dark()),
            key="class_sizes",
            alt=f"Members of each of {len(sizes):,} classes",
            table=lambda: data_view.class_table(embeddings),
        )
    else:
        messages.empty("There are no labels.", "Choose or add a column with classes to see them.")
with found:
    st.subheader("Findings")
    findings = data_view.findings(embeddings)
    for finding in findings:
        st.markdown(f"**{finding.count:,}** {finding.what}. {finding.effect}")
    if findings:
        charts.download(data_view.finding_table(embeddings), "findings")
    else:
        messages.note(
            "No zero vectors, duplicates, dominating lengths, small classes or missing labels."
        )
with found if len(sizes) else picture:
    charts.show(
        norm_histogram(
            data_view.norms(embeddings), dark=charts.is_dark(), height=230 if len(sizes) else 420
        ),
        key="norms",
        alt=f"Histogram of the vectors' lengths. {data_view.lengths(embeddings)}",
        table=lambda: data_view.norm_table(embeddings),
    )
    messages.note(messages.plain(data_view.lengths(embeddings)))

st.subheader("Rows")
st.dataframe(
    data_view.first_rows(embeddings),
    hide_index=True,
    height=400,
    column_config=items.column_config(embeddings),
)
messages.note(
    f"The first {min(embeddings.n, data_view.ROWS_SHOWN):,} of {embeddings.n:,} rows, and "
    f"{min(embeddings.dim, data_view.VALUES_SHOWN):,} of the {embeddings.dim:,} dimensions of each "
    "vector."
)
st.download_button(
    "Download as .npz",
    lambda: data_view.as_npz(embeddings),
    file_name=f"{embeddings.name}.npz",
    help="Vectors, queries and all columns; missing texts become empty texts.",
    on_click="ignore",
)
