"""A table whose lines are links: a click on one plays its search, or does what else is asked."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from pages.ui.controls import page_links
from pages.ui.display import messages, tables
from pages.ui.session.slot import forget_widget, widget_value

HINT = "Click a line to play its search."
LAYERS, SECTION = "layers", "Search"


def show(frame: pd.DataFrame, key: str, query: Callable[[int], dict[str, Any]], **how: Any) -> None:
    """Draw a table, as `st.dataframe` does, and follow a click on one of its lines.

    key: of the table in the session. query: the controls of the player for the line at a place,
    counted from 0.
    """
    lines(frame, f"_play_{key}", _to_player(query), **how)
    messages.note(HINT)


def lines(frame: pd.DataFrame, key: str, follow: Callable[[int], None], **how: Any) -> None:
    """Draw a table, as `st.dataframe` does, and call `follow` with the place of a clicked line.

    key: of the table in the session. follow: a callback; places are counted from 0.
    """
    tables.show(
        frame,
        hide_index=True,
        key=key,
        on_select=lambda: _follow(key, follow),
        selection_mode="single-cell",
        **how,
    )


def _follow(key: str, follow: Callable[[int], None]) -> None:
    """Do what a clicked line asks for; a callback."""
    place = clicked(widget_value(key))
    forget_widget(key)  # so that the same line can be clicked again
    if place is not None:
        follow(place)


def _to_player(query: Callable[[int], dict[str, Any]]) -> Callable[[int], None]:
    """Go to the player, for the line at a place."""
    return lambda place: page_links.leave_for(LAYERS, section=SECTION, **query(place))


def clicked(state: Any) -> int | None:
    """The place of the line that holds the selected cell; None where none is.

    >>> clicked({"selection": {"cells": [(3, "ef")]}}), clicked({"selection": {"cells": []}})
    (3, None)
    """
    cells = (state or {}).get("selection", {}).get("cells", [])
    return int(cells[0][0]) if cells else None
