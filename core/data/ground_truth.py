"""The true neighbors that a file states: kept where they can be used, else left out and named."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FILL = -1  # what faiss and many exporters write where a list of neighbors is too short


class Usable(NamedTuple):
    """ids: (q, k) row ids, or None where they cannot be used. notes: what was left out, and why."""

    ids: npt.NDArray[np.int64] | None
    notes: tuple[str, ...] = ()


def usable_truth(stated: npt.NDArray[np.generic], queries: int, n: int) -> Usable:
    """The stated ground truth as row ids below `n`, for each of `queries` queries.

    Lists that end in -1 are shorter than the others: all are cut to the shortest, for recall at k
    needs k neighbors of each query.

    >>> usable_truth(np.array([[4, 2, 0], [3, 1, -1]]), 2, 5).ids.tolist()
    [[4, 2], [3, 1]]
    """
    if stated.ndim != 2 or 0 in stated.shape or len(stated) != queries:
        return _left_out(f"its shape is {stated.shape}, and there are {queries:,} queries")
    with np.errstate(invalid="ignore"):
        if stated.dtype.kind == "f":
            filled = np.where(np.isnan(stated), FILL, stated)
            if (filled != np.floor(filled)).any() or np.abs(filled).max() > 2**53:
                return _left_out("it holds numbers that are no row ids")
            stated = filled
        elif stated.dtype.kind not in "iu":
            return _left_out(f"it holds {stated.dtype} and no row ids")
    if stated.max() >= n or stated.min() < FILL:
        return _left_out(
            f"it holds the ids {stated.min():.0f} to {stated.max():.0f}, and the rows are 0 to "
            f"{n - 1:,}"
        )
    ids = stated.astype(np.int64)
    shortest = int((np.cumsum(ids == FILL, axis=1) == 0).sum(axis=1).min())
    if shortest == 0:
        return _left_out("a query has no true neighbor in it (-1)")
    if shortest == ids.shape[1]:
        return Usable(ids)
    note = f"ground truth cut to the {shortest:,} nearest: -1 fills the lists of some queries"
    return Usable(np.ascontiguousarray(ids[:, :shortest]), (note,))


def _left_out(reason: str) -> Usable:
    return Usable(None, (f"ground truth left out: {reason}",))
