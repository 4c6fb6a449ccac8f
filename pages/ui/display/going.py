"""Sends the browser to another address of the app, where a session begins anew."""

import streamlit as st

from pages.ui.session.slot import Slot

_TO: Slot[str | None] = Slot("going_to", lambda: None)
_GO = """
export default function ({ data }) {
  window.location.assign(window.location.pathname + data);
}
"""
_goer = st.components.v2.component("nearfield_goer", html="<span></span>", js=_GO)


def to(query: str) -> None:
    """Go to the same page with another query, "?workspace=...", once `draw` is reached."""
    _TO.set(query)


def draw() -> None:
    """Send the browser there, if a callback asked for it."""
    wanted = _TO.get()
    if wanted is not None:
        _goer(data=wanted, key="goer", height="content")
