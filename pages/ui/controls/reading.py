"""Uploads that are read in a job before they are used: with progress, a button to stop, and limits.

What is brought to the loaded data (an index, queries, metadata, judged pairs, a workspace) comes
this way; a file of new data is shown first (`arrivals`), by a job of the same kind.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

import streamlit as st

from core.data import watch
from core.errors import CoreError
from pages.ui import jobs
from pages.ui.jobs import Named, Progress
from pages.ui.jobs.runner import Job
from pages.ui.session.slot import Slot

LABEL = "Reading the file"
PATIENCE = 2.0  # seconds: most files are read within, and used in the run that brought them
STAYS = "The data loaded before stays."
Outcome = Callable[[], Any]  # what was read; raises the CoreError that says why it cannot be used


@dataclass(frozen=True, eq=False)
class _Reading:
    """A file that is being read. use: gets the outcome, as if in a callback."""

    use: Callable[[Outcome], None]
    work: Named[Callable[[], Any]] = field(repr=False)


_READINGS: Slot[dict[str, _Reading]] = Slot("readings", dict)


@jobs.job(LABEL, kind="reading {about}", is_private=True)
def _read(progress: Progress, about: str, work: Named[Callable[[], Any]]) -> Any:  # noqa: ARG001
    with watch.heard(progress):
        watch.still_reading("")
        return work.value()


def begin(about: str, read: Callable[[], Any], use: Callable[[Outcome], None]) -> None:
    """Read a file in a job, in place of another that is read for the same; from a callback.

    about: what it is brought for. read: gives what the file holds; it runs away from the session,
    and says how far it is to `watch`. use: called once with the outcome, now if it comes soon, else
    at the begin of a later run.
    """
    let_go(about)
    made = _Reading(use, Named(token_hex(16), read))
    _READINGS.get()[about] = made
    _read.start(about, made.work)
    job = _read.asked(about, made.work)
    if job is not None and job.wait(PATIENCE):
        settle()


def settle() -> None:
    """Use what was read meanwhile; the router calls it before a run draws anything."""
    for about, reading in list(_READINGS.get().items()):
        job = _read.asked(about, reading.work)
        if job is not None and _has_outcome(job):
            let_go(about)
            reading.use(lambda: job.result)  # noqa: B023 - it is called here


def draw(about: str, place: str) -> None:
    """Draw how far the reading is, where a file is read for this.

    place: where it stands; tells its widgets apart.
    """
    reading = _READINGS.get().get(about)
    if reading is None:
        return
    with jobs.place(f"reading {place}"):
        _read.need(about, reading.work)
    job = _read.asked(about, reading.work)
    if job is not None and _has_outcome(job):
        st.rerun()
    st.button(
        "Close",
        key=f"_reading_close_{place}_{about}",
        on_click=let_go,
        args=(about,),
        help=STAYS,
    )


def let_go(about: str) -> None:
    """Read no further for this; what was read and not used is forgotten. Also as a callback."""
    reading = _READINGS.get().pop(about, None)
    if reading is not None:
        _read.forget(about, reading.work)


def _has_outcome(job: Job) -> bool:
    """Whether it has ended with a value, or in words; what was stopped can be started again."""
    return job.ended is not None and (job.error is None or isinstance(job.error, CoreError))
