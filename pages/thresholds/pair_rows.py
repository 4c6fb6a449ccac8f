"""Pairs of items as lines of a table: names, pictures and classes of both ends."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from core.data import EmbeddingSet
from pages.ui.display import chart, downloads, items, tables

PICTURE = "picture"


def pair_rows(
    embeddings: EmbeddingSet,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    ends: tuple[str, str],
    **values: Any,
) -> pd.DataFrame:
    """One line per pair: `values` by the names of their columns, then both ends, (m,) row ids."""
    names, labels = items.short_names(embeddings), items.label_texts(embeddings)
    picture = items.picture_column(embeddings)
    frame = pd.DataFrame(values)
    for end, rows in zip(ends, (left, right), strict=True):
        if picture is not None:
            frame[f"{end}: {PICTURE}"] = items.pictures(embeddings, rows)
        frame[end] = names[rows]
        if embeddings.labels is not None:
            frame[f"{end}: class"] = labels[rows]
    for end, rows in zip(ends, (left, right), strict=True):
        frame[f"{end}: row"] = rows
    return frame


def show(rows: pd.DataFrame, csv_name: str) -> None:
    """The table with its file, in which the pictures are left out."""
    pictures = [name for name in rows.columns if name.endswith(f": {PICTURE}")]
    config = {name: st.column_config.ImageColumn(width="small") for name in pictures}
    tables.show(rows, hide_index=True, height=chart.table_height(rows, 400), column_config=config)
    downloads.download(rows.drop(columns=pictures), csv_name)
