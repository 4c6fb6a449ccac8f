"""Data: what did I load?"""

import streamlit as st

from pages.data import figures, findings, hub_scan, overview, summary
from pages.ui.controls import server_files, uploaders
from pages.ui.display import downloads, items, messages, tables
from pages.ui.display.heading import Heading
from pages.ui.session import workspace
from pages.ui.sidebar import cards

work = workspace.current()
embeddings = work.embeddings
Heading().answer(summary.answer(work))

upload, labels, notes = st.columns([4, 3, 4])
with upload:
    uploaders.uploader("page")
    server_files.chooser()
with labels:
    cards.sample_chooser(work, "Or a sample", "page")
    uploaders.label_chooser(embeddings)
    with st.expander("Add metadata"):
        uploaders.metadata_uploader(embeddings, work.opened)
with notes:
    overview.show_metric(work)
    messages.note(f"On the way in:\n\n{summary.notes(embeddings)}")
messages.note(summary.FORMATS)

listed, pictures = st.columns([7, 4], gap="large")
with listed:
    all_found = findings.show(work)
with pictures:
    overview.show(embeddings)
figures.show(work)
if all_found:
    hub_scan.show(work)

st.subheader("Rows")
tables.show(
    summary.first_rows(embeddings),
    hide_index=True,
    height=400,
    column_config=items.column_config(embeddings, summary.ROW_COLUMNS),
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
