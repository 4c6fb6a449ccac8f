"""A list of neighbors that repeat one another less: maximal marginal relevance."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_number
from core.distances import Floats, unit_rows
from core.errors import ParameterError

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DiverseList:
    """ids: (k,) in the order they were chosen. left_out, taken_in: against the k nearest."""

    ids: Ids
    left_out: Ids
    taken_in: Ids
    balance: float


def diverse_list(
    vectors: Floats, query: Floats, candidates: Ids, k: int, balance: float
) -> DiverseList:
    """k of `candidates` (c,), nearest first, near to the query (d,) and unlike one another.

    vectors: (n, d). balance: lambda in [0, 1]; 1 gives the nearest by cosine, 0 asks only that each
    is unlike those before it. Next is always the candidate i with the largest

        lambda cos(i, query) - (1 - lambda) max over chosen j of cos(i, j)

    and the first is the nearest; of level ones the one that stands first. Carbonell and Goldstein,
    The Use of MMR, SIGIR 1998. Raises ParameterError where there are fewer than k candidates.
    """
    k, balance = check_count(k, "k"), check_number(balance, "balance")
    if not 0 <= balance <= 1:
        raise ParameterError(f"balance must be between 0 and 1; got {balance!r}.")
    if k > len(candidates):
        raise ParameterError(f"k must be at most {len(candidates):,} candidates; got {k:,}.")
    rows = unit_rows(vectors[candidates])
    near = rows @ unit_rows(query[None])[0]
    repeated = np.full(len(candidates), -np.inf)
    chosen: list[int] = []
    for _ in range(k):
        value = balance * near - (1 - balance) * repeated if chosen else near.copy()
        value[chosen] = -np.inf
        best = int(np.argmax(value))
        chosen.append(best)
        repeated = np.maximum(repeated, rows @ rows[best])
    ids, nearest = candidates[chosen], candidates[:k]
    return DiverseList(ids, nearest[~np.isin(nearest, ids)], ids[~np.isin(ids, nearest)], balance)
