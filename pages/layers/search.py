"""A search played through the layers: the controls, the player, what it says and its tables."""

import streamlit as st

from core.figures.player.replay import LIT_AT_MOST
from core.index import HnswGraph, Neighbors
from pages.layers import player, scene
from pages.ui import jobs
from pages.ui.controls import beam, item_picker, query, widgets
from pages.ui.controls.declared import Options
from pages.ui.display import chart, items, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import plain
from pages.ui.results import indexes
from pages.ui.session.workspace import Workspace

NO_NODE = -1
COLORING = Options("paint", "Color nodes by")


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:
    """The section `Search` of the Layers page; its answer goes into `heading`."""
    embeddings = work.embeddings
    pick, neighbors, width, more = st.columns([5, 3, 3, 2], vertical_alignment="bottom")
    with pick:
        item_picker.pick(embeddings)
    with neighbors:
        k = beam.k_slider(work)
    with width:
        ef = beam.ef_slider(k)
    with more, st.popover("More", width="stretch"):
        color, other = _more(work, k)
    asked = query.chosen(embeddings)
    truth = jobs.ready(indexes.true_neighbors(work, graph, asked.vector, asked.item, k))
    _play(work, graph, heading, asked, truth, (k, ef, other), color)


def held_color(work: Workspace) -> str:
    """What nodes are colored by, without drawing the control."""
    return COLORING.held(scene.colorings(work.embeddings))


def _more(work: Workspace, k: int) -> tuple[str, int | None]:
    """Colors, another kind of query, and the ef of a second search beside the first."""
    color = COLORING.draw(scene.colorings(work.embeddings))
    query.more(work.embeddings)
    if not widgets.toggle("Compare with another ef", "compare"):
        return color, None
    high = beam.largest_ef(k)
    return color, widgets.slider("Other ef", "ef2", low=k, high=high, value=min(200, high))


def _play(
    work: Workspace,
    graph: HnswGraph,
    heading: Heading,
    asked: query.Query,
    truth: Neighbors,
    sizes: tuple[int, int, int | None],
    color: str,
) -> None:
    k, ef, other = sizes
    dark = chart.is_dark()
    drawn = scene.drawn(work.embeddings, graph, color, dark)
    searches = [scene.played(graph, asked, truth, k, ef)]
    if other is not None:
        searches.append(scene.played(graph, asked, truth, k, other))
    heading.answer(scene.answer(searches[0], graph))
    chosen = _chosen(work, asked)
    replay = scene.replay(drawn, searches, chosen, dark=dark)
    player.show(drawn.content, replay, key="layers")
    messages.note(scene.words(drawn))
    if chosen not in (NO_NODE, asked.item):
        _offer_chosen(work, chosen, int(drawn.in_degree[chosen]))
    names = drawn.scene.names
    chart.show_table(
        lambda: scene.hop_table(searches[0].trace, names), key="search", csv_name="hops"
    )


def _chosen(work: Workspace, asked: query.Query) -> int:
    """The node whose links are lit: the one clicked, else the query's own."""
    clicked = widgets.held(player.CHOSEN, int, NO_NODE)
    return clicked if 0 <= clicked < work.embeddings.n else asked.item


def _offer_chosen(work: Workspace, chosen: int, links_in: int) -> None:
    name = plain(items.short_names(work.embeddings)[chosen])
    part = f", {LIT_AT_MOST:,} of the {links_in:,} into it" if links_in > LIT_AT_MOST else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Links of **{name}** are lit{part}.", width="content")
        st.button("Search for it", key="_search_chosen", on_click=_search_for, args=(chosen,))
        st.button("Unlight", key="_unlight", on_click=_search_for, args=(NO_NODE,))


def _search_for(row: int) -> None:
    widgets.put(**{player.CHOSEN: NO_NODE})
    if row >= 0:
        widgets.put(item=row)
