"""Map: what does the space look like?"""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from core.figures import Overlay, space_map
from pages.map import drawing, layouts, naming, picture, selection, trust, welcome
from pages.ui import jobs
from pages.ui.controls import beam, item_picker, widgets
from pages.ui.display import chart, downloads, items, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import plain
from pages.ui.results import indexes, preflight, projections, truth_words
from pages.ui.session import workspace

TABLE_HEIGHT = 590
work = workspace.current()
embeddings, n = work.embeddings, work.embeddings.n
heading = Heading()
pick, method_slot, color_slot, more = st.columns([6, 2, 2, 2], vertical_alignment="bottom")
with pick:
    item = item_picker.pick(embeddings, **{selection.LISTED: selection.NEIGHBORS})
with method_slot:
    method = widgets.segmented(
        "Projection",
        "projection",
        ["PCA", "UMAP"] if n >= layouts.FEWEST_ROWS else ["PCA"],
        value="UMAP" if layouts.kept_umap(work, 2) else "PCA",
        help="PCA keeps large distances, exactly; UMAP keeps neighbors together "
        "([McInnes et al. 2018](https://arxiv.org/abs/1802.03426)) and takes a while.",
    )
with color_slot:
    choice = widgets.select("Color by", "color", trust.with_choices(embeddings))
with more, st.popover("More", width="stretch"):
    view = widgets.segmented("View", "view", ["2-D", "3-D"])
    wanted = widgets.text("Mark items whose texts hold", "mark", placeholder="letters")
    kind = widgets.select("Mark the rows of a finding", "finding", preflight.MARKS)
    named_by = naming.choose(embeddings)

components = 3 if view == "3-D" else 2
kept_umap = layouts.kept_umap(work, components) if method == "UMAP" else None
projection = kept_umap or projections.pca(embeddings, components)
with jobs.quiet():  # the side bar shows its progress
    graph = indexes.graph(work)
left, side = st.columns([11, 5])
with left:
    drawn, waiting = st.container(), st.container()
k, near, kept = min(15, beam.returnable(work) - 1), None, None
if graph is not None:  # the first picture waits for nothing
    with waiting:
        if method == "UMAP" and kept_umap is None:
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
    colors = trust.colors(work, projection, choice) or drawing.colors(work, choice)
    regions = naming.regions(work, projection, colors, named_by)
answer = drawing.answer(work, projection, kept)
heading.answer(answer)

found = items.find(embeddings, wanted, n)
marks = "" if kind == preflight.NOTHING else kind
if marks and not wanted:
    with waiting:
        found = drawing.rows_of_finding(work, marks)
marked = found[: drawing.MARKED_AT_MOST]
if components == 2:
    selection.follow_link(embeddings, partial(layouts.at_hand, work, projection))
selected = selection.rows(embeddings)
ids = None if near is None else near.ids[0]
basis = " ".join(
    [
        drawing.basis(embeddings, projection, choice, kept, work.params.metric),
        naming.source(embeddings, colors, len(regions), named_by),
    ]
)


def table_of_places() -> pd.DataFrame:
    return drawing.coordinate_table(embeddings, projection)


with drawn:
    if components == 3:
        figure = space_map(
            drawing.points(embeddings, projection, colors),
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
                selected=selection.mask(embeddings),
            ),
            key=drawing.KEY,
            pick=selection.pick,
            take=partial(selection.take_area, embeddings, projection),
        )
        chart.show_table(table_of_places, key=drawing.KEY, csv_name="map")
with left:
    messages.note(f"{drawing.how_to_pick(components)} {plain(basis)}")
    trust.show(work, projection, regions)
with side:
    is_new = welcome.show(work)
    match selection.listed(wanted or marks, selected):
        case selection.SELECTED:
            messages.note(plain(drawing.standing_out(embeddings, selected)))
            st.button("Clear the selection", key="_clear_selection", on_click=selection.clear)
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
