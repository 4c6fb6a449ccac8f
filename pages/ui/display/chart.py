"""A figure on a page: full width, with alt text, its table and a CSV."""

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import signature
from typing import Any, Literal, ParamSpec

import pandas as pd
import streamlit as st

from core.figures import Figure, prepared
from core.visible import visible
from pages.ui import jobs
from pages.ui.display import tables
from pages.ui.display.downloads import download

P = ParamSpec("P")

CONFIG = {
    "displaylogo": False,
    "scrollZoom": True,
    "toImageButtonOptions": {"format": "svg"},
    "modeBarButtonsToRemove": ["autoScale2d"],
}
Table = pd.DataFrame | Callable[[], pd.DataFrame]
Selection = Literal["points", "box", "lasso"]


_KEPT: dict[Callable[..., Figure], Callable[..., Figure]] = {}  # by what draws


def is_dark() -> bool:
    """Whether the visitor sees the dark theme; figures take it as `dark=`."""
    return bool(st.context.theme.type == "dark")


def drawn(draw: Callable[P, Figure], *args: P.args, **kwargs: P.kwargs) -> Figure:
    """The figure `draw(*args, **kwargs)`, for `show`; drawn once for all who ask the same.

    It is named by all of its arguments, the theme among them (see `jobs.key`).
    """
    kept = _KEPT.get(draw) or _KEPT.setdefault(draw, jobs.cached(_prepared(draw)))
    return kept(*args, **kwargs)


def _prepared(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """The function under its own name; it takes its arguments in order, and what it draws is sent.

    They come in order from `jobs.cached`.
    """
    names = tuple(signature(draw).parameters)

    @wraps(draw)
    def make(*values: Any) -> Figure:
        return prepared(draw(**dict(zip(names, values, strict=True))))

    return make


def show(
    figure: Figure,
    *,
    key: str,
    alt: str,
    table: Table | None = None,
    csv_name: str | None = None,
    on_select: Callable[[], None] | Literal["rerun"] | None = None,
    selection: tuple[Selection, ...] = ("points", "box", "lasso"),
) -> Any:
    """Draw `figure`; with `on_select`, return what the visitor selected (`.selection`).

    key: unique on the page. alt: the figure in one sentence, for who cannot see it. table: the
    same figures as rows, or a function that makes them, called once the visitor opens it.
    csv_name: the file's name without its ending; `key` unless given.
    """
    event = None
    if on_select is None:
        st.plotly_chart(figure, theme=None, config=CONFIG, key=key, alt=visible(alt))
    else:
        event = st.plotly_chart(
            figure,
            theme=None,
            config=CONFIG,
            key=key,
            alt=visible(alt),
            on_select=on_select,
            selection_mode=selection,
        )
    if table is not None:
        show_table(table, key=key, csv_name=csv_name)
    return event


def clicked(state: Any) -> list[list[Any]]:
    """What each selected point of a chart carries (`customdata`), as a list.

    Streamlit hands over one value as it is, and several as a dictionary by their places.

    >>> clicked({"selection": {"points": [{"customdata": {"0": 1, "1": 8}}, {"customdata": 0.5}]}})
    [[1, 8], [0.5]]
    >>> clicked(None), clicked({"selection": {"points": [{}]}})
    ([], [[]])
    """
    points = ((state or {}).get("selection") or {}).get("points") or []
    return [_as_list(point.get("customdata")) for point in points]


def _as_list(carried: Any) -> list[Any]:
    if carried is None:
        return []
    if isinstance(carried, Mapping):
        return [carried[place] for place in sorted(carried, key=int)]
    return list(carried) if isinstance(carried, list | tuple) else [carried]


def show_table(table: Table, *, key: str, csv_name: str | None = None, open: bool = False) -> None:
    """Rows behind a figure, folded away until asked for, with a CSV to take along."""
    panel = st.expander("Table", expanded=open, key=f"{key}_table", on_change="rerun")
    if not panel.open:
        return
    rows = table() if callable(table) else table
    with panel:
        tables.show(rows, hide_index=True, height=table_height(rows, 400))
        download(rows, csv_name or key)


def table_height(rows: pd.DataFrame, most: int) -> int:
    """Pixels that a table needs, up to `most`: none is drawn with empty lines."""
    return min(36 * (len(rows) + 1), most)
