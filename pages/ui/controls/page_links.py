"""A link to a page that keeps the data, the index and the view."""

import streamlit as st

from pages.ui.controls import widgets
from pages.ui.session.slot import Slot

_HERE: Slot[str] = Slot("here", str)


def begin_page(folder: str) -> None:
    """Note which page this run shows; the router calls it."""
    _HERE.set(folder)


def to_page(folder: str, label: str, *, place: str = "page", **query: str) -> None:
    """Draw a link to the page of a folder, with some controls set to other values there.

    place: where it stands ("page", "card"); tells equal links apart. On that page itself a link
    would change nothing, for controls keep their values: there a button sets them.
    """
    if _HERE.get() == folder:
        key = f"_to_{place}_{label}"
        st.button(label, key=key, type="tertiary", on_click=widgets.put, kwargs=query)
        return
    kept = {name: st.query_params[name] for name in st.query_params if name not in query}
    st.page_link(f"pages/{folder}/page.py", label=label, query_params={**kept, **query})
