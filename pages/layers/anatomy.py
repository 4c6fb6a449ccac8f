"""What the graph is made of: layers, degrees, links, components, hubs, and the census."""

import streamlit as st

from core.figures import degree_distribution, link_lengths, nodes_per_layer
from core.index import Anatomy, Census, HnswGraph
from core.studies import anatomy_table
from pages.layers import lost_items
from pages.ui.controls import widgets
from pages.ui.controls.beam import CENSUS_EF
from pages.ui.display import chart, items, messages, tables
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, number, percent
from pages.ui.results import health
from pages.ui.session.workspace import Workspace

HUBS = 10


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:
    """The section `Anatomy` of the Layers page."""
    beam, scope, layer_slot = st.columns([4, 3, 3], vertical_alignment="bottom")
    with beam:
        ef = CENSUS_EF.draw()
    whole = False
    if graph.n > health.SEARCHED_AT_MOST:
        with scope:
            whole = widgets.toggle(f"Search all {graph.n:,} items", "census_all")
    with layer_slot:
        layer = widgets.select("Degrees on layer", "layer", list(range(graph.max_level + 1)))
    anatomy = health.anatomy(graph)
    census = health.census(graph, ef, whole=whole)
    heading.answer(answer(graph, anatomy, census))
    if anatomy is not None:
        _figures(graph, anatomy, layer)
    if census is not None:
        lost_items.show(work, graph, census)
    if anatomy is not None:
        _hubs(work, anatomy)


def answer(graph: HnswGraph, anatomy: Anatomy | None, census: Census | None) -> str:
    """How many items are lost, and how many links a node has; both None while measured."""
    if anatomy is None or census is None:
        return (
            "What is the graph made of, and which items are lost in it? The answer is on its way."
        )
    base = anatomy.layers[0]
    lost = len(census.unreachable)
    sampled = f" (of {len(census.checked):,} searched)" if census.is_sample else ""
    return (
        f"Of {count(graph.n, 'item')}, {lost:,} {'is' if lost == 1 else 'are'} unreachable and "
        f"{percent(census.unfindable_share)}{sampled} are not found by their own vector at ef "
        f"{census.ef:,}; a node of layer 0 has {number(float(base.out_degree.mean()))} links out, "
        f"and from {int(base.in_degree.min()):,} to {int(base.in_degree.max()):,} in."
    )


def _figures(graph: HnswGraph, anatomy: Anatomy, layer: int) -> None:
    dark = chart.is_dark()
    law, degrees, lengths = st.columns(3)
    with law:
        chart.show(
            chart.drawn(nodes_per_layer, anatomy, dark=dark),
            key="level_law",
            alt="Nodes on each layer, beside the number that the level law expects",
            table=lambda: anatomy_table(graph, anatomy),
            csv_name="anatomy",
        )
        messages.note(law_words(anatomy))
    with degrees:
        chart.show(
            chart.drawn(degree_distribution, anatomy, layer, dark=dark),
            key="degrees",
            alt=f"How many nodes of layer {layer} have so many links out and in",
        )
        messages.note(degree_words(anatomy, layer))
    with lengths:
        chart.show(
            chart.drawn(link_lengths, anatomy, metric=graph.metric, dark=dark),
            key="link_lengths",
            alt="Lengths of the links of each layer: median, quartiles, and 5 to 95 percent",
        )
        messages.note(length_words(anatomy))


def law_words(anatomy: Anatomy) -> str:
    """How well the layers fit the level law."""
    if anatomy.level_p_value != anatomy.level_p_value:
        return "Too few nodes above layer 0 to hold their number against the level law."
    fits = (
        "as drawn levels should be."
        if anatomy.level_p_value >= 0.01
        else "rarely so by chance: were levels drawn with another M, or items added in another way?"
    )
    return (
        f"Nodes fall off by M from layer to layer "
        f"([Malkov & Yashunin 2018](https://arxiv.org/abs/1603.09320)); chi-square p = "
        f"{number(anatomy.level_p_value)}, {fits}"
    )


def degree_words(anatomy: Anatomy, layer: int) -> str:
    """How full and how connected a layer is."""
    it = anatomy.layers[layer]
    none = int((it.in_degree == 0).sum())
    parts = "one part" if it.strong_components == 1 else f"{it.strong_components:,} parts"
    return (
        f"{percent(it.fill)} of the {it.limit:,} places for links are used; "
        f"{percent(it.reciprocity)} of links go both ways. "
        f"{count(none, 'node')} {'has' if none == 1 else 'have'} no link in. Along the links the "
        f"layer is {parts}, the largest of {count(it.largest_strong, 'node')}."
    )


def length_words(anatomy: Anatomy) -> str:
    """What the lengths show, and whether they are of a sample."""
    sampled = " Measured on 100,000 links, drawn with a seed, where there are more."
    return (
        "Links of the upper layers span far, those of layer 0 are short: the descent crosses the "
        f"space in few hops.{sampled if _sampled(anatomy) else ''}"
    )


def _sampled(anatomy: Anatomy) -> bool:
    return any(layer.lengths_sampled for layer in anatomy.layers)


def _hubs(work: Workspace, anatomy: Anatomy) -> None:
    st.subheader("Hubs")
    rows, degrees = anatomy.hubs(HUBS)
    messages.note(
        "The nodes with most links in on layer 0: many searches pass them. Copies of the mean and "
        "long vectors under inner product become hubs, and other items are reached only past them."
    )
    tables.show(
        items.table(work.embeddings, rows, links_in=degrees),
        hide_index=True,
        column_config=items.column_config(work.embeddings),
    )
