"""Every pair of labeled rows, one by one: what the counts of a walk are held against."""

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.distances import Metric
from core.metrics.pair_counts import PairCounts

Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class NaivePairs:
    """Rows, scores and kinds of all pairs (p,), the earlier row first."""

    left: Places
    right: Places
    score: npt.NDArray[np.float64]
    genuine: Flags

    def touching(self, rows: npt.ArrayLike) -> Flags:
        """Pairs with an end among the rows."""
        return np.isin(self.left, rows) | np.isin(self.right, rows)


def naive_pairs(
    vectors: np.ndarray, labels: np.ndarray, metric: Metric, *, keep_singletons: bool = True
) -> NaivePairs:
    names = labels.tolist()
    kept = [
        row
        for row, name in enumerate(names)
        if name >= 0 and (keep_singletons or names.count(name) > 1)
    ]
    pairs = list(itertools.combinations(kept, 2))
    left, right = (np.array(ends, dtype=np.int64) for ends in zip(*pairs, strict=True))
    rows = [[float(x) for x in row] for row in vectors]
    score = [naive_score(rows[i], rows[j], metric) for i, j in pairs]
    return NaivePairs(left, right, np.array(score), labels[left] == labels[right])


def naive_score(one: list[float], other: list[float], metric: Metric) -> float:
    if metric == "euclidean":
        return -(math.dist(one, other) ** 2) / 2
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    if metric == "inner_product":
        return dot
    lengths = math.hypot(*one) * math.hypot(*other)
    return dot / lengths if lengths > 0 else 0.0


def rounding(vectors: np.ndarray, metric: Metric) -> float:
    """How far a float32 score may be off: 3e-6 of the largest squared length."""
    longest = 1.0 if metric == "cosine" else float((vectors.astype(float) ** 2).sum(axis=1).max())
    return 6e-6 * longest


def assert_accepted(
    found: npt.ArrayLike, scores: npt.NDArray[np.float64], edges: npt.ArrayLike, off: float
) -> None:
    """`found` pairs are accepted at each border, but for scores within rounding of it."""
    borders, counts = np.asarray(edges, dtype=np.float64), np.asarray(found)
    ordered = np.sort(scores)
    least = len(scores) - np.searchsorted(ordered, borders + off, side="left")
    most = len(scores) - np.searchsorted(ordered, borders - off, side="left")
    assert counts.shape == borders.shape
    assert np.all(least <= counts), np.flatnonzero(least > counts)
    assert np.all(counts <= most), np.flatnonzero(counts > most)
    assert most.sum() - least.sum() <= max(0.03 * most.sum(), 40)  # the bounds are tight


def of_row_ends(counts: PairCounts) -> npt.NDArray[np.float64]:
    """Scores at the borders of the bins of rows, the lowest first."""
    return np.concatenate([counts.scale.edges[:1], counts.scale.edges[counts.row_edges]])


def of_level_ends(counts: PairCounts) -> npt.NDArray[np.float64]:
    """Scores at the borders of the levels of groups, the lowest first."""
    return np.concatenate([counts.scale.edges[:1], counts.scale.edges[counts.level_edges]])
