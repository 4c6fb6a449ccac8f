"""Taking the graph away: its links, its anatomy, and the 3-D view as a page of its own."""

import io
import json
from collections.abc import Callable
from functools import partial
from typing import BinaryIO

import streamlit as st

from core.data.sheets import csv_text
from core.figures import player_page
from core.index import HnswGraph, write_csr, write_edges_csv, write_graphml
from core.studies import anatomy_report, anatomy_table
from pages.layers import gate, scene, search
from pages.ui.controls import beam, widgets
from pages.ui.controls.beam import CENSUS_EF
from pages.ui.display import chart, downloads, items, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, plain
from pages.ui.results import health, truth_words
from pages.ui.session.workspace import Workspace

ALL = "all layers"
CSR_CODE = "scipy.sparse.load_npz({name!r})"
CSR_ALL_CODE = "np.load({name!r})"
EDGES_CODE = "pd.read_csv({name!r})"
GRAPHML_CODE = "networkx.read_graphml({name!r})"


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:
    """The section `Take away` of the Layers page."""
    heading.answer(answer(graph))
    graph_files, anatomy_files, picture = st.columns(3, gap="large")
    with graph_files:
        _links(work, graph)
    with anatomy_files:
        _anatomy(work, graph)
    with picture:
        _picture(work, graph)


def answer(graph: HnswGraph) -> str:
    """How much of a graph the files hold."""
    links = len(graph.base.targets) + len(graph.upper.targets)
    return (
        f"Take the graph along: {count(graph.max_level + 1, 'layer')}, "
        f"{count(int(graph.nodes_per_layer[0]), 'node')} and {count(links, 'link')}, as files "
        "that scipy, pandas, networkx and Gephi read."
    )


def _links(work: Workspace, graph: HnswGraph) -> None:
    st.subheader("Links")
    layers = [ALL, *(f"layer {layer}" for layer in range(graph.max_level + 1))]
    chosen = widgets.select("Layers", "export", layers)
    layer = None if chosen == ALL else layers.index(chosen) - 1
    stem = f"{_stem(work)}-{chosen.replace(' ', '-')}"
    code = CSR_ALL_CODE if layer is None else CSR_CODE
    _file("CSR arrays (npz)", f"{stem}.npz", partial(write_csr, graph, layer=layer), code)
    _file("Edges (CSV)", f"{stem}.csv", partial(write_edges_csv, graph, layer=layer), EDGES_CODE)
    names = items.short_names(work.embeddings).tolist()
    graphml = partial(write_graphml, graph, layer=layer, names=names)
    _file("GraphML", f"{stem}.graphml", graphml, GRAPHML_CODE)
    messages.note(
        "Nodes are rows of the data; the index's own labels stand beside them. The CSV holds the "
        "true distance of each link."
    )


def _anatomy(work: Workspace, graph: HnswGraph) -> None:
    st.subheader("Anatomy")
    anatomy = health.anatomy(graph)
    census = health.census(graph, CENSUS_EF.held())
    if anatomy is None or census is None:
        return
    name = f"{_stem(work)}-anatomy"
    downloads.offer(
        "Everything (JSON)",
        lambda: json.dumps(anatomy_report(graph, anatomy, census), indent=1),
        f"{name}.json",
        "application/json",
        width="stretch",
    )
    downloads.offer(
        "One line per layer (CSV)",
        lambda: csv_text(anatomy_table(graph, anatomy)),
        f"{name}.csv",
        "text/csv",
        width="stretch",
    )
    messages.note(
        "Degrees, fill, reciprocity, components, link lengths, hubs and the census of lost items, "
        "with the seeds they were drawn with."
    )
    st.subheader("Pipeline")
    gate.show(work, graph, census)


def _picture(work: Workspace, graph: HnswGraph) -> None:
    st.subheader("3-D view")
    k = beam.held_k(work)
    ef = beam.held_ef(k)
    sought = search.sought_for(work, graph, k)
    played = None if sought is None else sought.played(max(ef, sought.k))
    if sought is None or played is None:
        return
    color, dark = search.held_color(work), chart.is_dark()  # no session when the file is written
    embeddings, graph = sought.work.embeddings, sought.graph
    truth_of = truth_words.sentence(graph, embeddings.vectors)
    words = f"{scene.answer(played, graph)} {truth_of}".strip()

    def page() -> str:
        drawn = scene.drawn(embeddings, graph, color, dark)
        replay = scene.replay(drawn, [played], sought.query.item, dark=dark)
        title = f"HNSW over {work.embeddings.name}"
        return player_page(drawn.content, replay, title=title, words=words, dark=dark)

    downloads.offer(
        "Player (HTML)", page, f"{_stem(work)}-layers.html", "text/html", width="stretch"
    )
    messages.note(
        plain(
            "One file that needs nothing else: the layers and the search near "
            f"{sought.query.name} at ef {ef:,}, to be played in any browser."
        )
    )


def _file(label: str, name: str, write: Callable[[BinaryIO], None], code: str) -> None:
    def content() -> bytes:
        file = io.BytesIO()
        write(file)
        return file.getvalue()

    downloads.offer(
        label,
        content,
        name,
        width="stretch",
        key=f"_export_{label}",
        help=f"`{code.format(name=name)}`",
    )


def _stem(work: Workspace) -> str:
    name = "".join(letter if letter.isalnum() else "-" for letter in work.embeddings.name.lower())
    return f"{name.strip('-')[:40] or 'index'}-hnsw"
