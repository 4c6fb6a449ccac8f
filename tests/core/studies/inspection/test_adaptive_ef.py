"""An ef of its own for each query: costs by searches of their own, and a promise that is kept."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.errors import ParameterError
from core.index import EfCurve, FirstHops, HnswGraph, HnswParams, Neighbors, build_hnsw, search
from core.progress import unheard
from core.studies import FEATURES, AdaptiveEf, EfTradeoff, adaptive_ef, ef_tradeoff, given_queries
from core.studies.inspection import adaptive_ef as module
from core.studies.inspection.adaptive_ef import conformal_margin, feature_table
from core.studies.parts.query_sets import QuerySet

RNG = np.random.default_rng(0)
VECTORS = (RNG.normal(size=(900, 10)) * np.exp(RNG.normal(size=(900, 1)))).astype(np.float32)
K, TARGET, SHARE, EF_MAX = 5, 0.8, 0.9, 120


@pytest.fixture(scope="module")
def found() -> tuple[HnswGraph, EfTradeoff, AdaptiveEf]:
    graph = build_hnsw(VECTORS[:500], HnswParams("euclidean", m=4, ef_construction=16))
    queries = given_queries(graph, VECTORS[:500], VECTORS[500:], K)
    study = ef_tradeoff(graph, queries, ef_max=EF_MAX)
    return graph, study, adaptive_ef(graph, study, target=TARGET, share=SHARE, hops=3)


def test_each_cost_is_that_of_a_search_at_that_ef(
    found: tuple[HnswGraph, EfTradeoff, AdaptiveEf],
) -> None:
    graph, study, made = found
    asked = study.queries.vectors
    assert made.queries == 400
    for ef in np.unique(made.foreseen):
        some = made.foreseen == ef
        computed = search(graph, asked[some], K, int(ef)).distance_computations
        expected = np.maximum(computed, made.probe_cost[some])
        np.testing.assert_array_equal(made.foreseen_cost[some], expected)
    every = search(graph, asked, K, made.one_ef).distance_computations
    np.testing.assert_array_equal(made.one_cost, every)
    own = np.array(
        [
            search(graph, asked[q : q + 1], K, ef).distance_computations[0]
            for q, ef in enumerate(
                np.where(made.needed < 0, made.one_ef, np.minimum(made.needed, made.one_ef))
            )
        ]
    )
    np.testing.assert_array_equal(made.own_cost, own)
    assert made.oracle_saving == pytest.approx(1 - own.mean() / every.mean())


def test_the_one_ef_is_the_smallest_that_serves_as_many(
    found: tuple[HnswGraph, EfTradeoff, AdaptiveEf],
) -> None:
    _, study, made = found
    for ef, share in ((made.one_ef, SHARE), (made.equal_ef, float(made.is_served.mean()))):
        assert made.served_at(ef) >= share > made.served_at(ef - 1)
        assert made.served_at(ef) == study.share_reaching(TARGET)[study.at(ef)]
    assert made.saving == 1 - made.foreseen_cost.mean() / made.equal_cost.mean()
    low, high = made.saving_interval
    assert low < made.saving < high
    assert 0 < made.oracle_saving < 1


def test_the_promise_is_kept_on_queries_that_the_model_has_not_seen(
    found: tuple[HnswGraph, EfTradeoff, AdaptiveEf],
) -> None:
    # 90 % of 400, less two standard errors of a share of 400 and of the 80 it was calibrated on.
    _, _, made = found
    assert made.is_served.mean() >= SHARE - 2 * np.sqrt(SHARE * (1 - SHARE) * (1 / 400 + 1 / 80))
    assert made.rank_correlation > 0.3  # queries of other lengths need other ef


def test_a_margin_keeps_its_promise_in_expectation() -> None:
    rng = np.random.default_rng(1)
    served = [
        float((rng.exponential(size=200) <= conformal_margin(rng.exponential(size=29), 0.9)).mean())
        for _ in range(2_000)
    ]
    # The 27th of 29 errors: exactly 27 of 30 in expectation.
    assert np.mean(served) == pytest.approx(0.9, abs=0.005)


def test_a_feature_that_tells_all_is_found_out() -> None:
    rng = np.random.default_rng(2)
    features = rng.normal(size=(300, 4))
    features[:, 3] = np.nan  # one that this metric does not have
    needed = np.ceil(20 * np.exp(features[:, 2] / 2)).astype(np.int64)
    needed[features[:, 2] > 1.8] = -1
    plan = module._Folds(np.arange(300) % 5, 5, 0.9, 0)
    foreseen, importance, correlation = module._foresee(features, needed, plan, (5, 80), unheard)
    assert correlation > 0.85
    assert importance[2] > 0.8
    assert np.abs(importance[[0, 1, 3]]).max() < 0.05
    assert foreseen.max() <= 80
    served = (needed > 0) & (foreseen >= needed)
    assert served.mean() >= 0.86
    assert np.corrcoef(foreseen[needed > 0], needed[needed > 0])[0, 1] > 0.8


def test_queries_that_all_need_the_same_get_it() -> None:
    plan = module._Folds(np.arange(120) % 5, 5, 0.9, 0)
    features, needed = np.ones((120, 3)), np.full(120, 17)
    foreseen, _, correlation = module._foresee(features, needed, plan, (5, 80), unheard)
    assert set(foreseen) == {17}
    assert np.isnan(correlation)


def test_the_features_by_hand() -> None:
    first = FirstHops(
        k=2,
        nearest=np.array([[0.5, 0.32, 0.02]]),  # chords: 1, 0.8, 0.2
        kth=np.array([[0.5, 0.5, 0.125]]),  # 1, 1, 0.5
        neighbors=np.array([[0.08, 0.18, 0.5]]),  # 0.4, 0.6, 1
        distance_computations=np.array([37]),
        descent=np.array([3]),
    )
    expected = [1, 0.4, 0.6, 1.5, 0.2, 0.5, 2.5, 5, 2, 37, 3]
    np.testing.assert_allclose(feature_table(first, "cosine"), [expected])
    assert len(FEATURES) == len(expected)
    below = replace(first, nearest=-first.nearest, neighbors=np.full((1, 3), np.nan))
    of_products = feature_table(below, "inner_product")[0]
    assert of_products[0] == -0.5
    np.testing.assert_array_equal(np.isnan(of_products), np.isin(range(11), (1, 2, 3, 6, 7)))


def by_hand(hits: list[list[int]]) -> EfTradeoff:
    q, e = np.shape(hits)
    counts = np.array(hits, np.int32)
    costs = np.tile(np.arange(10, 10 + e, dtype=np.int32), (q, 1))
    curve = EfCurve(2, np.arange(2, 2 + e), counts, counts, costs, costs)
    truth = Neighbors(np.zeros((q, 2), np.int64), np.zeros((q, 2)))
    return EfTradeoff(QuerySet(np.zeros((q, 1), np.float32), truth, None, None), curve, 9)


def test_the_replay_by_hand() -> None:
    # Ef 2, 3 and 4 cost 10, 11 and 12. Smallest ef: 2, 3, 4, none.
    study = by_hand([[2, 2, 2], [1, 2, 2], [1, 1, 2], [1, 1, 1]])
    blank = {name: np.empty(0) for name in ("one_cost", "own_cost", "foreseen_cost", "equal_cost")}
    made = AdaptiveEf(
        k=2,
        target=1.0,
        share=0.75,
        hops=1,
        ef_max=4,
        needed=np.array([2, 3, 4, -1]),
        foreseen=np.array([2, 4, 3, 4]),
        one_ef=-1,
        equal_ef=-1,
        probe_cost=np.array([11.0, 5, 5, 5]),
        rank_correlation=0.0,
        importance=np.empty(0),
        **blank,
    )
    first: Any = FirstHops(2, *(np.empty(0),) * 3, np.array([11, 5, 5, 5]), np.empty(0, np.int64))
    got = module._replay(study, first, made)
    assert got.is_served.tolist() == [True, True, False, False]
    assert (got.one_ef, got.equal_ef) == (4, 3)
    assert got.own_cost.tolist() == [10, 11, 12, 12]
    assert got.foreseen_cost.tolist() == [11, 12, 11, 12]  # the first by its first hops
    assert got.equal_cost.tolist() == [11] * 4
    assert got.saving == pytest.approx(1 - 11.5 / 11)
    none = module._replay(study, first, replace(made, share=0.9))
    assert not none.is_reached
    assert np.isnan(none.own_cost).all()
    assert np.isnan(none.oracle_saving)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"target": 0.0}, "target must be above 0"),
        ({"share": 1.2}, "share must be above 0 and at most 1; got 1.2"),
        ({"hops": 0}, "hops must be between 1"),
        ({"folds": 2}, "folds must be between 3"),
    ],
)
def test_what_does_not_fit_is_refused(
    found: tuple[HnswGraph, EfTradeoff, AdaptiveEf], changes: dict[str, Any], words: str
) -> None:
    graph, study, _ = found
    with pytest.raises(ParameterError, match=words):
        adaptive_ef(graph, study, **{"target": 0.9, **changes})


def test_few_queries_are_refused(found: tuple[HnswGraph, EfTradeoff, AdaptiveEf]) -> None:
    graph, study, _ = found
    some = ef_tradeoff(graph, study.queries.at(np.arange(99)), ef_max=20)
    with pytest.raises(ParameterError, match="At least 100 queries"):
        adaptive_ef(graph, some, target=0.9)
