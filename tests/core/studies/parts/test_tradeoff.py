import math

import numpy as np
import pytest

from core.distances import distance_matrix
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw, search
from core.studies.parts.query_sets import QuerySet, given_queries, sample_queries
from core.studies.parts.tradeoff import EfTradeoff, ef_tradeoff

N, K, EF_MAX = 500, 5, 40
VECTORS = np.random.default_rng(0).normal(size=(N, 12)).astype(np.float32)


@pytest.fixture(scope="module")
def graph() -> HnswGraph:
    return build_hnsw(VECTORS, HnswParams("euclidean", m=4, ef_construction=20))


@pytest.fixture(scope="module")
def queries(graph: HnswGraph) -> QuerySet:
    return sample_queries(graph, VECTORS, K, size=90, seed=3)


@pytest.fixture(scope="module")
def tradeoff(graph: HnswGraph, queries: QuerySet) -> EfTradeoff:
    return ef_tradeoff(graph, queries, ef_max=EF_MAX)


def naive_truth(points: np.ndarray, rows: np.ndarray | None) -> np.ndarray:
    distance = distance_matrix(points, VECTORS, "euclidean")
    if rows is not None:
        distance[np.arange(len(rows)), rows] = np.inf
    return np.argsort(distance, axis=1, kind="stable")[:, :K]


def recalls(graph: HnswGraph, queries: QuerySet, ef: int) -> list[float]:
    """recall@K of each query, one at a time, by set intersection."""
    found = search(graph, queries.vectors, K, ef, exclude=queries.rows).ids
    truth = naive_truth(queries.vectors, queries.rows)
    return [len(set(a) & set(b)) / K for a, b in zip(found.tolist(), truth.tolist(), strict=True)]


def test_a_sample_of_rows_is_left_out_of_its_own_answers(queries: QuerySet) -> None:
    assert queries.rows is not None
    assert len(set(queries.rows.tolist())) == 90
    assert queries.rows.tolist() == sorted(queries.rows.tolist())
    assert queries.seed == 3
    np.testing.assert_array_equal(queries.vectors, VECTORS[queries.rows])
    np.testing.assert_array_equal(queries.truth.ids, naive_truth(queries.vectors, queries.rows))


def test_the_seed_decides_which_rows_are_drawn(graph: HnswGraph, queries: QuerySet) -> None:
    again = sample_queries(graph, VECTORS, K, size=90, seed=3)
    other = sample_queries(graph, VECTORS, K, size=90, seed=4)
    np.testing.assert_array_equal(again.rows, queries.rows)
    assert other.rows is not None
    assert queries.rows is not None
    assert not np.array_equal(other.rows, queries.rows)


@pytest.mark.parametrize("size", [N, N + 1])
def test_all_rows_are_queries_where_they_fit_and_no_seed_is_told(
    graph: HnswGraph, size: int
) -> None:
    everything = sample_queries(graph, VECTORS, K, size=size)
    np.testing.assert_array_equal(everything.rows, np.arange(N))
    assert everything.seed is None


def test_given_queries_may_be_answered_by_any_row(graph: HnswGraph) -> None:
    given = given_queries(graph, VECTORS, VECTORS[:7], K)
    assert given.rows is None
    assert given.seed is None
    assert given.truth.ids[:, 0].tolist() == list(range(7))  # each is its own nearest row
    np.testing.assert_array_equal(given.truth.ids, naive_truth(VECTORS[:7], None))


@pytest.mark.parametrize("ef", [K, 8, 17, EF_MAX])
def test_means_equal_a_search_at_that_ef(
    graph: HnswGraph, queries: QuerySet, tradeoff: EfTradeoff, ef: int
) -> None:
    place = tradeoff.at(ef)
    assert tradeoff.ef[place] == ef
    recall = recalls(graph, queries, ef)
    assert tradeoff.mean_recall[place] == pytest.approx(math.fsum(recall) / 90, abs=1e-12)
    computed = search(graph, queries.vectors, K, ef, exclude=queries.rows).distance_computations
    assert tradeoff.mean_computations[place] == pytest.approx(sum(computed.tolist()) / 90)
    assert tradeoff.brute_force_share[place] == pytest.approx(sum(computed.tolist()) / 90 / N)


@pytest.mark.parametrize("ef", [K, 8, 17])
@pytest.mark.parametrize("target", [0.0, 0.5, 0.6, 0.8, 1.0])
def test_share_reaching_counts_queries(
    graph: HnswGraph, queries: QuerySet, tradeoff: EfTradeoff, ef: int, target: float
) -> None:
    reached = sum(recall >= target - 1e-9 for recall in recalls(graph, queries, ef))
    assert tradeoff.share_reaching(target)[tradeoff.at(ef)] == reached / 90


@pytest.mark.parametrize("ef", [K, 8, 17])
def test_low_recall_is_the_mean_of_the_worst_twentieth(
    graph: HnswGraph, queries: QuerySet, tradeoff: EfTradeoff, ef: int
) -> None:
    worst = sorted(recalls(graph, queries, ef))[:4]  # 0.05 x 90 = 4.5, rounded to even
    assert tradeoff.low_recall[tradeoff.at(ef)] == pytest.approx(sum(worst) / 4, abs=1e-12)


def test_low_recall_of_few_queries_is_that_of_the_worst_one(graph: HnswGraph) -> None:
    few = sample_queries(graph, VECTORS, K, size=6)
    curve = ef_tradeoff(graph, few, ef_max=12)
    assert curve.low_recall.tolist() == [min(recalls(graph, few, ef)) for ef in curve.ef.tolist()]


def test_the_smallest_ef_is_the_first_that_a_loop_meets(
    graph: HnswGraph, queries: QuerySet, tradeoff: EfTradeoff
) -> None:
    by_ef = {ef: recalls(graph, queries, ef) for ef in tradeoff.ef.tolist()}
    assert sum(by_ef[K]) / 90 < 0.9  # the index is imperfect
    for target in (0.0, 0.7, 0.9, 0.95, 0.99):
        reached = [ef for ef, recall in by_ef.items() if sum(recall) / 90 >= target - 1e-12]
        assert tradeoff.smallest_ef(target) == (reached[0] if reached else None)
    for target, share in ((0.6, 0.9), (0.8, 0.5), (1.0, 0.25), (1.0, 0.75)):
        reached = [
            ef
            for ef, recall in by_ef.items()
            if sum(value >= target - 1e-9 for value in recall) / 90 >= share - 1e-12
        ]
        assert tradeoff.smallest_ef_for_share(target, share) == (reached[0] if reached else None)


def test_no_ef_where_none_reaches(tradeoff: EfTradeoff) -> None:
    best = float(tradeoff.mean_recall.max())
    assert tradeoff.smallest_ef(best) is not None
    assert tradeoff.smallest_ef(best + 1e-6) is None
    best_share = float(tradeoff.share_reaching(1.0).max())
    assert tradeoff.smallest_ef_for_share(1.0, best_share + 1e-6) is None


def test_the_interval_holds_the_mean_and_is_the_same_each_time(
    graph: HnswGraph, queries: QuerySet, tradeoff: EfTradeoff
) -> None:
    low, high = tradeoff.interval
    assert (low <= tradeoff.mean_recall).all()
    assert (tradeoff.mean_recall <= high).all()
    again = ef_tradeoff(graph, queries, ef_max=EF_MAX).interval
    np.testing.assert_array_equal(low, again[0])
    np.testing.assert_array_equal(high, again[1])
    # The bootstrap estimates 1.96 standard errors each side; 200 resamples give it to a quarter.
    spread = tradeoff.curve.recall.std(axis=0) / math.sqrt(90)
    np.testing.assert_allclose(high - low, 2 * 1.96 * spread, rtol=0.25)


def test_the_interval_is_that_of_resampled_queries(tradeoff: EfTradeoff) -> None:
    draws = np.random.default_rng(0).multinomial(90, [1 / 90] * 90, size=200)
    place = tradeoff.at(8)
    recall = tradeoff.curve.recall[:, place]
    means = sorted(float(np.repeat(recall, times).mean()) for times in draws)
    # Of 200 sorted means the 2.5 % point lies 0.975 of the way from the 5th to the 6th
    # (199 x 0.025 = 4.975), and the 97.5 % point 0.025 from the 195th to the 196th.
    low = means[4] + 0.975 * (means[5] - means[4])
    high = means[194] + 0.025 * (means[195] - means[194])
    assert tradeoff.interval[0][place] == pytest.approx(low, abs=1e-12)
    assert tradeoff.interval[1][place] == pytest.approx(high, abs=1e-12)


def test_queries_that_all_agree_leave_no_interval(graph: HnswGraph) -> None:
    one = sample_queries(graph, VECTORS, K, size=1)
    curve = ef_tradeoff(graph, one, ef_max=12)
    np.testing.assert_allclose(curve.interval[0], curve.mean_recall, atol=1e-15)
    np.testing.assert_allclose(curve.interval[1], curve.mean_recall, atol=1e-15)


def test_at_refuses_an_ef_off_the_curve(tradeoff: EfTradeoff) -> None:
    assert (tradeoff.at(K), tradeoff.at(EF_MAX)) == (0, EF_MAX - K)
    for ef in (K - 1, EF_MAX + 1):
        with pytest.raises(ParameterError, match=rf"between {K} and {EF_MAX}.*got {ef}"):
            tradeoff.at(ef)


def test_k_must_leave_room_for_the_query(graph: HnswGraph) -> None:
    with pytest.raises(ParameterError):
        sample_queries(graph, VECTORS, N, size=3)


def test_progress_runs_from_0_to_1_over_both_steps(graph: HnswGraph) -> None:
    notes: list[tuple[float, str]] = []

    def note(share: float, text: str) -> None:
        notes.append((share, text))

    drawn = sample_queries(graph, VECTORS, K, size=20, progress=note)
    assert notes[-1] == (pytest.approx(0.6), "exact neighbors of 20 of 20 queries")
    before = len(notes)
    ef_tradeoff(graph, drawn, ef_max=10, progress=note)
    assert notes[-1] == (pytest.approx(1.0), "searched 20 of 20 queries")
    shares = [share for share, _ in notes]
    assert shares == sorted(shares)
    assert min(shares[before:]) >= 0.6
