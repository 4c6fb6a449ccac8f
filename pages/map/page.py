"""Map: what does the space look like?"""

import numpy as np
import streamlit as st

from core.figures.map import space_map
from pages.map import drawing, layouts
from pages.ui import jobs
from pages.ui.controls import beam, item_picker, widgets
from pages.ui.display import chart, downloads, items, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import plain
from pages.ui.results import indexes, preflight, projections, truth_words
from pages.ui.session import workspace

work = workspace.current()
embeddings, n = work.embeddings, work.embeddings.n
heading = Heading()
pick, method_slot, color_slot, more = st.columns([6, 2, 2, 2], vertical_alignment="bottom")
with pick:
    item = item_picker.pick(embeddings)
with method_slot:
    method = widgets.segmented(
        "Projection",
        "projection",
        ["PCA", "UMAP"] if n >= layouts.FEWEST_ROWS else ["PCA"],
        help="PCA keeps large distances, exactly; UMAP keeps neighbors together "
        "([McInnes et al. 2018](https://arxiv.org/abs/1802.03426)) and takes a while.",
    )
with color_slot:
    choice = widgets.select("Color by", "color", drawing.color_choices(embeddings))
with more, st.popover("More", width="stretch"):
    view = widgets.segmented("View", "view", ["2-D", "3-D"])
    wanted = widgets.text("Mark items whose texts hold", "mark", placeholder="letters")
    kind = widgets.select("Mark the rows of a finding", "finding", preflight.MARKS)

components = 3 if view == "3-D" else 2
projection = projections.pca(embeddings, components)
with jobs.quiet():  # the side bar shows its progress
    graph = indexes.graph(work)
picture, side = st.columns([11, 5])
with picture:
    drawn, waiting = st.container(), st.container()
k, near, kept = min(15, beam.returnable(work) - 1), None, None
if graph is not None:  # the first picture waits for nothing
    with waiting:
        if method == "UMAP":
            projection = layouts.umap(work, graph, components) or projection
        if n >= layouts.FEWEST_ROWS:
            kept = layouts.kept_share(work, projection)
    with side:
        near = (
            indexes.true_neighbors(work, graph, embeddings.vectors[item], item, k)
            if k > 0
            else None
        )
with waiting:
    colors = drawing.colors(work, choice)
heading.answer(drawing.answer(work, projection, kept))

found = items.find(embeddings, wanted, n)
if not wanted and kind != preflight.NOTHING:
    with waiting:
        found = drawing.rows_of_finding(work, kind)
marked = found[: drawing.MARKED_AT_MOST]
with drawn:
    event = chart.show(
        space_map(
            drawing.points(embeddings, projection),
            colors,
            item=item,
            neighbors=None if near is None else near.ids[0],
            marked=marked,
            dark=chart.is_dark(),
        ),
        key=drawing.KEY,
        alt=drawing.answer(work, projection, kept),
        table=lambda: drawing.coordinate_table(embeddings, projection),
        csv_name="map",
        on_select=drawing.take_click,
    )
with picture:
    basis = drawing.basis(embeddings, projection, choice, kept, work.params.metric)
    messages.note(f"{drawing.how_to_pick(components)} {plain(basis)}")
rows = drawing.selected_rows(event)
with side:
    if len(rows) > 1:
        messages.note(plain(drawing.standing_out(embeddings, rows)))
        table = items.table(embeddings, rows)
    elif wanted or kind != preflight.NOTHING:
        messages.note(drawing.marked_words(len(found), "" if wanted else kind))
        table = items.table(embeddings, marked)
    else:
        name = plain(items.short_names(embeddings)[item])
        messages.note(f"The {k} true nearest to **{name}**, by {work.params.metric} distance.")
        truth_words.show(work, graph)
        ids = near.ids[0] if near is not None else np.array([item])
        table = items.table(embeddings, ids, **items.distances(near))
    st.dataframe(table, hide_index=True, height=590, column_config=items.column_config(embeddings))
    downloads.download(table, "items")
