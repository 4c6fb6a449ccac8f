"""A link to a page that keeps the data, the index and the view."""

from typing import Any

import streamlit as st

from pages.ui.controls import widgets
from pages.ui.session.links import NAMES
from pages.ui.session.slot import Slot

_HERE: Slot[str] = Slot("here", str)
_LEAVING: Slot[tuple[str, dict[str, Any]] | None] = Slot("leaving", lambda: None)


def begin_page(folder: str) -> None:
    """Note which page this run shows, and go on to another where a callback asked for it.

    The router calls it.
    """
    _HERE.set(folder)
    leaving = _LEAVING.get()
    if leaving is not None:
        _LEAVING.set(None)
        to, values = leaving
        widgets.ask(**values)  # Streamlit lets no address name what a control here is bound to
        named = {name: st.query_params[name] for name in st.query_params if name in NAMES}
        st.switch_page(f"pages/{to}/page.py", query_params=named)


def leave_for(folder: str, **query: Any) -> None:
    """Go to the page of a folder with some controls set to other values; from a callback."""
    if _HERE.get() == folder:
        widgets.put(**query)
    else:
        _LEAVING.set((folder, query))


def to_page(folder: str, label: str, *, place: str = "page", **query: str) -> None:
    """Draw a link to the page of a folder, with some controls set to other values there.

    place: where it stands ("page", "card"); tells equal links apart. On that page itself a link
    would change nothing, for controls keep their values: there a button sets them.
    """
    if _HERE.get() == folder:
        key = f"_to_{place}_{label}"
        st.button(label, key=key, type="tertiary", on_click=widgets.put, kwargs=query)
        return
    st.page_link(f"pages/{folder}/page.py", label=label, query_params={**_kept(query), **query})


def back_to(folder: str, label: str, name: str, query: dict[str, str]) -> None:
    """Draw a link to a view of a page as it was left; `name` tells it from others.

    On that page itself a button brings its controls back, as `to_page` does.
    """
    if _HERE.get() != folder:
        st.page_link(f"pages/{folder}/page.py", label=label, query_params=query)
        return
    controls = {key: value for key, value in query.items() if key not in NAMES}
    key = f"_back_{name}"
    st.button(label, key=key, type="tertiary", on_click=widgets.put_texts, args=(controls,))


def _kept(query: dict[str, Any]) -> dict[str, str]:
    """What the address of this page has beside what is set anew."""
    return {name: st.query_params[name] for name in st.query_params if name not in query}
