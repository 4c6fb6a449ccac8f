"""The page before all pages, where this server asks who comes; and the way out, in the side bar."""

from typing import Literal

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.errors import ParameterError
from pages import SUBTITLE
from pages.ui.display.text import plain
from pages.ui.server import entrance
from pages.ui.session import visitor
from pages.ui.session.slot import Slot
from pages.ui.session.visitor import Refusal, Visitor

_LEAVES: Slot[bool] = Slot("leaves", bool)


def lets_in(asked: Visitor | Refusal) -> bool:
    """Whether a page may follow; else the page before all pages is drawn, with what to do."""
    context = get_script_run_ctx()
    if context is not None:
        entrance.admit(context.session_id, isinstance(asked, Visitor))
    if isinstance(asked, Visitor):
        return True
    with st.container(key="door"):
        st.title(title(asked), anchor=False)
        st.text(words(asked, _way()))
        _buttons(asked)
    return False


def who_card() -> None:
    """Who is logged in, and the way out; nothing where nobody logs in."""
    way = _way()
    if way not in ("login", "header"):
        return
    with st.container(key="card_who", gap="xxsmall"):
        st.caption("Logged in")
        st.text(visitor.visitor().name)
        if way == "login":
            _way_out("Log out", "tertiary")


def title(refusal: Refusal) -> str:
    """What the page before all pages says first."""
    return {
        "unknown": "Nearfield",
        "expired": "Log in again",
        "not allowed": "No entry",
        "wrong settings": "Nobody can enter",
    }[refusal.why]


def words(refusal: Refusal, way: str) -> str:
    """Why nobody is let in, and what to do. way: in which the server tells who asks."""
    if refusal.why == "wrong settings":
        return (
            "A setting of this server that says who may enter is wrong, so nobody is let in. The "
            "server's log names it."
        )
    if refusal.why == "not allowed":
        return (
            f"You are known as {refusal.name}, who is not among those who may enter here. Ask "
            "whoever runs this server to add you."
        )
    if refusal.why == "expired":
        return f"The login of {refusal.name} has ended after the time that this server allows."
    if way == "header":
        return (
            "This server is reached through a proxy that says who asks, and this request came "
            "without its word. Open the address that you were given."
        )
    return f"{SUBTITLE} Log in, and you come to the page that you opened."


def _buttons(refusal: Refusal) -> None:
    if _way() != "login" or refusal.why == "wrong settings":
        return
    if refusal.why == "not allowed":
        _way_out("Log in as somebody else", "primary")
        return
    for provider in visitor.access().providers or ("",):
        st.button(
            f"Log in with {plain(provider)}" if provider else "Log in",
            key=f"_log_in_{provider}",
            type="primary",
            on_click=st.login,
            args=(provider,) if provider else (),
        )


def _way_out(label: str, kind: Literal["primary", "tertiary"]) -> None:
    """A button that logs out: in each run until the browser has gone.

    The order to go is lost where another run begins before it is sent, as on a page that looks at
    its jobs.
    """
    st.button(label, key="_log_out", type=kind, on_click=_LEAVES.set, args=(True,))
    if _LEAVES.get():
        st.logout()


def _way() -> str:
    try:
        return visitor.access().way
    except ParameterError:
        return ""
