"""Coding rate: how many nats a vector takes at a given precision, and what knowing its class saves.

Yu et al., arXiv 2006.08558 (MCR^2). W (d, m) has the rows as columns, scaled to length 1:

    R   = 1/2 logdet(I + d / (m eps^2) W W')
    Rc  = sum over classes j of m_j / (2 m) logdet(I + d / (m_j eps^2) W_j W_j')
    reduction = R - Rc
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_labels, check_number, check_rows
from core.distances import Float64s, Floats, unit_rows
from core.errors import ParameterError
from core.metrics.spectrum import second_moment


@dataclass(frozen=True)
class CodingRate:
    """In nats. rate: R, of all rows. within: Rc, NaN without classes. n_excluded: of `within`.

    n_excluded: rows without a label, which take no part in `reduction`: that is of the others.
    """

    rate: float
    within: float
    reduction: float
    n_excluded: int


def coding_rate(
    vectors: Floats,
    labels: npt.NDArray[np.integer[Any]] | None = None,
    *,
    squared_precision: float = 0.5,
    moment: npt.ArrayLike | None = None,
) -> CodingRate:
    """The coding rate of `vectors` (n, d), and its reduction by classes.

    labels: (n,) codes, below 0 for none. squared_precision: eps^2. moment: the mean of u u' over
    all rows scaled to length 1, where it is at hand. Without labels `within` and `reduction` are
    NaN.

    >>> round(coding_rate(np.eye(2)).rate, 4)  # m = d = 2: 1/2 ln 3 for each of 2 directions
    1.0986
    """
    rows = check_rows(vectors, "vectors")
    precision = check_number(squared_precision, "squared_precision")
    if not (np.isfinite(precision) and precision > 0):
        raise ParameterError(f"squared_precision must be above 0; got {squared_precision!r}.")
    whole = second_moment(rows, unit=True) if moment is None else np.asarray(moment, np.float64)
    rate = _rate(whole, rows.shape[1] / precision)
    if labels is None:
        return CodingRate(rate, float("nan"), float("nan"), 0)
    codes = check_labels(labels, len(rows))
    known = codes >= 0
    n_known = int(known.sum())
    if n_known == 0:
        return CodingRate(rate, float("nan"), float("nan"), len(rows))
    within = _within(rows, codes, precision) / n_known
    of_known = rate
    if n_known < len(rows):
        of_known = _rate(second_moment(rows[known], unit=True), rows.shape[1] / precision)
    return CodingRate(rate, within, of_known - within, len(rows) - n_known)


def _within(rows: Floats, codes: npt.NDArray[np.integer[Any]], precision: float) -> float:
    """Sum over classes of members times the rate of the class."""
    order = np.argsort(codes, kind="stable")
    order = order[codes[order] >= 0]
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    scale = rows.shape[1] / precision
    return sum(
        len(members) * _rate(_smaller_moment(rows[members]), scale)
        for members in np.split(order, starts[1:])
    )


def _smaller_moment(rows: Floats) -> Float64s:
    """The moment of unit rows, or their Gram matrix over m where that is the smaller of the two.

    Both have the same eigenvalues but for zeros, which add nothing to the rate.
    """
    if len(rows) >= rows.shape[1]:
        return second_moment(rows, unit=True)
    units = unit_rows(rows)
    return np.asarray(units @ units.T / len(rows))


def _rate(moment: Float64s, scale: float) -> float:
    """1/2 logdet(I + scale moment)."""
    return float(np.linalg.slogdet(np.eye(len(moment)) + scale * moment)[1] / 2)
