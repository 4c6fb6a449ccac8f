"""Whether the graph that a curve was measured on is broken: the census behind it, as a job."""

import streamlit as st

from core.index import Census, HnswGraph
from core.progress import counted
from core.studies import Diagnosis, EfTradeoff, Verdict, diagnose, quick_census
from pages.recall import sentences
from pages.ui import jobs
from pages.ui.controls import page_links
from pages.ui.display import messages
from pages.ui.display.text import plain
from pages.ui.jobs import Progress
from pages.ui.results import verdicts
from pages.ui.results.tradeoffs import Curves
from pages.ui.session.workspace import Workspace


def diagnosis(graph: HnswGraph, study: EfTradeoff, *, reached: bool) -> Diagnosis | None:
    """What speaks for a broken graph, or None while its census is taken.

    graph: that the curve was measured on. reached: whether the curve reaches its target.
    """
    ef = int(study.ef[-1])
    taken = census.need(graph, ef)
    if taken is None:
        return None
    return diagnose(taken, metric=graph.metric, tradeoff=study, reached=reached)


def show(work: Workspace, graph: HnswGraph, found: Curves, *, k: int, reached: bool) -> None:
    """Say whether the graph of a curve is broken, with the figures, and lead to the census.

    graph: of the session. What the census counts in it stands above every section already, and
    holds for an index without some of its rows as well.
    """
    study, verdict = found.of_k(k), verdicts.verdict(work, graph)
    judged = diagnosis(found.graph, study, reached=reached)
    if judged is None:
        return
    words = plain(sentences.diagnosis(judged, said=found.held is None or _is_told(verdict)))
    if not words:
        return
    if judged.broken:
        st.warning(words)
    else:
        messages.note(words)
    page_links.to_page("layers", "Open the census of lost items", section="Anatomy")


def _is_told(verdict: Verdict | None) -> bool:
    return verdict is not None and (verdict.diagnosis.broken or verdict.diagnosis.worth_saying)


@jobs.job("Looking for items that are lost")
def census(progress: Progress, graph: HnswGraph, ef: int) -> Census:
    """The links of all items walked, and 500 of them searched for by their own vector."""
    return quick_census(graph, ef, progress=counted(progress, "{:,} of {:,} items"))
