"""The studies side by side: what each asks, what it said last, and how long it will take."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.figures import thumbnail
from pages.recall.studies.runs import Part, Study, parts_so_far
from pages.ui.controls import widgets
from pages.ui.display import messages
from pages.ui.display.text import plain
from pages.ui.results import expected, indexes
from pages.ui.session.slot import Slot
from pages.ui.session.workspace import Workspace

A_ROW = 3
KEPT = 6  # results that were seen last, of all data; each holds its data
PICTURE = 150  # pixels of the small picture
LOOKED_AT_EVERY = 2.0  # seconds between two looks at a study that runs
STILL = {"displayModeBar": False, "staticPlot": True}
Call = tuple[Part, Any]
_LAST: Slot[dict[tuple[str, str], Call]] = Slot("studies_shown", dict)


def show(work: Workspace, calls: Sequence[tuple[Study[Any, Any], Call]], key: str) -> None:
    """A card for each study with the settings that it has now; `key` is that of the choice."""
    for first in range(0, len(calls), A_ROW):
        row = calls[first : first + A_ROW]
        columns = st.columns(A_ROW)
        for column, (study, call) in zip(columns, row, strict=False):
            with column, st.container(border=True, height="stretch", key=f"study_{study.title}"):
                _card(work, study, call, key)


def note_shown(study: Study[Any, Any], call: Call) -> None:
    """Remember the settings of the result that the session saw last, of each study and data."""
    last, (part, _) = _LAST.get(), call
    last.pop(name := (study.title, part.embeddings.fingerprint), None)
    last[name] = call
    while len(last) > KEPT:
        last.pop(next(iter(last)))


def time_words(work: Workspace, study: Study[Any, Any], call: Call) -> str:
    """How long the parts will take that are not finished."""
    part, settings = call
    finished, built_in = parts_so_far(part, settings), indexes.build_seconds(work)
    data = work.embeddings
    rate = expected.seconds_per_unit(built_in, data.n, data.dim, work.params)
    share = finished.so_far.finished / max(finished.so_far.total, 1)
    seconds = expected.expected_seconds(study.costs(part, settings), rate, finished.done, share)
    return expected.words(seconds, measured=built_in is not None)


def last_result(study: Study[Any, Any], call: Call) -> tuple[Any, bool]:
    """The result of these settings, or the one that the session saw last, or None.

    And whether it is of these settings.
    """
    seen = _LAST.get().get((study.title, call[0].embeddings.fingerprint))
    for each in (call, seen):
        job = None if each is None else study.run.finished(*each)
        if job is not None:
            return job.result, each is call
    return None, False


def _card(work: Workspace, study: Study[Any, Any], call: Call, key: str) -> None:
    st.markdown(f"**{plain(study.title)}**")
    st.markdown(plain(study.question))
    result, is_of_these = last_result(study, call)
    if result is None:
        messages.note(plain(study.shows))
    else:
        st.plotly_chart(
            thumbnail(study.picture(result), height=PICTURE),
            theme=None,
            config=STILL,
            key=f"picture_{study.title}",
            alt=study.answer(result),
        )
        before = "" if is_of_these else "With other settings: "
        messages.note(plain(f"{before}{study.answer(result)}"))
    if study.run.is_under_way(*call):
        _progress(study, call)
    elif study.run.finished(*call) is None:
        messages.note(f"Expected time: {time_words(work, study, call)}.")
    st.button(
        "Open",
        key=f"open_{study.title}",
        help=f"Open the study {study.title}",
        on_click=widgets.put,
        kwargs={key: study.title},
    )


def _progress(study: Study[Any, Any], call: Call) -> None:
    """How far a study is that runs, looked at again and again until it ends."""

    @st.fragment(run_every=LOOKED_AT_EVERY)
    def draw() -> None:
        if not study.run.is_under_way(*call):
            st.rerun()
        so_far = parts_so_far(*call).so_far
        messages.note(progress_words(so_far.finished, so_far.total))

    draw()


def progress_words(finished: int, total: int) -> str:
    """How far a running study is.

    >>> progress_words(3, 9), progress_words(0, 0)
    ('Running: 3 of 9 parts finished.', 'Running: no part finished yet.')
    """
    if not finished:
        return "Running: no part finished yet."
    return f"Running: {finished:,} of {total:,} parts finished."
