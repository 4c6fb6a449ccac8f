"""What a visitor did inside a chart (zoom, turn, tool of the mouse) survives a change of the chart.

Streamlit names a chart by its figure: one that changes is another element, and the browser draws it
anew, whatever `uirevision` says. So an element without a picture listens to the chart and tells the
server its view, which the next figure is drawn with. A view alone changes no figure: as long as the
content is the same the figure is too, and the browser keeps what it shows.
"""

from collections import OrderedDict
from dataclasses import dataclass
from math import isfinite
from typing import Any

import streamlit as st

from core.figures import Figure
from pages.ui.session.slot import Slot, widget_value

KEPT_VIEWS = 20
MODES = ("pan", "zoom", "select", "lasso", "orbit", "turntable")

_LISTEN = """
export default function ({ data, setStateValue, setTriggerValue }) {
  const viewOf = (plot) => {
    const shown = plot._fullLayout;
    const range = (axis) => (axis && axis.autorange === false ? [...axis.range] : null);
    return {
      name: shown.uirevision,
      mode: shown.dragmode,
      x: range(shown.xaxis),
      y: range(shown.yaxis),
      camera: plot.layout.scene ? plot.layout.scene.camera : null,
    };
  };
  const listen = (plot) => {
    let waiting;
    plot.on("plotly_relayout", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => setStateValue("view", viewOf(plot)), 250);
    });
    const clear = () => setTriggerValue("cleared", true);
    plot.on("plotly_deselect", clear);
    plot.on("plotly_doubleclick", clear);
  };
  const look = () => {
    const plot = document.querySelector(`.st-key-${data} .js-plotly-plot`);
    if (plot && plot.on && !plot.nearfieldListens) {
      plot.nearfieldListens = true;
      listen(plot);
    }
  };
  look();
  const looking = setInterval(look, 200);
  return () => clearInterval(looking);
}
"""
_listener = st.components.v2.component("nearfield_listener", js=_LISTEN)


@dataclass(frozen=True)
class _Drawn:
    """The last figure of a chart: its content by name, the view it began with, and which it was."""

    content: str
    view: dict[str, Any]
    selected: Any
    turn: int


_VIEWS: Slot[OrderedDict[str, dict[str, Any]]] = Slot("chart_views", OrderedDict)
_DRAWN: Slot[dict[str, _Drawn]] = Slot("charts_drawn", dict)


def selection(key: str, content: str, now: Any) -> Any:
    """What to draw as selected: `now`, or as before where the chart still has this content.

    For then the browser shows what was selected meanwhile, and the figure stays the same.
    """
    drawn = _DRAWN.get().get(key)
    return now if drawn is None or drawn.content != content else drawn.selected


def dress(figure: Figure, key: str, name: str, content: str, selected: Any) -> None:
    """Give a figure the view that the visitor left a chart of this key and name in.

    name: of what the view is of; another projection has a view of its own. content: names all that
    the figure shows. selected: what it shows as selected, for `selection`.
    """
    drawn = _DRAWN.get().get(key)
    if drawn is None or drawn.content != content:
        view = _VIEWS.get().get(f"{key} {name}", {})
        drawn = _Drawn(content, view, selected, 1 if drawn is None else drawn.turn + 1)
        _DRAWN.get()[key] = drawn
    figure.update_layout(**_layout(drawn.view), uirevision=name, meta=drawn.turn)


def redraw(key: str) -> None:
    """Draw the chart anew in the next run, also if its content is the same; from a callback."""
    drawn = _DRAWN.get().get(key)
    if drawn is not None:
        _DRAWN.get()[key] = _Drawn("", drawn.view, drawn.selected, drawn.turn)


@st.fragment
def listen(key: str, on_clear: Any) -> None:
    """Listen to the chart `key`; on_clear: called where the visitor undoes a selection."""
    found = _listener(
        data=key,
        key=f"{key}_listener",
        on_view_change=lambda: _take(key),
        on_cleared_change=on_clear,
        height="content",
    )
    if found.cleared:
        st.rerun()


def _take(key: str) -> None:
    told = (widget_value(f"{key}_listener") or {}).get("view")
    if not isinstance(told, dict):
        return
    views = _VIEWS.get()
    views[f"{key} {told.get('name')}"] = told
    views.move_to_end(f"{key} {told.get('name')}")
    while len(views) > KEPT_VIEWS:
        views.popitem(last=False)


def _layout(view: dict[str, Any]) -> dict[str, Any]:
    """What a view sets in a layout; what a browser tells is checked, for it may tell anything."""
    layout: dict[str, Any] = {}
    mode = view.get("mode")
    if isinstance(mode, str) and mode in MODES:
        layout["dragmode"] = mode
    for axis in ("x", "y"):
        ends = view.get(axis)
        if isinstance(ends, list) and len(ends) == 2 and all(map(_is_number, ends)):
            layout[f"{axis}axis_range"] = ends
    camera = view.get("camera")
    if isinstance(camera, dict):
        places = {
            part: {along: place[along] for along in "xyz"}
            for part, place in camera.items()
            if part in ("eye", "center", "up") and _is_place(place)
        }
        layout["scene_camera"] = places
    return layout


def _is_place(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_number(value.get(along)) for along in "xyz")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
