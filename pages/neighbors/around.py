"""What the item is among all: its place on the map and the layers, hub or not, its copies."""

import numpy as np
import streamlit as st

from core import studies
from core.data import EmbeddingSet
from core.distances import Metric
from core.figures.neighbors import place_on_map
from core.metrics import k_occurrence
from core.studies import Copies, Popularity
from core.studies.parts.sampling import sample_rows
from pages.neighbors import trail
from pages.neighbors.asked import Asked
from pages.ui import jobs
from pages.ui.controls import page_links
from pages.ui.display import chart, items, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, number, percent, plain
from pages.ui.jobs import Progress
from pages.ui.results import indexes, projections

DRAWN = 2_000


@jobs.job("Looking for copies", lane="quick", patience=indexes.AT_ONCE)
def _copies(progress: Progress, embeddings: EmbeddingSet, item: int, metric: Metric) -> Copies:
    progress(0.0)
    return studies.copies_of(embeddings.vectors, item, metric)


def show(asked: Asked, heading: Heading) -> None:
    """The section `Around`."""
    if asked.item < 0:
        heading.answer("The place of an item of the data is shown.")
        messages.empty("A text or a vector is no item of the data.", "Empty its box.")
        return
    work, embeddings = asked.work, asked.embeddings
    near = asked.nearest()
    copies = _copies.require(embeddings.bare, asked.item, work.params.metric)
    heading.answer(copies_words(copies, asked.name, embeddings.n))
    picture, words = st.columns(2)
    with picture:
        kept = projections.kept_umap(embeddings, 2, work.params.metric)
        projection = kept or projections.pca(embeddings)
        drawn = sample_rows(embeddings.n, DRAWN, seed=0)
        chart.show(
            chart.drawn(
                place_on_map,
                projection.coordinates,
                drawn,
                asked.item,
                near.ids[0],
                asked.names,
                dark=chart.is_dark(),
            ),
            key="place",
            alt=f"{asked.name} and its {asked.k} true neighbors on the {projection.name} map",
        )
        messages.note(
            f"{projection.name}; the item and its true neighbors over {len(drawn):,} items."
        )
        page_links.to_page("map", "Open the map at this item")
    with words:
        _list_copies(asked, copies)
        with jobs.quiet():
            graph = indexes.graph(work)
        if graph is not None:
            level, share = studies.levels_of(graph.levels, asked.item)
            st.markdown(plain(level_words(level, graph.max_level, share)))
            page_links.to_page("layers", "Play a search through the layers", section="Search")
        else:
            messages.note("Its layer joins here once the index is built.")
        lists = indexes.knn(work, indexes.KNN)
        if lists is not None:
            among = f"{len(lists.rows):,} sampled items" if lists.is_sample else "all items"
            found = studies.popularity(k_occurrence(lists.neighbors.ids, embeddings.n), asked.item)
            st.markdown(plain(popularity_words(found, lists.k, among)))


def copies_words(copies: Copies, name: str, n: int) -> str:
    """How many equal rows and near copies there are: the sentence of the section."""
    equal = count(len(copies.equal), "other row has", "other rows have")
    start = f"Of {n:,} items, {equal} the values of {name}"
    if np.isnan(copies.bound):
        return f"{start}; near copies are not sought in so little data."
    near = count(len(copies.near), "more is a near copy", "more are near copies")
    return f"{start}, and {near}, within a length of {number(copies.bound)}."


def level_words(level: int, top: int, share: float) -> str:
    """The highest layer of the item."""
    if level == 0:
        return "Layers: it stands on layer 0 alone, where all items are."
    return f"Layers: it reaches layer {level} of {top}, as {percent(share)} of the items do."


def popularity_words(found: Popularity, k: int, among: str) -> str:
    """Hub, anti-hub or neither, by its k-occurrence against that of all."""
    start = (
        f"k-occurrence: it stands in {found.occurrence:,} of the lists of {k} nearest of {among}"
    )
    if found.kind == "anti-hub":
        never = percent(found.never)
        return f"{start}: an anti-hub, which no list holds, as are {never} of the items."
    kind = "a hub, at least 3 times the mean" if found.kind == "hub" else "neither hub nor anti-hub"
    return (
        f"{start}, more than {percent(found.below)} of the items do; the mean is "
        f"{number(found.mean)}: {kind}."
    )


def _list_copies(asked: Asked, copies: Copies) -> None:
    rows = np.concatenate([copies.equal, copies.near])
    if not len(rows):
        return
    lengths = np.concatenate([np.zeros(len(copies.equal)), copies.lengths])
    frame = items.table(asked.embeddings, rows, length=lengths.round(6))
    key = f"_copies_{asked.work.fingerprint}_{asked.item}"
    trail.table(frame, asked.embeddings, key, room=trail.Room(6, 250))
