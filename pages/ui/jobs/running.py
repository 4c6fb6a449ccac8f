"""The long jobs that a session has started, with the place each was asked for at.

A job is noted when its progress is drawn for the first time, and let go once its result has been
used: until then the side bar shows it on every page, with the way back.
"""

from dataclasses import dataclass

import streamlit as st

from pages.ui.jobs.key import Key
from pages.ui.session.slot import Slot


@dataclass(frozen=True)
class Place:
    """Where a job was asked for. folder: of the page. query: of its address."""

    folder: str
    query: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Noted:
    """A job of this session. label: what it does."""

    key: Key
    label: str
    place: Place


AT_MOST = 6  # jobs that are remembered

_PAGE: Slot[str] = Slot("running_page", str)
_NOTED: Slot[dict[Key, Noted]] = Slot("running", dict)


def on_page(folder: str) -> None:
    """Say which page this run draws; the router calls it before."""
    _PAGE.set(folder)


def note(key: Key, label: str) -> None:
    """Remember a job whose progress is drawn on this page, and the view that it is for."""
    query = tuple((name, str(st.query_params[name])) for name in st.query_params)
    known = _NOTED.get()
    known.setdefault(key, Noted(key, label, Place(_PAGE.get(), query)))
    while len(known) > AT_MOST:
        del known[next(iter(known))]


def let_go(key: Key) -> None:
    """Forget a job: its result was used, or it was stopped."""
    _NOTED.get().pop(key, None)


def noted() -> list[Noted]:
    """The jobs of this session that are not let go, the first noted first."""
    return list(_NOTED.get().values())
