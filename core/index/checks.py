"""What the index accepts: the rules of `core.checks`, in the types that its kernels take."""

import numpy as np
import numpy.typing as npt

from core.checks import as_array, check_count, check_finite, check_ids, check_shape, got
from core.distances import Floats
from core.errors import ParameterError
from core.index.graph import HnswGraph


def check_vectors(
    vectors: npt.ArrayLike, name: str, dim: int | None = None
) -> npt.NDArray[np.float32]:
    """`vectors` as finite C-contiguous float32, (n >= 1, d >= 1); copied only where it must be.

    dim: the number of dimensions that they must have.
    """
    given = check_shape(vectors, name, dim)
    with np.errstate(over="ignore"):
        rows = np.ascontiguousarray(given, dtype=np.float32)
    check_finite(rows, name)
    return rows


def check_vector(vector: npt.ArrayLike, name: str, dim: int) -> npt.NDArray[np.float32]:
    """One finite vector (dim,), or (1, dim), as C-contiguous float32, (1, dim)."""
    given = as_array(vector, name)
    if given.ndim > 1 and len(given) != 1:
        raise ParameterError(f"{name} must be one vector, (d,) = ({dim:,},); got {got(given)}.")
    return check_vectors(np.atleast_2d(given), name, dim)


def check_row_list(rows: npt.ArrayLike, name: str, n: int) -> npt.NDArray[np.int64]:
    """A list of row ids from 0 to n - 1, in any number and order, (r,)."""
    given = as_array(rows, name)
    if given.ndim != 1 or (given.size and not np.issubdtype(given.dtype, np.integer)):
        raise ParameterError(
            f"{name} must be a list of row ids; got shape {given.shape} of {given.dtype}."
        )
    if given.size and (given.min() < 0 or given.max() >= n):
        raise ParameterError(
            f"{name} must hold row ids from 0 to {n - 1:,}; got values from {given.min():,} to "
            f"{given.max():,}."
        )
    return given.astype(np.int64)


def check_queries(
    graph: HnswGraph, queries: npt.ArrayLike, name: str = "queries"
) -> npt.NDArray[np.float32]:
    """`queries` (q, graph.dim) as the graph compares them, (q, graph.stored_dim) float32.

    They are carried through the graph's transform, if it has one.
    """
    rows = check_vectors(queries, name, graph.dim)
    if graph.transform is None:
        return rows
    return check_vectors(graph.transform.apply(rows), f"{name} after {graph.transform.name}")


def as_precise(vectors: npt.ArrayLike, name: str, dim: int | None = None) -> Floats:
    """`vectors` as C-contiguous float32, float64 stays; whether they are finite is not asked."""
    given = check_shape(vectors, name, dim)
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(given, np.float64 if given.dtype == np.float64 else np.float32)


def check_precise(vectors: npt.ArrayLike, name: str, dim: int | None = None) -> Floats:
    """As `check_vectors`, but float64 stays float64."""
    rows = as_precise(vectors, name, dim)
    check_finite(rows, name)
    return rows


def check_exclude(exclude: npt.ArrayLike | None, queries: int, n: int) -> npt.NDArray[np.int64]:
    """(q,) row ids to leave out of each answer, -1 for none."""
    if exclude is None:
        return np.full(queries, -1, dtype=np.int64)
    ids = as_array(exclude, "exclude")
    if ids.shape != (queries,):
        raise ParameterError(
            f"exclude must hold one row id for each of the {queries:,} queries; got {got(ids)}."
        )
    return check_ids(ids, "exclude", n, empty=True).astype(np.int64)


def check_id_lists(ids: npt.ArrayLike, name: str, queries: int, n: int) -> npt.NDArray[np.int64]:
    """(q, at least 1) row ids, C-contiguous int64; -1 for none."""
    lists = as_array(ids, name)
    if lists.ndim != 2 or len(lists) != queries or lists.shape[1] < 1:
        raise ParameterError(
            f"{name} must hold row ids for each of the {queries:,} queries, (q, k); got "
            f"{got(lists)}."
        )
    return np.ascontiguousarray(check_ids(lists, name, n, empty=True), dtype=np.int64)


def check_k(k: int, name: str = "k") -> int:
    """`k` as a positive int."""
    return check_count(k, name)


def check_available(k: int, n: int, *, deleted: int = 0, excluding: bool = False) -> None:
    """Refuse a k above the number of rows that an answer can list.

    n: all rows, of which `deleted` are never returned. excluding: whether some query leaves out one
    of the others.
    """
    available = n - deleted - excluding
    if available <= 0:
        raise ParameterError(
            f"There is no row that an answer could list: of {n:,}, {deleted:,} are deleted"
            f"{' and one is excluded' if excluding else ''}."
        )
    if k > available:
        left_out = [f"{deleted:,} of them deleted"] * bool(deleted)
        left_out += ["one of them excluded"] * excluding
        raise ParameterError(
            f"k must be at most {available:,}: there are {', '.join([f'{n:,} rows', *left_out])}; "
            f"got {k:,}. Lower k."
        )


def check_returnable(
    graph: HnswGraph, k: int, exclude: npt.ArrayLike | None, queries: int
) -> npt.NDArray[np.int64]:
    """`check_exclude` and `check_available` for searches of a graph: (q,) rows to leave out."""
    excluded = check_exclude(exclude, queries, graph.n)
    rows = excluded[excluded >= 0]
    excluding = bool((~graph.deleted[rows]).any())
    check_available(k, graph.n, deleted=graph.n_deleted, excluding=excluding)
    return excluded
