"""Rows in groups by a column of the metadata: a slice is what a figure is given for by itself."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import EmbeddingSet
from core.data.embedding_set import class_codes
from core.data.media import is_medium

MOST_GROUPS = 1_000
FEWEST_ROWS = 5  # per group on average, of a column that makes groups
DISTINCT_NUMBERS = 12  # numbers of more values are cut into parts
PARTS = 5


@dataclass(frozen=True, eq=False)
class Slices:
    """column: that makes the groups. codes: (n,) group of each row, -1 for none. names: of them."""

    column: str
    codes: npt.NDArray[np.int64]
    names: tuple[str, ...]


def slice_columns(embeddings: EmbeddingSet) -> tuple[str, ...]:
    """Columns that make at least two groups: the label first, then those of the metadata.

    Besides the label a column has at most 1,000 groups, of five rows on average.
    """
    label = embeddings.label_column
    others = [name for name in embeddings.metadata.columns if name != label]
    kept = [name for name in others if _makes_groups(embeddings.metadata[name])]
    return (*(() if label is None else (label,)), *map(str, kept))


def slices(embeddings: EmbeddingSet, column: str) -> Slices:
    """Groups by a column: a group for each value, or five equally filled parts of many numbers.

    A missing value is in no group.
    """
    if column == embeddings.label_column and embeddings.labels is not None:
        return Slices(column, embeddings.labels, embeddings.class_names)
    values = embeddings.metadata[column]
    codes, names = _parts(values) if _is_cut(values) else class_codes(values)
    return Slices(column, np.asarray(codes), names)


def _makes_groups(values: "pd.Series[Any]") -> bool:
    present = values.dropna()
    if len(present) and is_medium(present.iloc[0]):
        return False
    if _is_cut(values):
        return True
    try:
        groups = values.nunique()
    except TypeError:  # lists and objects
        return False
    return 2 <= groups <= min(MOST_GROUPS, len(values) // FEWEST_ROWS)


def _is_cut(values: "pd.Series[Any]") -> bool:
    """Whether a column holds so many different numbers or times that parts of it are the groups."""
    return values.dtype.kind in "iufM" and int(values.nunique()) > DISTINCT_NUMBERS


def _parts(values: "pd.Series[Any]") -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """Five parts of about as many rows; equal values stand in one part."""
    cut = pd.qcut(values, PARTS, duplicates="drop")
    codes = np.asarray(cut.cat.codes, dtype=np.int64)
    names = []
    for code in range(len(cut.cat.categories)):
        inside = values[codes == code]
        names.append(f"{_short(inside.min())} to {_short(inside.max())}")
    return codes, tuple(names)


def _short(value: Any) -> str:
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    return f"{value:,}" if isinstance(value, int | np.integer) else f"{value:.4g}"
