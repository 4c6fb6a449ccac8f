"""How an item is called in a list or a sentence."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from core.data.embedding_set import EmbeddingSet
from core.visible import marked

NAME_LENGTH = 60


def item_names(embeddings: EmbeddingSet, rows: Iterable[int]) -> list[str]:
    """A short text for each of these rows, which hides nothing: its name, else label and row id.

    Of these rows alone: there may be millions of others.

    >>> items = EmbeddingSet.from_arrays(np.eye(2), name="two")
    >>> item_names(items, [1, 0])
    ['row 1', 'row 0']
    """
    listed = [int(row) for row in rows]
    column = embeddings.name_column
    if column is not None:
        texts = _names(embeddings, column, listed)
        names = [text or f"row {row:,}" for row, text in zip(listed, texts, strict=True)]
    elif embeddings.labels is not None:
        labels = [label_of(embeddings, row) for row in listed]
        names = [
            f"{label} (row {row:,})" if label else f"row {row:,}"
            for row, label in zip(listed, labels, strict=True)
        ]
    else:
        names = [f"row {row:,}" for row in listed]
    return [marked(name) for name in names]


def label_of(embeddings: EmbeddingSet, row: int) -> str:
    """The class of a row, which hides nothing; "" where it is missing, or without labels."""
    code = -1 if embeddings.labels is None else int(embeddings.labels[row])
    return "" if code < 0 else marked(embeddings.class_names[code])


def as_texts(values: "pd.Series[Any]") -> "pd.Series[str]":
    """Cells as texts; one that is missing is empty."""
    return values.astype(str) if values.dtype.kind in "iu" else values.fillna("").astype(str)


def _names(embeddings: EmbeddingSet, column: str, rows: list[int]) -> "pd.Series[str]":
    """Texts begin a name; numbers stand behind the name of their column."""
    values = embeddings.metadata[column].iloc[np.asarray(rows, dtype=np.int64)]
    texts = as_texts(values)
    if values.dtype.kind in "iu":
        texts = f"{column} " + texts
    return texts.str.slice(0, NAME_LENGTH)
