"""What a page draws of a job: progress with a stop button, the reason of a failure, a restart."""

import atexit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import limits
from core.errors import CoreError
from pages.ui.display import messages
from pages.ui.display.text import plain, seconds
from pages.ui.jobs import asker, garbage, running
from pages.ui.jobs.kept import ledger
from pages.ui.jobs.kept_results import KeptResults
from pages.ui.jobs.key import Key
from pages.ui.jobs.runner import Job, Lane, Runner

POLL_SECONDS = 0.5
LARGE = 4_000_000  # bytes of a file whose index is likely to be built in a process
PATIENCE = 0.2  # a job that ends sooner is never seen as progress

PAGE, SIDE = "page", "side"  # the place of progress unless another is named; that of the cards

_DRAWN = "_jobs_drawn"
_KINDS = "_jobs_in_flight"
_STOPPED = "_jobs_stopped"
_PLACE = "_jobs_place"
_FURTHER = "_jobs_further"
_PARTIALS = "_jobs_partials"
_UNSEEN = "unseen"


_made: list[Runner] = []


@st.cache_resource(show_spinner=False)
def runner() -> Runner:
    """The one runner of this server."""
    made = Runner(
        threads=limits.JOB_THREADS.value,
        processes=limits.JOB_PROCESSES.value,
        keep=limits.KEPT_RESULTS.value,
        seconds=limits.JOB_SECONDS.value,
        inline=limits.runs_jobs_inline(),
        results=results(),
        ledger=ledger,
        is_here=_is_here,
    )
    made.keep_sweeping()
    _made.append(made)
    atexit.register(close)
    return made


@st.cache_resource(show_spinner=False)
def results() -> KeptResults:
    """What keeps results of this server in its store."""
    return KeptResults(inline=limits.runs_jobs_inline())


def prepare_for(file_bytes: int) -> None:
    """Have a process ready where data come of a file so large that heavy work is likely."""
    if file_bytes >= LARGE:
        runner().prepare()


def close() -> bool:
    """Stop all jobs with the server; whether they have ended (see `Runner.close`)."""
    ended = [each.close() for each in _made]
    return all(ended)


def _is_here(visitor: str) -> bool:
    """Whether the browser of a session is connected."""
    return runtime.exists() and runtime.get_instance().is_active_session(visitor)


def begin_run() -> None:
    """Start the book-keeping of one run of the script; the router calls it first."""
    garbage.keep_short()
    asker.begin_run()
    st.session_state[_DRAWN], st.session_state[_PARTIALS] = set(), {}


def need(
    key: Key,
    kind: str,
    label: str,
    function: Callable[..., Any],
    *args: Any,
    lane: Lane,
    patience: float = PATIENCE,
    is_private: bool = False,
) -> Any:
    """The result of the job, or None after drawing its progress (or failure); for `JobKind`.

    patience: seconds that a job which was just started is waited for.
    """
    if key in _stopped():
        _once(key, lambda: _draw_stopped(key, label))
        return None
    known = runner().get(key)
    if known is None or known.state != "done":  # what is there takes no other's place
        _leave_older(kind, key)
    owner = asker.asker()
    job = runner().submit(
        key, label, function, *args, lane=lane, owner=owner, is_private=is_private
    )
    runner().watch(job, _visitor())
    if _place() != _UNSEEN:
        job.wait(patience - job.age)
    if job.state == "done":
        running.let_go(key)
        return job.result
    if job.state == "stopped":
        running.let_go(key)
        _stopped().add(key)
        _once(key, lambda: _draw_stopped(key, label))
    elif job.state == "failed":
        running.let_go(key)
        _once(key, lambda: _draw_failure(job))
    else:
        if _place() not in (SIDE, _UNSEEN) and st.session_state.get(_DRAWN) is not None:
            running.note(key, label)
        _once(key, lambda: _watch(job))
    return None


def start(
    key: Key,
    kind: str,
    label: str,
    function: Callable[..., Any],
    *args: Any,
    lane: Lane,
    is_private: bool = False,
) -> None:
    """Begin a job whose result is wanted later, unless it was stopped; for `JobKind`."""
    if key in _stopped():
        return
    if runner().get(key) is None:
        _leave_older(kind, key)
    job = runner().submit(
        key, label, function, *args, lane=lane, owner=asker.asker(), is_private=is_private
    )
    runner().watch(job, _visitor())


def partial(key: Key) -> Any:
    """What the job has told of its result; the next runs the page again; for `JobKind`."""
    job = runner().get(key)
    drawn: dict[Key, int] = st.session_state.setdefault(_PARTIALS, {})
    drawn[key] = 0 if job is None else job.partials
    return runner().partial(key)


def is_stopped(key: Key) -> bool:
    """Whether this session has stopped the job; for `JobKind`."""
    return key in _stopped()


@contextmanager
def quiet() -> Iterator[None]:
    """Inside, jobs start and those that are ready give their results, but nothing is drawn."""
    before = st.session_state[_DRAWN]
    st.session_state[_DRAWN] = None
    try:
        yield
    finally:
        st.session_state[_DRAWN] = before


@contextmanager
def place(name: str) -> Iterator[None]:
    """Inside, progress is drawn even if another place of the page has drawn it already.

    Within one place the same progress is drawn once.
    """
    before = _place()
    st.session_state[_PLACE] = name
    try:
        yield
    finally:
        st.session_state[_PLACE] = before


@contextmanager
def unseen() -> Iterator[None]:
    """Inside, a job is not waited for and draws nothing while it runs; its end reruns the page.

    A failure is drawn.
    """
    with place(_UNSEEN):
        yield


@contextmanager
def further() -> Iterator[None]:
    """Inside, a job stops none of its kind outside: for a page that draws two of a thing."""
    before = st.session_state.get(_FURTHER, False)
    st.session_state[_FURTHER] = True
    try:
        yield
    finally:
        st.session_state[_FURTHER] = before


def _place() -> str:
    name: str = st.session_state.get(_PLACE, PAGE)
    return name


def _visitor() -> str:
    context = get_script_run_ctx()
    return context.session_id if context else ""


def _stopped() -> set[Key]:
    stopped: set[Key] = st.session_state.setdefault(_STOPPED, set())
    return stopped


def _leave_older(kind: str, key: Key) -> None:
    kinds: dict[tuple[str, bool], Key] = st.session_state.setdefault(_KINDS, {})
    among = kind, st.session_state.get(_FURTHER, False)
    older = kinds.get(among)
    if older is not None and older != key:
        runner().leave(older, _visitor())
        running.let_go(older)
    kinds[among] = key


def _once(key: Key, draw: Callable[[], None]) -> None:
    drawn: set[tuple[Key, str]] | None = st.session_state.setdefault(_DRAWN, set())
    if drawn is not None and (key, _place()) not in drawn:
        drawn.add((key, _place()))
        draw()


def _name(key: Key, place: str, action: str) -> str:
    return f"_job_{action}_{place}_{key[0]}_{key[1]}"


def _watch(job: Job) -> None:
    place = _place()  # the fragment runs again on its own, outside of the block that set it

    @st.fragment(run_every=POLL_SECONDS)
    def draw() -> None:
        if job.ended is not None or job.state == "stopped" or _has_further(job):
            st.rerun()
        runner().watch(job, _visitor())
        if place != _UNSEEN:
            _draw_progress(job, place)

    draw()


def _has_further(job: Job) -> bool:
    """Whether the job has told more of its result than this run of the page has drawn."""
    drawn: dict[Key, int] = st.session_state.get(_PARTIALS) or {}
    return job.key in drawn and job.partials > drawn[job.key]


def progress_words(label: str, message: str, elapsed: float) -> str:
    """What stands at a progress bar, as Markdown: a message may hold the name of a column.

    >>> progress_words("Counting", "*weight*", 2.0)
    'Counting: \\\\*weight\\\\*, 2 s so far'
    """
    parts = [plain(message), f"{seconds(elapsed)} so far"]
    return f"{plain(label)}: {', '.join(filter(None, parts))}"


def _draw_progress(job: Job, place: str) -> None:
    message = "waiting for its turn" if job.state == "queued" else job.message
    st.progress(job.fraction, text=progress_words(job.label, message, job.elapsed))
    # By a callback: one is called also where a rerun of the page has replaced this fragment.
    name = _name(job.key, place, "stop")
    if st.button("Stop", key=name, type="tertiary", on_click=stop, args=(job.key,)):
        st.rerun()


def stop(key: Key) -> None:
    """Wait for a job no longer, so that it ends unless somebody else does."""
    runner().leave(key, _visitor())
    running.let_go(key)
    _stopped().add(key)


def forget(key: Key) -> None:
    """Wait for a job no longer, and let its result go; it is not shown as stopped."""
    runner().leave(key, _visitor())
    running.let_go(key)
    _stopped().discard(key)
    job = runner().get(key)
    if job is not None and job.ended is not None:
        runner().forget(key)


def _draw_stopped(key: Key, label: str) -> None:
    st.info(f"{plain(label)}: stopped.")
    _restart_button("Start again", key)


def _draw_failure(job: Job) -> None:
    if isinstance(job.error, CoreError):
        messages.show_error(job.error)
    else:
        messages.show_reference(job.reference)
    _restart_button("Retry", job.key)


def _restart_button(label: str, key: Key) -> None:
    def restart() -> None:
        job = runner().get(key)
        if job is not None and job.state in ("failed", "stopped"):
            runner().forget(key)
        _stopped().discard(key)

    st.button(label, key=_name(key, _place(), "restart"), on_click=restart)
