"""Neighbours: who is near this item?"""

import streamlit as st

from core.figures.neighbors import distance_by_rank
from pages.ui import (
    beam,
    charts,
    items,
    messages,
    needs,
    neighbors_table,
    neighbors_view,
    trail,
    truth_words,
    workspace,
)
from pages.ui.query import parse_vector

ALL_SHOWN, TALL = 14, 520

work = workspace.current()
embeddings, n = work.embeddings, work.embeddings.n
heading = st.container()
if n < 2:
    with heading:
        messages.answer("Neighbours need at least two rows.")
    messages.empty(f"There is {n:,} row.", "Load more on the Data page.")
    st.stop()

pick, neighbors, width, paste = st.columns([5, 3, 3, 2], vertical_alignment="bottom")
with pick:
    item = items.picker(embeddings)
with neighbors:
    k = beam.k_slider(work)
with width:
    ef = beam.ef_slider(k)
with paste, st.popover("Paste a vector", width="stretch"):
    pasted = st.text_area(
        f"{embeddings.dim:,} numbers",
        key=f"_pasted_{embeddings.dim}",
        placeholder="0.1, -0.2, ...",
        help="A query from elsewhere: nothing is left out of its answer. Empty it to go back.",
    )

query, name = embeddings.vectors[item], str(items.short_names(embeddings)[item])
if pasted.strip():
    with messages.guard():
        query, name, item = parse_vector(pasted, embeddings.dim), "the vector", -1
else:
    trail.note(embeddings, item)

graph = needs.graph(work)
found = neighbors_view.hood(work, graph, query, item, k, ef) if graph is not None else None
if graph is None or found is None:
    with heading:
        messages.answer(f"Who is near {name}? The search is on its way.")
    st.stop()

with heading:
    messages.answer(neighbors_view.answer(found, graph, items.short_names(embeddings), name))
truth_words.show(work, graph)
trail.show(embeddings, item)
listing, picture = st.columns([6, 5])
names = items.short_names(embeddings)
rows = neighbors_table.side_by_side(neighbors_view.table(found, embeddings), found, names)
with listing:
    key = f"_walk_{work.fingerprint}_{item}_{k}"
    st.dataframe(
        neighbors_table.tinted(rows, found),
        hide_index=True,
        height="content" if k <= ALL_SHOWN else TALL,
        column_config=items.column_config(embeddings),
        key=key,
        on_select=lambda: trail.take_row(key, rows["row"].tolist()),
        selection_mode="single-row",
    )
    messages.note(
        "Choose a row to walk to that neighbor. Green: true and found, vermilion: missed, blue: "
        "given by the index in place of a true neighbor."
    )
    charts.download(truth_words.told(rows, graph, embeddings.vectors), "neighbors")
with picture:
    charts.show(
        distance_by_rank(
            found.exact,
            found.found.ids[0],
            found.found.distances[0],
            names,
            graph.metric,
            dark=charts.is_dark(),
        ),
        key="by_rank",
        alt=f"Distance of the {k} true neighbors of {name} by rank, found or missed by the index",
    )
    figures = neighbors_view.figures(work, found, item)
    for column, (title, value, explanation) in zip(st.columns(3), figures, strict=False):
        column.metric(title, value, help=explanation)
