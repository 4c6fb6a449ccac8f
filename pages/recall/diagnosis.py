"""Whether the graph that a curve was measured on is broken: the census behind it, as a job."""

import streamlit as st

from core.index import Census, HnswGraph
from core.studies import Diagnosis, EfTradeoff, diagnose, quick_census
from pages.recall import sentences
from pages.ui import jobs
from pages.ui.controls import page_links
from pages.ui.display import messages
from pages.ui.display.text import plain
from pages.ui.jobs import Progress
from pages.ui.results.tradeoffs import Curves


def diagnosis(graph: HnswGraph, study: EfTradeoff, *, reached: bool) -> Diagnosis | None:
    """What speaks for a broken graph, or None while its census is taken.

    graph: that the curve was measured on. reached: whether the curve reaches its target.
    """
    ef = int(study.ef[-1])
    taken = _census.need(graph, ef)
    if taken is None:
        return None
    return diagnose(taken, metric=graph.metric, tradeoff=study, reached=reached)


def show(found: Curves, study: EfTradeoff, *, reached: bool) -> None:
    """Say whether the graph is broken, with the figures, and lead to the census.

    What the census counts in the session's own index stands above every section already.
    """
    judged = diagnosis(found.graph, study, reached=reached)
    if judged is None:
        return
    words = plain(sentences.diagnosis(judged, said=found.held is None))
    if not words:
        return
    if judged.broken:
        st.warning(words)
    else:
        messages.note(words)
    page_links.to_page("layers", "Open the census of lost items", section="Anatomy")


@jobs.job("Looking for items that are lost")
def _census(progress: Progress, graph: HnswGraph, ef: int) -> Census:
    progress(0.0)
    return quick_census(graph, ef)
