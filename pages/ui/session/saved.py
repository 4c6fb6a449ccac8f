"""The open workspace of a session: opened by its link, saved by itself, shared, copied, deleted.

A session has none until there is something that a link alone cannot bring back: an upload, a kept
selection. From then on each run saves what it changed. A workspace of somebody else is opened as a
guest: what a guest does stays in the session, until a copy is kept.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from core.data import sample_names
from core.errors import CoreError, NotHereError
from core.limits import runs_jobs_inline
from core.store import Store
from core.store import Workspace as Record
from pages.ui.session import contents, open_record, opened, owners, slot, stores, workspace
from pages.ui.session.links import NAMES
from pages.ui.session.open_record import PARAMETER
from pages.ui.session.plain import NotPlainError, from_plain, to_plain
from pages.ui.session.saver import FILE, SLOT, Change, Saver
from pages.ui.session.slot import KEPT, SAVED, Slot

VERSION = 1  # of the state
LONGEST_TITLE = 80
CONTROLS = "moved_controls"  # the slot of what a link says itself
REFUSED = (
    "This link opens nothing here: there is no such workspace, it was deleted, or it is not shared "
    "with you. Ask whoever sent it to share it by link."
)
EMPTY: tuple[Any, ...] = (None, (), {}, [], "", set())

_REFUSED: Slot[str] = Slot("refused_workspace", str)
_VIEW: Slot[dict[str, Any]] = Slot("saved_view", dict)
_HANDED: Slot[frozenset[str]] = Slot("handed_contents", frozenset)  # to the saver, or held already


@st.cache_resource(show_spinner=False)
def _saver(where: str, _store: Store) -> Saver:  # noqa: ARG001 - names the saver
    return Saver(_store, inline=runs_jobs_inline())


def saver() -> Saver | None:
    """What writes to the store of this server; None where it has none."""
    store = stores.store()
    return None if store is None else _saver(store.where, store)


def open_link() -> None:
    """Open the workspace that the address names; the router calls it first in each run."""
    asked = str(st.query_params.get(PARAMETER, ""))
    token, known = owners.token_of(asked), open_record.record()
    if asked and _REFUSED.get() != asked and (known is None or known.token != token):
        _open(asked)
    known = open_record.record()
    if known is not None and st.query_params.get(PARAMETER) != owners.address_of(known):
        st.query_params[PARAMETER] = owners.address_of(known)


def problems() -> tuple[str, ...]:
    """Why the workspace of the address, or a part of it, is not here, in sentences."""
    return (*((REFUSED,) if _REFUSED.get() else ()), *slot.lost())


def dismiss() -> None:
    """Let go of what could not be opened; in a callback."""
    slot.forget_lost()
    if _REFUSED.get():
        _REFUSED.set("")
        st.query_params.pop(PARAMETER, None)


def keep(page: str) -> None:
    """Save what has changed since the last time; the router calls it at both ends of a run.

    page: the folder of the page that is shown.
    """
    writer, known = saver(), open_record.record()
    if writer is None or (known is not None and not owners.is_mine(known)):
        return
    changed = {name: parts for name, each in KEPT.items() if (parts := each.unsaved()) is not SAVED}
    if known is None:
        if not any(_begins(name) and not _is_empty(parts) for name, parts in changed.items()):
            return
        known = _begin(usual_title())
        if known is None:
            return
    view = {"choice": workspace.choice_parts(), "page": page}
    if changed or view != _VIEW.get():
        _submit(writer, known, changed, view)


def keep_copy(page: str) -> None:
    """Keep what this session sees and has made as a workspace of its own; in a callback."""
    writer, known = saver(), open_record.record()
    if writer is None:
        return
    every = {name: each.parts() for name, each in KEPT.items()} | slot.waiting_unknown()
    made = _begin(usual_title() if known is None else known.title)
    if made is not None:
        view = {"choice": workspace.choice_parts(), "page": page}
        _submit(writer, made, {name: p for name, p in every.items() if p is not SAVED}, view)


def usual_title() -> str:
    """What a new workspace is called: as its data."""
    return workspace.current_name()[:LONGEST_TITLE]


def let_go() -> None:
    """Leave the open workspace: begin anew, with nothing of it in this session."""
    open_record.put(None)
    st.query_params.pop(PARAMETER, None)
    for each in KEPT.values():
        each.reset()
    _VIEW.set({})
    workspace.begin_anew()


def _begin(title: str) -> Record | None:
    store = stores.store()
    if store is None:
        return None
    try:
        made = store.create(
            owners.new_owner(), title, {"version": VERSION}, {}, owners.usual_visibility()
        )
    except CoreError as error:
        slot.tell_lost(f"This session is not saved. {error}")
        return None
    _have_open(made)
    return made


def _have_open(made: Record) -> None:
    open_record.put(made)
    _HANDED.set(frozenset())
    st.query_params[PARAMETER] = owners.address_of(made)
    workspace.write_link()


def _submit(writer: Saver, known: Record, changed: Mapping[str, Any], view: dict[str, Any]) -> None:
    plain, parts, emptied = dict[str, Any](), dict[str, Any](), set[str]()
    for name, value in changed.items():
        if _is_empty(value):
            emptied.add(name)
            continue
        try:
            plain[name] = to_plain(value)
        except NotPlainError:
            parts[name] = value
    keys = _keys(view["choice"])
    new = (key for key in keys if key not in _HANDED.get())
    held = {key: each for key in new if (each := _content(key)) is not None}
    writer.submit(
        known.token, known.owner, Change(view, keys, plain, parts, frozenset(emptied), held)
    )
    for name in changed.keys() & KEPT.keys():
        KEPT[name].note_saved()
    _VIEW.set(view)
    _HANDED.set(_HANDED.get() & set(keys) | held.keys())


def _keys(choice: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys of all contents that the workspace holds: those in use, and the last ones before."""
    used = [choice[name] for name in ("data", "index", "queries")]
    own = [key for key in used if key and key not in sample_names()]
    return tuple(dict.fromkeys(_name(key) for key in [*contents.KEYS.get(), *own]))


def _name(key: str) -> str:
    """What a content is held under: that of the server's own file can be guessed, so no link
    opens it by this name.
    """
    return f"{FILE}{key}" if opened.opened_set(key) is not None else key


def _content(name: str) -> Any:
    file = opened.opened_set(name.removeprefix(FILE)) if name.startswith(FILE) else None
    if file is not None:
        return file
    key = name.removeprefix(FILE)
    found = contents.data(key)
    return contents.index(key) if found is None else found


def _begins(name: str) -> bool:
    kept = KEPT[name].kept
    return kept is not None and kept.begins


def _is_empty(parts: Any) -> bool:
    return any(type(parts) is type(each) and parts == each for each in EMPTY)


def _open(asked: str) -> None:
    """Open a workspace by the token of an address, if this session may see it."""
    store, token = stores.store(), owners.token_of(asked)
    try:
        known = None if store is None else store.read(token, owners.asker(asked))
    except NotHereError:
        known = None
    except CoreError as error:
        slot.tell_lost(str(error))
        known = None
    if store is None or known is None:
        _REFUSED.set(asked)
        return
    owners.note(known, asked)
    _REFUSED.set("")
    _restore(store, known)


def _restore(store: Store, known: Record) -> None:
    for each in KEPT.values():
        each.reset()
    slots = known.state.get("slots", {})
    shown = any(name in st.query_params for name in NAMES)
    for name, told in slots.items():
        if not (name == CONTROLS and shown and not owners.is_mine(known)):
            slot.wait(name, partial(from_plain, told))
    for key, digest in known.holdings.items():
        if key.startswith(SLOT):
            slot.wait(key.removeprefix(SLOT), partial(store.get, digest))
        else:
            contents.grant(key.removeprefix(FILE), digest, known.owner)
    open_record.put(known)
    _HANDED.set(frozenset(known.holdings))
    choice = known.state.get("choice")
    if choice is not None:
        workspace.restore_choice(choice)
    _VIEW.set({name: known.state[name] for name in ("choice", "page") if name in known.state})
