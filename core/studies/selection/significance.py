"""Exact p values of many 2 x 2 tables that share their margins, without a loop over the tables."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from core.checks import check_ids, check_whole
from core.distances import Float64s
from core.errors import ParameterError

Counts = npt.NDArray[np.int64]
TERMS_AT_ONCE = 2_000_000  # of all tails: bounds the memory


def fisher_p(
    inside: npt.NDArray[np.integer[Any]],
    total: npt.NDArray[np.integer[Any]],
    drawn: int,
    n: int,
) -> Float64s:
    """Two-sided p of each table by Fisher's exact test: twice the smaller tail, at most 1.

    inside: (w,) of the `drawn` rows that hold a thing. total: (w,) of all `n` rows that hold it.

    Under the hypothesis that the rows were drawn blindly, `inside` is hypergeometric. The tails are
    sums of its probabilities, P(X <= inside) and P(X >= inside); twice the smaller one is one of
    the usual two-sided forms (Agresti, 1992, A survey of exact inference for contingency tables,
    Statistical Science 7, section 2). Raises ParameterError for counts that cannot be.

    >>> fisher_p(np.array([3]), np.array([3]), 3, 6).round(9).tolist()  # twice 1 way of 20
    [0.1]
    """
    n, drawn = check_whole(n, "n", 1), check_whole(drawn, "drawn", 0, n)
    held = check_ids(total, "total", n + 1, empty=False).astype(np.int64)
    seen = check_ids(inside, "inside", n + 1, empty=False).astype(np.int64)
    least, most = np.maximum(0, drawn - (n - held)), np.minimum(held, drawn)
    if seen.shape != held.shape or seen.ndim != 1 or ((seen < least) | (seen > most)).any():
        raise ParameterError(
            "inside and total must be aligned counts, (w,), with no more inside than are held or "
            f"drawn; got shapes {seen.shape} and {held.shape}."
        )
    logs = gammaln(np.arange(n + 2.0))
    terms = most - least + 1
    ends = np.cumsum(terms)
    p = np.empty(len(held))
    start = 0
    while start < len(held):
        done = ends[start] - terms[start]
        stop = max(start + 1, int(np.searchsorted(ends, done + TERMS_AT_ONCE, side="right")))
        part = slice(start, stop)
        p[part] = _two_sided(seen[part], held[part], least[part], terms[part], drawn, n, logs)
        start = stop
    return p


def _two_sided(
    seen: Counts, held: Counts, least: Counts, terms: Counts, drawn: int, n: int, logs: Float64s
) -> Float64s:
    """The p of some tables; terms: how many values `inside` can take, from `least` on."""
    firsts = np.concatenate([[0], np.cumsum(terms)[:-1]])
    table = np.repeat(np.arange(len(held)), terms)
    value = np.arange(len(table)) - np.repeat(firsts - least, terms)
    k = held[table]
    whole = logs[n + 1] - logs[drawn + 1] - logs[n - drawn + 1]
    log_p = (
        (logs[k + 1] - logs[value + 1] - logs[k - value + 1])
        + (logs[n - k + 1] - logs[drawn - value + 1] - logs[n - k - drawn + value + 1])
        - whole
    )
    chance = np.exp(log_p)
    at = seen[table]
    below = np.add.reduceat(np.where(value <= at, chance, 0.0), firsts)
    above = np.add.reduceat(np.where(value >= at, chance, 0.0), firsts)
    return np.asarray(np.minimum(1.0, 2 * np.minimum(below, above)))
