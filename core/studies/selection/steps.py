"""What a selection makes of a set: its rows alone, or a tag on them in a column."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.checks import check_ids
from core.data import EmbeddingSet
from core.data.embedding_set import class_codes
from core.errors import ParameterError
from core.studies.inspection.preflight.remedies import Remedy, treated

Rows = npt.NDArray[np.int64]
LONGEST_TAG = 200  # letters of a tag or of the name of its column


@dataclass(frozen=True, eq=False)
class KeepRows:
    """Work on these rows alone. name: of the selection that they are."""

    name: str
    rows: Rows


@dataclass(frozen=True, eq=False)
class WriteTag:
    """Write a text into a column at these rows; the column is made where there is none."""

    column: str
    tag: str
    rows: Rows


@dataclass(frozen=True)
class TakeColumn:
    """Take a column of metadata away."""

    column: str


Step = KeepRows | WriteTag | TakeColumn


def after_step(embeddings: EmbeddingSet, step: Step) -> EmbeddingSet:
    """The set after a step; the vectors of a tagged set are the same, so that its index fits.

    Raises ParameterError for rows that are not there or none at all, for a tag without letters or
    of more than 200, where the column of a tag holds something else than texts, and where the
    column to take away is not there or has the labels.
    """
    if isinstance(step, KeepRows):
        return _alone(embeddings, step)
    return _tagged(embeddings, step) if isinstance(step, WriteTag) else _without(embeddings, step)


def combined(rows: Rows, other: Rows, how: str) -> Rows:
    """Rows of both ("and"), of either ("or"), or of the first alone ("without"), ascending.

    >>> [combined(np.array([1, 2]), np.array([2, 3]), how).tolist() for how in ("and", "or")]
    [[2], [1, 2, 3]]
    """
    if how == "and":
        return np.intersect1d(rows, other)
    return np.union1d(rows, other) if how == "or" else np.setdiff1d(rows, other)


def inverted(rows: Rows, n: int) -> Rows:
    """The other rows of n, ascending."""
    return np.setdiff1d(np.arange(n), rows)


def table_of(
    embeddings: EmbeddingSet, rows: Rows, left_out: Sequence[str | None] = ()
) -> pd.DataFrame:
    """The rows with their ids and all of their metadata but the columns `left_out`.

    A column of the data that is named "row" as well gets " (column)" behind its name.
    """
    frame = embeddings.metadata.iloc[rows].reset_index(drop=True)
    frame = frame.drop(columns=[name for name in left_out if name is not None])
    taken = "row (column)"
    while taken in frame.columns:
        taken += " (column)"
    frame = frame.rename(columns={"row": taken})
    frame.insert(0, "row", rows)
    return frame


def _alone(embeddings: EmbeddingSet, step: KeepRows) -> EmbeddingSet:
    rows = _check(embeddings, step.rows)
    if len(rows) == embeddings.n:
        return embeddings
    others = inverted(rows, embeddings.n)
    made = treated(embeddings, Remedy("leave out rows", f"not in {step.name}", others))
    kept = f"{len(rows):,} row{'' if len(rows) == 1 else 's'}"
    return replace(made, name=f"{embeddings.name}, {kept} of {step.name}")


def _tagged(embeddings: EmbeddingSet, step: WriteTag) -> EmbeddingSet:
    rows = _check(embeddings, step.rows)
    for text, what in ((step.column, "The column of a tag"), (step.tag, "A tag")):
        if not text.strip() or len(text) > LONGEST_TAG:
            raise ParameterError(f"{what} must have from 1 to {LONGEST_TAG} letters.")
    frame = embeddings.metadata
    if step.column in frame.columns:
        before = frame[step.column]
        if not _holds_texts(before):
            raise ParameterError(
                f"The column {step.column!r} holds {before.dtype}, so no tag can be written into "
                "it. Choose another name."
            )
        values = before.astype(object).where(before.notna(), None).to_numpy(dtype=object, copy=True)
    else:
        values = np.full(embeddings.n, None, dtype=object)
    values[rows] = step.tag
    made = frame.assign(**{step.column: values})
    is_new = step.column not in frame.columns
    return _with_metadata(embeddings, made, (*embeddings.tags, *[step.column] * is_new))


def _without(embeddings: EmbeddingSet, step: TakeColumn) -> EmbeddingSet:
    if step.column not in embeddings.metadata.columns:
        raise ParameterError(f"There is no column {step.column!r} to take away.")
    if step.column == embeddings.label_column:
        raise ParameterError(
            f"The column {step.column!r} has the labels. Choose another label column first."
        )
    left = tuple(name for name in embeddings.tags if name != step.column)
    return _with_metadata(embeddings, embeddings.metadata.drop(columns=[step.column]), left)


def _with_metadata(
    embeddings: EmbeddingSet, frame: pd.DataFrame, tags: tuple[str, ...]
) -> EmbeddingSet:
    """The same rows with other columns beside the labels, which stay as they are."""
    label = embeddings.label_column
    codes = None if label is None else class_codes(frame[label])
    return replace(embeddings, metadata=frame, tags=tags, _codes=codes, _bare=embeddings.bare)


def _holds_texts(column: "pd.Series[Any]") -> bool:
    present = column.dropna()
    return not len(present) or isinstance(present.iloc[0], str)


def _check(embeddings: EmbeddingSet, rows: Rows) -> Rows:
    checked = np.unique(check_ids(rows, "rows", embeddings.n, empty=False)).astype(np.int64)
    if not len(checked):
        raise ParameterError("The selection holds no row. Select some first.")
    return checked
