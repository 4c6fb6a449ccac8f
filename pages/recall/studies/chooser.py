"""The studies: each asks one question of the loaded data, in the background, and can be stopped."""

from typing import Any, TypeVar

import streamlit as st

from core.index import HnswGraph
from pages.recall.studies import (
    build_grid,
    filtered_search,
    growth,
    insertion_order,
    intrinsic_dimension,
    updates,
)
from pages.recall.studies.runs import Part, Study, finished_parts, own_queries
from pages.ui.controls import queries, widgets
from pages.ui.display import index_words, messages
from pages.ui.display.heading import Heading
from pages.ui.jobs.key import Key
from pages.ui.session.slot import Slot
from pages.ui.session.workspace import Workspace

S = TypeVar("S")
R = TypeVar("R")
STUDIES: tuple[Study[Any, Any], ...] = (
    build_grid.STUDY,
    insertion_order.STUDY,
    intrinsic_dimension.STUDY,
    filtered_search.STUDY,
    updates.STUDY,
    growth.STUDY,
)
FORMER = {"Duplicates and updates": updates.STUDY.title}  # titles in older links
ROWS = (2_000, 5_000, 20_000, 50_000)
USUAL_ROWS = 20_000
DRAWN_EVERY = 2.0  # seconds between two looks at the finished parts of a study that runs
_STARTED: Slot[set[Key]] = Slot("studies_started", set)


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:  # noqa: ARG001
    """The section `Studies` of the Recall page."""
    which, size = st.columns([3, 2], vertical_alignment="bottom")
    by_title = {study.title: study for study in STUDIES}
    with which:
        title = widgets.select("Study", "study", list(by_title), former=FORMER)
    with size:
        rows = _rows(work)
    _show(by_title[title], work, rows, heading)


def _show(study: Study[S, R], work: Workspace, rows: int, heading: Heading) -> None:
    wanted = queries.held(work)
    settings = study.settings(work, wanted, rows)
    asked = own_queries(work, wanted.source) if study.takes_queries else None
    part = Part(work.embeddings, work.params, rows, asked)
    messages.note(study.about)
    if work.opened is not None:
        messages.note(index_words.rebuilding(work.params, work.opened))
    result = _result(study, part, settings)
    heading.answer(study.question if result is None else study.answer(result))
    if result is not None:
        study.show(work, result)


def _result(study: Study[S, R], part: Part, settings: S) -> R | None:
    """The result, or None after drawing how to start the study, or how far it is."""
    key = study.run.key(part, settings)
    started = _STARTED.get()
    if key not in started and study.run.finished(part, settings) is None:
        st.button("Run the study", type="primary", on_click=started.add, args=(key,))
        return None
    result = study.run.need(part, settings)
    if result is None:
        _show_so_far(study, part, settings)
    return result


def _show_so_far(study: Study[S, R], part: Part, settings: S) -> None:
    running = study.run.is_under_way(part, settings)

    @st.fragment(run_every=DRAWN_EVERY if running else None)
    def draw() -> None:
        so_far = finished_parts(part, settings).so_far
        if not so_far.finished:
            return
        messages.note(
            f"{so_far.finished:,} of {so_far.total:,} parts finished; they are kept, and a stopped "
            "study goes on from there."
        )
        if so_far.result is not None:
            study.show_so_far(so_far.result)

    draw()


def _rows(work: Workspace) -> int:
    n = work.embeddings.n
    options = [*(rows for rows in ROWS if rows < n), n]
    usual = max(rows for rows in options if rows <= USUAL_ROWS) if options[0] <= USUAL_ROWS else n
    return widgets.select(
        "Rows",
        "study_rows",
        options,
        value=usual,
        format=lambda rows: f"all {rows:,}" if rows == n else f"{rows:,}, a sample",
        help="A sample is drawn with seed 0, each class in proportion. Fewer rows are quicker; a "
        "smaller index is an easier one.",
    )
