"""Ties: which distances count as equal.

Of rows equally far from a query any may be listed, so that a strict comparison by row id would call
a right answer wrong. Two distances are equal where they differ by at most 1e-6 of the one that is
compared with. Both must be measured by one function from the same vectors: rounding to float32, as
an index of unit vectors does it, moves a short distance by more than that.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

RELATIVE_TIE = 1e-6
ROUNDING = 1e-15  # what float64 leaves of a distance that is 0


def tie_limit(distance: Any) -> Any:
    """The largest distance that counts as equal to `distance`, or nearer.

    distance: a number or an array of any shape; below 0 under inner product. NaN, for no distance,
    gives NaN, and no distance is at most that. The kernels compile this function too.

    >>> [round(float(tie_limit(distance)), 9) for distance in (2.0, -2.0)]
    [2.000002, -1.999998]
    """
    return distance + RELATIVE_TIE * abs(distance) + ROUNDING


def are_tied(left: npt.ArrayLike, right: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Whether distances count as equal: neither is farther than the other, ties apart.

    left, right: of shapes that fit together. False where one of the two is NaN.

    >>> are_tied([0.1, 0.1000002, 0.0], [0.10000005, 0.1, float("nan")]).tolist()
    [True, False, False]
    """
    one, other = np.asarray(left, np.float64), np.asarray(right, np.float64)
    return np.asarray((one <= tie_limit(other)) & (other <= tie_limit(one)))
