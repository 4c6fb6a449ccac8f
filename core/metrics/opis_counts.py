"""Counts behind OPIS: the calibration range, and accepted pairs per class and threshold.

Distances that differ by less than 1e-12 are ties: a pair is accepted at t iff d <= t + 1e-12, so
that pairs equally far by symmetry are accepted together, whatever their rounding.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Float64s
from core.metrics.class_pairs import ClassPairs
from core.metrics.pairs import LARGEST_DISTANCE, AnyFloats, Int32s, Int64s, Pairs

Integers = npt.NDArray[np.integer[Any]]
TIE = 1e-12
KEPT_BYTES = 512 << 20
BYTES_PER_PAIR = 16
HISTOGRAM_CELLS = 1 << 22
LOOKUP_CELLS = 1 << 14
LIMITS_PER_CELL = 4


class NearPairs:
    """Pairs up to a bound, to be walked several times: kept if few, else recomputed.

    share is the share of all impostor pairs that is expected up to the bound.
    """

    def __init__(self, pairs: ClassPairs, bound: float, share: float = 1.0) -> None:
        self._pairs, self.bound = pairs, bound
        expected = share * pairs.n_impostor + pairs.n_genuine
        self._kept = pairs.both(bound) if expected * BYTES_PER_PAIR <= KEPT_BYTES else None

    def genuine(self) -> Iterable[Pairs]:
        """The genuine pairs, in batches."""
        return self._pairs.genuine(self.bound) if self._kept is None else self._kept[0]

    def impostors(self) -> Iterable[Pairs]:
        """The impostor pairs, in batches."""
        return self._pairs.impostors(self.bound) if self._kept is None else self._kept[1]

    def order_statistics(self, ranks: Int64s) -> Float64s:
        """The impostor distances of these ranks (from 0); inf for a rank beyond the bound."""
        if self._kept is None:
            squared = _streamed_statistics(self.impostors, ranks, self.bound**2)
        else:
            none = np.empty(0, dtype=np.float64)
            squared = _smallest(np.concatenate([b.squared for b in self._kept[1]] or [none]), ranks)
        found = np.sqrt(squared)
        complete = self.bound >= LARGEST_DISTANCE
        return found if complete else np.where(found <= self.bound, found, np.inf)


def calibrate(pairs: ClassPairs, far: Sequence[float]) -> tuple[Float64s, NearPairs]:
    """Quantiles (linear interpolation) of all impostor distances, and the pairs up to the last one.

    A sample guesses a bound just above the last quantile; if the guess was too low, a higher one is
    tried, so that the quantiles are exact.
    """
    position = np.asarray(far, dtype=np.float64) * (pairs.n_impostor - 1)
    below = np.floor(position).astype(np.int64)
    ranks = np.stack([below, np.minimum(below + 1, pairs.n_impostor - 1)])
    sample = pairs.sampled_impostor_distances()
    share = max(far)
    while True:
        share = 1.1 * share + 0.005
        bound = float(np.quantile(sample, share)) if share < 1 and len(sample) else LARGEST_DISTANCE
        near = NearPairs(pairs, bound, share)
        low, high = near.order_statistics(ranks.ravel()).reshape(2, -1)
        if np.isfinite(high).all() or bound >= LARGEST_DISTANCE:
            return _between(low, high, position - below), near


def accepted_by_slot(
    batches: Iterable[Pairs], slots: Int32s, limits: Float64s, *, both_ends: bool
) -> Int64s:
    """Pairs with distance <= each of the ascending limits (g,), per slot: (largest slot + 1, g).

    slots: (n,) slot of each row. A pair counts for the slot of its left row; with both_ends for
    that of its right row as well.
    """
    width = len(limits) + 1
    counts = np.zeros((int(slots.max(initial=-1)) + 1) * width, dtype=np.int64)
    base = slots.astype(np.int64) * width
    for batch in batches:
        bins = limits_below(batch.squared, (limits**2).astype(batch.squared.dtype))
        counts += np.bincount(base[batch.left] + bins, minlength=len(counts))
        if both_ends:
            counts += np.bincount(base[batch.right] + bins, minlength=len(counts))
    return np.asarray(np.cumsum(counts.reshape(-1, width), axis=1)[:, :-1])


def limits_below(values: AnyFloats, limits: AnyFloats) -> Integers:
    """How many of the ascending limits are smaller than each value: searchsorted, but faster.

    A monotone map into cells says how many limits lie in the cells before; those in the same cell
    are compared.
    """
    span = float(limits[-1] - limits[0])
    scale = LOOKUP_CELLS / span if span > LOOKUP_CELLS * TIE else 0.0
    cell_of_limit = _cells(limits, limits[0], scale)
    together = int(np.bincount(cell_of_limit).max())
    if together > LIMITS_PER_CELL or len(limits) > LOOKUP_CELLS:
        return np.searchsorted(limits, values, side="left")
    before = np.searchsorted(cell_of_limit, np.arange(LOOKUP_CELLS), side="left").astype(np.int16)
    padded = np.append(limits, np.asarray(np.inf, dtype=limits.dtype))
    count = before[_cells(values, limits[0], scale)]
    for _ in range(together):
        count += padded[count] < values
    return count


def jumps_between(
    batches: Iterable[Pairs], low: float, high: float, known: Float64s, most: int
) -> Float64s:
    """Distinct distances strictly between low and high, with those known, ascending.

    Stops early, with more than `most`, where there are more than that.
    """
    for batch in batches:
        distance = batch.distance
        inside = distance[(distance > low + TIE) & (distance < high - TIE)]
        known = np.unique(np.concatenate([known, inside]))
        known = known[np.diff(known, prepend=-np.inf) > TIE]
        if len(known) > most:
            break
    return known


def _cells(values: AnyFloats, origin: Any, scale: float) -> Int32s:
    scaled = np.subtract(values, origin)
    scaled *= scale
    return np.asarray(np.clip(scaled, 0, LOOKUP_CELLS - 1, out=scaled), dtype=np.int32)


def _between(low: Float64s, high: Float64s, share: Float64s) -> Float64s:
    """Linear interpolation from the nearer end, as numpy's quantile has it."""
    from_low, from_high = low + (high - low) * share, high - (high - low) * (1.0 - share)
    return np.where(share < 0.5, from_low, from_high)


def _smallest(values: AnyFloats, ranks: Int64s) -> Float64s:
    """What stands at each rank of the values in ascending order, inf beyond; reorders them."""
    found = np.full(len(ranks), np.inf)
    for i in np.argsort(-ranks):
        if ranks[i] < len(values):
            values.partition(ranks[i])
            values = values[: ranks[i] + 1]
            found[i] = values[-1]
    return found


def _streamed_statistics(
    walk: Callable[[], Iterable[Pairs]], ranks: Int64s, bound: float
) -> Float64s:
    """Order statistics of the squared distances in two walks.

    The first counts a fine histogram, the second collects the distinct values of the cells wanted.
    """
    scale = HISTOGRAM_CELLS / bound
    counts = np.zeros(HISTOGRAM_CELLS + 1, dtype=np.int64)
    for batch in walk():
        counts += np.bincount(_histogram_cells(batch.squared, scale), minlength=len(counts))
    upto = np.cumsum(counts)
    cells = np.searchsorted(upto, ranks, side="right")
    wanted = np.isin(np.arange(len(counts)), cells)
    values, repeats = np.empty(0), np.empty(0, dtype=np.int64)
    for batch in walk():
        inside = batch.squared[wanted[_histogram_cells(batch.squared, scale)]]
        merged = np.concatenate([values, inside])
        times = np.concatenate([repeats, np.ones(len(inside), dtype=np.int64)])
        values, place = np.unique(merged, return_inverse=True)
        repeats = np.bincount(place, weights=times, minlength=len(values)).astype(np.int64)
    found = np.full(len(ranks), np.inf)
    for i, (rank, cell) in enumerate(zip(ranks, cells, strict=True)):
        if cell < len(counts):
            own = _histogram_cells(values, scale) == cell
            within = rank - (upto[cell] - counts[cell])
            found[i] = values[own][np.searchsorted(np.cumsum(repeats[own]), within, side="right")]
    return found


def _histogram_cells(values: AnyFloats, scale: float) -> Int64s:
    """Cell of each value, the last one for all beyond the bound; monotone."""
    return np.minimum(values.astype(np.float64) * scale, HISTOGRAM_CELLS).astype(np.int64)
