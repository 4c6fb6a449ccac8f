"""The health of the session's index: judged in the background, and said where it is broken."""

import streamlit as st

from core.index import HnswGraph
from core.studies import Verdict, judge
from pages.ui import jobs
from pages.ui.controls import page_links
from pages.ui.display import messages, verdict_words
from pages.ui.display.text import plain
from pages.ui.jobs import Progress
from pages.ui.results import index_checks
from pages.ui.session.workspace import Workspace


def verdict(work: Workspace, graph: HnswGraph) -> Verdict | None:
    """The verdict on the session's index; None while it is worked on, of which nothing is drawn.

    None, too, where the metric of an opened file is contradicted by its links: the graph is not to
    blame then, and another message says so.
    """
    if index_checks.metric_contradicted(work):
        return None
    with jobs.unseen():
        return _judge.need(graph)


def show(work: Workspace, graph: HnswGraph) -> None:
    """Say on a page that searches the index what it loses, and where to go; nothing if sound."""
    found = verdict(work, graph)
    words = "" if found is None else verdict_words.line(found)
    if found is None or not words:
        return
    if found.diagnosis.broken:
        messages.warn(words)
    else:
        messages.note(plain(words))
    with st.container(horizontal=True, gap="medium"):
        ways_out(found, "page")


def ways_out(found: Verdict, place: str) -> None:
    """Links to the census, and to the rebuild that fits the cause; `place` tells them apart."""
    page_links.to_page("layers", "See why", place=place, section="Anatomy")
    if found.cause is not None:
        values = {"section": "What if", **verdict_words.fix_values(found)}
        page_links.to_page("layers", verdict_words.fix_label(found), place=place, **values)


@jobs.job("Judging the health of the index")
def _judge(progress: Progress, graph: HnswGraph) -> Verdict:
    return judge(graph, progress=progress)
