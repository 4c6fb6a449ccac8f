"""What an ef of its own for each query would save, and how much of it can be foreseen.

One ef has to serve the hard queries, and so the easy ones pay for them. The oracle gap is what a
search would save that knew the smallest ef of each query. A search does not know it, but it knows
the distances that its first hops have computed anyway; how well they tell a query's ef is measured
on queries that the model has not seen.

The model is a quantile regression by gradient boosted trees (Friedman, Greedy Function
Approximation, Annals of Statistics 29, 2001, as scikit-learn's HistGradientBoostingRegressor) of
the logarithm of the smallest ef. Its promise is kept by conformal calibration (Romano, Patterson &
Candes, Conformalized Quantile Regression, NeurIPS 2019, one-sided): the predictions are moved by
the ceil((m + 1) c)-th smallest error of m queries that were set aside, so that of new queries of
the same kind at least a share c is served, on average over such samples. That searches end at
different ef by what their first hops tell is known from Li et al., Improving Approximate Nearest
Neighbor Search through Learned Adaptive Early Termination (SIGMOD 2020).
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.checks import check_number, check_whole
from core.distances import Metric, lengths
from core.errors import ParameterError
from core.index import FirstHops, HnswGraph, first_hops
from core.index.reaching import NONE_REACHES, or_infinity
from core.intervals import ratio_interval
from core.progress import Progress, counted, part, unheard
from core.studies.parts.tradeoff import EfTradeoff

Float64s = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
HOPS, FOLDS = 8, 5
FEWEST = 100  # queries
TREES, LEAVES, LEAST_IN_LEAF, RATE = 60, 8, 10, 0.1
BEYOND = 2.0  # times the largest ef: what stands for a query that none serves, in the regression
FEATURES = {
    "start": "distance where layer 0 begins",
    "neighbors, nearest": "distance of the nearest of the start's neighbors",
    "neighbors, mean": "mean distance of the start's neighbors",
    "neighbors, contrast": "their mean distance over that of the nearest",
    "nearest": "distance of the nearest row found in the first hops",
    "k-th": "distance of the k-th nearest row found in the first hops",
    "contrast": "k-th over nearest: how much the found rows differ in distance",
    "way": "distance at the start over that of the nearest found",
    "last steps": "k-th after half of the first hops over k-th after all: is it still falling?",
    "computations": "distance computations of the first hops",
    "descent": "hops above layer 0",
}


@dataclass(frozen=True, eq=False)
class AdaptiveEf:
    """Each query (q,) under one ef for all, under its own smallest, and under a foreseen one.

    target: recall that serves a query. share: of the queries that are to be served. hops: on layer
    0, after which the ef is foreseen. needed: (q,) smallest ef, -1 for none up to `ef_max`.
    foreseen: (q,) ef of a model that was made without the query, or without any of its fold.
    one_ef: the smallest that serves `share`, -1 for none. equal_ef: the smallest that serves as
    many as the foreseen ones do. one_cost, own_cost, foreseen_cost, equal_cost: (q,) distance
    computations at `one_ef`, at the smaller of `needed` and `one_ef` (those that it does not serve
    keep it), at `foreseen`, and at `equal_ef`; NaN where there is no such ef. probe_cost: (q,)
    those of the first hops, which foreseen_cost includes. rank_correlation: Spearman's, of foreseen
    with needed, none being the largest. importance: (f,) by how much it falls where one feature,
    in the order of `FEATURES`, is shuffled among the queries.
    """

    k: int
    target: float
    share: float
    hops: int
    ef_max: int
    needed: Ints
    foreseen: Ints
    one_ef: int
    equal_ef: int
    one_cost: Float64s
    own_cost: Float64s
    foreseen_cost: Float64s
    equal_cost: Float64s
    probe_cost: Float64s
    rank_correlation: float
    importance: Float64s

    @property
    def queries(self) -> int:
        """How many there are."""
        return len(self.needed)

    @property
    def is_reached(self) -> bool:
        """Whether one ef serves the share of the queries that is asked for."""
        return self.one_ef != NONE_REACHES

    @cached_property
    def is_served(self) -> npt.NDArray[np.bool_]:
        """(q,) whether the foreseen ef is at least the smallest."""
        return np.asarray((self.needed != NONE_REACHES) & (self.foreseen >= self.needed))

    def served_at(self, ef: int) -> float:
        """Share of the queries that one ef serves."""
        return float(((self.needed != NONE_REACHES) & (self.needed <= ef)).mean())

    @property
    def oracle_saving(self) -> float:
        """1 - mean own cost / mean cost at `one_ef`, at the same queries served."""
        return 1 - float(self.own_cost.mean() / self.one_cost.mean())

    @property
    def saving(self) -> float:
        """1 - mean foreseen cost / mean cost at `equal_ef`; below 0 where it costs more."""
        return 1 - float(self.foreseen_cost.mean() / self.equal_cost.mean())

    @property
    def saving_interval(self) -> tuple[float, float]:
        """95 % interval of `saving` by bootstrap over queries; the ef stay as they are."""
        low, high = ratio_interval(self.foreseen_cost, self.equal_cost)
        return 1 - high, 1 - low


def adaptive_ef(
    graph: HnswGraph,
    study: EfTradeoff,
    *,
    target: float,
    share: float = 0.95,
    hops: int = HOPS,
    folds: int = FOLDS,
    seed: int = 0,
    progress: Progress | None = None,
) -> AdaptiveEf:
    """Measure both for the queries of a trade-off on its graph.

    target: recall@k that serves a query. share: of the queries, that are to be served. hops: on
    layer 0 that are made before the ef is chosen. folds: each query's ef is foreseen by a model of
    the others but its fold, calibrated on one more fold. seed: of the folds and of the model.

    Raises ParameterError for fewer than 100 queries, or a target or share out of range.
    """
    report = progress or unheard
    _check(study, target, share, folds)
    count = check_whole(hops, "hops", 1, 1_000)
    searched = counted(part(report, 0.0, 0.2), "first hops of {:,} of {:,} queries")
    ef_max = int(study.ef[-1])
    first = first_hops(
        graph,
        study.queries.vectors,
        study.curve.k,
        count,
        ef_max=ef_max,
        exclude=study.queries.rows,
        progress=searched,
    )
    features = feature_table(first, graph.metric)
    needed = study.curve.smallest_ef(target)
    plan = _Folds(np.random.default_rng(seed).permutation(len(needed)) % folds, folds, share, seed)
    foreseen, importance, correlation = _foresee(
        features, needed, plan, (int(study.ef[0]), ef_max), part(report, 0.2, 1.0)
    )
    return _replay(
        study,
        first,
        AdaptiveEf(
            k=study.curve.k,
            target=target,
            share=share,
            hops=count,
            ef_max=ef_max,
            needed=needed,
            foreseen=foreseen,
            one_ef=NONE_REACHES,
            equal_ef=NONE_REACHES,
            one_cost=np.empty(0),
            own_cost=np.empty(0),
            foreseen_cost=np.empty(0),
            equal_cost=np.empty(0),
            probe_cost=first.distance_computations.astype(np.float64),
            rank_correlation=correlation,
            importance=importance,
        ),
    )


def feature_table(first: FirstHops, metric: Metric) -> Float64s:
    """(q, f) what the first hops tell of each query, in the order of `FEATURES`.

    Of lengths where the metric has them; under inner product of its distances, of which no ratio is
    made where one is not above 0: NaN.
    """
    nearest, kth, neighbors = (
        values if metric == "inner_product" else lengths(np.where(values < 0, 0.0, values), metric)
        for values in (first.nearest, first.kth, first.neighbors)
    )
    half = first.hops // 2
    columns = [
        nearest[:, 0],
        neighbors[:, 0],
        neighbors[:, 1],
        _ratio(neighbors[:, 1], neighbors[:, 0]),
        nearest[:, -1],
        kth[:, -1],
        _ratio(kth[:, -1], nearest[:, -1]),
        _ratio(nearest[:, 0], nearest[:, -1]),
        _ratio(kth[:, half], kth[:, -1]),
        first.distance_computations,
        first.descent,
    ]
    return np.stack(columns, axis=1).astype(np.float64)


def _ratio(above: Float64s, below: Float64s) -> Float64s:
    """Above over below where both are above 0, else NaN."""
    ratio = np.full(len(above), np.nan)
    np.divide(above, below, out=ratio, where=(above > 0) & (below > 0))
    return ratio


def _check(study: EfTradeoff, target: float, share: float, folds: int) -> None:
    if len(study.curve.hits) < FEWEST:
        raise ParameterError(
            f"At least {FEWEST} queries are needed to foresee an ef and to hold it against others; "
            f"got {len(study.curve.hits):,}."
        )
    for value, name in ((target, "target"), (share, "share")):
        if not 0 < check_number(value, name) <= 1:
            raise ParameterError(f"{name} must be above 0 and at most 1; got {value}.")
    check_whole(folds, "folds", 3, 20)


@dataclass(frozen=True, eq=False)
class _Folds:
    """of: (q,) the fold of each query, 0 to count - 1."""

    of: Ints
    count: int
    share: float
    seed: int


def _foresee(
    features: Float64s, needed: Ints, plan: _Folds, ends: tuple[int, int], report: Progress
) -> tuple[Ints, Float64s, float]:
    """(q,) the ef of each query, by a model of other folds; what each feature adds; Spearman's."""
    import sklearn.ensemble  # late: the app opens without it  # noqa: F401
    from threadpoolctl import threadpool_limits

    # so few rows gain nothing from threads, which wait for one another on a busy machine
    with threadpool_limits(1, user_api="openmp"):
        return _by_folds(features, needed, plan, ends, report)


def _by_folds(
    features: Float64s, needed: Ints, plan: _Folds, ends: tuple[int, int], report: Progress
) -> tuple[Ints, Float64s, float]:
    low, high = ends
    need = np.log(np.minimum(or_infinity(needed), BEYOND * high))
    foreseen = np.empty(len(needed), np.int64)
    plain, shuffled = np.empty(len(needed)), np.empty((features.shape[1], len(needed)))
    random = np.random.default_rng(plan.seed)
    for fold in range(plan.count):
        report(fold / plan.count, f"fold {fold + 1} of {plan.count}")
        asked, aside = plan.of == fold, plan.of == (fold + 1) % plan.count
        model = _fitted(features[~asked & ~aside], need[~asked & ~aside], plan)
        margin = conformal_margin(
            np.log(or_infinity(needed[aside])) - model.predict(features[aside]), plan.share
        )
        plain[asked] = model.predict(features[asked])
        wanted = np.exp(np.minimum(plain[asked] + margin, np.log(high)))
        foreseen[asked] = np.clip(np.ceil(wanted - 1e-9), low, high)
        for column in range(features.shape[1]):
            other = features[asked].copy()
            other[:, column] = random.permutation(other[:, column])
            shuffled[column, asked] = model.predict(other)
    report(1.0, "")
    correlation = rank_correlation(plain, need)
    importance = np.array([correlation - rank_correlation(each, need) for each in shuffled])
    return foreseen, importance, correlation


def _fitted(features: Float64s, need: Float64s, plan: _Folds) -> "_Model":
    from sklearn.ensemble import HistGradientBoostingRegressor

    if np.ptp(need) == 0:
        return _Model(None, float(need[0]))
    trees = HistGradientBoostingRegressor(
        loss="quantile",
        quantile=plan.share,
        max_iter=TREES,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=LEAST_IN_LEAF,
        learning_rate=RATE,
        random_state=plan.seed,
    )
    known = np.asarray(~np.isnan(features).all(axis=0))
    return _Model(trees.fit(features[:, known], need), 0.0, known)


@dataclass(frozen=True, eq=False)
class _Model:
    """Trees over the features that are known, or one value where all queries need the same."""

    trees: object | None
    value: float
    known: npt.NDArray[np.bool_] | None = None

    def predict(self, features: Float64s) -> Float64s:
        """The logarithm of the ef of each query."""
        if self.trees is None:
            return np.full(len(features), self.value)
        return np.asarray(self.trees.predict(features[:, self.known]))  # type: ignore[attr-defined]


def conformal_margin(errors: Float64s, share: float) -> float:
    """The ceil((m + 1) share)-th smallest of m errors; infinite where that is more than m.

    An error is what a query needs less what was foreseen, infinite where no ef serves it. Moved by
    the margin, at least `share` of the foreseen ones of new queries suffice.

    >>> conformal_margin(np.array([0.3, -0.1, 0.2, 0.0]), 0.75)  # ceil(3.75) = 4
    0.3
    >>> conformal_margin(np.array([0.3, -0.1, 0.2, 0.0]), 0.9)  # ceil(4.5) = 5
    inf
    """
    place = int(np.ceil((len(errors) + 1) * share - 1e-9))
    return float("inf") if place > len(errors) else float(np.sort(errors)[place - 1])


def rank_correlation(left: Float64s, right: Float64s) -> float:
    """Spearman's correlation of the ranks, equal values at their mean rank; NaN without a spread.

    >>> rank_correlation(np.array([1.0, 2.0, 9.0]), np.array([1.0, 3.0, 2.0]))
    0.5
    """
    from scipy.stats import rankdata  # takes most of a second: not at the app's start

    first, second = rankdata(left), rankdata(right)
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def _replay(study: EfTradeoff, first: FirstHops, made: AdaptiveEf) -> AdaptiveEf:
    """The exact cost of each query at each of its ef."""
    q = made.queries
    one = study.smallest_ef_for_share(made.target, made.share)
    served = float(made.is_served.mean())
    equal = study.smallest_ef_for_share(made.target, served) if served > 0 else int(study.ef[0])
    costs = _Costs(study)
    no_cost = np.full(q, np.nan)
    own = no_cost
    if one is not None:
        own = costs.at(np.where(made.needed == NONE_REACHES, one, np.minimum(made.needed, one)))
    return replace(
        made,
        one_ef=NONE_REACHES if one is None else one,
        equal_ef=NONE_REACHES if equal is None else equal,
        one_cost=no_cost if one is None else costs.at(np.full(q, one)),
        own_cost=own,
        # a search that would have ended within the first hops has computed all of them
        foreseen_cost=np.maximum(costs.at(made.foreseen), first.distance_computations),
        equal_cost=no_cost if equal is None else costs.at(np.full(q, equal)),
    )


@dataclass(frozen=True, eq=False)
class _Costs:
    study: EfTradeoff

    def at(self, ef: Ints) -> Float64s:
        """(q,) distance computations of each query at an ef of its own (q,)."""
        computed = self.study.curve.distance_computations
        places = ef - int(self.study.ef[0])
        return computed[np.arange(len(computed)), places].astype(np.float64)
