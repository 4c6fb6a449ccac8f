"""Map: what does the space look like?"""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from core.figures import Overlay
from core.projection import Projection
from pages.map import (
    beside,
    drawing,
    filter,
    layout_controls,
    layout_words,
    layouts,
    map_names,
    marks,
    naming,
    picture,
    quality,
    selection,
    side,
    threads,
    trust,
)
from pages.map import colors as colors_of
from pages.ui import jobs
from pages.ui.controls import beam, item_picker, widgets
from pages.ui.display import chart, items, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import plain
from pages.ui.results import indexes
from pages.ui.session import workspace

work = workspace.current()
embeddings, n = work.embeddings, work.embeddings.n
heading = Heading()
pick, color_slot, more = st.columns([8.5, 3, 2], vertical_alignment="bottom")
with pick:
    item = item_picker.pick(embeddings, **{selection.LISTED: selection.NEIGHBORS})
method_slot = st.container()
with method_slot:
    asked = layout_controls.draw(work)
with color_slot:
    offered = trust.with_choices(embeddings, selected=len(selection.rows(embeddings)) > 0)
    choice = widgets.select("Color by", "color", offered)
with more, st.popover("More", width="stretch"):
    view = widgets.segmented("View", "view", ["2-D", "3-D"])
    components = 3 if view == "3-D" else 2
    compared = beside.choose(work, asked, components)
    named_by = naming.choose(embeddings)
    to_mark = marks.draw(embeddings)

other, asked_name = beside.projection(work, compared, components), beside.name_of(asked)
with jobs.quiet():  # the side bar shows its progress
    graph = indexes.graph(work)
if other is None:
    left, beside_map = st.columns([11, 5])
else:  # two maps take the width of the page
    left, beside_map = st.container(), st.container()
with beside_map:
    passing = side.show_filters(work)
with left:
    layout_controls.way_back(asked)
    converging, drawn, waiting = st.container(), st.container(), st.container()
with converging:
    shown = layouts.projection_of(work, asked, components)
projection = shown.projection
returnable = beam.returnable(work) - 1
k, true = min(15, returnable), None
known = min(threads.listed(n, k), returnable)
with waiting:
    kept = quality.of(shown)
if k > 0:  # they need no index
    with beside_map:
        true = indexes.true_neighbors(work, embeddings.vectors[item], item, known)
near = threads.nearest(true, k)
with waiting:
    depends = colors_of.Asked(projection, item, selection.rows(embeddings), shown.placed)
    measured = trust.colors(work, projection, choice) if shown.is_whole else None
    colors = measured or colors_of.colors(work, choice, depends)
    regions = naming.regions(work, projection, colors, named_by) if shown.is_whole else ()
answer = drawing.answer(shown.part, shown.own, kept)
heading.answer(answer)

with waiting:
    marked = marks.find(work, to_mark, passing)
in_picture = filter.both(passing, shown.placed)
names = shown.name, "" if other is None else layouts.name_of(work, other)
on_page = {names[0]: shown.selectable} if components == 2 else {}
at_hand = partial(layouts.at_hand, work, on_page)
selection.follow_link(embeddings, at_hand, passing, filter.link())
selected = selection.rows(embeddings)
ids = None if near is None else near.ids[0]
basis = " ".join(
    [
        *shown.notes,
        drawing.basis(embeddings, projection, choice, kept, work.params.metric),
        colors_of.notes(work, choice),
        trust.notes(kept if measured else None, choice),
        naming.source(embeddings, colors, len(regions), named_by),
    ]
)


def table_of_places() -> pd.DataFrame:
    return drawing.coordinate_table(embeddings, projection, in_picture)


def show_map(drawn_map: Projection, key: str, *, is_second: bool = False) -> str:
    """Draw a projection; what it makes of the item's neighbors, in a sentence."""
    found = threads.threads(drawn_map, item, true, k) if shown.placed is None else None
    named = naming.regions(work, drawn_map, colors, named_by) if is_second else regions
    none = np.empty(0, np.int64)
    selectable = drawn_map if is_second else shown.selectable
    placed = None if is_second else shown.placed
    ringed, ringed_near = threads.with_places(item, none if ids is None else ids, placed)
    name = names[1] if is_second else names[0]
    picture.show(
        picture.Picture(
            embeddings,
            drawn_map,
            colors,
            Overlay(
                space=drawing.view_name(work, drawn_map),
                coordinates=drawn_map.coordinates,
                item=ringed,
                item_name=items.name_of(embeddings, item),
                near=ringed_near,
                torn=none if found is None else found.torn,
                false=none if found is None else found.false,
                marked=filter.among(marked.drawn, placed),
                regions=named,
                walk=() if named else naming.walked(drawn_map, colors),
                axes=drawing.axes(drawn_map),
                headline=answer,
                caption=basis,
                data=embeddings.name,
                link={selection.LINK: selection.link(embeddings, filter.link())},
                fades="item" in st.query_params and ids is not None and ringed is not None,
                is_second=is_second,
            ),
            rows=drawing.sampled(embeddings, components),
            shown=in_picture,
            selected=selection.mask(embeddings),
        ),
        key=key,
        pick=selection.pick,
        take=lambda told: selection.take_area(
            embeddings, selectable, name, told, passing, filter.link()
        ),
    )
    unplaced = threads.unplaced_words(item, none if ids is None else ids, placed)
    return unplaced or threads.words(found, k, known)


with drawn:
    if other is None:
        said = show_map(projection, drawing.KEY)
    else:
        first, second = st.columns(2)
        with first:
            told = show_map(projection, drawing.KEY)
            trust.show_brief(work, projection if shown.is_whole else None, asked_name, told)
        with second, jobs.further():
            told = show_map(other, drawing.SECOND_KEY, is_second=True)
            trust.show_brief(work, other, compared, told)
        said = ""
    chart.show_table(table_of_places, key=drawing.KEY, csv_name="map")
with left:
    lacking = () if shown.name == map_names.NO_NAME else selection.waits_for()
    if lacking:
        messages.note(layout_words.selected_elsewhere(lacking))
    about = plain(f"{said} {basis}".strip())
    messages.note(f"{drawing.how_to_pick(components)} {about}")
    if quality.is_told(shown):
        trust.show(shown.part, shown.own, regions, other if shown.is_whole else None)
with beside_map:
    listed = side.Listed(item, k, near, marked, selected, passing)
    side.show(work, graph, listed)
