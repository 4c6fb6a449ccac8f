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
from pages.ui.needs_studies import Settings
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
    run: Callable[..., Any]
    answer: Callable[[Any], str]
    show: Callable[[Workspace, Any], None]


STUDIES = {
    "Build grid": Study(*study_grid.VIEW),
    "Insertion order": Study(*study_order.VIEW),
    "Intrinsic dimension": Study(*study_rank.VIEW),
    "Filtered search": Study(*study_filter.VIEW),
    "Duplicates and updates": Study(*study_churn.VIEW),
    "Growth": Study(*study_growth.VIEW),
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
    key = needs_studies.key_of(work, name, settings)
    started: set[Any] = st.session_state.setdefault(_STARTED, set())
    messages.note(study.about)
    if work.brought is not None:
        messages.note(index_words.rebuilding(work.params, work.brought))
    if key not in started and not needs_studies.is_known(work, name, settings):
        with heading:
            messages.answer(study.question)
        st.button("Run the study", type="primary", on_click=started.add, args=(key,))
        return
    result = needs_studies.need(work, name, settings, study.run, rows)
    if result is None:
        with heading:
            messages.answer(study.question)
        kept = len(needs_studies.done_parts(key))
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
