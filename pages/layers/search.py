"""A search played through the layers: the controls, the player, what it says and its tables."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.figures import Played
from core.figures.player.replay import LIT_AT_MOST
from core.index import HnswGraph
from pages.layers import player, scene
from pages.ui import jobs
from pages.ui.controls import beam, item_picker, query, widgets
from pages.ui.controls.declared import Options
from pages.ui.display import chart, items, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import plain
from pages.ui.results import query_sources
from pages.ui.session.workspace import Workspace

Rows = npt.NDArray[np.int64]

NO_NODE = -1
WITHOUT = (
    "This is the index without the held-out rows, with the same settings: the row that is searched "
    "for stands on no plane."
)
COLORING = Options("paint", "Color nodes by")


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:
    """The section `Search` of the Layers page; its answer goes into `heading`."""
    embeddings = work.embeddings
    pick, neighbors, width, more = st.columns([5, 3, 3, 2], vertical_alignment="bottom")
    with pick:
        item_picker.pick(embeddings, query=query.ITEM)
    with neighbors:
        k = beam.k_slider(work)
    with width:
        ef = beam.ef_slider(k)
    held_out = query_sources.rows_to_hold_out(work)
    with more, st.popover("More", width="stretch"):
        color, other = _more(work, k, held_out)
    sought = query.chosen(embeddings, held_out)
    rows = None
    if sought.held_out:
        held = jobs.ready(query_sources.held_out.need(embeddings, work.params))
        rows, graph = held.kept, held.graph
        embeddings = query_sources.indexed_items(embeddings, held)
        work = replace(work, embeddings=embeddings)
    asked = jobs.ready(scene.asked(work, graph, sought, k))
    searches = [
        scene.played(embeddings, graph, sought, asked, width)
        for width in ((ef,) if other is None else (ef, other))
    ]
    heading.answer(scene.answer(searches[0], graph))
    _play(work, graph, searches, color, rows)


def held_color(work: Workspace) -> str:
    """What nodes are colored by, without drawing the control."""
    return COLORING.held(scene.colorings(work.embeddings))


def _more(work: Workspace, k: int, held_out: Rows | None) -> tuple[str, int | None]:
    """Colors, another kind of query, and the ef of a second search beside the first."""
    color = COLORING.draw(scene.colorings(work.embeddings))
    query.more(work.embeddings, held_out)
    if not widgets.toggle("Compare with another ef", "compare"):
        return color, None
    high = beam.largest_ef(k)
    return color, widgets.slider("Other ef", "ef2", low=k, high=high, value=min(200, high))


def _play(
    work: Workspace, graph: HnswGraph, searches: list[Played], color: str, rows: Rows | None
) -> None:
    """Draw the player; rows: of the data that the graph holds, None for all."""
    dark = chart.is_dark()
    drawn = scene.drawn(work.embeddings, graph, color, dark)
    chosen = _chosen(work)
    replay = scene.replay(drawn, searches, chosen, dark=dark)
    player.show(drawn.content, replay, key="layers")
    messages.note(scene.words(drawn))
    if rows is not None:
        messages.note(WITHOUT)
    if chosen != NO_NODE:
        item = chosen if rows is None else int(rows[chosen])
        _offer_chosen(work, chosen, item, int(drawn.scene.links_in[chosen]))
    names = drawn.scene.names
    chart.show_table(
        lambda: scene.hop_table(searches[0].trace, names), key="search", csv_name="hops"
    )


def _chosen(work: Workspace) -> int:
    """The node whose links are lit: the one clicked, or NO_NODE."""
    clicked = widgets.held(player.CHOSEN, int, NO_NODE)
    return clicked if 0 <= clicked < work.embeddings.n else NO_NODE


def _offer_chosen(work: Workspace, chosen: int, item: int, links_in: int) -> None:
    """Offer what can be done with the node that was clicked, which is this item of the data."""
    name = plain(items.short_names(work.embeddings)[chosen])
    part = f", {LIT_AT_MOST:,} of the {links_in:,} into it" if links_in > LIT_AT_MOST else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Links of **{name}** are lit{part}.", width="content")
        st.button("Search for it", key="_search_chosen", on_click=_search_for, args=(item,))
        st.button("Unlight", key="_unlight", on_click=_search_for, args=(NO_NODE,))


def _search_for(row: int) -> None:
    widgets.put(**{player.CHOSEN: NO_NODE})
    if row >= 0:
        widgets.put(item=row, query=query.ITEM)
