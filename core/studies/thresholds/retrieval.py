"""Retrieval with labels: figures per query, and their means over all queries and by group."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_labels, check_rows, check_whole
from core.distances import Float64s, Floats, Metric
from core.errors import ParameterError
from core.intervals import middle_95, wilson_interval
from core.metrics import RetrievalScores, retrieval_scores
from core.metrics.retrieval import relevant_counts
from core.progress import Progress, counted
from core.studies.thresholds.operating import Estimate

Int64s = npt.NDArray[np.int64]
LARGEST_K = 100
MOST_PER_CLASS = 20  # queries that a small class gets beyond its share
RESAMPLES = 500
RESAMPLED_AT_ONCE = 1 << 22
FEWEST_RANKED = 10  # queries of a group that may be called the worst


@dataclass(frozen=True)
class RetrievalFigure:
    """name: of the figure. of: scores and k -> (q,) values in [0, 1]. is_share: each is 0 or 1."""

    name: str
    of: Callable[[RetrievalScores, int], Float64s]
    is_share: bool = False
    takes_k: bool = False


FIGURES = {
    figure.name: figure
    for figure in (
        RetrievalFigure("Precision@1", lambda scores, _: scores.precision_at_1, is_share=True),
        RetrievalFigure("hit@k", lambda scores, k: scores.hit_at_k[k], is_share=True, takes_k=True),
        RetrievalFigure("Precision@k", lambda scores, k: scores.precision_at_k[k], takes_k=True),
        RetrievalFigure("Recall@k (IR)", lambda scores, k: scores.recall_at_k[k], takes_k=True),
        RetrievalFigure("R-precision", lambda scores, _: scores.r_precision),
        RetrievalFigure("MAP@R", lambda scores, _: scores.map_at_r),
        RetrievalFigure("mAP@100", lambda scores, _: scores.map_at_100),
        RetrievalFigure("Average precision", lambda scores, _: scores.average_precision),
        RetrievalFigure("MRR", lambda scores, _: scores.reciprocal_rank),
    )
}
CURVES = ("hit@k", "Precision@k", "Recall@k (IR)")


@dataclass(frozen=True, eq=False)
class RetrievalStudy:
    """Scores of queries, each against all other rows.

    scores: of the queries, with every k from 1 to 100 or n - 1. weights: (q,) how many rows each
    query stands for. strata: (q,) within which queries were drawn. may_ask: (n,) whether a row may
    be a query, for another row has its label. missing: rows without a label. seed: of the draw.
    """

    scores: RetrievalScores
    weights: Float64s
    strata: Int64s
    metric: Metric
    may_ask: npt.NDArray[np.bool_]
    missing: int
    seed: int

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.may_ask)

    @property
    def eligible(self) -> int:
        """Number of rows that may be queries."""
        return int(np.count_nonzero(self.may_ask))

    @property
    def is_sample(self) -> bool:
        """Whether some of the rows that may be queries were left out."""
        return len(self.scores.used) < self.eligible

    @property
    def least_of_a_class(self) -> int | None:
        """The fewest queries of a class of which some rows were left out; None if rows were drawn.

        Rows are drawn, whatever their class, where there are more classes than queries.
        """
        counts = np.bincount(self.strata)
        if len(counts) < 2:
            return None
        return int(counts[np.bincount(self.strata, self.weights) > counts + 0.5].min())


@dataclass(frozen=True, eq=False)
class GroupFigures:
    """A figure by group, the lowest first.

    groups: (g,) codes of the groups that have a query. rows: (g,) of the data in each. queries:
    (g,) of them that were queries. value, low, high: (g,) mean and 95 % interval. macro: the mean
    over the groups, each counting once. macro_std: the standard deviation of the groups' means (the
    divisor is g): 0 where all groups are served alike.
    """

    groups: Int64s
    rows: Int64s
    queries: Int64s
    value: Float64s
    low: Float64s
    high: Float64s
    macro: Estimate
    macro_std: Estimate

    @property
    def worst(self) -> Int64s:
        """Indices of the lowest groups, which are level, of those of ten queries or more.

        Of all groups where none has ten queries.
        """
        ranked = np.flatnonzero(self.queries >= FEWEST_RANKED)
        ranked = ranked if len(ranked) else np.arange(len(self.queries))
        values = self.value[ranked]
        return np.asarray(ranked[values == values.min(initial=np.inf)])


def retrieval_study(
    vectors: Floats,
    labels: npt.NDArray[np.integer],
    *,
    metric: Metric = "cosine",
    queries: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> RetrievalStudy:
    """Score rows of `vectors` (n, d) with `labels` (n,), below 0 for a missing one, as queries.

    queries: about how many, None for all. Where fewer than all are asked, each class gets its
    share, but at least twenty (or as many as fit), and its queries weigh less; with more classes
    than queries, rows are drawn at random. Raises ParameterError where no two rows share a label.
    """
    given = check_rows(vectors, "vectors")
    codes = check_labels(labels, len(given)).astype(np.int64)
    may_ask = relevant_counts(codes) > 0
    eligible = np.flatnonzero(may_ask)
    if not len(eligible):
        raise ParameterError("labels must be shared by two rows at least; got none that is.")
    asked, weights, strata = _drawn(codes, eligible, queries, seed)
    scores = retrieval_scores(
        given,
        codes,
        metric=metric,
        k=range(1, min(LARGEST_K, len(given) - 1) + 1),
        queries=asked,
        progress=counted(progress, "{:,} of {:,} queries"),
    )
    missing = int(np.count_nonzero(codes < 0))
    return RetrievalStudy(scores, weights, strata, metric, may_ask, missing, seed)


def overall(
    study: RetrievalStudy, figures: Sequence[RetrievalFigure], k: int
) -> dict[str, Estimate]:
    """Mean of each figure over all rows that may be queries, by name; see `curves`."""
    values = np.column_stack([figure.of(study.scores, k) for figure in figures])
    found = zip(*_means(study, values), strict=True)
    return {
        figure.name: Estimate(float(mean), float(low), float(high))
        for figure, (mean, low, high) in zip(figures, found, strict=True)
    }


@dataclass(frozen=True, eq=False)
class RetrievalSummary:
    """Every figure at one k, by name. overall: over all queries. groups: by group."""

    overall: dict[str, Estimate]
    groups: dict[str, GroupFigures]


def retrieval_summary(
    study: RetrievalStudy, groups: npt.NDArray[np.integer], k: int
) -> RetrievalSummary:
    """All of `FIGURES` at one k, over all queries and by groups of rows, (n,) codes."""
    figures = list(FIGURES.values())
    by_name = {figure.name: by_group(study, figure, k, groups) for figure in figures}
    return RetrievalSummary(overall(study, figures, k), by_name)


def curves(
    study: RetrievalStudy, figures: Sequence[RetrievalFigure]
) -> dict[str, tuple[Float64s, Float64s, Float64s]]:
    """Mean, low and high end of each figure at every k, three of (largest k,), by name.

    Means are over all rows that may be queries, 95 % intervals by bootstrap over the queries. Of a
    sample, queries are drawn anew within each class, as they were drawn. Where all values are 0, or
    all are 1, no draw differs: there the interval is Wilson's.
    """
    ks = study.scores.cutoffs.tolist()
    return {
        figure.name: _means(study, np.column_stack([figure.of(study.scores, k) for k in ks]))
        for figure in figures
    }


def by_group(
    study: RetrievalStudy, figure: RetrievalFigure, k: int, groups: npt.NDArray[np.integer]
) -> GroupFigures:
    """A figure by groups of rows, (n,) codes, below 0 for no group.

    Intervals are by bootstrap over the queries of each group; those of a share, and of groups of
    fewer than ten queries, are Wilson's, which are wide enough for any figure in [0, 1].
    """
    codes = check_labels(groups, study.n, "groups").astype(np.int64)
    kept = np.flatnonzero(codes[study.scores.used] >= 0)
    own = codes[study.scores.used][kept]
    present, places, counts = np.unique(own, return_inverse=True, return_counts=True)
    if not len(present):
        nothing, none = np.empty(0, np.int64), Estimate(*[float("nan")] * 3)
        empty = np.empty(0)
        return GroupFigures(nothing, nothing, nothing, empty, empty, empty, none, none)
    values, weights = figure.of(study.scores, k)[kept], study.weights[kept]
    weight = np.bincount(places, weights)
    means = np.bincount(places, weights * values) / weight
    top, bottom = _resampled(values, weights, places)
    draws = top / bottom
    low, high = middle_95(draws)
    effective = weight**2 / np.bincount(places, weights**2)
    for place in np.flatnonzero((counts < FEWEST_RANKED) | figure.is_share):
        share = min(max(float(means[place]), 0.0), 1.0)
        low[place], high[place] = wilson_interval(share, effective[place])
    rows = np.bincount(codes[codes >= 0], minlength=int(present[-1]) + 1)[present]
    order = np.argsort(means, kind="stable")
    return GroupFigures(
        present[order],
        rows[order],
        counts[order],
        means[order],
        low[order],
        high[order],
        Estimate(float(means.mean()), *_ends(draws.mean(axis=1))),
        _spread(means, draws, 1.0 - counts / _askable(study, codes)[present]),
    )


def _drawn(
    codes: Int64s, eligible: Int64s, queries: int | None, seed: int
) -> tuple[Int64s, Float64s, Int64s]:
    """Rows that are queries, ascending, the weight of each, and the stratum that it is from."""
    if queries is None or len(eligible) <= check_whole(queries, "queries", 1):
        count = len(eligible)
        return eligible, np.ones(count), np.zeros(count, np.int64)
    random = np.random.default_rng(seed)
    shuffled = random.permutation(eligible)
    _, inverse, sizes = np.unique(codes[shuffled], return_inverse=True, return_counts=True)
    if len(sizes) > queries:
        asked = np.sort(shuffled[:queries])
        return asked, np.full(queries, len(eligible) / queries), np.zeros(queries, np.int64)
    least = min(MOST_PER_CLASS, queries // len(sizes))
    taken = np.minimum(sizes, np.maximum(least, sizes * queries // len(eligible)))
    order = np.argsort(inverse, kind="stable")
    rank = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    chosen = order[rank < np.repeat(taken, sizes)]
    chosen = chosen[np.argsort(shuffled[chosen])]
    strata = inverse[chosen].astype(np.int64)
    return shuffled[chosen], sizes[strata] / taken[strata], strata


def _means(study: RetrievalStudy, values: Float64s) -> tuple[Float64s, Float64s, Float64s]:
    """Mean, low and high end of each column of values (q, f), three of (f,)."""
    mass = study.weights[:, None] * values
    draws = np.empty((RESAMPLES, values.shape[1]))
    done = 0
    for drawn in _redraws(study.strata):
        times = np.array([np.bincount(each, minlength=len(mass)) for each in drawn])
        draws[done : done + len(drawn)] = times @ mass
        done += len(drawn)
    total = study.weights.sum()
    mean = mass.sum(axis=0) / total
    low, high = middle_95(draws / total)
    effective = total**2 / np.sum(study.weights**2)
    for flat in np.flatnonzero((values == values[0]).all(axis=0) & np.isin(values[0], (0.0, 1.0))):
        mean[flat] = values[0, flat]
        low[flat], high[flat] = wilson_interval(float(mean[flat]), float(effective))
    return mean, low, high


def _resampled(values: Float64s, weights: Float64s, strata: Int64s) -> tuple[Float64s, Float64s]:
    """Sums of weight times value, and of the weights, of each stratum in resamples, (r, strata)."""
    order = np.argsort(strata, kind="stable")
    sizes = np.bincount(strata)
    starts = np.cumsum(sizes) - sizes
    mass = weights[order]
    product = mass * values[order]
    redraws = list(_redraws(strata[order]))
    return (
        np.concatenate([np.add.reduceat(product[drawn], starts, axis=1) for drawn in redraws]),
        np.concatenate([np.add.reduceat(mass[drawn], starts, axis=1) for drawn in redraws]),
    )


def _redraws(strata: Int64s) -> Iterator[Int64s]:
    """Queries of each resample, (r, q), in parts: as many from each stratum as it has.

    strata: (q,) numbered from 0, each with a query. Columns follow the strata.
    """
    order = np.argsort(strata, kind="stable")
    sizes = np.bincount(strata)
    first, size = np.repeat(np.cumsum(sizes) - sizes, sizes), np.repeat(sizes, sizes)
    random = np.random.default_rng(0)
    at_once = max(1, RESAMPLED_AT_ONCE // len(strata))
    for done in range(0, RESAMPLES, at_once):
        shape = (min(at_once, RESAMPLES - done), len(strata))
        yield order[first + (random.random(shape) * size).astype(np.int64)]


def _askable(study: RetrievalStudy, codes: Int64s) -> Int64s:
    """How many rows of each group may be queries."""
    return np.bincount(codes[study.may_ask & (codes >= 0)])


def _spread(means: Float64s, draws: Float64s, left_out: Float64s) -> Estimate:
    """The standard deviation of the means (g,) of groups, less the noise of a sample.

    draws: (r, g) means in resamples. left_out: (g,) share of each group's rows that might have been
    queries and were not: 0 where the mean is of all, so that it has no noise of a draw. A resample
    adds as much variance once more as the means have from their queries; the interval is set back.
    """
    variance = draws.var(axis=0)
    noise = float(np.mean(variance * left_out))
    value = float(np.sqrt(max(0.0, float(means.var()) - noise)))
    ends = _ends(np.sqrt(np.maximum(0.0, draws.var(axis=1) - variance.mean() - noise)))
    return Estimate(value, *ends)


def _ends(draws: Float64s) -> tuple[float, float]:
    low, high = middle_95(draws)
    return float(low), float(high)
