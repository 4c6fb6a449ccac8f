"""Scores that a floor stands between: random pairs of rows, nearest rows, off-topic queries."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_rows
from core.distances import (
    ROUNDING,
    Float64s,
    Floats,
    Metric,
    length_metric,
    lengths,
    paired_distances,
)
from core.errors import ParameterError
from core.index import Neighbors, exact_neighbors
from core.metrics.floors import floors_of, last_of_equals
from core.metrics.pair_scores import PairScores
from core.progress import Progress, counted
from core.studies.parts.sampling import sample_rows

Rows = npt.NDArray[np.int64]
PAIRED_ROWS, QUERIES = 2_000, 1_000
RESAMPLES = 200
TAIL = 2.0  # times the largest share: pairs that a resample looks at first
MEASURED_AT_ONCE = 2**14


@dataclass(frozen=True, eq=False)
class RandomPairs:
    """Pairs of `rows` positions by falling score; copies: (c, 2) positions of those left out."""

    scores: Float64s
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    copies: npt.NDArray[np.int64]
    rows: int

    def draws(self, shares: tuple[float, ...], seed: int) -> Float64s:
        """Floors (b, s) of resamples of rows: a pair weighs as often as both of its rows."""
        random = np.random.default_rng(seed)
        weights = random.multinomial(
            self.rows, np.full(self.rows, 1 / self.rows), size=RESAMPLES
        ).astype(np.int32)
        tail = min(len(self.scores), int(TAIL * max(shares) * len(self.scores)) + 1)
        last = last_of_equals(self.scores)
        return np.stack([self._floors(weight, shares, tail, last) for weight in weights])

    def _floors(
        self, weight: npt.NDArray[np.int32], shares: tuple[float, ...], tail: int, last: Rows
    ) -> Float64s:
        counted = weight.astype(np.int64)
        both = counted[self.copies[:, 0]] * counted[self.copies[:, 1]]
        total = float((self.rows**2 - int((counted**2).sum())) // 2 - int(both.sum()))
        of_pairs = weight[self.left[:tail]] * weight[self.right[:tail]]
        if tail < len(self.scores) and of_pairs.sum(dtype=np.int64) <= max(shares) * total:
            return self._floors(weight, shares, len(self.scores), last)
        return floors_of(self.scores, last[last < tail], of_pairs, total, shares)


def random_pairs(rows: Floats, metric: Metric, bound: float, seed: int) -> RandomPairs:
    """All pairs of a sample of rows, near copies apart, by falling score."""
    drawn = sample_rows(len(rows), PAIRED_ROWS, seed=seed)
    sample = np.ascontiguousarray(rows[drawn])
    places = np.arange(len(drawn))
    one, other = np.triu_indices(len(drawn), 1)
    scores = PairScores(sample, metric).between(places, places)[one, other]
    copies = _copies(sample, one, other, metric, bound, scores)
    if copies.all():
        raise ParameterError("vectors must hold rows that differ; all pairs are near copies.")
    kept = np.flatnonzero(~copies)
    order = kept[np.argsort(-scores[kept], kind="stable")]
    return RandomPairs(
        scores[order],
        one[order].astype(np.int32),
        other[order].astype(np.int32),
        np.column_stack([one[copies], other[copies]]),
        len(drawn),
    )


def _copies(
    sample: Floats, left: Rows, right: Rows, metric: Metric, bound: float, scores: Float64s
) -> npt.NDArray[np.bool_]:
    """Whether the length between the rows of each pair is within `bound`, (p,)."""
    measured = length_metric(metric)
    products = PairScores(sample, measured)
    if measured != metric:
        places = np.arange(len(sample))
        scores = products.between(places, places)[left, right]
    squared = -2.0 * (scores - (1.0 if measured == "cosine" else 0.0))
    near = np.flatnonzero(squared <= 1.1 * bound**2 + 2e-5 * products.unit)
    found = np.zeros(len(left), dtype=bool)
    for start in range(0, len(near), MEASURED_AT_ONCE):
        some = near[start : start + MEASURED_AT_ONCE]
        away = paired_distances(sample[left[some]], sample[right[some]], measured)
        found[some] = _lengths(away, measured) <= bound
    return found


def nearest_scores(
    rows: Floats,
    queries: Floats | None,
    metric: Metric,
    k: int,
    bound: float,
    seed: int,
    report: Progress,
) -> tuple[Float64s, int]:
    """Scores (q, k) of the nearest rows of the queries, and how many best ones are near copies."""
    told = counted(report, "nearest rows of {:,} of {:,} queries")
    if queries is None:
        own = sample_rows(len(rows), QUERIES, seed=seed + 1)
        asked: Floats = rows[own]
        near = exact_neighbors(
            rows, asked, min(k, len(rows) - 1), metric=metric, exclude=own, progress=told
        )
    else:
        given = check_rows(queries, "queries", rows.shape[1])
        asked = given[sample_rows(len(given), QUERIES, seed=seed + 1)]
        near = exact_neighbors(rows, asked, min(k, len(rows)), metric=metric, progress=told)
    copies = _are_copies(rows, asked, near, metric, bound)
    return _scores(near.distances, metric), int(np.count_nonzero(copies))


def off_topic_scores(
    rows: Floats,
    off_topic: Floats | None,
    metric: Metric,
    bound: float,
    seed: int,
    report: Progress,
) -> tuple[Float64s | None, int]:
    """Scores (o,) of the nearest rows of off-topic queries, falling, and copies left out."""
    if off_topic is None:
        return None, 0
    given = check_rows(off_topic, "off_topic", rows.shape[1])
    asked = given[sample_rows(len(given), QUERIES, seed=seed + 2)]
    told = counted(report, "nearest rows of {:,} of {:,} off-topic queries")
    near = exact_neighbors(rows, asked, 1, metric=metric, progress=told)
    copies = _are_copies(rows, asked, near, metric, bound)
    if copies.all():
        return None, len(copies)
    kept = _scores(near.distances[~copies, 0], metric)
    return np.sort(kept)[::-1].copy(), int(np.count_nonzero(copies))


def _are_copies(
    rows: Floats, asked: Floats, near: Neighbors, metric: Metric, bound: float
) -> npt.NDArray[np.bool_]:
    """Whether each query's nearest row is a near copy of it, (q,)."""
    measured = length_metric(metric)
    away = paired_distances(rows[near.ids[:, 0]], asked, measured)
    return np.asarray(_lengths(away, measured) <= bound)


def _lengths(distances: Float64s, measured: Metric) -> Float64s:
    """Lengths, in which rounding to float32 counts as 0."""
    found = lengths(distances, measured)
    return np.where(found <= ROUNDING, 0.0, found)


def _scores(distances: Float64s, metric: Metric) -> Float64s:
    return -(distances**2) / 2.0 if metric == "euclidean" else 1.0 - distances
