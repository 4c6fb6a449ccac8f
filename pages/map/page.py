"""Map: what does the space look like?"""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from core.figures import Overlay, space_map
from pages.map import (
    drawing,
    layout_controls,
    layouts,
    naming,
    picture,
    selection,
    trust,
    welcome,
)
from pages.ui import jobs
from pages.ui.controls import beam, item_picker, widgets
from pages.ui.display import chart, downloads, items, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import plain
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
    choice = widgets.select("Color by", "color", trust.with_choices(embeddings))
with more, st.popover("More", width="stretch"):
    view = widgets.segmented("View", "view", ["2-D", "3-D"])
    wanted = widgets.text("Mark items whose texts hold", "mark", placeholder="letters")
    kind = widgets.select("Mark the rows of a finding", "finding", preflight.MARKS)
    named_by = naming.choose(embeddings)

components = 3 if view == "3-D" else 2
with jobs.quiet():  # the side bar shows its progress
    graph = indexes.graph(work)
left, side = st.columns([11, 5])
with left:
    layout_controls.way_back(asked)
    beside, drawn, waiting = st.container(), st.container(), st.container()
with beside:
    shown = layouts.projection_of(work, asked, components)
projection = shown.projection
k, near, kept = min(15, beam.returnable(work) - 1), None, None
if graph is not None:  # the first picture waits for nothing
    with waiting:
        kept = layouts.kept_share(shown)
if k > 0:  # they need no index
    with side:
        near = indexes.true_neighbors(work, embeddings.vectors[item], item, k)
with waiting:
    measured = trust.colors(work, projection, choice) if shown.is_whole else None
    colors = measured or drawing.colors(work, choice)
    regions = naming.regions(work, projection, colors, named_by) if shown.is_whole else ()
answer = drawing.answer(shown.part, shown.own, kept)
heading.answer(answer)

found = items.find(embeddings, wanted, n)
marks = "" if kind == preflight.NOTHING else kind
if marks and not wanted:
    with waiting:
        found = drawing.rows_of_finding(work, marks)
marked = found[: drawing.MARKED_AT_MOST]
if components == 2:
    selection.follow_link(embeddings, partial(layouts.at_hand, work, shown.selectable))
selected = selection.rows(embeddings)
ids = None if near is None else near.ids[0]
basis = " ".join(
    [
        *shown.notes,
        drawing.basis(embeddings, projection, choice, kept, work.params.metric),
        naming.source(embeddings, colors, len(regions), named_by),
    ]
)


def table_of_places() -> pd.DataFrame:
    return drawing.coordinate_table(embeddings, projection)


with drawn:
    if components == 3:
        figure = space_map(
            drawing.points(embeddings, projection, colors, shown.placed),
            colors,
            item=item,
            neighbors=ids,
            marked=marked,
            regions=regions,
            dark=chart.is_dark(),
        )
        chart.show(figure, key="map_space", alt=answer, table=table_of_places, csv_name="map")
    else:
        picture.show(
            picture.Picture(
                embeddings,
                projection,
                colors,
                Overlay(
                    space=drawing.view_name(work, projection),
                    coordinates=projection.coordinates,
                    item=item,
                    item_name=str(items.short_names(embeddings)[item]),
                    near=np.empty(0, np.int64) if ids is None else ids,
                    marked=marked,
                    regions=regions,
                    axes=drawing.axes(projection),
                    headline=answer,
                    walk=naming.walked(projection, colors) if not regions else (),
                    caption=basis,
                    data=embeddings.name,
                    link={selection.LINK: selection.link(embeddings)},
                    fades="item" in st.query_params and ids is not None,
                ),
                rows=drawing.sampled(embeddings),
                shown=shown.placed,
                selected=selection.mask(embeddings),
            ),
            key=drawing.KEY,
            pick=selection.pick,
            take=partial(selection.take_area, embeddings, shown.selectable),
        )
        chart.show_table(table_of_places, key=drawing.KEY, csv_name="map")
with left:
    messages.note(f"{drawing.how_to_pick(components)} {plain(basis)}")
    if shown.is_whole:
        trust.show(work, projection, regions)
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
