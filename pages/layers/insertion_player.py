"""The player of insertions as an element of the app."""

from typing import Any

import streamlit as st

from core.figures import insertion_script, insertion_style

_ROOM = '<div class="nf-room"></div>'
_VARIABLES = """
.nf-room { --nf-border: var(--st-border-color); --nf-accent: var(--st-primary-color);
  --nf-page: var(--st-background-color); color: var(--st-text-color);
  font-family: var(--st-font); }
"""
_PLAY = """
export default function ({ data, parentElement }) {
  const room = parentElement.querySelector(".nf-room");
  const player = mountInsertion(room, data);
  return () => setTimeout(() => room.isConnected || player.close(), 1000);
}
"""

_player = st.components.v2.component(
    "nearfield_insertion",
    html=_ROOM,
    css=_VARIABLES + insertion_style(),
    js=insertion_script() + _PLAY,
)


def show(payload: dict[str, Any], *, key: str) -> None:
    """Draw the player of what `insertion_payload` gives."""
    _player(data=payload, key=key)
