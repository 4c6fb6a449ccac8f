"""The jobs of all visitors, with a button to stop each."""

import streamlit as st

from pages.status import words
from pages.ui.display import messages
from pages.ui.display.text import plain
from pages.ui.jobs import progress_bar
from pages.ui.jobs.key import Key
from pages.ui.session import visitor

POLL_SECONDS = 2.0


@st.fragment(run_every=POLL_SECONDS)
@messages.guard()
def show() -> None:
    """Draw what runs and what waits; it looks again by itself."""
    at_work = words.in_order(progress_bar.runner().jobs())
    if not at_work:
        messages.note("No job runs or waits.")
    for job in at_work:
        told, stop = st.columns([6, 1], vertical_alignment="center")
        told.markdown(plain(words.job_words(job, visitor.name_of(job.owner))))
        name = f"_status_stop_{job.key[0]}_{job.key[1]}"
        stop.button("Stop", key=name, on_click=_stop, args=(job.key,))


def _stop(key: Key) -> None:
    """End a job for everybody who waits for it; only who manages this server may."""
    job = progress_bar.runner().get(key)
    if job is not None and visitor.visitor().is_admin:
        job.stop()
