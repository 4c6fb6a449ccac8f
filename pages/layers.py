"""Layers: what did HNSW build, and how does a search move through it?"""

import streamlit as st

from core.figures import layers_3d, search_distances
from pages.ui import beam, charts, items, layers_scene, messages, needs, workspace

work = workspace.current()
embeddings, n = work.embeddings, work.embeddings.n
heading = st.container()
if n < 3:
    with heading:
        messages.answer("A search through layers needs at least three rows.")
    messages.empty(f"There are {n:,} rows.", "Load more on the Data page.")
    st.stop()

pick, neighbors, width = st.columns([5, 3, 3], vertical_alignment="bottom")
with pick:
    item = items.picker(embeddings)
with neighbors:
    k = beam.k_slider(n)
with width:
    ef = beam.ef_slider(k)

name = items.short_names(embeddings)[item]
graph = needs.graph(work)
truth = needs.true_neighbors(work, item, k) if graph is not None else None
if graph is None or truth is None:
    with heading:
        messages.answer("What did HNSW build? The answer is on its way.")
    st.stop()

view = layers_scene.view(embeddings, graph, truth, item, k, ef)
with heading:
    messages.answer(layers_scene.answer(view, name))
scene, distances = st.columns([3, 2])
with scene:
    charts.show(
        layers_3d(view.scene, dark=charts.is_dark()),
        key="layers",
        alt=layers_scene.answer(view, name),
        table=layers_scene.layer_table(graph),
        csv_name="layers",
    )
    messages.note(
        "Each plane is a layer, drawn on the axes of the PCA map, so that a node stands above "
        f"itself. Drag to turn, scroll to zoom. {layers_scene.drawn(view)}"
    )
with distances:
    charts.show(
        search_distances(
            view.trace, view.scene.truth, view.truth.distances[0], dark=charts.is_dark()
        ),
        key="search",
        alt=f"True distance to {name} of every node that the search expanded and visited, by hop",
        table=lambda: layers_scene.hop_table(view),
        csv_name="hops",
    )
    messages.note(messages.plain(layers_scene.miss_words(view, name)))
