"""What each ef buys: the curve, its neighbors for other k, and curves kept to compare with."""

from typing import Any

import streamlit as st

from core.figures import Line, recall_line, recall_vs_ef
from core.figures.recall import COST_TITLES
from core.index import HnswGraph
from core.studies import EfTradeoff
from pages.ui import (
    charts,
    controls,
    index_checks,
    messages,
    needs_diagnosis,
    needs_recall,
    recall_controls,
    recall_words,
    truth_words,
)
from pages.ui.needs_recall import Curves
from pages.ui.recall_controls import Asked
from pages.ui.workspace import Workspace

KEPT_AT_MOST = 6
MINOR = 0.02  # recall that the graph may lose beside codes and not be called broken
_KEPT = "_kept_curves"
COSTS = {
    "ef": "ef",
    "distance_computations": "distances",
    "brute_force_share": "% of brute force",
}


def show(work: Workspace, graph: HnswGraph, heading: Any) -> None:
    """The section `Curve` of the Recall page."""
    asked = recall_controls.show(work)
    found = needs_recall.curves(work, graph, asked)
    if found is None:
        with heading:
            messages.answer("What does ef buy on this data? The curve is on its way.")
        return
    tradeoff = of_k(found, asked.k)
    words = recall_words.answer(tradeoff, asked.target, asked.share)
    with heading:
        messages.answer(words)
    explained = _say_loss(work, found, tradeoff, asked)
    explained = explained or index_checks.differing_rows(work) > 0
    _judge(found, tradeoff, asked, explained=explained)
    messages.note(recall_words.basis(tradeoff, found))
    _figure(work, found, tradeoff, asked, words)


def _say_loss(work: Workspace, found: Curves, tradeoff: EfTradeoff, asked: Asked) -> bool:
    """Say what codes and transforms lose; whether that is, or may be, why the curve ends below 1.

    True, too, while it is being measured.
    """
    if not needs_recall.loses_by_storage(work, found.graph):
        return False
    loss = needs_recall.stored_loss(found.graph, tradeoff)
    if loss is None:
        return True
    ef = recall_words.chosen_ef(tradeoff, asked.target, asked.share) or int(tradeoff.ef[-1])
    words = recall_words.loss_parts(loss, float(tradeoff.mean_recall[tradeoff.at(ef)]), ef)
    if words:
        st.info(messages.plain(words))
    return loss.graph_part(float(tradeoff.mean_recall[-1])) < MINOR


def of_k(found: Curves, k: int) -> EfTradeoff:
    """The trade-off of k, or of the largest k that the ground truth of a file allows."""
    return found.by_k[k if k in found.by_k else max(found.by_k)]


def _judge(found: Curves, tradeoff: EfTradeoff, asked: Asked, *, explained: bool) -> None:
    """Say whether the graph is broken, with the figures, and lead to the census.

    explained: whether it may be what the index stores that ends the curve below the target.
    """
    reached = recall_words.chosen_ef(tradeoff, asked.target, asked.share) is not None
    judged = needs_diagnosis.diagnosis(found.graph, tradeoff, reached=reached or explained)
    if judged is None or not (judged.broken or judged.worth_saying):
        return
    words = messages.plain(recall_words.diagnosis(judged))
    if judged.broken:
        st.warning(words)
    else:
        messages.note(words)
    query = {name: st.query_params[name] for name in st.query_params if name != "section"}
    st.page_link(
        "pages/layers.py",
        label="Open the census of lost items",
        query_params={**query, "section": "Anatomy"},
    )


def _figure(work: Workspace, found: Curves, tradeoff: EfTradeoff, asked: Asked, words: str) -> None:
    axis, each_k, keep, clear = st.columns([5, 3, 2, 2], vertical_alignment="center")
    with axis:
        cost = controls.segmented(
            "Against",
            "against",
            list(COST_TITLES),
            format=COSTS.__getitem__,
            help="Distance computations cost the same on every machine; all layers are counted. "
            "Measured time is in the section Time.",
        )
    with each_k:
        all_k = controls.toggle("Other k as well", "all_k", help="From the same traversals.")
    kept: list[Line] = st.session_state.setdefault(_KEPT, [])
    name = f"{work.embeddings.name[:30]}, {_index(work)}, k {tradeoff.curve.k}"
    line = recall_line(tradeoff, name)
    with keep:
        st.button(
            "Keep curve",
            on_click=_keep,
            args=(line,),
            width="stretch",
            help="Draws it beside the next ones: change the index, the data, k or the queries.",
        )
    with clear:
        if kept:
            st.button("Clear kept", on_click=_clear, width="stretch")
    others = [other for other in kept if other.name != name]
    if all_k:
        others += [
            recall_line(s, f"recall@{k}") for k, s in found.by_k.items() if s is not tradeoff
        ]
    ef = recall_words.chosen_ef(tradeoff, asked.target, asked.share)
    charts.show(
        recall_vs_ef(
            tradeoff, target=asked.target, ef=ef, cost=cost, others=others, dark=charts.is_dark()
        ),
        key="recall",
        alt=words,
        table=lambda: truth_words.told(
            recall_words.table(tradeoff, asked.target, ef), found.graph, work.embeddings.vectors
        ),
        csv_name="recall_vs_ef",
    )


def _index(work: Workspace) -> str:
    if work.brought is not None:
        return work.brought.source
    return f"M {work.params.m}, ef_construction {work.params.ef_construction}"


def _keep(line: Line) -> None:
    kept: list[Line] = [other for other in st.session_state[_KEPT] if other.name != line.name]
    st.session_state[_KEPT] = [*kept, line][-KEPT_AT_MOST:]


def _clear() -> None:
    st.session_state[_KEPT] = []
