"""A search played through the layers: the controls, the player, what it says and its tables."""

from typing import Any

import streamlit as st

from core.figures.replay import LIT_AT_MOST
from core.index import HnswGraph, Neighbors
from pages.ui import beam, charts, controls, items, layers_scene, messages, needs, player, query
from pages.ui.workspace import Workspace

NOBODY = -1


def show(work: Workspace, graph: HnswGraph, heading: Any) -> None:
    """The section `Search` of the Layers page; its answer goes into `heading`."""
    embeddings = work.embeddings
    pick, neighbors, width, more = st.columns([5, 3, 3, 2], vertical_alignment="bottom")
    with pick:
        items.picker(embeddings)
    with neighbors:
        k = beam.k_slider(work)
    with width:
        ef = beam.ef_slider(k)
    with more, st.popover("More", width="stretch"):
        color, other = _more(work, k)
    asked = query.chosen(embeddings)
    truth = needs.true_neighbors(work, graph, asked.vector, asked.item, k)
    if truth is None:
        with heading:
            messages.answer("How does a search move through the layers? The answer is on its way.")
        return
    _play(work, graph, heading, asked, truth, (k, ef, other), color)


def held_color(work: Workspace) -> str:
    """What nodes are colored by, without drawing the control."""
    colorings = layers_scene.colorings(work.embeddings)
    color = controls.held("paint", str, colorings[0])
    return color if color in colorings else colorings[0]


def _more(work: Workspace, k: int) -> tuple[str, int | None]:
    """Colors, another kind of query, and the ef of a second search beside the first."""
    colorings = layers_scene.colorings(work.embeddings)
    color = controls.select("Color nodes by", "paint", colorings)
    query.more(work.embeddings)
    if not controls.toggle("Compare with another ef", "compare"):
        return color, None
    high = beam.largest_ef(k)
    return color, controls.slider("Other ef", "ef2", low=k, high=high, value=min(200, high))


def _play(
    work: Workspace,
    graph: HnswGraph,
    heading: Any,
    asked: query.Query,
    truth: Neighbors,
    sizes: tuple[int, int, int | None],
    color: str,
) -> None:
    k, ef, other = sizes
    dark = charts.is_dark()
    drawn = layers_scene.drawn(work.embeddings, graph, color, dark)
    searches = [layers_scene.played(graph, asked, truth, k, ef)]
    if other is not None:
        searches.append(layers_scene.played(graph, asked, truth, k, other))
    with heading:
        messages.answer(layers_scene.answer(searches[0], graph))
    chosen = _chosen(work, asked)
    replay = layers_scene.replay(drawn, searches, chosen, dark=dark)
    player.show(drawn.content, replay, key="layers")
    messages.note(layers_scene.words(drawn))
    if chosen not in (NOBODY, asked.item):
        _offer_chosen(work, chosen, int(drawn.in_degree[chosen]))
    names = drawn.scene.names
    charts.show_table(
        lambda: layers_scene.hop_table(searches[0].trace, names), key="search", csv_name="hops"
    )


def _chosen(work: Workspace, asked: query.Query) -> int:
    """The node whose links are lit: the one clicked, else the query's own."""
    clicked = controls.held(player.CHOSEN, int, NOBODY)
    return clicked if 0 <= clicked < work.embeddings.n else asked.item


def _offer_chosen(work: Workspace, chosen: int, links_in: int) -> None:
    name = messages.plain(items.short_names(work.embeddings)[chosen])
    part = f", {LIT_AT_MOST:,} of the {links_in:,} into it" if links_in > LIT_AT_MOST else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Links of **{name}** are lit{part}.", width="content")
        st.button("Search for it", key="_search_chosen", on_click=_search_for, args=(chosen,))
        st.button("Unlight", key="_unlight", on_click=_search_for, args=(NOBODY,))


def _search_for(row: int) -> None:
    controls.put(**{player.CHOSEN: NOBODY})
    if row >= 0:
        controls.put(item=row)
