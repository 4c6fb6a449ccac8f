"""Jobs on a page: ask for a result, draw progress until it is there, then run the page again.

    outcome = jobs.need(("grid", work.fingerprint, params), "Building 12 indexes", study, work)
    if outcome is None:      # progress, or the reason of a failure, is drawn here
        return

The function is called as `function(*args, progress=progress)` away from the script thread, so it
must not touch Streamlit; `progress(fraction, message)` says how far it is and ends a stopped job.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.errors import CoreError
from pages.ui import limits, messages
from pages.ui.runner import Job, Key, Lane, Runner

T = TypeVar("T")
POLL_SECONDS = 0.5
PATIENCE = 0.2  # a job that ends sooner is never seen as progress

_DRAWN = "_jobs_drawn"
_KINDS = "_jobs_in_flight"
_STOPPED = "_jobs_stopped"


@st.cache_resource(show_spinner=False)
def runner() -> Runner:
    """The one runner of this server."""
    return Runner(
        threads=limits.JOB_THREADS,
        processes=limits.JOB_PROCESSES,
        keep=limits.KEPT_RESULTS,
        seconds=limits.JOB_SECONDS,
        inline=limits.inline_jobs(),
    )


def begin_run() -> None:
    """Start the book-keeping of one run of the script; the router calls it first."""
    st.session_state[_DRAWN] = set()


def need(
    key: Key,
    label: str,
    function: Callable[..., T],
    *args: Any,
    lane: Lane = "thread",
    place: str = "page",
) -> T | None:
    """The result of the job, or None after drawing its progress (or failure) here.

    key: a tuple of the kind of work and all it depends on: fingerprint, frozen parameters. A
    session has one job of each kind in flight: asking for another key of the kind stops the older
    one, unless another session waits for it. label: what is being done, "Building the index".
    lane: "process" for code that holds the GIL, such as UMAP. place: draw again elsewhere in the
    same run ("side"); within a place the same progress is drawn once.
    """
    if key in _stopped():
        _once(key, place, lambda: _draw_stopped(key, label, place))
        return None
    _leave_older(key)
    job = runner().submit(key, label, function, *args, lane=lane)
    runner().watch(job, _visitor())
    job.wait(PATIENCE - job.age)
    if job.state == "done":
        result: T = job.result
        return result
    if job.state == "stopped":
        _stopped().add(key)
        _once(key, place, lambda: _draw_stopped(key, label, place))
    elif job.state == "failed":
        _once(key, place, lambda: _draw_failure(job, place))
    else:
        _once(key, place, lambda: _watch(job, place))
    return None


def finished(key: Key) -> Job | None:
    """The job of `key` if it has its result (for its `elapsed`), else None."""
    job = runner().get(key)
    return job if job is not None and job.state == "done" else None


@contextmanager
def quiet() -> Iterator[None]:
    """Inside, `need` starts jobs and returns what is ready, but draws nothing."""
    before = st.session_state[_DRAWN]
    st.session_state[_DRAWN] = None
    try:
        yield
    finally:
        st.session_state[_DRAWN] = before


def _visitor() -> str:
    context = get_script_run_ctx()
    return context.session_id if context else ""


def _stopped() -> set[Key]:
    stopped: set[Key] = st.session_state.setdefault(_STOPPED, set())
    return stopped


def _leave_older(key: Key) -> None:
    kinds: dict[Any, Key] = st.session_state.setdefault(_KINDS, {})
    older = kinds.get(key[0])
    if older is not None and older != key:
        runner().leave(older, _visitor())
    kinds[key[0]] = key


def _once(key: Key, place: str, draw: Callable[[], None]) -> None:
    drawn: set[tuple[Key, str]] | None = st.session_state.setdefault(_DRAWN, set())
    if drawn is not None and (key, place) not in drawn:
        drawn.add((key, place))
        draw()


def _name(key: Key, place: str, action: str) -> str:
    return f"_job_{action}_{place}_{hash(key)}"


def _watch(job: Job, place: str) -> None:
    @st.fragment(run_every=POLL_SECONDS)
    def draw() -> None:
        if job.ended is not None or job.state == "stopped":
            st.rerun()
        runner().watch(job, _visitor())
        _draw_progress(job, place)

    draw()


def _draw_progress(job: Job, place: str) -> None:
    waiting = job.state == "queued"
    parts = ["waiting for its turn" if waiting else job.message, messages.seconds(job.elapsed)]
    st.progress(
        job.fraction,
        text=f"{messages.plain(job.label)}: {', '.join(part for part in parts if part)}",
    )
    if st.button("Stop", key=_name(job.key, place, "stop"), type="tertiary"):
        runner().leave(job.key, _visitor())
        _stopped().add(job.key)
        st.rerun()


def _draw_stopped(key: Key, label: str, place: str) -> None:
    st.info(f"{messages.plain(label)}: stopped.")
    _restart_button("Start again", key, place)


def _draw_failure(job: Job, place: str) -> None:
    if isinstance(job.error, CoreError):
        messages.show_error(job.error)
    else:
        messages.show_reference(job.reference)
    _restart_button("Retry", job.key, place)


def _restart_button(label: str, key: Key, place: str) -> None:
    def restart() -> None:
        job = runner().get(key)
        if job is not None and job.state in ("failed", "stopped"):
            runner().forget(key)
        _stopped().discard(key)

    st.button(label, key=_name(key, place, "restart"), on_click=restart)
