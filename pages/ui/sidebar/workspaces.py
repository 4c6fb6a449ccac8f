"""The workspaces in the side bar: the one that is open, and a dialog to share and manage them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from core.errors import CoreError
from core.store import VISIBILITIES
from core.store import Workspace as Record
from pages.ui.controls import uploaders
from pages.ui.display import downloads, going, messages, workspace_words
from pages.ui.display.text import plain
from pages.ui.session import open_record, owners, records, saved, stores
from pages.ui.session.saver import GONE
from pages.ui.session.slot import Slot, widget_value

LISTED = 12
POLL_SECONDS = 1.0
ABOUT = "workspace"
NOTHING = "Nothing to keep yet: a sample and its settings are in the address."
HELP = "Share what you see, open or import what was kept before, delete what is not needed."

_OPEN: Slot[bool] = Slot("workspaces_dialog", bool)
_PAGE: Slot[str] = Slot("workspaces_page", str)
_ASKED: Slot[str] = Slot("workspace_to_delete", str)
_CHANGED: Slot[bool] = Slot("workspaces_changed", bool)  # since the page behind was drawn
_SAID: Slot[tuple[bool, str]] = Slot("workspaces_said", lambda: (False, ""))


def card(page: str) -> None:
    """Draw the card, and the dialog where it is open. page: the folder of the page."""
    if stores.store() is None:
        return
    _PAGE.set(page)
    _CHANGED.set(False)
    record = open_record.record()
    with st.container(key="card_workspace", gap="xxsmall"):
        st.caption("Workspace")
        if record is None:
            messages.note(NOTHING)
        else:
            _facts(record)
        st.button("Workspaces", key="_workspaces", on_click=_show, width="stretch", help=HELP)
    if _OPEN.get():
        _dialog()


def _facts(record: Record) -> None:
    mine, writer = owners.is_mine(record), saved.saver()
    st.markdown(f"**{plain(record.title)}**")
    problem = "" if writer is None else writer.problem(record.token)
    if _is_writing(record):
        st.fragment(run_every=POLL_SECONDS)(_until_written)(record)
    else:
        words = workspace_words.state(record, mine=mine, writing=False, problem=problem)
        st.markdown(plain(words))
    if not mine or problem == GONE:
        st.button(
            "Keep a copy",
            key="_workspace_copy",
            on_click=_keep_copy,
            type="primary",
            width="stretch",
        )


def _until_written(record: Record) -> None:
    """Say that it is being saved; once it is, the page is drawn anew."""
    if not _is_writing(record):
        st.rerun()
    st.markdown(plain(workspace_words.state(record, mine=True, writing=True, problem="")))


def _is_writing(record: Record) -> bool:
    writer = saved.saver()
    return writer is not None and writer.is_writing(record.token)


def _show() -> None:
    _say("")
    _ASKED.set("")
    _OPEN.set(True)


def _hide() -> None:
    _OPEN.set(False)


@st.dialog("Workspaces", width="medium", on_dismiss=_hide)
def _dialog() -> None:
    if _CHANGED.get():  # the dialog ran alone: draw the page behind it anew, and it too
        st.rerun()
    is_wrong, said = _SAID.get()
    if said:
        (messages.warn if is_wrong else _tell)(said)
    record = open_record.record()
    with messages.guard():
        if record is not None:
            _this(record)
        else:
            st.button(
                "Keep what is here as a workspace", key="_workspace_keep", on_click=_keep_copy
            )
        _lists(record)
        _bring()
        used, most = records.used()
        messages.note(workspace_words.quota(used, most))
    going.draw()


def _tell(words: str) -> None:
    st.success(plain(words))


def _this(record: Record) -> None:
    """The workspace that is open: its name, who can see it, the link for others."""
    if not owners.is_mine(record):
        st.markdown(f"**{plain(record.title)}**")
        messages.note(workspace_words.GUEST)
        with st.container(horizontal=True):
            st.button("Keep a copy", key="_workspace_copy_here", on_click=_keep_copy)
        _link(record)
        return
    _name(record, "here")
    key = f"_workspace_seen_{record.token}_{record.visibility}"
    st.segmented_control(
        "Who can open it",
        VISIBILITIES,
        default=record.visibility,
        required=True,
        format_func=workspace_words.VISIBLE.__getitem__,
        key=key,
        on_change=_share,
        args=(record, key),
    )
    if owners.is_nameless(record.owner):
        messages.note(workspace_words.KEY)
    if record.visibility != "private":
        _link(record)
    messages.note(workspace_words.until(record))
    _steps(record, "here")


def _link(record: Record) -> None:
    query = [(name, str(st.query_params[name])) for name in st.query_params]
    messages.note(workspace_words.LINK)
    address = workspace_words.link(st.context.url or "", query, record.token)
    st.code(address, language=None, wrap_lines=True)


def _lists(here: Record | None) -> None:
    found = [each for each in records.own() if here is None or each.token != here.token]
    _list("My other workspaces" if here is not None else "My workspaces", found, mine=True)
    public = [each for each in records.of_everybody() if here is None or each.token != here.token]
    _list("Open to everybody here", public, mine=False)


def _list(title: str, found: Sequence[Record], *, mine: bool) -> None:
    if not found:
        return
    st.markdown(f"**{title}**")
    wanted = ""
    if len(found) > LISTED:
        wanted = st.text_input("Find by name", key=f"_workspaces_find_{mine}").casefold()
    shown = [each for each in found if wanted in each.title.casefold()]
    for each in shown[:LISTED]:
        _line(each, mine=mine)
    if len(shown) > LISTED:
        messages.note(f"And {len(shown) - LISTED:,} more: find them by name.")


def _line(record: Record, *, mine: bool) -> None:
    words, steps = st.columns([6, 4], vertical_alignment="center")
    with words:
        told = workspace_words.facts(record, datetime.now(UTC))
        st.markdown(f"{plain(record.title)}  \n:small[{plain(told)}]")
    with steps, st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            "Open",
            key=f"_workspace_open_{record.token}",
            on_click=going.to,
            args=(f"?workspace={owners.address_of(record)}",),
        )
        with st.popover("More"):
            if mine:
                _name(record, "list")
            _steps(record, "list")


def _name(record: Record, place: str) -> None:
    key = f"_workspace_name_{place}_{record.token}_{record.title}"
    st.text_input(
        "Name",
        value=record.title,
        max_chars=saved.LONGEST_TITLE,
        key=key,
        on_change=_rename,
        args=(record, key),
    )


def _steps(record: Record, place: str) -> None:
    """What can be done with a workspace as a whole."""
    name = f"{place}_{record.token}"
    mine = owners.is_mine(record)
    with st.container(horizontal=True):
        st.button("Duplicate", key=f"_workspace_twice_{name}", on_click=_duplicate, args=(record,))
        downloads.offer(
            "Export",
            partial(records.export, record),
            "workspace.zip",
            "application/zip",
            key=f"_workspace_zip_{name}",
        )
        if mine:
            asked = _ASKED.set
            st.button("Delete", key=f"_workspace_out_{name}", on_click=asked, args=(name,))
    if mine and _ASKED.get() == name:
        messages.warn(workspace_words.asking(record.title, record.visibility))
        with st.container(horizontal=True):
            st.button(
                "Delete for good",
                key=f"_workspace_gone_{name}",
                type="primary",
                on_click=_delete,
                args=(record,),
            )
            st.button("Keep it", key=f"_workspace_stay_{name}", on_click=_ASKED.set, args=("",))


def _bring() -> None:
    key = f"_workspace_file_{uploaders.turn()}"
    with st.expander("Import a workspace"):
        uploaders.draw(
            "A zip that was exported here or on another server",
            key=key,
            type=["zip"],
            on_change=_take_in,
            args=(key,),
        )
        uploaders.show_state(ABOUT)


def _guarded(step: Callable[[], None]) -> None:
    """What a step refuses is told at the top of the dialog."""
    _say("")
    try:
        step()
    except CoreError as error:
        _SAID.set((True, str(error)))
    _CHANGED.set(True)


def _say(words: str) -> None:
    _SAID.set((False, words))


def _keep_copy() -> None:
    _guarded(lambda: saved.keep_copy(_PAGE.get()))


def _share(record: Record, key: str) -> None:
    wanted = widget_value(key)
    if wanted is not None and wanted != record.visibility:
        _guarded(lambda: records.share(record, wanted))


def _rename(record: Record, key: str) -> None:
    _guarded(lambda: records.rename(record, str(widget_value(key) or "")))


def _duplicate(record: Record) -> None:
    def step() -> None:
        made = records.duplicate(record)
        _say(f"{made.title} was made. It is in the list below.")

    _guarded(step)


def _delete(record: Record) -> None:
    def step() -> None:
        records.delete(record)
        _ASKED.set("")
        _say(f"{record.title} {workspace_words.DELETED}")

    _guarded(step)


def _take_in(key: str) -> None:
    _say("")
    uploaders.read(key, records.taker(), _tell_imported, about=ABOUT)


def _tell_imported(made: Record) -> None:
    _say(f"{made.title} was imported. It is in the list below.")
