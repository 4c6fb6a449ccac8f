"""Sets and graphs as they come out of a store: checked again, for kernels trust what these hold."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.data.embedding_set import EmbeddingSet, class_codes
from core.distances import check_metric
from core.errors import StoreError
from core.index.graph import Adjacency, HnswGraph

LARGEST_LEVEL = 64
LEFT_OUT: Mapping[type, tuple[str, ...]] = {EmbeddingSet: ("_codes", "_bare")}


def fingerprints(value: Any) -> dict[str, str]:
    """The names that a set or a graph has worked out of its content, kept beside it."""
    if isinstance(value, EmbeddingSet):
        return {"fingerprint": value.fingerprint, "bare": value.bare.fingerprint}
    return {"fingerprint": value.fingerprint} if isinstance(value, HnswGraph) else {}


def check(made: Any, marks: Mapping[str, str]) -> Any:
    """The value, a set with its labels found anew; raises StoreError where it cannot be.

    marks: the fingerprints that were kept beside it, which need not be worked out again.
    """
    if isinstance(made, EmbeddingSet):
        return _set(made, marks)
    if isinstance(made, HnswGraph):
        _check_graph(made)
        _remember(made, marks.get("fingerprint"))
    return made


def _set(made: EmbeddingSet, marks: Mapping[str, str]) -> EmbeddingSet:
    _check_vectors(made.vectors, "The vectors")
    if not isinstance(made.metadata, pd.DataFrame) or len(made.metadata) != made.n:
        raise StoreError("The metadata of the set does not have a row for each vector.")
    if not all(isinstance(name, str) for name in made.metadata.columns):
        raise StoreError("A column of the set's metadata has a name that is no text.")
    if made.queries is not None:
        _check_vectors(made.queries, "The queries")
        if made.queries.shape[1] != made.dim:
            raise StoreError("The queries of the set have other dimensions than its vectors.")
    if made.ground_truth is not None:
        _check_truth(made)
    if made.metric is not None:
        check_metric(made.metric)
    _check_words(made)
    bare = EmbeddingSet(made.vectors, pd.DataFrame(index=pd.RangeIndex(made.n)), None, "")
    codes = None if made.label_column is None else class_codes(made.metadata[made.label_column])
    whole = replace(made, _codes=codes, _bare=bare)
    _remember(bare, marks.get("bare"))
    _remember(whole, marks.get("fingerprint"))
    return whole


def _check_words(made: EmbeddingSet) -> None:
    if not isinstance(made.name, str) or not all(isinstance(note, str) for note in made.notes):
        raise StoreError("The name or a note of the set is no text.")
    if made.label_column is not None and made.label_column not in made.metadata.columns:
        raise StoreError(
            f"The set has no column {made.label_column!r}, which should hold its labels."
        )


def _check_truth(made: EmbeddingSet) -> None:
    truth: Any = made.ground_truth
    _check_array(truth, "The true neighbors", np.int64, 2)
    if made.queries is None or len(truth) != len(made.queries):
        raise StoreError("The set has true neighbors of other queries than its own.")
    _check_ids(truth, "The true neighbors", made.n)


def _check_graph(graph: HnswGraph) -> None:
    """The shapes of all arrays, and that each link ends at a node of its layer."""
    _check_vectors(graph.vectors, "The vectors")
    check_metric(graph.metric)
    n = graph.n
    _check_array(graph.levels, "The levels", np.int32, 1, n)
    _check_array(graph.deleted, "The deleted rows", np.bool_, 1, n)
    _check_array(graph.upper_start, "The starts of the upper rows", np.int64, 1, n)
    if graph.labels.shape != (n,) or graph.labels.dtype not in (np.int64, np.uint64):
        raise StoreError("The graph does not have a label for each row.")
    levels = graph.levels.astype(np.int64)
    if levels.min() < 0 or levels.max() > LARGEST_LEVEL:
        raise StoreError(f"A level of the graph is not between 0 and {LARGEST_LEVEL}.")
    if type(graph.entry_point) is not int or not 0 <= graph.entry_point < n:
        raise StoreError("The entry point of the graph is none of its rows.")
    if levels[graph.entry_point] != levels.max():
        raise StoreError("The entry point of the graph is not on its highest layer.")
    if not np.array_equal(graph.upper_start, np.cumsum(levels) - levels):
        raise StoreError("The upper rows of the graph do not start where its levels say.")
    _check_adjacency(graph.base, n, n)
    rows = int(levels.sum())
    _check_adjacency(graph.upper, rows, n)
    layers = np.arange(rows) - np.repeat(graph.upper_start, levels) + 1
    if (levels[graph.upper.targets] < np.repeat(layers, graph.upper.degrees)).any():
        raise StoreError("A link of the graph ends at a row that is not on its layer.")


def _check_adjacency(links: Adjacency, rows: int, n: int) -> None:
    _check_array(links.indptr, "The places of the links", np.int64, 1, rows + 1)
    _check_array(links.targets, "The links", np.int32, 1)
    ends_meet = links.indptr[0] == 0 and links.indptr[-1] == len(links.targets)
    if not ends_meet or (np.diff(links.indptr) < 0).any():
        raise StoreError("The places of the graph's links do not follow one another.")
    _check_ids(links.targets, "The links", n)


def _check_vectors(rows: Any, what: str) -> None:
    _check_array(rows, what, np.float32, 2)
    if 0 in rows.shape or not rows.flags.c_contiguous:
        raise StoreError(f"{what} must be rows one after the other, and are {rows.shape}.")


def _check_array(
    array: Any, what: str, dtype: Any, dimensions: int, length: int | None = None
) -> None:
    fits = isinstance(array, np.ndarray) and array.dtype == dtype and array.ndim == dimensions
    if not fits or (length is not None and len(array) != length):
        asked = f"{dimensions}-D of {np.dtype(dtype)}" + ("" if length is None else f", {length:,}")
        found = f"{array.shape} of {array.dtype}" if isinstance(array, np.ndarray) else "no array"
        raise StoreError(f"{what} must be {asked}; the store holds {found}.")


def _check_ids(ids: Any, what: str, n: int) -> None:
    if ids.size and (ids.min() < 0 or ids.max() >= n):
        raise StoreError(
            f"{what} must be row ids below {n:,}; the store holds {ids.min():,} to {ids.max():,}."
        )


def _remember(made: Any, fingerprint: str | None) -> None:
    """Set the property that would work it out again."""
    if isinstance(fingerprint, str):
        vars(made)["fingerprint"] = fingerprint
