"""The player of searches as an element of the app: the scene is sent once, a search each time."""

import streamlit as st

from core.figures import player_script, player_style
from pages.ui.controls import widgets
from pages.ui.session.slot import widget_value

CHOSEN = "node"
_ROOM = '<div class="nf-room"></div>'
_VARIABLES = """
.nf-room { --nf-border: var(--st-border-color); --nf-accent: var(--st-primary-color);
  --nf-page: var(--st-background-color); color: var(--st-text-color);
  font-family: var(--st-font); }
"""
_KEEP = """
export default function ({ data }) {
  keepScene(data);
}
"""
_PLAY = """
export default function ({ data, parentElement, setTriggerValue }) {
  const room = parentElement.querySelector(".nf-room");
  const pick = (row) => setTriggerValue("picked", row);
  const player = mountPlayer(room, data, pick, { linked: true });
  return () => setTimeout(() => room.isConnected || player.close(), 1000);
}
"""

_scene = st.components.v2.component("nearfield_scene", js=player_script() + _KEEP)
_player = st.components.v2.component(
    "nearfield_player", html=_ROOM, css=_VARIABLES + player_style(), js=player_script() + _PLAY
)


def show(scene: bytes, replay: bytes, *, key: str) -> None:
    """Draw the player; a click on a node chooses it (the control `node`)."""
    _scene(data=scene, key=f"{key}_scene", height="content")
    _player(data=replay, key=key, on_picked_change=lambda: _choose(key))


def _choose(key: str) -> None:
    picked = widget_value(key).get("picked")
    if picked is not None:
        widgets.put(**{CHOSEN: int(picked)})
