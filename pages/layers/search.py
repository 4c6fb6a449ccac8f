"""A search played through the layers: the controls, the player, what it says and its tables."""

from dataclasses import dataclass, replace

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
from pages.ui.controls.query import Query
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
        item_picker.pick(embeddings, **query.of_item())
    with neighbors:
        k = beam.k_slider(work)
    with width:
        ef = beam.ef_slider(k)
    with more, st.popover("More", width="stretch"):
        color, other = _more(work, k, query_sources.rows_to_hold_out(work))
    sought = jobs.ready(sought_for(work, graph, k))
    widths = (ef,) if other is None else (ef, other)
    searches = [jobs.ready(sought.played(max(sought.k, width))) for width in widths]
    heading.answer(scene.answer(searches[0], sought.graph))
    _play(sought, searches, color)


@dataclass(frozen=True, eq=False)
class Sought:
    """What is searched for, and where.

    graph: of the session; for a held-out row the index without such rows. work: with the items of
    that graph. rows: of the data that the graph holds, None for all. k: neighbors, no more than the
    graph has.
    """

    query: Query
    work: Workspace
    graph: HnswGraph
    rows: Rows | None
    k: int

    def played(self, ef: int) -> Played | None:
        """The search at an ef; None while its true neighbors are found."""
        asked = scene.asked(self.work, self.graph, self.query, self.k)
        if asked is None:
            return None
        return scene.played(self.work.embeddings, self.graph, self.query, asked, ef)


def sought_for(work: Workspace, graph: HnswGraph, k: int) -> Sought | None:
    """What the controls name; None while the index without held-out rows is built."""
    embeddings = work.embeddings
    asked = query.chosen(embeddings, query_sources.rows_to_hold_out(work))
    if not asked.held_out:
        return Sought(asked, work, graph, None, k)
    held = query_sources.held_out.need(embeddings.bare, work.params)
    if held is None:
        return None
    items_of = query_sources.indexed_items(embeddings, held)
    inside = replace(work, embeddings=items_of)
    return Sought(asked, inside, held.graph, held.kept, min(k, held.graph.n))


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


def _play(sought: Sought, searches: list[Played], color: str) -> None:
    dark, work, rows = chart.is_dark(), sought.work, sought.rows
    drawn = scene.drawn(work.embeddings, sought.graph, color, dark)
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
        widgets.put(item=row, **query.of_item())
