"""How an item is named, found and listed, the same on every page."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from core.data import EmbeddingSet
from core.index import Neighbors
from pages.ui import jobs

NAME_LENGTH = 60
FOUND_AT_MOST = 50
IMAGE = "image"
NAME_COLUMNS = ("name", "title", "word", "words", "text")


def name_column(embeddings: EmbeddingSet) -> str | None:
    """The text column that names an item best: a usual name, else the shortest distinct text."""
    texts = [column for column in embeddings.text_columns if column != embeddings.label_column]
    for usual in NAME_COLUMNS:
        if usual in texts:
            return usual
    return texts[0] if texts else None


@jobs.cached
def short_names(embeddings: EmbeddingSet) -> npt.NDArray[np.str_]:
    """(n,) a short text for each row: its name, else its label and row id."""
    column = name_column(embeddings)
    if column is not None:
        texts = embeddings.metadata[column].fillna("").astype(str).str.slice(0, NAME_LENGTH)
        names = [text or f"row {row:,}" for row, text in enumerate(texts)]
    elif embeddings.labels is not None:
        labels = label_texts(embeddings)
        names = [f"{label} (row {row:,})" for row, label in enumerate(labels)]
    else:
        names = [f"row {row:,}" for row in range(embeddings.n)]
    array = np.array(names, dtype=np.str_)
    array.setflags(write=False)
    return array


@jobs.cached
def label_texts(embeddings: EmbeddingSet) -> npt.NDArray[np.str_]:
    """(n,) the label of each row, "" where it is missing; all "" without labels."""
    return embeddings.label_texts


def find(embeddings: EmbeddingSet, text: str, most: int = FOUND_AT_MOST) -> npt.NDArray[np.int64]:
    """Rows whose texts hold `text`, in any case; rows whose name begins with it first."""
    wanted = text.strip().casefold()
    if not wanted:
        return np.empty(0, dtype=np.int64)
    hit = np.zeros(embeddings.n, dtype=bool)
    for column in embeddings.text_columns:
        texts = embeddings.metadata[column].fillna("").astype(str).str.casefold()
        hit |= texts.str.contains(wanted, regex=False).to_numpy()
    rows = np.flatnonzero(hit)
    names = pd.Series(short_names(embeddings)[rows]).str.casefold()
    rank = np.where(names == wanted, 0, np.where(names.str.startswith(wanted), 1, 2))
    return np.asarray(rows[np.argsort(rank, kind="stable")][:most])


def table(embeddings: EmbeddingSet, rows: npt.NDArray[np.int64], **columns: Any) -> pd.DataFrame:
    """One line per row: id, name, label, picture and texts, then `columns`."""
    frame = pd.DataFrame({"row": rows})
    if name_column(embeddings) is not None:
        frame["name"] = short_names(embeddings)[rows]
    if IMAGE in embeddings.metadata.columns:
        frame[IMAGE] = embeddings.metadata[IMAGE].to_numpy()[rows]
    if embeddings.labels is not None:
        frame["label"] = label_texts(embeddings)[rows]
    for name, values in columns.items():
        frame[name.replace("_", " ")] = values
    longest = embeddings.text_columns[-1:] if len(embeddings.text_columns) > 1 else ()
    for name in longest:
        if name not in (name_column(embeddings), embeddings.label_column):
            frame[name] = embeddings.metadata[name].to_numpy()[rows]
    return frame


def distances(near: Neighbors | None) -> dict[str, npt.NDArray[np.float64]]:
    """The distance column for a table of one item's neighbors."""
    return {} if near is None else {"distance": near.distances[0].round(4)}


def column_config(embeddings: EmbeddingSet) -> dict[str, Any]:
    """How `st.dataframe` shows the columns of `table`: pictures as pictures."""
    if IMAGE not in embeddings.metadata.columns:
        return {}
    return {IMAGE: st.column_config.ImageColumn(IMAGE, width="small")}
