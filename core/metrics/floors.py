"""A similarity floor: the least score that lets no more than a share of unrelated pairs through.

Scores are those of `core.metrics.pair_scores`: the larger, the nearer. What is at or above the
floor passes.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.checks import check_number, check_numbers
from core.distances import Float64s
from core.errors import ParameterError

Places = npt.NDArray[np.int64]


class LeastError(NamedTuple):
    """The threshold of least total error, the sum of the two shares that it gets wrong.

    unrelated: share at or above `score`. lost: share of the queries whose best answer is below.
    """

    score: float
    unrelated: float
    lost: float

    @property
    def total(self) -> float:
        """Both shares together."""
        return self.unrelated + self.lost


def similarity_floor(unrelated: npt.ArrayLike, share: float) -> float:
    """The least of the scores (p,) at or above which at most `share` of them lie.

    Where even the highest, by its ties, is too frequent, the next larger number. NaN for a share
    below 1 / p, which so few scores cannot tell. Raises ParameterError unless 0 < share <= 1.

    >>> similarity_floor([0.9, 0.5, 0.4, 0.3, 0.2, 0.1, 0.1, 0.0, 0.0, 0.0], 0.2)
    0.5
    """
    scores = np.sort(_finite(unrelated, "unrelated"))[::-1]
    if not 0 < check_number(share, "share") <= 1:
        raise ParameterError(f"share must be above 0 and at most 1; got {share!r}.")
    every = np.ones(len(scores), dtype=np.int64)
    return float(floors_of(scores, last_of_equals(scores), every, float(len(scores)), (share,))[0])


def least_error(unrelated: npt.ArrayLike, best: npt.ArrayLike) -> LeastError:
    """The score at which share(unrelated >= s) + share(best < s) is least, the highest such.

    It is one of `best` (q,): between two of them a higher threshold only passes fewer unrelated.
    """
    scores = np.sort(_finite(unrelated, "unrelated"))
    related = np.sort(_finite(best, "best"))
    passed = (len(scores) - np.searchsorted(scores, related, side="left")) / len(scores)
    lost = np.searchsorted(related, related, side="left") / len(related)
    place = len(related) - 1 - int(np.argmin((passed + lost)[::-1]))
    return LeastError(float(related[place]), float(passed[place]), float(lost[place]))


def last_of_equals(scores: Float64s) -> Places:
    """Places of the last of each run of equal scores."""
    return np.flatnonzero(np.append(scores[:-1] != scores[1:], True))


def floors_of(
    scores: Float64s,
    last: Places,
    weights: npt.NDArray[np.signedinteger[Any]],
    total: float,
    shares: tuple[float, ...],
) -> Float64s:
    """The least score for each share, (s,), of falling scores whose weights sum to `total`.

    last: places of the last of equal scores. Places and weights may be those of the highest scores
    alone, as far as the largest share reaches. A score of weight 0 was not drawn.
    """
    above = np.cumsum(weights, dtype=np.int64)[last]
    found = np.full(len(shares), np.nan)
    for place, share in enumerate(shares):
        allowed = share * total * (1 + 1e-12)
        if allowed < 1:
            continue
        count = int(np.searchsorted(above, allowed, side="right"))
        if count == 0 or above[count - 1] == 0:
            found[place] = np.nextafter(scores[0], np.inf)
        else:
            first = int(np.searchsorted(above, above[count - 1], side="left"))
            found[place] = scores[last[first]]
    return found


def _finite(scores: npt.ArrayLike, name: str) -> Float64s:
    values = check_numbers(scores, name)
    if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all():
        raise ParameterError(
            f"{name} must be a non-empty list of finite scores; got shape {values.shape}."
        )
    return values
