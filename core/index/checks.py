"""What the index accepts: checked once, before any kernel or library is called."""

import numpy as np
import numpy.typing as npt

from core.errors import ParameterError
from core.index.graph import HnswGraph
from core.spaces import Floats


def check_vectors(vectors: Floats, name: str, dim: int | None = None) -> npt.NDArray[np.float32]:
    """`vectors` as finite C-contiguous float32, (n >= 1, d >= 1); copied only where it must be.

    dim: the number of dimensions that is asked for.
    """
    _check_shape(vectors, name, dim)
    with np.errstate(over="ignore"):
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
    _check_finite(rows, name)
    return rows


def check_queries(
    graph: HnswGraph, queries: Floats, name: str = "queries"
) -> npt.NDArray[np.float32]:
    """`queries` (q, graph.dim) as the graph compares them, (q, graph.stored_dim) float32.

    They are carried through the graph's transform, if it has one.
    """
    rows = check_vectors(queries, name, graph.dim)
    if graph.transform is None:
        return rows
    return check_vectors(graph.transform.apply(rows), f"{name} after {graph.transform.name}")


def check_precise(vectors: Floats, name: str, dim: int | None = None) -> Floats:
    """As `check_vectors`, but float64 stays float64."""
    if np.asarray(vectors).dtype != np.float64:
        return check_vectors(vectors, name, dim)
    _check_shape(vectors, name, dim)
    rows = np.ascontiguousarray(vectors)
    _check_finite(rows, name)
    return rows


def _check_shape(vectors: Floats, name: str, dim: int | None) -> None:
    rows = np.asarray(vectors)
    if rows.ndim != 2 or rows.shape[1] == 0 or not np.issubdtype(rows.dtype, np.number):
        raise ParameterError(
            f"{name} must be a 2-D array of numbers, (rows, dimensions); got shape {rows.shape} "
            f"of {rows.dtype}. For a single vector v pass v.reshape(1, -1)."
        )
    if len(rows) == 0:
        raise ParameterError(f"{name} must have at least one row; got none.")
    if dim is not None and rows.shape[1] != dim:
        raise ParameterError(
            f"{name} must have {dim:,} dimensions, as the indexed vectors have; got "
            f"{rows.shape[1]:,}."
        )


def _check_finite(rows: Floats, name: str) -> None:
    if not np.isfinite(rows).all():
        bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
        raise ParameterError(
            f"{name} must be finite in {rows.dtype}; {len(bad):,} rows are not, the first is row "
            f"{bad[0]:,}. Leave them out or mend them."
        )


def check_exclude(exclude: npt.ArrayLike | None, queries: int, n: int) -> npt.NDArray[np.int64]:
    """(q,) row ids to leave out of each answer, -1 for none."""
    if exclude is None:
        return np.full(queries, -1, dtype=np.int64)
    ids = np.asarray(exclude)
    if ids.shape != (queries,) or not np.issubdtype(ids.dtype, np.integer):
        raise ParameterError(
            f"exclude must hold one row id for each of the {queries:,} queries; got shape "
            f"{ids.shape} of {ids.dtype}."
        )
    if len(ids) and (ids.min() < -1 or ids.max() >= n):
        raise ParameterError(
            f"exclude must hold row ids below n = {n:,} (or -1 for none); got values from "
            f"{ids.min()} to {ids.max()}."
        )
    return ids.astype(np.int64)


def check_k(k: int, name: str = "k") -> int:
    """`k` as a positive int."""
    if isinstance(k, bool) or int(k) != k or k < 1:
        raise ParameterError(f"{name} must be a whole number of at least 1; got {k!r}.")
    return int(k)
