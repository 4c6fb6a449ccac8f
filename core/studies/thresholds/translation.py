"""A threshold of one space written in another over the same items.

With labels, the threshold in B that lets the same share of the impostor pairs pass as t does in A
(the same FAR); without, the same share of all pairs. Both are read from the pairs of the same rows.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.checks import (
    check_choice,
    check_count,
    check_labels,
    check_number,
    check_rows,
    check_whole,
)
from core.distances import METRICS, Float64s, Floats, Metric
from core.errors import ParameterError
from core.intervals import middle_95
from core.metrics.pair_scores import PairScores
from core.metrics.score_counts import ScoreScale, accepted
from core.progress import Progress, unheard
from core.studies.parts.sampling import sample_rows
from core.studies.thresholds.class_sample import class_sample

Int64s = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Side = Literal["A", "B"]
ROWS, RESAMPLES = 1_500, 200
BINS = 1 << 12  # of the resamples
CURVE_POINTS = 200
RANGE_MARGIN = 1e-6  # of the range of scores, beyond the least and the highest


@dataclass(frozen=True)
class Change:
    """Pairs of one kind, and how many of them each space accepts.

    only_a, only_b: accepted by the one space alone.
    """

    pairs: int
    by_a: int
    by_b: int
    only_a: int
    only_b: int

    @property
    def share_changed(self) -> float:
        """Share of the pairs on which the spaces disagree; NaN without pairs."""
        return (self.only_a + self.only_b) / self.pairs if self.pairs else float("nan")

    @property
    def share_of_accepted(self) -> float:
        """Share of A's accepted pairs that B rejects; NaN where A accepts none."""
        return self.only_a / self.by_a if self.by_a else float("nan")


@dataclass(frozen=True, eq=False)
class Translated:
    """A threshold of A (a score) and what stands for it in B.

    rate: the share of pairs that A accepts: impostor pairs with labels, else all. interval: 95 % of
    `in_b` by bootstrap over items. every: all pairs; genuine, impostor: by kind, None without
    labels. tar_a, tar_b: share of genuine pairs accepted, NaN without labels.
    """

    in_a: float
    in_b: float
    interval: tuple[float, float]
    rate: float
    every: Change
    genuine: Change | None
    impostor: Change | None

    @property
    def tar_a(self) -> float:
        """Share of the genuine pairs that A accepts; NaN without any."""
        kind = self.genuine
        return kind.by_a / kind.pairs if kind is not None and kind.pairs else float("nan")

    @property
    def tar_b(self) -> float:
        """Share of the genuine pairs that B accepts; NaN without any."""
        kind = self.genuine
        return kind.by_b / kind.pairs if kind is not None and kind.pairs else float("nan")


@dataclass(frozen=True, eq=False)
class Flipped:
    """Pairs of rows (m,) that one space alone accepts, the most striking first.

    a, b: (m,) scores in each space. same: (m,) whether the labels are equal; None without labels.
    """

    left: Int64s
    right: Int64s
    a: Float64s
    b: Float64s
    same: Bools | None


@dataclass(frozen=True, eq=False)
class TranslationCurve:
    """Thresholds of A (scores) with what stands for them in B, all (p,).

    low, high: 95 % of `in_b`. rate: the share of the pairs that count which is accepted, ascending.
    """

    in_a: Float64s
    in_b: Float64s
    low: Float64s
    high: Float64s
    rate: Float64s


@dataclass(frozen=True, eq=False)
class Translation:
    """Scores of all pairs of some rows in two spaces, and counts of their resamples.

    rows: (m,) row ids of the `n` that could be taken, drawn with `seed`. a, b: (p,) scores of the
    pairs, float32, in the order of np.triu_indices(m, 1). same: (p,) whether a pair's labels are
    equal, None without labels. metric_a, metric_b: of the scores.
    """

    rows: Int64s
    n: int
    seed: int
    metric_a: Metric
    metric_b: Metric
    a: npt.NDArray[np.float32]
    b: npt.NDArray[np.float32]
    same: Bools | None
    _scale_a: ScoreScale
    _scale_b: ScoreScale
    _drawn_a: Float64s  # (r, bins + 1) share of the pairs that count, accepted at each border
    _drawn_b: Float64s

    @property
    def is_sample(self) -> bool:
        """Whether some rows were left out."""
        return len(self.rows) < self.n

    @property
    def has_labels(self) -> bool:
        """Whether the rate that is kept is the FAR."""
        return self.same is not None

    @property
    def counted(self) -> int:
        """Number of pairs whose accepted share is kept: impostor pairs with labels, else all."""
        return len(self.a) if self.same is None else int(np.count_nonzero(~self.same))

    def at_rate(self, rate: float) -> float:
        """The lowest score in A at which at most this share of the pairs that count is accepted."""
        if not 0 < check_number(rate, "rate") <= 1:
            raise ParameterError(f"rate must be above 0 and at most 1; got {rate!r}.")
        return _threshold(self._sorted_a, int(np.floor(rate * self.counted + 1e-9)))

    def at(self, threshold: float) -> Translated:
        """What stands in B for a threshold of A, a finite score."""
        if not np.isfinite(check_number(threshold, "threshold")):
            raise ParameterError(f"threshold must be finite; got {threshold!r}.")
        a = self._sorted_a
        kept = int(len(a) - np.searchsorted(a, np.float32(threshold), "left"))
        in_b = _threshold(self._sorted_b, kept)
        by_a, by_b = self.a >= np.float32(threshold), self.b >= np.float32(in_b)
        every = _change(by_a, by_b)
        return Translated(
            in_a=float(threshold),
            in_b=in_b,
            interval=self._interval(threshold),
            rate=kept / len(a),
            every=every,
            genuine=None if self.same is None else _change(by_a[self.same], by_b[self.same]),
            impostor=None if self.same is None else _change(by_a[~self.same], by_b[~self.same]),
        )

    @cached_property
    def curve(self) -> TranslationCurve:
        """Thresholds of A with what stands for them in B, at about 200 rates from one pair to all.

        The rates are even in their logarithm.
        """
        a, b = self._sorted_a, self._sorted_b
        kept = np.unique(np.geomspace(1, len(a), CURVE_POINTS).astype(np.int64))
        in_a = a[len(a) - kept].astype(np.float64)
        ends = np.array([self._interval(float(each)) for each in in_a])
        return TranslationCurve(
            in_a=in_a,
            in_b=b[len(b) - kept].astype(np.float64),
            low=ends[:, 0],
            high=ends[:, 1],
            rate=kept / len(a),
        )

    def flipped(self, translated: Translated, side: Side, most: int = 50) -> Flipped:
        """The pairs that one space alone accepts: those that the other rejects most clearly."""
        by_a = self.a >= np.float32(translated.in_a)
        by_b = self.b >= np.float32(translated.in_b)
        places = np.flatnonzero(by_a & ~by_b if side == "A" else by_b & ~by_a)
        refused = (self.b if side == "A" else self.a)[places]
        chosen = places[np.argsort(refused, kind="stable")[:most]]
        left, right = self._ends(chosen)
        return Flipped(
            left,
            right,
            self.a[chosen].astype(np.float64),
            self.b[chosen].astype(np.float64),
            None if self.same is None else self.same[chosen],
        )

    @cached_property
    def _sorted_a(self) -> npt.NDArray[np.float32]:
        return self._counted(self.a)

    @cached_property
    def _sorted_b(self) -> npt.NDArray[np.float32]:
        return self._counted(self.b)

    def _counted(self, scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Scores of the pairs that count, ascending."""
        return np.sort(scores if self.same is None else scores[~self.same])

    def drawn_pairs(self, translated: Translated, each: int = 600) -> tuple[Int64s, Int64s]:
        """Places in `a` of some pairs, and the quarter of each: 0 both, 1 A, 2 B, 3 no space.

        each: how many are drawn of each quarter at most, with the seed of the rows.
        """
        by_a = self.a >= np.float32(translated.in_a)
        by_b = self.b >= np.float32(translated.in_b)
        quarter = np.where(by_a, np.where(by_b, 0, 1), np.where(by_b, 2, 3))
        random = np.random.default_rng(self.seed)
        places = []
        for kind in range(4):
            members = np.flatnonzero(quarter == kind)
            if len(members) > each:
                members = random.choice(members, each, replace=False)
            places.append(np.sort(members))
        chosen = np.concatenate(places)
        return chosen, quarter[chosen].astype(np.int64)

    def _ends(self, places: Int64s) -> tuple[Int64s, Int64s]:
        """Row ids of both ends of the pairs at some places."""
        left, right = self._pairs
        return self.rows[left[places]], self.rows[right[places]]

    @cached_property
    def _pairs(self) -> tuple[Int64s, Int64s]:
        left, right = np.triu_indices(len(self.rows), 1)
        return left, right

    def _interval(self, threshold: float) -> tuple[float, float]:
        """95 % of what stands in B for a threshold of A, over the resamples; right to a bin."""
        place = np.searchsorted(self._scale_a.edges, threshold, side="right") - 1
        rates = self._drawn_a[:, int(np.clip(place, 0, BINS))]
        last = [
            np.searchsorted(-drawn, -rate + 1e-12, side="right") - 1
            for rate, drawn in zip(rates, self._drawn_b, strict=True)
        ]
        found = self._scale_b.edges[last]
        low, high = middle_95(found)
        return float(low), float(high)


def translation(
    a: Floats,
    b: Floats,
    *,
    labels: npt.NDArray[np.integer] | None = None,
    metric_a: Metric = "cosine",
    metric_b: Metric = "cosine",
    rows: int = ROWS,
    resamples: int = RESAMPLES,
    seed: int = 0,
    progress: Progress | None = None,
) -> Translation:
    """Compare the pairs of rows in two spaces: `a` (n, d) and `b` (n, e), row i the same item.

    labels: (n,) codes, below 0 for a missing one, whose rows are left out. rows: where there are
    more, so many are drawn, by `class_sample` with labels. resamples: of the rows, drawn with
    replacement; a row drawn twice makes no pair with itself. Resampled rows weigh the noise of
    single pairs about three times, so that intervals are rather too wide, the more so with few rows
    (`benchmarks/open_world_intervals.py`). Raises ParameterError for unlike
    numbers of rows, fewer than three rows, and labels that make no impostor pair.
    """
    check_choice(metric_a, "metric_a", METRICS)
    check_choice(metric_b, "metric_b", METRICS)
    first, second = check_rows(a, "a"), check_rows(b, "b")
    if len(first) != len(second):
        raise ParameterError(
            f"both spaces must have the same items, row by row; got {len(first):,} and "
            f"{len(second):,} rows."
        )
    rows, resamples = check_whole(rows, "rows", 20), check_count(resamples, "resamples")
    report = progress or unheard
    report(0.0, "pairs of both spaces")
    codes = None if labels is None else check_labels(labels, len(first)).astype(np.int64)
    taken = (
        sample_rows(len(first), rows, seed=seed)
        if codes is None
        else class_sample(codes, rows, seed=seed)
    )
    left, right = np.triu_indices(len(taken), 1)
    same = None if codes is None else np.asarray(codes[taken[left]] == codes[taken[right]])
    if len(taken) < 3 or (same is not None and same.all()):
        raise ParameterError(
            f"at least three rows are needed, with labels of two classes; got {len(taken):,} rows"
            + (" of one class." if same is not None and len(taken) > 2 else ".")
        )
    scores_a = _of_pairs(first[taken], metric_a, left, right)
    scores_b = _of_pairs(second[taken], metric_b, left, right)
    scale_a, scale_b = _scale(scores_a, metric_a), _scale(scores_b, metric_b)
    counts = np.ones(len(left), bool) if same is None else ~same
    drawn = _drawn(
        [scale_a.bins_of(scores_a[counts]), scale_b.bins_of(scores_b[counts])],
        left[counts],
        right[counts],
        _row_weights(len(taken), resamples, seed),
        report,
    )
    return Translation(
        rows=taken,
        n=len(first) if codes is None else int(np.count_nonzero(codes >= 0)),
        seed=seed,
        metric_a=metric_a,
        metric_b=metric_b,
        a=scores_a,
        b=scores_b,
        same=same,
        _scale_a=scale_a,
        _scale_b=scale_b,
        _drawn_a=drawn[0],
        _drawn_b=drawn[1],
    )


def _of_pairs(
    vectors: Floats, metric: Metric, left: Int64s, right: Int64s
) -> npt.NDArray[np.float32]:
    every = np.arange(len(vectors))
    scores = PairScores(np.ascontiguousarray(vectors), metric).between(every, every)
    return scores[left, right].astype(np.float32)


def _scale(scores: npt.NDArray[np.float32], metric: Metric) -> ScoreScale:
    low, high = float(scores.min()), float(scores.max())
    margin = RANGE_MARGIN * max(high - low, 1e-3 * max(abs(low), abs(high), 1e-6))
    return ScoreScale(metric, low - margin, high + margin, BINS)


def _row_weights(rows: int, resamples: int, seed: int) -> Float64s:
    """How often each row is drawn in each resample, (r, rows)."""
    random = np.random.default_rng(seed)
    return random.multinomial(rows, np.full(rows, 1 / rows), size=resamples).astype(np.float64)


def _drawn(
    bins: list[Int64s], left: Int64s, right: Int64s, weights: Float64s, report: Progress
) -> list[Float64s]:
    """Share of the drawn pairs accepted at each border, (r, bins + 1), of each space."""
    found = [np.empty((len(weights), BINS + 1)) for _ in bins]
    for draw, each in enumerate(weights):
        times = each[left] * each[right]
        for space, places in enumerate(bins):
            passed = accepted(np.bincount(places, weights=times, minlength=BINS))
            found[space][draw] = passed / max(float(passed[0]), 1.0)
        if draw % 10 == 0:
            report(0.1 + 0.9 * draw / len(weights), f"{draw:,} of {len(weights):,} resamples")
    return found


def _threshold(ascending: npt.NDArray[np.float32], kept: int) -> float:
    """The score that lets `kept` pairs pass, or fewer where scores are equal."""
    if kept <= 0:
        return float(np.nextafter(ascending[-1], np.float32(np.inf)))
    place = len(ascending) - kept
    if place > 0 and ascending[place - 1] == ascending[place]:  # a tie: it passes whole or not
        place = int(np.searchsorted(ascending, ascending[place], side="right"))
        if place == len(ascending):
            return float(np.nextafter(ascending[-1], np.float32(np.inf)))
    return float(ascending[place])


def _change(by_a: Bools, by_b: Bools) -> Change:
    return Change(
        pairs=len(by_a),
        by_a=int(np.count_nonzero(by_a)),
        by_b=int(np.count_nonzero(by_b)),
        only_a=int(np.count_nonzero(by_a & ~by_b)),
        only_b=int(np.count_nonzero(by_b & ~by_a)),
    )
