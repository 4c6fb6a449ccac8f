"""A page in sections, each of which asks one question of the index; one is shown at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from core.index import HnswGraph
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.display import messages
from pages.ui.display.heading import Heading
from pages.ui.results import indexes, truth_words, verdicts
from pages.ui.session import workspace
from pages.ui.session.workspace import Workspace

FEWEST_ROWS = 3


@dataclass(frozen=True)
class Section:
    """question: shown until its answer is there. show: draws the section, its answer included.

    meanwhile: draws what can be shown while the index is built.
    """

    question: str
    show: Callable[[Workspace, HnswGraph, Heading], None]
    meanwhile: Callable[[Workspace, Heading], None] | None = None


def show(sections: Mapping[str, Section], *, too_few: str) -> None:
    """Draw the choice of a section, and the section that is chosen.

    too_few: said where there are fewer than three rows.
    """
    work, heading = workspace.current(), Heading()
    if work.embeddings.n < FEWEST_ROWS:
        heading.answer(too_few)
        messages.empty(f"There are {work.embeddings.n:,} rows.", "Load more on the Data page.")
        st.stop()
    section = sections[
        widgets.segmented("View", "section", list(sections), of_page=True, named=False)
    ]
    with heading.until_ready(section.question):
        graph = indexes.graph(work)
        if graph is None and section.meanwhile is not None:
            section.meanwhile(work, heading)
        graph = jobs.ready(graph)
        truth_words.show(work, graph)
        verdicts.show(work, graph)
        section.show(work, graph, heading)
