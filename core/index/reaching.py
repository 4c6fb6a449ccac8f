"""The first ef that reaches a target; where none does, -1 stands for it, and NaN for its cost."""

from typing import Any

import numpy as np
import numpy.typing as npt

NONE_REACHES = -1
ROUNDING = 1e-12  # of a mean of recalls


def reaches(mean_recall: npt.ArrayLike, target: float) -> npt.NDArray[np.bool_]:
    """Whether each mean recall is at least the target, but for the rounding of the mean."""
    return np.asarray(np.asarray(mean_recall) >= target - ROUNDING)


def hits_needed(recall: float, k: int) -> int:
    """How many of k true neighbors must be found for a recall of at least `recall`.

    >>> hits_needed(0.95, 10), hits_needed(0.9, 10), hits_needed(0.0, 10)
    (10, 9, 0)
    """
    return int(np.ceil(recall * k - 1e-9))


def first_place(reached: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """The first place along the last axis that is True, -1 where none is: (..., e) to (...).

    >>> first_place(np.array([[False, True, True], [False, False, False]])).tolist()
    [1, -1]
    """
    return np.where(reached.any(axis=-1), reached.argmax(axis=-1), NONE_REACHES)


def first_ef(ef: npt.NDArray[np.int64], reached: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """The first ef (e,) that is reached, -1 where none is: (..., e) to (...).

    >>> first_ef(np.array([10, 11]), np.array([False, True])).tolist()
    11
    """
    place = first_place(reached)
    return np.where(place == NONE_REACHES, NONE_REACHES, ef[place])


def cost_at(costs: npt.NDArray[Any], place: int) -> float:
    """The cost at a place of the curve (e,), NaN for the place -1.

    >>> cost_at(np.array([100.0, 120.0]), 1), cost_at(np.array([100.0, 120.0]), -1)
    (120.0, nan)
    """
    return float("nan") if place == NONE_REACHES else float(costs[place])


def or_infinity(ef: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Each ef, or infinity where none reaches the target, which is harder than any.

    >>> or_infinity(np.array([40, -1])).tolist()
    [40.0, inf]
    """
    return np.where(ef == NONE_REACHES, np.inf, ef)
