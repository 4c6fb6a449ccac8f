"""A similarity floor without labels: what keeps unrelated rows out, and which answers it costs.

Scores are those of `core.metrics.pair_scores`: the larger, the nearer. Unrelated are random pairs
of rows, or off-topic queries against their nearest row. Related are the nearest rows of queries.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_rows
from core.distances import Float64s, Floats, Metric, check_metric
from core.errors import ParameterError
from core.intervals import middle_95
from core.metrics.floors import (
    LeastError,
    floors_of,
    last_of_equals,
    least_error,
    similarity_floor,
)
from core.progress import Progress, part, unheard
from core.studies.parts.near_length import near_length
from core.studies.thresholds.floor_scores import (
    RESAMPLES,
    nearest_scores,
    off_topic_scores,
    random_pairs,
)
from core.studies.thresholds.operating import Estimate

Basis = Literal["pairs", "off_topic"]
SHARES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)
NEAREST = 10


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
        if basis == "pairs":
            return self._least_by_pairs
        return least_error(self.scores_of(basis), self.best)

    @cached_property
    def _least_by_pairs(self) -> LeastError:
        """Millions of scores are gone through once."""
        return least_error(self.unrelated, self.best)


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
    pairs = random_pairs(rows, metric, bound, seed)
    found, copies = nearest_scores(rows, queries, metric, k, bound, seed, part(report, 0.2, 0.6))
    strangers, strange_copies = off_topic_scores(
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
        last, total = last_of_equals(scores), float(len(scores))
        drawn = np.stack(
            [floors_of(scores, last, weight, total, SHARES) for weight in self._strangers]
        )
        return tuple(self.floor(share, scores, drawn[:, i]) for i, share in enumerate(SHARES))


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
