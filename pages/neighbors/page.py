"""Neighbors: who is near this item?"""

import streamlit as st

from core.figures.neighbors import distance_by_rank
from pages.neighbors import answers, comparison, trail
from pages.ui import jobs
from pages.ui.controls import beam, item_picker, page_links, query
from pages.ui.display import chart, downloads, items, messages
from pages.ui.display.heading import Heading
from pages.ui.results import indexes, truth_words
from pages.ui.session import workspace

ALL_SHOWN, TALL = 14, 520

work = workspace.current()
embeddings, n = work.embeddings, work.embeddings.n
heading = Heading()
if n < 2:
    heading.answer("Neighbors need at least two rows.")
    messages.empty(f"There is {n:,} row.", "Load more on the Data page.")
    st.stop()

pick, neighbors, width, paste = st.columns([5, 3, 3, 2], vertical_alignment="bottom")
with pick:
    item = item_picker.pick(embeddings, **query.of_item())
with neighbors:
    k = beam.k_slider(work)
with width:
    ef = beam.ef_slider(k)
with paste, st.popover(query.elsewhere_title(), width="stretch"):
    query.elsewhere_boxes(embeddings)

vector, name = embeddings.vectors[item], str(items.short_names(embeddings)[item])
with heading.until_ready("Who is near this text?"):
    elsewhere = query.elsewhere(embeddings)
if elsewhere is not None:
    vector, name, item = elsewhere.vector, elsewhere.name, -1
else:
    trail.note(embeddings, item)

with heading.until_ready(f"Who is near {name}?"):
    graph = jobs.ready(indexes.graph(work))
    found = jobs.ready(answers.check(work, graph, vector, item, k, ef))

heading.answer(answers.answer(found, graph, items.short_names(embeddings), name))
truth_words.show(work, graph)
trail.show(embeddings, item)
listing, picture = st.columns([6, 5])
names = items.short_names(embeddings)
rows = comparison.side_by_side(answers.table(found, embeddings), found, names)
with listing:
    key = f"_walk_{work.fingerprint}_{item}_{k}"
    st.dataframe(
        comparison.tinted(rows, found),
        hide_index=True,
        height="content" if k <= ALL_SHOWN else TALL,
        column_config=items.column_config(embeddings),
        key=key,
        on_select=lambda: trail.take_row(key, rows["row"].tolist()),
        selection_mode="single-row",
    )
    messages.note(
        "Choose a row to walk to that neighbor. Green: true and found, vermilion: missed, blue: "
        "given by the index in place of a true neighbor."
    )
    kind = query.as_kind(elsewhere)
    page_links.to_page("layers", "Play this search through the layers", section="Search", **kind)
    downloads.download(truth_words.told(rows, graph, embeddings.vectors), "neighbors")
with picture:
    chart.show(
        distance_by_rank(
            found.exact,
            found.found.ids[0],
            found.found.distances[0],
            names,
            graph.metric,
            dark=chart.is_dark(),
        ),
        key="by_rank",
        alt=f"Distance of the {k} true neighbors of {name} by rank, found or missed by the index",
    )
    figures = answers.figures(work, found, item)
    for column, (title, value, explanation) in zip(st.columns(3), figures, strict=False):
        column.metric(title, value, help=explanation)
