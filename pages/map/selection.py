"""The items that a visitor has selected on the map, kept until cleared or other vectors come."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.data import EmbeddingSet
from core.projection import NAMES, Projection
from pages.map import areas
from pages.map.areas import Area
from pages.ui.controls import widgets
from pages.ui.jobs.key import fingerprint
from pages.ui.session import fitting
from pages.ui.session.slot import Kept, Slot

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
LISTED = "listed"
NEIGHBORS, MARKED, SELECTED = "Neighbors", "Marked", "Selected"
LINK = "areas"
CLEAR = "clear"


@dataclass(frozen=True, eq=False)
class _Selection:
    """Row ids, the fingerprint of the vectors that they are rows of, the areas around them.

    name: under which they are kept, or "". filtered: by what the rows were filtered of which the
    areas selected.
    """

    vectors: str = ""
    rows: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    areas: tuple[Area, ...] = ()
    name: str = ""
    filtered: str = ""


def _to_parts(held: _Selection) -> Any:
    around = tuple((each.projection, each.does, each.corners) for each in held.areas)
    return (held.vectors, held.rows, around, held.name, held.filtered) if len(held.rows) else None


def _from_parts(parts: Any) -> _Selection:
    vectors, chosen, around, name, filtered = parts
    return _Selection(vectors, chosen, tuple(Area(*each) for each in around), name, filtered)


_SELECTION: Slot[_Selection] = Slot(
    "map_selection",
    _Selection,
    kept=Kept("The selected items could not be opened", to_parts=_to_parts, from_parts=_from_parts),
)
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


def name() -> str:
    """The name under which the selection is kept; "" where it is not."""
    return _SELECTION.get().name


def put(embeddings: EmbeddingSet, chosen: Rows, name: str = "") -> None:
    """Select rows, ascending, which are kept under a name or not; a callback."""
    _LINK_READ.set(True)
    held = _held(embeddings)
    if np.array_equal(held.rows, chosen):
        _SELECTION.set(replace(held, name=name))  # the areas still tell them, in the address too
    else:
        _SELECTION.set(_Selection(_name(embeddings), chosen, name=name))
    widgets.put(**{LISTED: SELECTED})


def link(embeddings: EmbeddingSet, filtered: str = "") -> str:
    """The selection as areas, for the page's address; "" where it is none or too long.

    filtered: the filter of the address; of rows filtered otherwise the areas tell nothing.
    """
    if not _LINK_READ.get():
        return _asked()
    held = _held(embeddings)
    return areas.to_link(held.areas) if held.filtered == filtered else ""


def follow_link(
    embeddings: EmbeddingSet,
    projection_of: Callable[[str], Projection | None],
    shown: Mask | None = None,
    filtered: str = "",
) -> None:
    """Select what the address asks for, once, as soon as the projections that it names are there.

    projection_of: the map (n, 2) of a name, or None where it is not there yet. shown: (n,) the
    rows that an area can select, None for all; filtered: the filter, as the address has it.
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
        inside = areas.selected(asked, embeddings.n, places)
        chosen = np.flatnonzero(inside if shown is None else inside & shown)
        _SELECTION.set(_Selection(_name(embeddings), chosen, asked, filtered=filtered))


def waits_for() -> tuple[str, ...]:
    """The methods of the maps that the address' areas are on, while one of these is not there."""
    if _LINK_READ.get():
        return ()
    methods = {area.projection.split(".")[0] for area in areas.from_link(_asked())}
    return tuple(words for method, words in NAMES.items() if method in methods)


def _asked() -> str:
    return str(st.query_params.get(LINK, ""))


def listed(marked: str, selected: Rows) -> str:
    """What the table beside the map lists; a choice where there is more than one thing.

    marked: what is marked, in words, or "".
    """
    options = [NEIGHBORS, *([MARKED] if marked else []), *([SELECTED] if len(selected) else [])]
    if len(options) == 1:
        widgets.forget(LISTED)
        return NEIGHBORS
    return widgets.segmented("List", LISTED, options, value=options[-1], named=False)


def pick(row: int) -> None:
    """A click on a point makes it the item; a callback."""
    widgets.put(item=row, **{LISTED: NEIGHBORS})


def take_area(
    embeddings: EmbeddingSet,
    projection: Projection,
    name: str,
    told: Any,
    shown: Mask | None = None,
    filtered: str = "",
) -> None:
    """What was drawn on the map (a dictionary with `op` and `polygon`) selects; a callback.

    name: of the map, as `map_names` has it; without one the areas do not stand in the address.
    shown: (n,) the rows that it can select or take away, None for all. filtered: the filter, as
    the address has it.
    """
    if isinstance(told, dict) and told.get("op") == CLEAR:
        clear()
        return
    area = areas.area_of(told, name)
    if area is None:
        return
    _LINK_READ.set(True)
    held = _held(embeddings)
    before = np.zeros(embeddings.n, dtype=np.bool_)
    before[held.rows] = True
    after = areas.after(before, area, projection.coordinates)
    if shown is not None:
        stays = before & (area.does != "replace")
        after = np.where(shown, after, stays)
    chosen = np.flatnonzero(after)
    around = areas.kept(held.areas, area) if len(chosen) and name else ()
    is_untold = held.filtered != filtered or (len(held.rows) > 0 and not held.areas)
    if area.does != "replace" and is_untold:
        around = ()  # the areas alone do not tell what is selected
    _SELECTION.set(_Selection(_name(embeddings), chosen, around, filtered=filtered))
    if len(chosen):
        widgets.put(**{LISTED: SELECTED})


def clear() -> None:
    """Let the selection go; a callback."""
    _LINK_READ.set(True)
    _SELECTION.set(_Selection())


def _held(embeddings: EmbeddingSet) -> _Selection:
    kept = _SELECTION.get()
    if kept.vectors != _name(embeddings):
        return _Selection()
    if fitting.rows_of(embeddings, kept.rows, "What was selected on the map") is None:
        _SELECTION.set(_Selection())
        return _Selection()
    return kept


def _name(embeddings: EmbeddingSet) -> str:
    return fingerprint(embeddings.bare)
