"""Tables on a page, in which no cell hides anything, and from which no formula is exported.

Streamlit's own export of a table writes its cells as they are. So it is taken away from a table
with a cell that a spreadsheet would run; the page's own CSV guards them.
"""

import itertools
from collections import Counter
from contextlib import suppress
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitDuplicateElementKey

from core.data.sheets import any_runs
from core.visible import hides, marked

GUARDED = "guarded_table"  # begins the keys of tables without the export


def show(frame: pd.DataFrame | Styler, **how: Any) -> Any:
    """Draw a table as `st.dataframe` does, with marks in place of characters that are not seen.

    A styled one is drawn as it is: it is made of what `visible_frame` gave.
    """
    rows = frame if isinstance(frame, pd.DataFrame) else frame.data  # type: ignore[attr-defined]
    shown = visible_frame(frame) if isinstance(frame, pd.DataFrame) else frame
    if how.get("column_config") is not None:
        how["column_config"] = {marked(name): each for name, each in how["column_config"].items()}
    if how.get("column_order") is not None:
        how["column_order"] = [marked(name) for name in how["column_order"]]
    if any_runs([str(name) for name in rows.columns]) or any(map(any_runs, _texts(rows))):
        with _without_export(how.get("key") or "table"):
            return st.dataframe(shown, **how)
    return st.dataframe(shown, **how)


def visible_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with marks for hidden characters, in cells and in names; itself without any."""
    names = [str(name) for name in frame.columns]
    changed = [hides("\n".join(texts)) for texts in _texts(frame)]
    index = frame.index.to_frame(index=False)
    if not any(changed) and not hides("\n".join(names)) and not _hides(index):
        return frame
    columns = [
        column.astype(object).map(_marked) if is_changed else column
        for is_changed, (_, column) in zip(changed, frame.items(), strict=True)
    ]
    shown = pd.concat(columns, axis=1) if columns else frame.copy()
    shown.columns = pd.Index(_distinct([marked(name) for name in names]))
    return shown.set_axis(frame.index.map(_marked), axis=0) if _hides(index) else shown


def _hides(frame: pd.DataFrame) -> bool:
    return any(hides("\n".join(texts)) for texts in _texts(frame))


def _texts(frame: pd.DataFrame) -> list[list[str]]:
    """For each column its texts, also in lists, pictures and sounds left out."""
    return [_of_column(frame.iloc[:, place]) for place in range(frame.shape[1])]


def _of_column(column: "pd.Series[Any]") -> list[str]:
    if column.dtype.kind in "biufcmM":
        return []
    cells = (
        each for cell in column.tolist() for each in (cell if isinstance(cell, list) else (cell,))
    )
    return [text for text in cells if isinstance(text, str) and not text.startswith("data:")]


def _marked(cell: Any) -> Any:
    if isinstance(cell, str):
        return marked(cell)
    return [_marked(each) for each in cell] if isinstance(cell, list) else cell


def _distinct(names: list[str]) -> list[str]:
    seen, told = Counter[str](), list[str]()
    for name in names:
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told


def _without_export(key: str) -> DeltaGenerator:
    """A container for one table; its style says what is not drawn in it."""
    for number in itertools.count():
        with suppress(StreamlitDuplicateElementKey):
            return st.container(key=f"{GUARDED}_{key}_{number}")
    raise AssertionError("numbers do not end")
