"""What runs for this visitor, on every page: how far it is, the way back, a button to stop it."""

from collections.abc import Sequence

import streamlit as st

from pages.ui.controls import page_links
from pages.ui.display.text import plain, seconds
from pages.ui.jobs import progress_bar, running
from pages.ui.jobs.runner import Job
from pages.ui.jobs.running import Noted

POLL_SECONDS = 2.0


_SAY = """
export default function ({ data, parentElement }) {
  const place = parentElement.querySelector("[role=status]");
  if (place.textContent !== data) place.textContent = data;
}
"""
_UNSEEN = """
[role=status] {
  position: absolute; clip-path: inset(50%); white-space: nowrap;
}
"""
_speaker = st.components.v2.component(
    "nearfield_speaker", html='<div role="status"></div>', css=_UNSEEN, js=_SAY
)


def card() -> None:
    """Draw the list of jobs, if there are any; it looks at them again by itself.

    Where one begins or ends a screen reader says so.
    """
    if not running.noted():
        _say([])
        return

    @st.fragment(run_every=POLL_SECONDS)
    def draw() -> None:
        noted = [(each, _job(each)) for each in running.noted()]
        found = [(each, job) for each, job in noted if job is not None]
        _say([(each.label, job.state) for each, job in found])
        if not found:
            return
        with st.container(key="card_running", gap="xxsmall"):
            st.caption(title([each.state for _, each in found]))
            for each, job in found:
                _draw(each, job)

    draw()


def _job(noted: Noted) -> Job | None:
    """The job; None where it was stopped, or its result is no longer held."""
    job = progress_bar.runner().get(noted.key)
    return None if job is None or job.state == "stopped" else job


def _draw(noted: Noted, job: Job) -> None:
    """A line that leads back to where the job was asked for, and a button to stop it."""
    told = plain(words(noted.label, job.state, job.fraction, job.elapsed))
    name = f"{noted.key[0]}_{noted.key[1]}"
    page_links.back_to(noted.place.folder, told, name, dict(noted.place.query))
    if job.ended is None and st.button(
        "Stop",
        key=f"_running_stop_{name}",
        type="tertiary",
        on_click=progress_bar.stop,
        args=(noted.key,),
    ):
        st.rerun()


def _say(jobs: Sequence[tuple[str, str]]) -> None:
    _speaker(data=spoken(jobs), key="speaker", height="content")


def spoken(jobs: Sequence[tuple[str, str]]) -> str:
    """What a screen reader says of jobs, each a label and a state, whenever it changes."""
    words = {"done": "ready", "queued": "waiting"}
    return " ".join(f"{label}: {words.get(state, state)}." for label, state in jobs)


def title(states: Sequence[str]) -> str:
    """The title over jobs of these states: whether any of them still runs, or waits."""
    return "Running" if {"running", "queued"} & set(states) else "Ended"


def words(label: str, state: str, share: float, elapsed: float) -> str:
    """How far a job is, in a few words. share: of its work. elapsed: seconds since its start."""
    if state == "done":
        return f"{label}: ready after {seconds(elapsed)}"
    if state == "failed":
        return f"{label}: failed"
    if state == "queued":
        return f"{label}: waiting for its turn"
    return f"{label}: {100 * share:.0f} %, {seconds(elapsed)}"
