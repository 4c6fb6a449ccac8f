"""What each ef buys: the curve, its neighbors for other k, and curves kept to compare with."""

import streamlit as st

from core.figures import Line, recall_line, recall_vs_ef
from core.figures.recall import COST_TITLES
from core.index import HnswGraph
from core.studies import EfTradeoff
from pages.recall import diagnosis, sentences
from pages.ui import jobs
from pages.ui.controls import queries, widgets
from pages.ui.controls.queries import RecallSettings
from pages.ui.display import chart, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import plain
from pages.ui.results import index_checks, tradeoffs, truth_words
from pages.ui.results.tradeoffs import Curves
from pages.ui.session.slot import Slot
from pages.ui.session.workspace import Workspace

KEPT_AT_MOST = 6
MINOR = 0.02  # recall that the graph may lose beside codes and not be called broken
_KEPT: Slot[list[Line]] = Slot("kept_curves", list)
COSTS = {
    "ef": "ef",
    "distance_computations": "distances",
    "brute_force_share": "% of brute force",
}


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:
    """The section `Curve` of the Recall page."""
    wanted = queries.show(work)
    found = jobs.ready(tradeoffs.curves(work, graph, wanted))
    tradeoff = found.of_k(wanted.k)
    words = sentences.answer(tradeoff, wanted.target, wanted.share)
    heading.answer(words)
    explained = _say_loss(work, found, tradeoff, wanted)
    if not index_checks.metric_contradicted(work):  # else the graph is not to blame
        reached = sentences.chosen_ef(tradeoff, wanted.target, wanted.share) is not None
        explained = explained or index_checks.differing_rows(work) > 0
        diagnosis.show(found, tradeoff, reached=reached or explained)
    if wanted.share is not None:
        messages.note(sentences.steps(wanted.k, wanted.target))
    messages.note(sentences.basis(tradeoff, found))
    _figure(work, found, tradeoff, wanted, words)


def _say_loss(work: Workspace, found: Curves, tradeoff: EfTradeoff, wanted: RecallSettings) -> bool:
    """Say what codes and transforms lose; whether that is, or may be, why the curve ends below 1.

    True, too, while it is being measured.
    """
    if not tradeoffs.loses_by_storage(work, found.graph):
        return False
    loss = tradeoffs.stored_loss(found.graph, tradeoff)
    if loss is None:
        return True
    ef = sentences.chosen_ef(tradeoff, wanted.target, wanted.share) or int(tradeoff.ef[-1])
    words = sentences.loss_parts(loss, float(tradeoff.mean_recall[tradeoff.at(ef)]), ef)
    if words:
        st.info(plain(words))
    return loss.graph_part(float(tradeoff.mean_recall[-1])) < MINOR


def _figure(
    work: Workspace, found: Curves, tradeoff: EfTradeoff, wanted: RecallSettings, words: str
) -> None:
    axis, each_k, keep, clear = st.columns([5, 3, 2, 2], vertical_alignment="center")
    with axis:
        cost = widgets.segmented(
            "Against",
            "against",
            list(COST_TITLES),
            format=COSTS.__getitem__,
            help="Distance computations cost the same on every machine; all layers are counted. "
            "Measured time is in the section Time.",
        )
    with each_k:
        all_k = widgets.toggle("Other k as well", "all_k", help="From the same traversals.")
    kept = _KEPT.get()
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
            st.button("Clear kept", on_click=_KEPT.set, args=([],), width="stretch")
    others = [other for other in kept if other.name != name]
    if all_k:
        others += [
            recall_line(s, f"recall@{k}") for k, s in found.by_k.items() if s is not tradeoff
        ]
    ef = sentences.chosen_ef(tradeoff, wanted.target, wanted.share)
    chart.show(
        recall_vs_ef(
            tradeoff,
            target=wanted.target,
            share=wanted.share,
            ef=ef,
            cost=cost,
            others=others,
            dark=chart.is_dark(),
        ),
        key="recall",
        alt=words,
        table=lambda: truth_words.told(
            sentences.table(tradeoff, wanted.target, ef), found.graph, work.embeddings.vectors
        ),
        csv_name="recall_vs_ef",
    )


def _index(work: Workspace) -> str:
    if work.opened is not None:
        return work.opened.source
    return f"M {work.params.m}, ef_construction {work.params.ef_construction}"


def _keep(line: Line) -> None:
    kept = [other for other in _KEPT.get() if other.name != line.name]
    _KEPT.set([*kept, line][-KEPT_AT_MOST:])
