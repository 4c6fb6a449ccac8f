"""How alike two ranked lists are, the first places counting most."""

import numpy as np
import numpy.typing as npt

from core.checks import as_array, check_number, got
from core.distances import Float64s
from core.errors import ParameterError

PERSISTENCE = 0.9  # the first 10 ranks carry 86 % of the weight
Ids = npt.NDArray[np.int64]


def rank_biased_overlap(
    first: npt.ArrayLike, second: npt.ArrayLike, *, p: float = PERSISTENCE
) -> Float64s:
    """Rank-biased overlap of each pair of ranked lists, extrapolated beyond their ends, (q,).

    first, second: (q, k) ids, best first; a negative id marks an empty place, at the end of a list
    only. p: how likely a reader goes on from one rank to the next, in (0, 1); the smaller, the more
    the first ranks count. 1 for equal lists, 0 for lists that share nothing; NaN for two empty
    ones.

    RBO_EXT of Webber, Moffat & Zobel, A similarity measure for indefinite rankings (ACM TOIS 28(4),
    2010, 20), equation 32: with X_d the ids that both lists hold in their first d places, and s and
    l the lengths of the shorter and of the longer list,
    (1 - p) / p (sum_{d=1..l} X_d / d p^d + sum_{d=s+1..l} X_s (d - s) / (s d) p^d)
    + ((X_l - X_s) / l + X_s / s) p^l.

    Raises ParameterError for lists of other shapes, a p out of range, and an id that stands twice
    in a list.

    >>> rank_biased_overlap([[1, 2]], [[2, 1]], p=0.5)  # X = 0, 2: 1 (0 + 1/4) + 1 / 4
    array([0.5])
    """
    left, right = _check_lists(first, second)
    if not 0 < check_number(p, "p") < 1:
        raise ParameterError(f"p must be between 0 and 1, both excluded; got {p!r}.")
    shared = _shared(left, right)
    lengths = np.stack([(left >= 0).sum(axis=1), (right >= 0).sum(axis=1)])
    short, long = lengths.min(axis=0), lengths.max(axis=0)
    depth = np.arange(1, left.shape[1] + 1)
    at_short, at_long = (_at(shared, length) for length in (short, long))
    share = np.divide(at_short, short, out=np.zeros(len(left)), where=short > 0)
    agreement = shared / depth
    agreement += np.where(depth > short[:, None], share[:, None] * (1 - short[:, None] / depth), 0)
    weights = np.where(depth <= long[:, None], p**depth, 0.0)
    ends = np.divide(at_long - at_short, long, out=np.zeros(len(left)), where=long > 0) + share
    overlap = (1 - p) / p * (agreement * weights).sum(axis=1) + ends * p**long
    return np.where(long > 0, np.minimum(overlap, 1.0), np.nan)


def _shared(left: Ids, right: Ids) -> Ids:
    """X_d: how many ids the first d places of both lists share, for d = 1 to k, (q, k)."""
    lists, k = left.shape
    same = (left[:, :, None] == right[:, None, :]) & (left >= 0)[:, :, None]
    query, one, other = np.nonzero(same)
    by_both = query * k + np.maximum(one, other)  # the place by which both lists hold an id
    return np.cumsum(np.bincount(by_both, minlength=lists * k).reshape(lists, k), axis=1)


def _at(shared: Ids, length: Ids) -> Ids:
    """X at the given depth of each list, 0 at depth 0."""
    padded = np.concatenate([np.zeros((len(shared), 1), np.int64), shared], axis=1)
    return np.take_along_axis(padded, length[:, None], axis=1)[:, 0]


def _check_lists(first: npt.ArrayLike, second: npt.ArrayLike) -> tuple[Ids, Ids]:
    left, right = as_array(first, "first"), as_array(second, "second")
    for ids, name in ((left, "first"), (right, "second")):
        if ids.ndim != 2 or ids.dtype.kind not in "iu" or ids.shape[1] == 0:
            raise ParameterError(f"{name} must be ids, (q, k) integers; got {got(ids)}.")
        ordered = np.sort(ids, axis=1)
        if ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any():
            raise ParameterError(f"{name} must name an id once in a list; one stands twice.")
        empty = ids < 0
        if (empty[:, :-1] & ~empty[:, 1:]).any():
            raise ParameterError(f"{name} must have its empty places at the end of each list.")
    if left.shape != right.shape:
        raise ParameterError(
            f"first and second must be of one shape; got {left.shape} and {right.shape}."
        )
    return left.astype(np.int64), right.astype(np.int64)
