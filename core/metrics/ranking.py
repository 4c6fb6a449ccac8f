"""Exact orders of all rows around one of them, in bounded memory.

A Gram product ranks quickly but its rounding breaks ties between equal rows, so it only screens:
wherever two rows differ in distance by less than its error, the order is settled by
`core.distances.paired_distances`. Ties that are left, equal in float64, go to the lower row id.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Float64s, Floats, Metric, check_metric, paired_distances, unit_rows

Ids = npt.NDArray[np.integer[Any]]

BLOCK_CELLS = 8_000_000


class Ranking:
    """Orders the other rows of `vectors` (n, d) around a row, nearest first by (distance, id).

    tolerance: rows whose keys differ by no more may stand in the other order.
    """

    def __init__(self, vectors: Floats, metric: Metric) -> None:
        self.metric = check_metric(metric)
        self._rows = vectors
        self._screen = unit_rows(vectors) if metric == "cosine" else vectors.astype(np.float64)
        if metric == "euclidean":
            self._screen -= self._screen.mean(axis=0)
        squared = np.einsum("ij,ij->i", self._screen, self._screen)
        self._offsets = squared if metric == "euclidean" else np.zeros(len(vectors))
        self.tolerance = self._rounding(float(squared.max(initial=0.0)))

    def _rounding(self, largest_squared: float) -> float:
        """Twice a bound on the error of one screening key, from the Gram product and centering."""
        eps = float(np.finfo(np.float64).eps)
        gram = 8.0 * (self._screen.shape[1] + 16) * largest_squared
        if self.metric != "euclidean":
            return float(eps * gram)
        raw = float(np.abs(self._rows).max(initial=0.0)) * float(np.sqrt(self._screen.shape[1]))
        return float(eps * (gram + 16.0 * np.sqrt(largest_squared) * raw))

    def screening_keys(self, queries: Ids) -> Iterator[tuple[int, Float64s]]:
        """Yield each query's row id and its (n,) keys: rising with the distance, inf for itself."""
        rows_per_block = max(1, BLOCK_CELLS // max(1, len(self._screen)))
        for start in range(0, len(queries), rows_per_block):
            block = queries[start : start + rows_per_block]
            yield from zip(block.tolist(), self.keys(block), strict=True)

    def keys(self, queries: Ids) -> Float64s:
        """Keys of a few queries, (q, n): rising with the distance, inf for each itself."""
        keys = self._screen[queries] @ self._screen.T
        keys *= -2.0 if self.metric == "euclidean" else -1.0
        keys += self._offsets
        keys[np.arange(len(queries)), queries] = np.inf
        return keys

    def distances(self, query: int, ids: Ids) -> Float64s:
        """Distances of the rows `ids` (m,) to the row `query`, (m,) float64."""
        left = self._rows[np.full(len(ids), query)]
        return paired_distances(left, self._rows[ids], self.metric)

    def nearest(self, query: int, keys: Float64s, count: int) -> Ids:
        """Ids of the `count` rows nearest to `query`, of at most n - 1, nearest first."""
        cutoff = float(np.partition(keys, count - 1)[count - 1])
        return self.within(query, keys, cutoff)[:count]

    def within(self, query: int, keys: Float64s, cutoff: float) -> Ids:
        """Ids of every row whose distance may be that of the key `cutoff` or less, in order."""
        ids = np.flatnonzero(keys <= cutoff + self.tolerance)
        ids = ids[np.argsort(keys[ids], kind="stable")]
        unsure = np.diff(keys[ids]) <= self.tolerance
        if not unsure.any():
            return ids
        contested = np.flatnonzero(np.append(unsure, False) | np.insert(unsure, 0, False))
        run = np.concatenate(([0], np.cumsum(~unsure)))[contested]
        order = np.lexsort((ids[contested], self.distances(query, ids[contested]), run))
        ids[contested] = ids[contested][order]
        return ids
