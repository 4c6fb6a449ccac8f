"""The items of an index that was read from a file: its vectors, with what is known of them."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import EmbeddingSet
from core.errors import DataError
from core.index import HnswGraph
from core.studies.inspection.quantization import holds_stored_vectors
from core.studies.inspection.row_changes import row_changes

NO_ROW = -1
FEWEST_CODES = 0.2  # of the rows of an index of the loaded data that have the code of their row
ID_COLUMNS = ("id", "ids", "key", "label", "labels", "row", "index")


def index_items(graph: HnswGraph, name: str, loaded: EmbeddingSet | None = None) -> EmbeddingSet:
    """A set whose row i is row i of the graph.

    loaded: a set that the index may have been built from, its labels being row numbers. Where one
    row or more agrees with the index's (`row_changes`), the rows of `loaded` and their metadata are
    used: `row_changes` says which differ, and rows that `loaded` does not have are
    the index's, without metadata. Otherwise the vectors are the index's and an item's name is its
    label.
    """
    rows = matching_rows(graph, loaded) if loaded is not None else None
    if loaded is None or rows is None:
        return EmbeddingSet.from_arrays(
            graph.vectors, metadata=_label_names(graph), name=name, notes=graph.notes
        )
    if len(rows) == loaded.n and np.array_equal(rows, np.arange(loaded.n)):
        return loaded
    vectors = _vectors_at(graph, loaded, rows)
    if graph.transform is None and graph.codes is None:  # else its vectors are not as they came
        others = _repeated(graph.labels) & row_changes(graph, vectors).differ
        vectors[others] = graph.vectors[others]  # one row of the data is not the vector of each
    return EmbeddingSet.from_arrays(
        vectors,
        metadata=_taken(loaded.metadata, rows),
        label_column=loaded.label_column,
        name=loaded.name,
        notes=(
            *loaded.notes,
            *_row_notes(graph, loaded, rows),
            *_truth_notes(loaded),
            *graph.notes,
        ),
        queries=loaded.queries,
        metric=loaded.metric,
    )


def with_index_vectors(graph: HnswGraph, items: EmbeddingSet) -> EmbeddingSet:
    """The items of an index with the vectors that the index itself holds."""
    return EmbeddingSet.from_arrays(
        graph.vectors,
        metadata=items.metadata,
        label_column=items.label_column,
        name=items.name,
        notes=(*items.notes, "the vectors are those of the index", *_truth_notes(items)),
        queries=items.queries if graph.dim == items.dim else None,
        metric=items.metric,
    )


def in_order_of(rows: npt.NDArray[np.int64], items: EmbeddingSet) -> EmbeddingSet:
    """The given rows of a set, with their metadata, its queries and its metric."""
    return EmbeddingSet.from_arrays(
        items.vectors[rows],
        metadata=items.metadata.iloc[rows].reset_index(drop=True),
        label_column=items.label_column,
        name=items.name,
        notes=(*items.notes, *_truth_notes(items)),
        queries=items.queries,
        metric=items.metric,
    )


def index_with_items(
    graph: HnswGraph, name: str, loaded: EmbeddingSet | None = None
) -> tuple[HnswGraph, EmbeddingSet]:
    """`index_items`, and the graph that searches by them.

    Where only the vectors behind a transform are known, queries are such vectors, too: the graph is
    then in its own space.
    """
    items = index_items(graph, name, loaded)
    return (graph.in_own_space() if holds_stored_vectors(graph, items.vectors) else graph), items


def matching_rows(graph: HnswGraph, loaded: EmbeddingSet) -> npt.NDArray[np.int64] | None:
    """The row of `loaded` that each row of the graph holds by its label, -1 for none.

    None where no row of `loaded` is the same as the graph's row of its number; of a graph that
    stores codes, a fifth must be, for some agree by chance.
    """
    rows = named_rows(graph, loaded)
    if rows is None:
        return None
    live = (rows != NO_ROW) & ~graph.deleted
    changes = row_changes(graph, _vectors_at(graph, loaded, rows))
    same = int((live & ~changes.differ).sum())
    least = 1 if changes.other_code is None else max(1, FEWEST_CODES * int(live.sum()))
    return rows if same >= least else None


def named_rows(graph: HnswGraph, loaded: EmbeddingSet) -> npt.NDArray[np.int64] | None:
    """The row of `loaded` that each label is the number of, -1 for none; None where it has none.

    None, too, where a live row has none and its vector as it was added is not known either, behind
    a transform.
    """
    named = (graph.labels >= 0) & (graph.labels < loaded.n)
    if loaded.dim != graph.dim or not named.any():
        return None
    if graph.transform is not None and not (named | graph.deleted).all():
        return None
    rows = np.full(graph.n, NO_ROW)
    rows[named] = graph.labels[named].astype(np.int64)
    return rows


def _vectors_at(
    graph: HnswGraph, loaded: EmbeddingSet, rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    """The rows of `loaded`, and the graph's own where it has none, (n, graph.dim).

    Behind a transform, deleted rows without one are zeros.
    """
    nameless = rows == NO_ROW
    vectors = loaded.vectors[np.where(nameless, 0, rows)]
    vectors[nameless] = graph.vectors[nameless] if graph.transform is None else 0.0
    return vectors


def _truth_notes(items: EmbeddingSet) -> tuple[str, ...]:
    if items.ground_truth is None:
        return ()
    return ("ground truth left out: it numbers the rows of the file, not those of the index",)


def _row_notes(
    graph: HnswGraph, loaded: EmbeddingSet, rows: npt.NDArray[np.int64]
) -> tuple[str, ...]:
    held = len(np.unique(rows[rows != NO_ROW]))
    more = int(((rows == NO_ROW) & ~graph.deleted).sum())
    taken = f"{held:,} of {loaded.n:,} rows, those of the index"
    if not more:
        return (taken,)
    return (
        taken,
        f"{more:,} rows of the index are not in the loaded data: their vectors are the index's, "
        "without metadata",
    )


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

    labels: ascending. By a column of whole numbers named id, key, label, row or index that holds
    every label; where a label stands for several items, as often as it does, and then in the order
    of the table. Else, where labels are row numbers of the table, by position, unless some stand
    for several items, there are as many rows as labels, and the last row is named by none; else in
    order, where there are as many. Raises DataError.
    """
    frame = table.metadata if isinstance(table, EmbeddingSet) else table
    length = table.n if isinstance(table, EmbeddingSet) else len(table)
    wanted = labels.astype(object)
    repeated = bool(_repeated(labels).any())
    for column in frame.columns:
        if str(column).casefold() not in ID_COLUMNS:
            continue
        if repeated and _holds(frame[column], labels):
            return np.argsort(frame[column].to_numpy(), kind="stable")
        if frame[column].duplicated().any():
            continue
        position = pd.Series(np.arange(len(frame)), index=frame[column].astype(object))
        found = position.reindex(wanted)
        if not found.isna().any():
            return found.to_numpy().astype(np.int64)
    in_order = repeated and length == len(labels) and int(labels[-1]) < length - 1
    if not in_order and len(labels) and int(labels[0]) >= 0 and int(labels[-1]) < length:
        return labels.astype(np.int64)
    if length == len(labels):
        return np.arange(length)
    raise DataError(
        f"The index has {len(labels):,} items and the table {length:,} rows, and no column named "
        f"{', '.join(ID_COLUMNS[:3])} or row holds every label of the index. Add such a column."
    )


def _repeated(labels: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
    """(n,) whether each label, of those in ascending order, stands for another row as well.

    >>> _repeated(np.array([3, 5, 5, 8])).tolist()
    [False, True, True, False]
    """
    same = labels[1:] == labels[:-1]
    repeated = np.zeros(len(labels), dtype=bool)
    repeated[1:] |= same
    repeated[:-1] |= same
    return repeated


def _holds(column: "pd.Series[Any]", labels: npt.NDArray[np.integer]) -> bool:
    """Whether a column holds these labels, each as often as they do."""
    values = column.to_numpy()
    return values.dtype.kind in "iu" and np.array_equal(np.sort(values), labels)


def _label_names(graph: HnswGraph) -> pd.DataFrame | None:
    """ "id 7", and where a label stands for several rows "id 7 (1 of 2)", so that each differs."""
    labels = graph.labels
    if np.array_equal(labels, np.arange(graph.n)):
        return None
    _, first, counts = np.unique(labels, return_index=True, return_counts=True)
    count = np.repeat(counts, counts)
    place = np.arange(graph.n) - np.repeat(first, counts) + 1
    names = [
        f"id {label}" if several == 1 else f"id {label} ({which:,} of {several:,})"
        for label, which, several in zip(
            labels.tolist(), place.tolist(), count.tolist(), strict=True
        )
    ]
    return pd.DataFrame({"name": names})
