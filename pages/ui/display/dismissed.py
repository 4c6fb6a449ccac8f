"""What a visitor does not want to see again: kept in the browser as a cookie of that name.

A browser without cookies keeps it for the session.
"""

import streamlit as st

from pages.ui.session.slot import Slot

DAYS = 400  # the longest that browsers keep a cookie; every visit begins it anew
_NOW: Slot[frozenset[str]] = Slot("dismissed", frozenset)
_KEEP = f"""
export default function ({{ data }}) {{
  document.cookie = `${{data}}=dismissed; path=/; max-age={DAYS * 86_400}; SameSite=Lax`;
}}
"""
_keeper = st.components.v2.component("nearfield_keeper", js=_KEEP)


def is_dismissed(name: str) -> bool:
    """Whether this visitor has dismissed it, now or on an earlier visit; then it is kept."""
    if name not in _NOW.get() and st.context.cookies.get(name) != "dismissed":
        return False
    _keeper(data=name, key=f"{name}_keeper", height="content")
    return True


def button(label: str, name: str) -> None:
    """A button that dismisses it."""
    st.button(label, key=f"_dismiss_{name}", type="tertiary", on_click=_dismiss, args=(name,))


def _dismiss(name: str) -> None:
    _NOW.set(_NOW.get() | {name})
