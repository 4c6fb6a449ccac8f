"""The studies: each asks one question of the loaded data, in the background, and can be stopped."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.index import HnswGraph
from pages.ui import (
    controls,
    index_words,
    messages,
    needs_studies,
    recall_controls,
    study_churn,
    study_filter,
    study_grid,
    study_growth,
    study_order,
    study_rank,
)
from pages.ui.jobs import JobKind
from pages.ui.needs_studies import Part, Settings
from pages.ui.recall_controls import Asked
from pages.ui.workspace import Workspace

ROWS = (2_000, 5_000, 20_000, 50_000)
USUAL_ROWS = 20_000
_STARTED = "_studies_started"


@dataclass(frozen=True)
class Study:
    """A study as the page shows it.

    question: before it is run. about: how it is made. settings: draws its controls, and gives all
    that the result depends on. run: the job. answer: the result in a sentence. show: its figures.
    """

    question: str
    about: str
    settings: Callable[[Workspace, Asked, int], Settings]
    run: JobKind[[Part, Settings], Any]
    answer: Callable[[Any], str]
    show: Callable[[Workspace, Any], None]


STUDIES = {
    needs_studies.GRID: Study(*study_grid.VIEW),
    needs_studies.ORDER: Study(*study_order.VIEW),
    needs_studies.RANK: Study(*study_rank.VIEW),
    needs_studies.FILTERS: Study(*study_filter.VIEW),
    needs_studies.CHURN: Study(*study_churn.VIEW),
    needs_studies.GROWTH: Study(*study_growth.VIEW),
}


def show(work: Workspace, graph: HnswGraph, heading: Any) -> None:  # noqa: ARG001
    """The section `Studies` of the Recall page."""
    asked = recall_controls.held(work)
    which, size = st.columns([3, 2], vertical_alignment="bottom")
    with which:
        name = controls.select("Study", "study", list(STUDIES))
    study = STUDIES[name]
    with size:
        rows = _rows(work)
    settings = study.settings(work, asked, rows)
    part = Part(work.embeddings, work.params, rows)
    key = study.run.key(part, settings)
    started: set[Any] = st.session_state.setdefault(_STARTED, set())
    messages.note(study.about)
    if work.brought is not None:
        messages.note(index_words.rebuilding(work.params, work.brought))
    if key not in started and study.run.finished(part, settings) is None:
        with heading:
            messages.answer(study.question)
        st.button("Run the study", type="primary", on_click=started.add, args=(key,))
        return
    result = study.run.need(part, settings)
    if result is None:
        with heading:
            messages.answer(study.question)
        kept = len(needs_studies.finished_parts(name, part, settings))
        if kept:
            parts = messages.count(kept, "finished part")
            messages.note(f"{parts} kept: a stopped study goes on from there.")
        return
    with heading:
        messages.answer(study.answer(result))
    study.show(work, result)


def _rows(work: Workspace) -> int:
    n = work.embeddings.n
    options = [*(rows for rows in ROWS if rows < n), n]
    usual = max(rows for rows in options if rows <= USUAL_ROWS) if options[0] <= USUAL_ROWS else n
    return controls.select(
        "Rows",
        "study_rows",
        options,
        value=usual,
        format=lambda rows: f"all {rows:,}" if rows == n else f"{rows:,}, a sample",
        help="A sample is drawn with seed 0, each class in proportion. Fewer rows are quicker; a "
        "smaller index is an easier one.",
    )
