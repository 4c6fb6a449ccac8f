"""The items of an index that was brought as a file: its vectors, with what is known of them."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import EmbeddingSet
from core.errors import DataError
from core.index import HnswGraph
from core.spaces import unit_rows

SAME = 0.02  # length of the difference over the length, in the median: 8-bit vectors stay below
COMPARED = 1_000
NO_ROW = -1
ID_COLUMNS = ("id", "ids", "key", "label", "labels", "row", "index")


def index_items(graph: HnswGraph, name: str, loaded: EmbeddingSet | None = None) -> EmbeddingSet:
    """A set whose row i is row i of the graph.

    loaded: a set that the index may have been built from, its labels being row numbers. Where its
    vectors agree with the index's, its own vectors and metadata are used; otherwise the vectors
    are the index's and an item's name is its label.
    """
    rows = matching_rows(graph, loaded) if loaded is not None else None
    if loaded is None or rows is None:
        return EmbeddingSet.from_arrays(
            graph.vectors, metadata=_label_names(graph), name=name, notes=graph.notes
        )
    if len(rows) == loaded.n and np.array_equal(rows, np.arange(loaded.n)):
        return loaded
    nameless = rows == NO_ROW
    vectors = loaded.vectors[np.where(nameless, 0, rows)]
    vectors[nameless] = graph.vectors[nameless]
    held = int((~nameless).sum())
    return EmbeddingSet.from_arrays(
        vectors,
        metadata=_taken(loaded.metadata, rows),
        label_column=loaded.label_column,
        name=loaded.name,
        notes=(*loaded.notes, f"{held:,} of {loaded.n:,} rows, those of the index"),
    )


def matching_rows(graph: HnswGraph, loaded: EmbeddingSet) -> npt.NDArray[np.int64] | None:
    """The row of `loaded` that each row of the graph holds by its label; None where they differ.

    Up to 1,000 rows are compared, spread over all. -1 for a deleted row whose label names none.
    """
    labels = graph.labels
    named = (labels >= 0) & (labels < loaded.n)
    if loaded.dim != graph.dim or not named.any() or not (named | graph.deleted).all():
        return None
    rows = np.full(graph.n, NO_ROW)
    rows[named] = labels[named].astype(np.int64)
    known = np.flatnonzero(named)
    some = known[np.unique(np.linspace(0, len(known) - 1, COMPARED).astype(np.int64))]
    ours = loaded.vectors[rows[some]].astype(np.float64)
    theirs = graph.vectors[some].astype(np.float64)
    if graph.metric == "cosine":
        ours = unit_rows(ours)
    lengths, apart = np.linalg.norm(theirs, axis=1), np.linalg.norm(ours - theirs, axis=1)
    return rows if np.median(apart) <= SAME * max(float(np.median(lengths)), 1e-12) else None


def metadata_by_label(graph: HnswGraph, table: pd.DataFrame) -> pd.DataFrame:
    """A table's rows in the order of the graph's, (n,), by label as `rows_by_label` finds them.

    A deleted row that the table does not name stays empty. Raises DataError.
    """
    try:
        return _taken(table, rows_by_label(graph.labels, table))
    except DataError:
        if not graph.deleted.any():
            raise
    rows = np.full(graph.n, NO_ROW)
    rows[~graph.deleted] = rows_by_label(graph.labels[~graph.deleted], table)
    return _taken(table, rows)


def _taken(table: pd.DataFrame, rows: npt.NDArray[np.int64]) -> pd.DataFrame:
    """The rows of a table, empty where the row is -1."""
    return table.reset_index(drop=True).reindex(rows).reset_index(drop=True)


def rows_by_label(
    labels: npt.NDArray[np.integer], table: pd.DataFrame | EmbeddingSet
) -> npt.NDArray[np.int64]:
    """The row of a table for each label of an index, (n,).

    By a column of whole numbers named id, key, label, row or index that holds every label; else,
    where labels are row numbers of the table, by position; else in order, where there are as many
    rows as labels. Raises DataError.
    """
    frame = table.metadata if isinstance(table, EmbeddingSet) else table
    length = table.n if isinstance(table, EmbeddingSet) else len(table)
    wanted = labels.astype(object)
    for column in frame.columns:
        if str(column).casefold() not in ID_COLUMNS or frame[column].duplicated().any():
            continue
        position = pd.Series(np.arange(len(frame)), index=frame[column].astype(object))
        found = position.reindex(wanted)
        if not found.isna().any():
            return found.to_numpy().astype(np.int64)
    if len(labels) and int(labels[0]) >= 0 and int(labels[-1]) < length:
        return labels.astype(np.int64)
    if length == len(labels):
        return np.arange(length)
    raise DataError(
        f"The index has {len(labels):,} items and the table {length:,} rows, and no column named "
        f"{', '.join(ID_COLUMNS[:3])} or row holds every label of the index. Add such a column."
    )


def _label_names(graph: HnswGraph) -> pd.DataFrame | None:
    if np.array_equal(graph.labels, np.arange(graph.n)):
        return None
    return pd.DataFrame({"name": [f"id {label}" for label in graph.labels.tolist()]})
