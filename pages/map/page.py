"""Map: what does the space look like?"""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from core.figures import Overlay, space_map
from pages.map import colors as colors_of
from pages.map import (
    drawing,
    explained,
    filter,
    layout_controls,
    layouts,
    naming,
    picture,
    selection,
    trust,
    welcome,
)
from pages.map import kept as kept_selections
from pages.ui import jobs
from pages.ui.controls import beam, item_picker, widgets
from pages.ui.display import chart, downloads, items, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import plain
from pages.ui.results import indexes, preflight, truth_words
from pages.ui.session import workspace

TABLE_HEIGHT = 590
LISTED_AT_MOST = 5_000  # selected rows in the table
work = workspace.current()
embeddings, n = work.embeddings, work.embeddings.n
heading = Heading()
pick, method_slot, color_slot, more = st.columns([5, 5, 2, 1.5], vertical_alignment="bottom")
with pick:
    item = item_picker.pick(embeddings, **{selection.LISTED: selection.NEIGHBORS})
with method_slot:
    asked = layout_controls.draw(work)
with color_slot:
    offered = trust.with_choices(embeddings, selected=len(selection.rows(embeddings)) > 0)
    choice = widgets.select("Color by", "color", offered)
with more, st.popover("More", width="stretch"):
    view = widgets.segmented("View", "view", ["2-D", "3-D"])
    wanted = widgets.text("Mark items whose texts hold", "mark", placeholder="letters")
    kind = widgets.select("Mark the rows of a finding", "finding", preflight.MARKS)
    named_by = naming.choose(embeddings)

components = 3 if view == "3-D" else 2
with jobs.quiet():  # the side bar shows its progress
    graph = indexes.graph(work)
left, side = st.columns([11, 5])
with side:
    kept_selections.show_way_back(work)
    filters = filter.filters(work)
    passing = filter.shown(embeddings, filters)
    filter.show_count(work, filters, passing)
    filter.show(work, filters)
    kept_selections.show_kept(work, selection.rows(embeddings))
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
    depends = colors_of.Asked(projection, item, selection.rows(embeddings), shown.placed)
    measured = trust.colors(work, projection, choice) if shown.is_whole else None
    colors = measured or colors_of.colors(work, choice, depends)
    regions = naming.regions(work, projection, colors, named_by) if shown.is_whole else ()
answer = drawing.answer(shown.part, shown.own, kept)
heading.answer(answer)

found = items.find(embeddings, wanted, n)
marks = "" if kind == preflight.NOTHING else kind
if marks and not wanted:
    with waiting:
        found = drawing.rows_of_finding(work, marks)
found = filter.among(found, passing)
in_picture = filter.both(passing, shown.placed)
marked = found[: drawing.MARKED_AT_MOST]
if components == 2:
    at_hand = partial(layouts.at_hand, work, shown.selectable)
    selection.follow_link(embeddings, at_hand, passing, filter.link())
selected = selection.rows(embeddings)
ids = None if near is None else near.ids[0]
basis = " ".join(
    [
        *shown.notes,
        drawing.basis(embeddings, projection, choice, kept, work.params.metric),
        colors_of.notes(work, choice),
        naming.source(embeddings, colors, len(regions), named_by),
    ]
)


def table_of_places() -> pd.DataFrame:
    return drawing.coordinate_table(embeddings, projection, in_picture)


with drawn:
    if components == 3:
        figure = space_map(
            drawing.points(embeddings, projection, colors, in_picture),
            colors,
            item=item,
            neighbors=ids,
            marked=marked,
            regions=regions if in_picture is None or in_picture.any() else (),
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
                    link={selection.LINK: selection.link(embeddings, filter.link())},
                    fades="item" in st.query_params and ids is not None,
                ),
                rows=drawing.sampled(embeddings),
                shown=in_picture,
                selected=selection.mask(embeddings),
            ),
            key=drawing.KEY,
            pick=selection.pick,
            take=lambda told: selection.take_area(
                embeddings, shown.selectable, told, passing, filter.link()
            ),
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
            kept_selections.show(work, selected)
            layout_controls.offer_alone(embeddings, selected)
            explained.show(embeddings, selected)
            in_sight = filter.among(selected, passing)
            if len(in_sight) < len(selected):
                hidden = len(selected) - len(in_sight)
                messages.note(f"{hidden:,} of {len(selected):,} selected rows are filtered out.")
            if len(in_sight) > LISTED_AT_MOST:
                messages.note(f"The first {LISTED_AT_MOST:,} are listed; the download has all.")
            table = items.table(embeddings, in_sight[:LISTED_AT_MOST])
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
