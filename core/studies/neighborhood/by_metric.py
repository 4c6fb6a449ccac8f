"""The neighbors of one item under several distances, and how their ranks differ."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.distances import METRICS, Float64s, Floats
from core.index import exact_neighbors

SNR = "snr"
DISTANCES = (*METRICS, SNR)
ROWS_AT_ONCE = 8192
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class MetricLists:
    """ids, distances: by the name of a distance in `DISTANCES`, (k,) nearest first.

    ranks: by the same names, (r,) the rank of each of `rows` there, from 1; 0 beyond k. rows: (r,)
    all that any of the lists names, in the order of the first list, then of the next.
    """

    ids: dict[str, Ids]
    distances: dict[str, Float64s]
    rows: Ids
    ranks: dict[str, Ids]

    def shared(self, one: str, other: str) -> int:
        """How many rows two lists have in common."""
        return len(np.intersect1d(self.ids[one], self.ids[other]))


def snr_distances(anchor: Floats, vectors: Floats) -> Float64s:
    """Signal-to-noise ratio distance of an anchor (d,) to each row of `vectors` (n, d), (n,).

    var(anchor - row) / var(anchor), variances over the dimensions: the noise that turns the anchor
    into the row, by the signal of the anchor. It is not symmetric, and adding the same number to
    all dimensions changes nothing. NaN where the anchor has no variance. Yuan, Deng, Tang, Tang and
    Chen, Signal-to-Noise Ratio: A Robust Distance Metric for Deep Metric Learning, CVPR 2019.

    >>> snr_distances(np.array([1.0, -1.0]), np.array([[1.0, -1.0], [3.0, -1.0], [2.0, 0.0]]))
    array([0., 1., 0.])
    """
    signal = float(np.var(anchor.astype(np.float64)))
    if signal == 0:
        return np.full(len(vectors), np.nan)
    noise = np.empty(len(vectors))
    for start in range(0, len(vectors), ROWS_AT_ONCE):
        part = vectors[start : start + ROWS_AT_ONCE].astype(np.float64)
        noise[start : start + len(part)] = np.var(part - anchor.astype(np.float64), axis=1)
    return noise / signal


def by_metric(vectors: Floats, query: Floats, k: int, *, exclude: int = -1) -> MetricLists:
    """The k nearest of `vectors` (n, d) to a query (d,) under each of `DISTANCES`.

    exclude: a row left out, -1 for none. A query without variance has no list under "snr".
    """
    ids, distances = dict[str, Ids](), dict[str, Float64s]()
    for metric in METRICS:
        near = exact_neighbors(vectors, query[None], k, metric=metric, exclude=[exclude])
        ids[metric], distances[metric] = near.ids[0], near.distances[0]
    snr = snr_distances(query, vectors)
    order = np.argsort(snr, kind="stable")
    order = order[(order != exclude) & np.isfinite(snr[order])][:k]
    ids[SNR], distances[SNR] = order, snr[order]
    every = np.concatenate([ids[name] for name in DISTANCES])
    _, first = np.unique(every, return_index=True)
    rows = every[np.sort(first)]
    ranks = {name: ranks_in(ids[name], rows) for name in DISTANCES}
    return MetricLists(ids, distances, rows, ranks)


def ranks_in(ids: Ids, rows: Ids) -> Ids:
    """The rank of each of `rows` in a list of ids, from 1; 0 where it is not there.

    >>> ranks_in(np.array([7, 5]), np.array([5, 6, 7])).tolist()
    [2, 0, 1]
    """
    place = {int(row): rank for rank, row in enumerate(ids, start=1)}
    return np.array([place.get(int(row), 0) for row in rows], np.int64)
