"""Map: what does the space look like?"""

import numpy as np
import streamlit as st

from core.figures.map import space_map
from pages.ui import (
    beam,
    charts,
    controls,
    items,
    jobs,
    map_view,
    messages,
    needs,
    needs_map,
    projections,
    truth_words,
    workspace,
)

work = workspace.current()
embeddings, n = work.embeddings, work.embeddings.n
heading = st.container()
pick, method_slot, color_slot, more = st.columns([6, 2, 2, 2], vertical_alignment="bottom")
with pick:
    item = items.picker(embeddings)
with method_slot:
    method = controls.segmented(
        "Projection",
        "projection",
        ["PCA", "UMAP"] if n >= needs_map.FEWEST_ROWS else ["PCA"],
        help="PCA keeps large distances, exactly; UMAP keeps neighbors together "
        "([McInnes et al. 2018](https://arxiv.org/abs/1802.03426)) and takes a while.",
    )
with color_slot:
    choice = controls.select("Color by", "color", map_view.color_choices(embeddings))
with more, st.popover("More", width="stretch"):
    view = controls.segmented("View", "view", ["2-D", "3-D"])
    wanted = controls.text("Mark items whose texts hold", "mark", placeholder="letters")

components = 3 if view == "3-D" else 2
projection = projections.pca(embeddings, components)
with jobs.quiet():  # the side bar shows its progress
    graph = needs.graph(work)
picture, side = st.columns([11, 5])
with picture:
    chart, waiting = st.container(), st.container()
k, near, kept = min(15, beam.returnable(work) - 1), None, None
if graph is not None:  # the first picture waits for nothing
    with waiting:
        if method == "UMAP":
            projection = needs_map.umap(work, graph, components) or projection
        if n >= needs_map.FEWEST_ROWS:
            kept = needs_map.kept_share(work, projection)
    with side:
        near = (
            needs.true_neighbors(work, graph, embeddings.vectors[item], item, k) if k > 0 else None
        )
with waiting:
    colors = map_view.colors(work, choice)
with heading:
    messages.answer(map_view.answer(work, projection, kept))

found = items.find(embeddings, wanted, n)
marked = found[: map_view.MARKED_AT_MOST]
with chart:
    event = charts.show(
        space_map(
            map_view.points(embeddings, projection),
            colors,
            item=item,
            neighbors=None if near is None else near.ids[0],
            marked=marked,
            dark=charts.is_dark(),
        ),
        key=map_view.KEY,
        alt=map_view.answer(work, projection, kept),
        table=lambda: map_view.coordinate_table(embeddings, projection),
        csv_name="map",
        on_select=map_view.take_click,
    )
with picture:
    basis = map_view.basis(embeddings, projection, choice, kept, work.params.metric)
    messages.note(f"{map_view.how_to_pick(components)} {messages.plain(basis)}")
rows = map_view.selected_rows(event)
with side:
    if len(rows) > 1:
        messages.note(messages.plain(map_view.standing_out(embeddings, rows)))
        table = items.table(embeddings, rows)
    elif wanted:
        messages.note(map_view.marked_words(len(found)))
        table = items.table(embeddings, marked)
    else:
        name = messages.plain(items.short_names(embeddings)[item])
        messages.note(f"The {k} true nearest to **{name}**, by {work.params.metric} distance.")
        truth_words.show(work, graph)
        ids = near.ids[0] if near is not None else np.array([item])
        table = items.table(embeddings, ids, **items.distances(near))
    st.dataframe(table, hide_index=True, height=590, column_config=items.column_config(embeddings))
    charts.download(table, "items")
