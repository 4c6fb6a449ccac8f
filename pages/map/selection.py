"""The items that a visitor has selected on the map, kept until cleared or other vectors come."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.data import EmbeddingSet
from pages.map.drawing import KEY, Rows
from pages.ui.controls import widgets
from pages.ui.display import kept_view
from pages.ui.jobs.key import fingerprint
from pages.ui.session.slot import Slot, widget_value

LISTED = "listed"
NEIGHBORS, MARKED, SELECTED = "Neighbors", "Marked", "Selected"


@dataclass(frozen=True, eq=False)
class _Selection:
    """Row ids, and the vectors that they are rows of, by their fingerprint."""

    vectors: str = ""
    rows: Rows = field(default_factory=lambda: np.empty(0, np.int64))


_SELECTION: Slot[_Selection] = Slot("map_selection", _Selection)


def rows(embeddings: EmbeddingSet) -> Rows:
    """The selected rows of this data, ascending; other labels or metadata change nothing."""
    kept = _SELECTION.get()
    return kept.rows if kept.vectors == _name(embeddings) else _Selection().rows


def listed(wanted: str, selected: Rows) -> str:
    """What the table beside the map lists; a choice where there is more than one thing.

    wanted: the letters that are searched for, or "".
    """
    options = [NEIGHBORS, *([MARKED] if wanted else []), *([SELECTED] if len(selected) else [])]
    if len(options) == 1:
        widgets.forget(LISTED)
        return NEIGHBORS
    return widgets.segmented("List", LISTED, options, value=options[-1], named=False)


def take(embeddings: EmbeddingSet) -> None:
    """A click on one point makes it the item, several points are the selection; a callback."""
    chosen = selected_rows(widget_value(KEY))
    if len(chosen) == 1:
        widgets.put(item=int(chosen[0]), **{LISTED: NEIGHBORS})
        kept_view.redraw(KEY)
        return
    _SELECTION.set(_Selection(_name(embeddings), chosen))
    if len(chosen):
        widgets.put(**{LISTED: SELECTED})


def clear() -> None:
    """Let the selection go and draw the map without it; a callback."""
    _SELECTION.set(_Selection())
    kept_view.redraw(KEY)


def selected_rows(event: Any) -> Rows:
    """Row ids of the selected points."""
    chosen = event.selection.points if event is not None else []
    rows = [point["customdata"] for point in chosen if "customdata" in point]
    return np.unique(np.array([row[0] if isinstance(row, list) else row for row in rows], np.int64))


def _name(embeddings: EmbeddingSet) -> str:
    return fingerprint(embeddings.bare)
