"""The map as an element of the page: places, colors and masks are sent once, each when it changes.

The picture itself never changes; the parts come by elements of their own beside it, which keep them
in the browser, so that a click sends the overlay alone. Zoom, hover and the legend stay in the
browser; a row under the pointer is asked for by a run of the fragment.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.data import EmbeddingSet
from core.figures import Classes, Overlay, Values, map_script, map_style, overlay_content
from core.figures.space import payloads
from core.figures.space.payloads import Sent
from core.projection import Projection
from core.visible import visible
from pages.ui import jobs
from pages.ui.display import items
from pages.ui.session.slot import widget_value

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
PICTURE_AT_MOST = 300_000  # characters of a picture on a card
LINE_AT_MOST = 160
_ROOM = '<div class="nfm-room"></div>'
_VARIABLES = """
.nfm-room { --nf-border: var(--st-border-color); --nf-accent: var(--st-primary-color);
  --nf-page: var(--st-background-color); color: var(--st-text-color);
  font-family: var(--st-font); }
"""
_STORE = """
const store = (globalThis.nearfieldMaps ??=
  { inbox: [], overlays: {}, cards: {}, tell: new Set() });
"""
_KEEP_PART = f"""
export default function ({{ data }}) {{
  {_STORE}
  store.inbox.push(data);
  store.tell.forEach((tell) => tell());
}}
"""
_KEEP_OVERLAY = f"""
export default function ({{ data }}) {{
  {_STORE}
  store.overlays[data.map] = data;
  store.tell.forEach((tell) => tell());
}}
"""
_KEEP_CARD = f"""
export default function ({{ data }}) {{
  {_STORE}
  if (data.card) store.cards[data.map] = data.card;
  store.tell.forEach((tell) => tell());
}}
"""
_MOUNT = """
export default function ({ data, parentElement, setTriggerValue }) {
  const room = parentElement.querySelector(".nfm-room");
  const map = mountMap(room, data.map, setTriggerValue);
  return () => setTimeout(() => room.isConnected || map.close(), 1000);
}
"""

_geometry = st.components.v2.component("nearfield_map_geometry", js=_KEEP_PART)
_paint = st.components.v2.component("nearfield_map_paint", js=_KEEP_PART)
_masks = st.components.v2.component("nearfield_map_masks", js=_KEEP_PART)
_overlay = st.components.v2.component("nearfield_map_overlay", js=_KEEP_OVERLAY)
_card = st.components.v2.component("nearfield_map_card", js=_KEEP_CARD)
_map = st.components.v2.component(
    "nearfield_map", html=_ROOM, css=_VARIABLES + map_style(), js=map_script() + _MOUNT
)


@dataclass(frozen=True, eq=False)
class Picture:
    """What the element draws.

    rows: (m,) row ids drawn, None for all. shown, selected: (n,) masks, or None.
    """

    embeddings: EmbeddingSet
    projection: Projection
    colors: Classes | Values | None
    overlay: Overlay
    rows: Rows | None = None
    shown: Mask | None = None
    selected: Mask | None = None


def show(
    picture: Picture,
    *,
    key: str,
    pick: Callable[[int], None],
    take: Callable[[Any], None],
) -> None:
    """Draw the map; pick: called with a row that was clicked. take: with an area that was drawn.

    The second of two maps has the colors and masks of the first, which are sent once.
    """
    rows, embeddings = picture.rows, picture.embeddings
    geometry = _placed(picture.projection, rows)
    paint = _painted(picture.colors, embeddings.n, rows)
    masks = payloads.masks(picture.shown, picture.selected, rows)
    content = overlay_content(
        picture.overlay,
        geometry=geometry,
        paint=paint,
        masks=masks,
        colors=picture.colors,
    )
    with st.container(gap=None):
        _mount(embeddings, picture.colors, key, pick, take)
        _geometry(data=geometry.content, key=f"{key}_geometry", height="content")
        if not picture.overlay.is_second:
            _paint(data=paint.content, key=f"{key}_paint", height="content")
            _masks(data=masks.content, key=f"{key}_masks", height="content")
        _overlay(data={"map": key, **content}, key=f"{key}_overlay", height="content")


@st.fragment
def _mount(
    embeddings: EmbeddingSet,
    colors: Classes | Values | None,
    key: str,
    pick: Callable[[int], None],
    take: Callable[[Any], None],
) -> None:
    def picked() -> None:
        row = told("picked")
        if isinstance(row, int) and 0 <= row < embeddings.n:
            pick(row)

    def told(name: str) -> Any:
        return (widget_value(key) or {}).get(name)

    result = _map(
        data={"map": key},
        key=key,
        on_picked_change=picked,
        on_area_change=lambda: take(told("area")),
        on_hover_change=lambda: None,
        height="content",
    )
    row = result.hover
    is_row = isinstance(row, int) and 0 <= row < embeddings.n
    card = card_of(embeddings, colors, row) if is_row else None
    _card(data={"map": key, "card": card}, key=f"{key}_card", height="content")
    if result.picked is not None or result.area is not None:
        st.rerun()


@jobs.cached
def _placed(projection: Projection, rows: Rows | None) -> Sent:
    return payloads.geometry(projection.coordinates, rows)


@jobs.cached
def _painted(colors: Classes | Values | None, n: int, rows: Rows | None) -> Sent:
    return payloads.paint(colors, n, rows)


def card_of(embeddings: EmbeddingSet, colors: Classes | Values | None, row: int) -> dict[str, Any]:
    """What a hover tells of a row: its name, label, longest text, value of the color, picture."""
    own = items.name_column(embeddings)
    lines = [
        visible(_cut(str(embeddings.metadata[column].iloc[row])))
        for column in embeddings.text_columns[-1:]
        if column not in (own, embeddings.label_column)
    ]
    if isinstance(colors, Values) and np.isfinite(colors.values[row]):
        lines.append(f"{visible(colors.title)}: {colors.values[row]:.4g}")
    label = "" if embeddings.labels is None else str(items.label_texts(embeddings)[row])
    return {
        "row": row,
        "name": visible(items.name_of(embeddings, row)),
        "label": visible(label) if own is not None else "",  # the name says it already
        "lines": lines,
        "picture": _picture(embeddings, row),
    }


def _cut(text: str) -> str:
    return text if len(text) <= LINE_AT_MOST else f"{text[: LINE_AT_MOST - 1]}…"


def _picture(embeddings: EmbeddingSet, row: int) -> str:
    """The picture of a row; "" without one, or where it is too large for a hover."""
    picture = items.picture(embeddings, row)
    return picture if len(picture) <= PICTURE_AT_MOST else ""
