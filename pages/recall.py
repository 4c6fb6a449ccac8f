"""Recall: what does ef buy?"""

import streamlit as st

from core.figures import recall_vs_ef, smallest_ef_histogram
from core.figures.recall import COST_TITLES
from pages.ui import beam, charts, controls, messages, needs, needs_recall, recall_words, workspace

work = workspace.current()
heading = st.container()
n = work.embeddings.n
if n < 3:
    with heading:
        messages.answer("Recall needs at least three rows.")
    messages.empty(f"There are {n:,} rows.", "Load more on the Data page.")
    st.stop()

left, middle, right, more = st.columns([3, 3, 4, 2], vertical_alignment="bottom")
with left:
    target = controls.slider(
        "Target recall",
        "target",
        low=0.5,
        high=1.0,
        value=0.99,
        step=0.01,
        help="recall@k (ANN): the share of a query's k true nearest neighbors that are found.",
    )
with middle:
    k = beam.k_slider(n)
with right:
    cost = controls.segmented(
        "Against",
        "against",
        list(COST_TITLES),
        format={
            "ef": "ef",
            "distance_computations": "distances",
            "brute_force_share": "% of brute force",
        }.__getitem__,
        help="Distance computations cost the same on every machine; all layers are counted.",
    )
with more, st.popover("Queries", width="stretch"):
    size = controls.select("Number of queries", "queries", needs_recall.QUERY_COUNTS, value=1000)
    given = work.embeddings.queries is not None and controls.toggle(
        "Use the queries that came with the data", "given", value=True
    )

graph = needs.graph(work)
tradeoff = None
if graph is not None:
    tradeoff = needs_recall.tradeoff(work, graph, k, size=size, given=given)
if tradeoff is None:
    with heading:
        messages.answer("What does ef buy on this data? The curve is on its way.")
    st.stop()

ef = tradeoff.smallest_ef(target)
with heading:
    messages.answer(recall_words.answer(tradeoff, target))
messages.note(recall_words.basis(tradeoff))
charts.show(
    recall_vs_ef(tradeoff, target=target, ef=ef, cost=cost, dark=charts.is_dark()),
    key="recall",
    alt=recall_words.answer(tradeoff, target),
    table=lambda: recall_words.table(tradeoff, target),
    csv_name="recall_vs_ef",
)

st.subheader("How much ef does each query need?")
picture, hardest = st.columns(2)
with picture:
    charts.show(
        smallest_ef_histogram(tradeoff, target=target, dark=charts.is_dark()),
        key="smallest_ef",
        alt=f"Number of queries by the smallest ef that gives them recall {target:g}",
    )
with hardest:
    messages.note("The hardest queries, and the index's answer to them at the largest ef.")
    rows = recall_words.hardest(tradeoff, work.embeddings, target)
    charts.show_table(rows, key="hardest", csv_name="hardest_queries", open=True)
