"""Map: what does the space look like?"""

from functools import partial

import numpy as np
import streamlit as st

from core.figures.map import space_map
from pages.map import drawing, layout_controls, layouts, naming, selection, welcome
from pages.ui import jobs
from pages.ui.controls import beam, item_picker, widgets
from pages.ui.display import chart, downloads, items, kept_view, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import plain
from pages.ui.jobs.key import fingerprint
from pages.ui.results import indexes, preflight, truth_words
from pages.ui.session import workspace

TABLE_HEIGHT = 590
work = workspace.current()
embeddings, n = work.embeddings, work.embeddings.n
heading = Heading()
pick, method_slot, color_slot, more = st.columns([5, 5, 2, 1.5], vertical_alignment="bottom")
with pick:
    item = item_picker.pick(embeddings, **{selection.LISTED: selection.NEIGHBORS})
with method_slot:
    asked = layout_controls.draw(work)
with color_slot:
    choice = widgets.select("Color by", "color", drawing.color_choices(embeddings))
with more, st.popover("More", width="stretch"):
    view = widgets.segmented("View", "view", ["2-D", "3-D"])
    wanted = widgets.text("Mark items whose texts hold", "mark", placeholder="letters")
    kind = widgets.select("Mark the rows of a finding", "finding", preflight.MARKS)

components = 3 if view == "3-D" else 2
with jobs.quiet():  # the side bar shows its progress
    graph = indexes.graph(work)
picture, side = st.columns([11, 5])
with picture:
    layout_controls.way_back(asked)
    beside, drawn, waiting = st.container(), st.container(), st.container()
with beside:
    shown = layouts.projection_of(work, asked, components)
projection = shown.projection
k, near, kept = min(15, beam.returnable(work) - 1), None, None
if graph is not None:  # the first picture waits for nothing
    with waiting:
        kept = layouts.kept_share(shown)
    with side:
        near = (
            indexes.true_neighbors(work, graph, embeddings.vectors[item], item, k)
            if k > 0
            else None
        )
with waiting:
    colors = drawing.colors(work, choice)
    regions = naming.regions(work, projection, colors) if shown.is_whole else ()
answer = drawing.answer(shown.part, shown.own, kept)
heading.answer(answer)

found = items.find(embeddings, wanted, n)
marks = "" if kind == preflight.NOTHING else kind
if marks and not wanted:
    with waiting:
        found = drawing.rows_of_finding(work, marks)
marked = found[: drawing.MARKED_AT_MOST]
selected = selection.rows(embeddings)
points = drawing.points(embeddings, projection, colors, shown.placed)
ids = None if near is None else near.ids[0]
content = fingerprint((points, colors, item, ids, marked, regions, chart.is_dark(), answer))
outlined = kept_view.selection(drawing.KEY, content, selected)
figure = space_map(
    points,
    colors,
    item=item,
    neighbors=ids,
    marked=marked,
    selected=outlined,
    regions=regions,
    dark=chart.is_dark(),
)
kept_view.dress(figure, drawing.KEY, drawing.view_name(work, projection), content, outlined)
with drawn:
    chart.show(
        figure,
        key=drawing.KEY,
        alt=answer,
        table=lambda: drawing.coordinate_table(embeddings, projection),
        csv_name="map",
        on_select=partial(selection.take, embeddings),
    )
    kept_view.listen(drawing.KEY, selection.clear)
with picture:
    basis = " ".join(
        [
            *shown.notes,
            drawing.basis(embeddings, projection, choice, kept, work.params.metric),
            naming.source(work, colors, len(regions)),
        ]
    )
    messages.note(f"{drawing.how_to_pick(components)} {plain(basis)}")
with side:
    is_new = welcome.show(work)
    match selection.listed(wanted or marks, selected):
        case selection.SELECTED:
            messages.note(plain(drawing.standing_out(embeddings, selected)))
            st.button("Clear the selection", key="_clear_selection", on_click=selection.clear)
            layout_controls.offer_alone(embeddings, selected)
            table = items.table(embeddings, selected)
        case selection.MARKED:
            messages.note(drawing.marked_words(len(found), "" if wanted else marks))
            table = items.table(embeddings, marked)
        case _:
            name = plain(items.short_names(embeddings)[item])
            messages.note(f"The {k} true nearest to **{name}**, by {work.params.metric} distance.")
            truth_words.show(work, graph)
            nearest = np.array([item]) if ids is None else ids
            table = items.table(embeddings, nearest, **items.distances(near))
    st.dataframe(
        table,
        hide_index=True,
        height=TABLE_HEIGHT - (welcome.HEIGHT if is_new else 0),
        column_config=items.column_config(embeddings),
    )
    downloads.download(table, "items")
