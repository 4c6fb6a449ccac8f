"""The items that a visitor has selected on the map, kept until cleared or other vectors come."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.data import EmbeddingSet
from core.projection import Projection
from pages.map import areas
from pages.map.areas import Area
from pages.ui.controls import widgets
from pages.ui.jobs.key import fingerprint
from pages.ui.session.slot import Slot

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
LISTED = "listed"
NEIGHBORS, MARKED, SELECTED = "Neighbors", "Marked", "Selected"
LINK = "areas"
CLEAR = "clear"


@dataclass(frozen=True, eq=False)
class _Selection:
    """Row ids, the fingerprint of the vectors that they are rows of, the areas around them."""

    vectors: str = ""
    rows: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    areas: tuple[Area, ...] = ()


_SELECTION: Slot[_Selection] = Slot("map_selection", _Selection)
_LINK_READ: Slot[bool] = Slot("map_selection_of_link_read", bool)


def rows(embeddings: EmbeddingSet) -> Rows:
    """The selected rows of this data, ascending; other labels or metadata change nothing."""
    return _held(embeddings).rows


def mask(embeddings: EmbeddingSet) -> Mask | None:
    """(n,) whether each row is selected; None where none is."""
    chosen = rows(embeddings)
    if len(chosen) == 0:
        return None
    selected = np.zeros(embeddings.n, dtype=np.bool_)
    selected[chosen] = True
    return selected


def link(embeddings: EmbeddingSet) -> str:
    """The selection as areas, for the page's address; "" where it is none or too long."""
    if not _LINK_READ.get():
        return _asked()
    return areas.to_link(_held(embeddings).areas)


def follow_link(
    embeddings: EmbeddingSet, projection_of: Callable[[str], Projection | None]
) -> None:
    """Select what the address asks for, once, as soon as the projections that it names are there.

    projection_of: the projection of a method in 2-D, or None where there is none yet.
    """
    if _LINK_READ.get():
        return
    asked = areas.from_link(_asked())
    found = {area.projection: projection_of(area.projection) for area in asked}
    places = {name: each.coordinates for name, each in found.items() if each is not None}
    if len(places) < len(found):
        return
    _LINK_READ.set(True)
    if asked:
        chosen = np.flatnonzero(areas.selected(asked, embeddings.n, places))
        _SELECTION.set(_Selection(_name(embeddings), chosen, asked))


def _asked() -> str:
    return str(st.query_params.get(LINK, ""))


def listed(wanted: str, selected: Rows) -> str:
    """What the table beside the map lists; a choice where there is more than one thing.

    wanted: the letters that are searched for, or "".
    """
    options = [NEIGHBORS, *([MARKED] if wanted else []), *([SELECTED] if len(selected) else [])]
    if len(options) == 1:
        widgets.forget(LISTED)
        return NEIGHBORS
    return widgets.segmented("List", LISTED, options, value=options[-1], named=False)


def pick(row: int) -> None:
    """A click on a point makes it the item; a callback."""
    widgets.put(item=row, **{LISTED: NEIGHBORS})


def take_area(embeddings: EmbeddingSet, projection: Projection, told: Any) -> None:
    """What was drawn on the map (a dictionary with `op` and `polygon`) selects; a callback."""
    if isinstance(told, dict) and told.get("op") == CLEAR:
        clear()
        return
    area = areas.area_of(told, projection.method)
    if area is None:
        return
    _LINK_READ.set(True)
    held = _held(embeddings)
    before = np.zeros(embeddings.n, dtype=np.bool_)
    before[held.rows] = True
    chosen = np.flatnonzero(areas.after(before, area, projection.coordinates))
    around = areas.kept(held.areas, area) if len(chosen) else ()
    _SELECTION.set(_Selection(_name(embeddings), chosen, around))
    if len(chosen):
        widgets.put(**{LISTED: SELECTED})


def clear() -> None:
    """Let the selection go; a callback."""
    _LINK_READ.set(True)
    _SELECTION.set(_Selection())


def _held(embeddings: EmbeddingSet) -> _Selection:
    kept = _SELECTION.get()
    return kept if kept.vectors == _name(embeddings) else _Selection()


def _name(embeddings: EmbeddingSet) -> str:
    return fingerprint(embeddings.bare)
