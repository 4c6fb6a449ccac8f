"""A similarity floor without labels: what keeps unrelated rows out, and which answers it costs.

Scores are those of `core.metrics.pair_scores`: the larger, the nearer. Unrelated are random pairs
of rows, or off-topic queries against their nearest row. Related are the nearest rows of queries.
"""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_number, check_numbers, check_rows
from core.distances import (
    ROUNDING,
    Float64s,
    Floats,
    Metric,
    check_metric,
    length_metric,
    lengths,
    paired_distances,
)
from core.errors import ParameterError
from core.index import Neighbors, exact_neighbors
from core.intervals import middle_95
from core.metrics.pair_scores import PairScores
from core.progress import Progress, counted, part, unheard
from core.studies.parts.near_length import near_length
from core.studies.parts.sampling import sample_rows
from core.studies.thresholds.operating import Estimate

Rows = npt.NDArray[np.int64]
Basis = Literal["pairs", "off_topic"]
SHARES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
PAIRED_ROWS, QUERIES, NEAREST = 2_000, 1_000, 10
RESAMPLES = 200
TAIL = 2.0  # times the largest share: pairs that a resample looks at first
MEASURED_AT_ONCE = 2**14


class LeastError(NamedTuple):
    """The threshold of least total error, the sum of the two shares that it gets wrong.

    unrelated: share at or above `score`. lost: share of the queries whose best answer is below.
    """

    score: float
    unrelated: float
    lost: float

    @property
    def total(self) -> float:
        """Both shares together."""
        return self.unrelated + self.lost


@dataclass(frozen=True)
class Floor:
    """The floor for a share of the unrelated scores, and what it costs.

    share: that may pass. score: the floor with its interval, or NaN where so few scores cannot
    tell. passed: share of the unrelated scores at or above it. kept_best: share of the queries
    whose best answer is. kept_nearest: share of the k nearest of all queries. answered: share of
    the off-topic queries whose nearest row is; None without them.
    """

    share: float
    score: Estimate
    passed: float
    kept_best: Estimate
    kept_nearest: Estimate
    answered: Estimate | None


@dataclass(frozen=True, eq=False)
class FloorStudy:
    """Scores of unrelated pairs and of the nearest rows of queries, and floors between them.

    n: rows of the data. paired_rows: of them drawn with `seed`, all pairs of which are `unrelated`,
    (p,) scores, the highest first, less `near_copies` pairs. nearest: (q, k) scores of the nearest
    rows of q queries, the best first. own: whether the queries are rows of the data, each without
    itself. best_copies: queries whose best answer is a near copy. off_topic: (o,) scores of the
    nearest rows of off-topic queries, the highest first, less `off_topic_copies` queries that are
    near copies of a row; None without them. by_pairs, by_off_topic: a floor for each of `SHARES`.
    """

    metric: Metric
    n: int
    paired_rows: int
    unrelated: Float64s
    near_copies: int
    nearest: Float64s
    own: bool
    best_copies: int
    off_topic: Float64s | None
    off_topic_copies: int
    by_pairs: tuple[Floor, ...]
    by_off_topic: tuple[Floor, ...] | None
    seed: int

    @property
    def k(self) -> int:
        """Nearest rows of each query."""
        return int(self.nearest.shape[1])

    @property
    def best(self) -> Float64s:
        """Score of each query's best answer, (q,)."""
        return np.asarray(self.nearest[:, 0])

    def scores_of(self, basis: Basis) -> Float64s:
        """The unrelated scores of a basis, the highest first; raises ParameterError for none."""
        if basis == "pairs":
            return self.unrelated
        if self.off_topic is None:
            raise ParameterError("basis 'off_topic' needs off-topic queries; there are none.")
        return self.off_topic

    def floors(self, basis: Basis) -> tuple[Floor, ...]:
        """A floor for each of `SHARES`; raises ParameterError where there is no such basis."""
        self.scores_of(basis)
        return self.by_pairs if basis == "pairs" or self.by_off_topic is None else self.by_off_topic

    def least_error(self, basis: Basis) -> LeastError:
        """Where the floor of least total error lies: unrelated passed and best answers lost."""
        return least_error(self.scores_of(basis), self.best)


def similarity_floor(unrelated: npt.ArrayLike, share: float) -> float:
    """The least of the scores (p,) at or above which at most `share` of them lie.

    Where even the highest, by its ties, is too frequent, the next larger number. NaN for a share
    below 1 / p, which so few scores cannot tell. Raises ParameterError unless 0 < share <= 1.

    >>> similarity_floor([0.9, 0.5, 0.4, 0.3, 0.2, 0.1, 0.1, 0.0, 0.0, 0.0], 0.2)
    0.5
    """
    scores = np.sort(_finite(unrelated, "unrelated"))[::-1]
    if not 0 < check_number(share, "share") <= 1:
        raise ParameterError(f"share must be above 0 and at most 1; got {share!r}.")
    every = np.ones(len(scores), dtype=np.int64)
    return float(_floors(scores, _last_of_equals(scores), every, float(len(scores)), (share,))[0])


def least_error(unrelated: npt.ArrayLike, best: npt.ArrayLike) -> LeastError:
    """The score at which share(unrelated >= s) + share(best < s) is least, the highest such.

    It is one of `best` (q,): between two of them a higher threshold only passes fewer unrelated.
    """
    scores = np.sort(_finite(unrelated, "unrelated"))
    related = np.sort(_finite(best, "best"))
    passed = (len(scores) - np.searchsorted(scores, related, side="left")) / len(scores)
    lost = np.searchsorted(related, related, side="left") / len(related)
    place = len(related) - 1 - int(np.argmin((passed + lost)[::-1]))
    return LeastError(float(related[place]), float(passed[place]), float(lost[place]))


def floor_study(
    vectors: Floats,
    *,
    metric: Metric = "cosine",
    queries: Floats | None = None,
    off_topic: Floats | None = None,
    k: int = NEAREST,
    seed: int = 0,
    progress: Progress | None = None,
) -> FloorStudy:
    """Study where a floor may stand in `vectors` (n, d), without labels.

    queries: (q, d), of which at most 1,000 are drawn; by default rows of the data, each searched
    for among all others. off_topic: (o, d) queries that no row answers, at most 1,000 drawn.

    All pairs of at most 2,000 rows are the unrelated ones. Near copies, as `near_length` has them,
    are no unrelated pairs and are left out; a random pair may still be related by chance, so that
    the floor is rather too strict than too lax. Off-topic queries that are near copies of a row are
    left out as well. Intervals: 200 resamples of rows, whose pairs go with them, of queries and of
    off-topic queries, never of pairs. Raises ParameterError for fewer than three rows, for queries
    of another dimension, and where all rows are near copies.
    """
    rows, metric = check_rows(vectors, "vectors"), check_metric(metric)
    k, report = check_count(k, "k"), progress or unheard
    if len(rows) < 3:
        raise ParameterError(f"vectors must have at least three rows; got {len(rows):,}.")
    report(0.0, "how near copies are")
    bound = near_length(np.asarray(rows, dtype=np.float32), metric)
    bound = bound if np.isfinite(bound) else 0.0
    report(0.1, "pairs of rows")
    pairs = _random_pairs(rows, metric, bound, seed)
    found, copies = _nearest(rows, queries, metric, k, bound, seed, part(report, 0.2, 0.6))
    strangers, strange_copies = _strangers(
        rows, off_topic, metric, bound, seed, part(report, 0.6, 0.8)
    )
    report(0.8, "intervals")
    resampled = _Resampled(found, strangers, seed)
    drawn = pairs.draws(SHARES, seed)
    return FloorStudy(
        metric=metric,
        n=len(rows),
        paired_rows=pairs.rows,
        unrelated=pairs.scores,
        near_copies=len(pairs.copies),
        nearest=found,
        own=queries is None,
        best_copies=copies,
        off_topic=strangers,
        off_topic_copies=strange_copies,
        by_pairs=tuple(
            resampled.floor(share, pairs.scores, drawn[:, i]) for i, share in enumerate(SHARES)
        ),
        by_off_topic=None if strangers is None else resampled.floors_by_off_topic(strangers),
        seed=seed,
    )


@dataclass(frozen=True, eq=False)
class _Pairs:
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
        last = _last_of_equals(self.scores)
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
        return _floors(self.scores, last[last < tail], of_pairs, total, shares)


class _Resampled:
    """Resamples of the queries and of the off-topic queries, shared by all floors."""

    def __init__(self, nearest: Float64s, off_topic: Float64s | None, seed: int) -> None:
        random = np.random.default_rng(seed + 1)
        self._nearest, self._off_topic = nearest, off_topic
        self._queries = _draws(len(nearest), random)
        self._strangers = None if off_topic is None else _draws(len(off_topic), random)

    def floor(self, share: float, scores: Float64s, drawn: Float64s) -> Floor:
        """The floor for a share of the falling `scores`, with those of the resamples (b,)."""
        at = similarity_floor(scores, share)
        if np.isnan(at):
            none = Estimate(np.nan, np.nan, np.nan)
            return Floor(share, none, np.nan, none, none, None)
        answered = None
        if self._off_topic is not None and self._strangers is not None:
            answered = _kept(self._off_topic[:, None], at, drawn, self._strangers)
        return Floor(
            share=share,
            score=_estimate(at, drawn),
            passed=float(np.mean(scores >= at)),
            kept_best=_kept(self._nearest[:, :1], at, drawn, self._queries),
            kept_nearest=_kept(self._nearest, at, drawn, self._queries),
            answered=answered,
        )

    def floors_by_off_topic(self, scores: Float64s) -> tuple[Floor, ...]:
        """Floors for shares of the off-topic queries, whose resamples move the floor too."""
        assert self._strangers is not None
        last, total = _last_of_equals(scores), float(len(scores))
        drawn = np.stack(
            [_floors(scores, last, weight, total, SHARES) for weight in self._strangers]
        )
        return tuple(self.floor(share, scores, drawn[:, i]) for i, share in enumerate(SHARES))


def _last_of_equals(scores: Float64s) -> Rows:
    """Places of the last of each run of equal scores."""
    return np.flatnonzero(np.append(scores[:-1] != scores[1:], True))


def _floors(
    scores: Float64s,
    last: Rows,
    weights: npt.NDArray[np.signedinteger[Any]],
    total: float,
    shares: tuple[float, ...],
) -> Float64s:
    """The least score for each share, (s,), of falling scores whose weights sum to `total`.

    last: places of the last of equal scores. Places and weights may be those of the highest scores
    alone, as far as the largest share reaches. A score of weight 0 was not drawn.
    """
    above = np.cumsum(weights, dtype=np.int64)[last]
    found = np.full(len(shares), np.nan)
    for place, share in enumerate(shares):
        allowed = share * total * (1 + 1e-12)
        if allowed < 1:
            continue
        count = int(np.searchsorted(above, allowed, side="right"))
        if count == 0 or above[count - 1] == 0:
            found[place] = np.nextafter(scores[0], np.inf)
        else:
            first = int(np.searchsorted(above, above[count - 1], side="left"))
            found[place] = scores[last[first]]
    return found


def _random_pairs(rows: Floats, metric: Metric, bound: float, seed: int) -> _Pairs:
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
    return _Pairs(
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


def _nearest(
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


def _strangers(
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


def _draws(count: int, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """How often each of `count` items is drawn in each resample, (b, count)."""
    return np.asarray(random.multinomial(count, np.full(count, 1 / count), size=RESAMPLES))


def _kept(scores: Float64s, at: float, drawn: Float64s, weights: npt.NDArray[np.int64]) -> Estimate:
    """Share of scores (q, k) at or above `at`; its interval from floors and weights of queries."""
    queries, k = scores.shape
    resampled = np.array(
        [
            float(weight @ np.count_nonzero(scores >= floor, axis=1)) / (queries * k)
            for floor, weight in zip(drawn, weights, strict=True)
        ]
    )
    return _estimate(float(np.mean(scores >= at)), resampled)


def _estimate(value: float, drawn: Float64s) -> Estimate:
    low, high = middle_95(drawn)
    return Estimate(value, float(low), float(high))


def _finite(scores: npt.ArrayLike, name: str) -> Float64s:
    values = check_numbers(scores, name)
    if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all():
        raise ParameterError(
            f"{name} must be a non-empty list of finite scores; got shape {values.shape}."
        )
    return values
