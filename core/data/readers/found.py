"""What a reader gets and what it returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.distances import Metric

Content = bytes | memoryview  # of a file: in memory, or mapped from disk
Role = Literal["vector", "label", "text", "picture", "sound", "id", "number", "left out"]


@dataclass(frozen=True)
class Options:
    """What is known of a file beside its bytes.

    vector_column: the column, or the prefix of numbered columns, that holds the vectors.
    label_column: kept out of the vectors when columns are guessed.
    left_out: columns that are not to be used at all.
    not_vectors: columns of numbers that are no part of the vectors.
    ending: of the file's name, in lower case with its dot (".csv"), or "": a hint, no more.
    bad_rows: "drop" to give a row that cannot be read as a missing one, which is then left out.
    """

    vector_column: str | None = None
    label_column: str | None = None
    left_out: frozenset[str] = frozenset()
    ending: str = ""
    not_vectors: frozenset[str] = frozenset()
    bad_rows: Literal["error", "drop"] = "error"


@dataclass(frozen=True)
class ColumnRole:
    """What one column (or array, or field) of a file was taken for, and why, in a few words."""

    name: str
    role: Role
    reason: str


@dataclass(frozen=True, eq=False)
class Found:
    """The content of a file before its rows are checked.

    vectors: (n, d) numbers, NaN where a row had none. metadata: n rows, or None. notes: what was
    guessed, and what was left out, by name or by row. metric: that the file states, or None.
    roles: what each column was taken for, in the order of the file. unreadable: what is wrong with
    a row whose vector could not be read, by its number; its vector is NaN.
    """

    vectors: npt.NDArray[np.generic]
    metadata: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
    queries: npt.NDArray[np.generic] | None = None
    ground_truth: npt.NDArray[np.generic] | None = None
    metric: Metric | None = None
    roles: tuple[ColumnRole, ...] = ()
    unreadable: Mapping[int, str] = field(default_factory=dict)


def without_columns(found: Found, names: frozenset[str]) -> Found:
    """What was found, less columns of metadata that are not to be used."""
    frame = found.metadata
    gone = [] if frame is None else [name for name in frame.columns if name in names]
    if frame is None or not gone:
        return found
    rest = frame.drop(columns=gone)
    roles = tuple(
        ColumnRole(each.name, "left out", "as asked") if each.name in gone else each
        for each in found.roles
    )
    return replace(found, metadata=rest if len(rest.columns) else None, roles=roles)
