"""What the index accepts: the rules of `core.checks`, in the types that its kernels take."""

import numpy as np
import numpy.typing as npt

from core.checks import as_array, check_count, check_finite, check_ids, check_shape, got
from core.errors import ParameterError
from core.spaces import Floats


def check_vectors(
    vectors: npt.ArrayLike, name: str, dim: int | None = None
) -> npt.NDArray[np.float32]:
    """`vectors` as finite C-contiguous float32, (n >= 1, d >= 1); copied only where it must be.

    dim: the number of dimensions that is asked for.
    """
    given = check_shape(vectors, name, dim)
    with np.errstate(over="ignore"):
        rows = np.ascontiguousarray(given, dtype=np.float32)
    check_finite(rows, name)
    return rows


def check_precise(vectors: npt.ArrayLike, name: str, dim: int | None = None) -> Floats:
    """As `check_vectors`, but float64 stays float64."""
    given = as_array(vectors, name)
    if given.dtype != np.float64:
        return check_vectors(given, name, dim)
    rows: Floats = np.ascontiguousarray(check_shape(given, name, dim))
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
