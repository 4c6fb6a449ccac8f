"""The studies: each asks one question of the loaded data, in the background, and can be stopped."""

from typing import Any, TypeVar

import streamlit as st

from core.errors import ParameterError
from core.index import HnswGraph
from core.limits import scheduler_address
from pages.recall.studies import (
    build_grid,
    cards,
    filtered_search,
    growth,
    insertion_order,
    intrinsic_dimension,
    updates,
)
from pages.recall.studies.runs import (
    Part,
    Study,
    own_queries,
    parts_so_far,
    queries_given,
    source_words,
)
from pages.ui.controls import beam, queries, widgets
from pages.ui.controls.declared import Switch
from pages.ui.controls.queries import RecallSettings
from pages.ui.display import index_words, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import plain
from pages.ui.jobs.key import Key
from pages.ui.session import slot
from pages.ui.session.slot import Slot
from pages.ui.session.workspace import Workspace

S = TypeVar("S")
R = TypeVar("R")
CHOICE, ALL = "study", "All studies"
HERE = Switch(
    "studies_here",
    "Run on this server, not on the cluster",
    help="Parts give the same here as there, but for build times. Finished parts are kept: a study "
    "that has lost its cluster goes on from them on this server.",
)
QUESTION = "What would change if the data or the index did? Six studies measure it."
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
_STARTED: Slot[set[Key]] = Slot(
    "studies_started",
    set,
    kept=slot.Kept("Which studies were run could not be opened", True),
)


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:  # noqa: ARG001
    """The section `Studies` of the Recall page: one study, or the cards of all."""
    by_title = {study.title: study for study in STUDIES}
    asked = widgets.held(CHOICE, str, ALL)
    title = FORMER.get(asked, asked)
    if title in by_title:
        widgets.segmented("Study", CHOICE, [ALL, *by_title], former=FORMER)
        _show(by_title[title], work, heading)
        return
    widgets.forget(CHOICE)
    heading.answer(QUESTION)
    wanted, rows = queries.held(work), _rows_held(work)
    with widgets.undrawn():
        calls = [(study, _call(study, work, wanted, rows)) for study in STUDIES]
    cards.show(work, calls, CHOICE)


def _show(study: Study[S, R], work: Workspace, heading: Heading) -> None:
    messages.note(study.about)
    wanted, rows = _shared_controls(study, work)
    _draw_cluster()
    part, settings = _call(study, work, wanted, rows)
    if study.takes_queries:
        walks = study.walks_opened and work.opened is not None
        given = queries_given(work, wanted.source)
        messages.note(source_words(given, part.given, opened=walks))
    if work.opened is not None and not study.walks_opened:
        messages.note(index_words.rebuilding(work.params, work.opened))
    result = _result(study, work, part, settings)
    heading.answer(study.question if result is None else study.answer(result))
    if result is not None:
        cards.note_shown(study, (part, settings))
        study.show(work, result)


def _call(study: Study[S, R], work: Workspace, wanted: RecallSettings, rows: int) -> tuple[Part, S]:
    """The data and the settings of a study, whose controls are drawn."""
    settings = study.settings(work, wanted, rows)
    asked = own_queries(work, wanted.source, study.most_queries) if study.takes_queries else None
    return Part(work.embeddings, work.params, rows, asked, _cluster()), settings


def _cluster() -> str:
    """The scheduler of the cluster that parts run on, "" for this server."""
    try:
        return "" if HERE.held() else scheduler_address() or ""
    except ParameterError:
        return ""  # said where the choice is drawn


def _draw_cluster() -> None:
    """The choice between the cluster and this server, where there is a cluster."""
    try:
        address = scheduler_address()
    except ParameterError as error:
        messages.show_error(error)
        return
    if address is not None and not HERE.draw():
        messages.note(f"Parts run side by side on the workers of {plain(address)}.")


def _shared_controls(study: Study[S, R], work: Workspace) -> tuple[RecallSettings, int]:
    """Draw the target, k and the rows, and give them with the other settings of the page."""
    *goal, neighbors, size = st.columns(2 + study.has_target, vertical_alignment="bottom")
    for place in goal:
        with place:
            queries.TARGET.draw()
    with neighbors:
        beam.k_slider(work)
    with size:
        walks = study.walks_opened and work.opened is not None
        rows = _rows_of_opened(work) if walks else _rows(work)
    return queries.held(work), rows


def _result(study: Study[S, R], work: Workspace, part: Part, settings: S) -> R | None:
    """The result, or None after drawing how to start the study, or how far it is."""
    key = study.run.key(part, settings)
    started = _STARTED.get()
    if key not in started and study.run.finished(part, settings) is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Run the study", type="primary", on_click=started.add, args=(key,))
            where = ", by one worker" if part.cluster else ""
            told = cards.time_words(work, study, (part, settings))
            messages.note(f"Expected time{where}: {told}.")
        return None
    result = study.run.need(part, settings)
    if result is None:
        _show_so_far(study, part, settings)
    return result


def _show_so_far(study: Study[S, R], part: Part, settings: S) -> None:
    running = study.run.is_under_way(part, settings)

    @st.fragment(run_every=DRAWN_EVERY if running else None)
    def draw() -> None:
        so_far = parts_so_far(part, settings).so_far
        if not so_far.finished:
            return
        messages.note(
            f"{so_far.finished:,} of {so_far.total:,} parts finished; they are kept, and a stopped "
            "study goes on from there."
        )
        if so_far.result is not None:
            study.show_so_far(so_far.result)

    draw()


def _rows_of_opened(work: Workspace) -> int:
    messages.note(f"All {work.embeddings.n:,} rows of the index file, on its own graph.")
    return work.embeddings.n


def _rows_held(work: Workspace) -> int:
    with widgets.undrawn():
        return _rows(work)


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
