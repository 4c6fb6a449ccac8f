"""Several k from one traversal, honest numbers of queries, ties and broken graphs."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import core.studies.parts.tradeoff as module
from core.distances import distance_matrix
from core.errors import ParameterError
from core.index import Adjacency, EfCurve, HnswGraph, HnswParams, Neighbors, build_hnsw, search
from core.index.curve import ef_curves
from core.studies.parts.query_sets import QuerySet, given_queries, row_queries, sample_queries
from core.studies.parts.tradeoff import EfTradeoff, ef_tradeoff, ef_tradeoffs, honest_tradeoffs

Vectors = np.ndarray[Any, np.dtype[np.float32]]
CURVES = ("ef", "hits", "tied_hits", "distance_computations", "hops")


def normal(n: int, dim: int, seed: int = 0) -> Vectors:
    return np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)


def assert_same_curve(left: EfCurve, right: EfCurve) -> None:
    assert left.k == right.k
    for name in CURVES:
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name), err_msg=name)


def curve(hits: list[list[int]], k: int = 1) -> EfTradeoff:
    """A curve with these hits (q, e), from ef = k on."""
    counts = np.array(hits, dtype=np.int32)
    q, e = counts.shape
    none = QuerySet(
        np.zeros((q, 1)), Neighbors(np.zeros((q, k), np.int64), np.zeros((q, k))), None, None
    )
    same = EfCurve(k, np.arange(k, k + e), counts, counts, counts, counts)
    return EfTradeoff(none, same, q)


def of_shares(shares: list[float], queries: int = 1000) -> EfTradeoff:
    """A curve of k = 1 that finds the neighbor of these shares of the queries at ef 1, 2, ..."""
    return curve([[int(i < round(share * queries)) for share in shares] for i in range(queries)])


VECTORS = normal(500, 12)


@pytest.fixture(scope="module")
def graph() -> HnswGraph:
    return build_hnsw(VECTORS, HnswParams("euclidean", m=4, ef_construction=20))


@pytest.mark.parametrize("own", [True, False])
def test_each_k_is_as_if_swept_alone(graph: HnswGraph, own: bool) -> None:
    asked = (
        sample_queries(graph, VECTORS, 11, size=80)
        if own
        else given_queries(graph, VECTORS, normal(80, 12, seed=9), 11)
    )
    found = ef_tradeoffs(graph, asked, (10, 1, 3), ef_max=40)
    assert sorted(found) == [1, 3, 10]
    for k, study in found.items():
        alone = ef_tradeoff(graph, replace(asked, truth=asked.nearest(k)), ef_max=40)
        assert_same_curve(study.curve, alone.curve)
        assert study.ef.tolist() == list(range(k, 41))
        assert study.queries is asked
        assert study.n == 500


def test_brute_force_compares_with_live_rows_only(graph: HnswGraph) -> None:
    half = replace(graph, deleted=np.arange(500) % 2 == 0)
    asked = sample_queries(half, VECTORS, 6, size=50)
    study = ef_tradeoffs(half, asked, (5,), ef_max=30)[5]
    assert study.n == 250
    assert study.brute_force_share[0] == pytest.approx(study.mean_computations[0] / 250)


def test_a_k_beyond_the_true_neighbors_is_refused(graph: HnswGraph) -> None:
    asked = sample_queries(graph, VECTORS, 5, size=10)
    with pytest.raises(ParameterError, match=r"at most 5.*got \[3, 6\]"):
        ef_tradeoffs(graph, asked, [3, 6])


def copies() -> tuple[HnswGraph, Vectors]:
    """200 rows, the first 50 of them twice: rows i and 200 + i are equal."""
    rows = normal(200, 6, seed=3)
    rows = np.concatenate([rows, rows[:50]])
    return build_hnsw(rows, HnswParams("euclidean", m=8, ef_construction=60)), rows


def test_tied_share_counts_queries_whose_next_neighbor_is_as_near() -> None:
    graph, rows = copies()
    asked = row_queries(graph, rows, np.arange(250), 6)
    found = ef_tradeoffs(graph, asked, (1, 2, 5), ef_max=20)
    distances = np.linalg.norm(rows[:, None].astype(float) - rows[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    ranked = np.sort(distances, axis=1)
    for k, study in found.items():
        tied = sum(row[k] - row[k - 1] < 1e-9 for row in ranked.tolist())
        assert 0 < tied < 250
        assert study.tied_share == tied / 250


def test_with_every_row_twice_ties_alternate() -> None:
    # A row's nearest is its copy, the next two are a pair, and so on: tied at every even k.
    rows = np.repeat(normal(100, 6, seed=4), 2, axis=0)
    graph = build_hnsw(rows, HnswParams("euclidean", m=8, ef_construction=60))
    asked = row_queries(graph, rows, np.arange(200), 5)
    found = ef_tradeoffs(graph, asked, (1, 2, 3, 4, 5), ef_max=20)
    assert [found[k].tied_share for k in (1, 2, 3, 4)] == [0.0, 1.0, 0.0, 1.0]
    assert math.isnan(found[5].tied_share)  # nothing is known of a sixth


@pytest.mark.parametrize("ef", [5, 9, 20])
def test_tie_aware_recall_counts_rows_as_near_as_the_kth(ef: int) -> None:
    # Every row four times: the nearest 5 are 3 copies, then 2 of 4 equally near rows.
    rows = np.repeat(normal(60, 6, seed=4), 4, axis=0)
    graph = build_hnsw(rows, HnswParams("euclidean", m=8, ef_construction=60))
    asked = row_queries(graph, rows, np.arange(240), 6)
    study = ef_tradeoffs(graph, asked, (5,), ef_max=20)[5]
    found = search(graph, rows, 5, ef, exclude=np.arange(240)).ids
    distances = np.linalg.norm(rows[:, None].astype(float) - rows[None], axis=2)
    last = asked.truth.distances[:, 4]
    counted = [
        sum(distances[i, j] <= last[i] * (1 + 1e-6) for j in found[i] if j >= 0) / 5
        for i in range(240)
    ]
    strict = [len(set(found[i]) & set(asked.truth.ids[i, :5])) / 5 for i in range(240)]
    place = study.at(ef)
    assert study.mean_tie_aware_recall[place] == pytest.approx(sum(counted) / 240)
    assert study.mean_recall[place] == pytest.approx(sum(strict) / 240)
    assert sum(counted) > sum(strict) + 10


def test_half_width_by_hand() -> None:
    # 1.959964 sqrt(p (1 - p) / 99): at 0.5 the widest, 0.098, but recall is below 0.9 there; at
    # 0.9 it is 1.959964 x 0.3 / 9.949874 = 0.0591, at 0.96 only 0.0386.
    study = of_shares([0.5, 0.9, 0.96, 1.0], queries=100)
    assert study.half_width == pytest.approx(0.05909514)
    assert of_shares([0.5, 0.89, 0.96, 1.0], queries=100).half_width == pytest.approx(
        1.959964 * math.sqrt(0.96 * 0.04 / 99)
    )


def test_half_width_is_of_recalls_not_of_hits() -> None:
    # k = 4; hits 4, 4, 4, 3 are recalls of mean 0.9375, deviation
    # sqrt((3 x 0.0625^2 + 0.1875^2) / 3) = 0.125; divided by sqrt(4) and times 1.959964: 0.122498.
    assert curve([[4], [4], [4], [3]], k=4).half_width == pytest.approx(0.122498, abs=1e-6)
    assert math.isnan(curve([[4]], k=4).half_width)  # of one query the spread is unknown


def naive_needed(studies: dict[int, EfTradeoff]) -> int:
    """Queries for 0.005 to each side, with a tenth to spare, over all k and high recalls."""
    widest = 0.0
    for study in studies.values():
        for recalls in study.curve.recall.T.tolist():
            mean = sum(recalls) / len(recalls)
            variance = sum((value - mean) ** 2 for value in recalls) / (len(recalls) - 1)
            if mean >= 0.9:
                widest = max(widest, 1.1 * 1.959964**2 * variance / 0.005**2)
    return math.ceil(widest)


@pytest.fixture(scope="module")
def poor() -> tuple[HnswGraph, Vectors]:
    rows = normal(4000, 8, seed=2)
    return build_hnsw(rows, HnswParams("euclidean", m=6, ef_construction=40)), rows


def test_honest_curves_add_exactly_the_queries_needed(
    poor: tuple[HnswGraph, Vectors], monkeypatch: pytest.MonkeyPatch
) -> None:
    graph, rows = poor
    order = np.random.default_rng(5).permutation(4000)
    first = row_queries(graph, rows, np.sort(order[:1000]), 11)
    needed = naive_needed(ef_tradeoffs(graph, first, (5, 10), ef_max=80))
    assert 1000 < needed < 4000
    searched: list[int] = []
    sweep = ef_curves

    def counting(graph: HnswGraph, queries: Vectors, *rest: Any, **more: Any) -> Any:
        searched.append(len(queries))
        return sweep(graph, queries, *rest, **more)

    monkeypatch.setattr(module, "ef_curves", counting)
    found = honest_tradeoffs(graph, rows, (5, 10), ef_max=80, seed=5)
    assert searched == [1000, needed - 1000]
    expected = [*sorted(order[:1000].tolist()), *sorted(order[1000:needed].tolist())]
    for study in found.values():
        assert study.queries.rows is not None
        assert study.queries.rows.tolist() == expected
        assert len(set(expected)) == needed
        assert study.queries.seed == 5
        assert 0 < study.half_width <= 0.005
        assert study.n == 4000
    at_once = ef_tradeoffs(
        graph, row_queries(graph, rows, np.array(expected), 11), (5, 10), ef_max=80
    )
    for k in (5, 10):
        assert_same_curve(found[k].curve, at_once[k].curve)
        np.testing.assert_array_equal(found[k].queries.truth.ids, at_once[k].queries.truth.ids)
        assert found[k].tied_share == 0.0  # one neighbor more than the largest k is known


def test_the_k_with_the_widest_interval_decides(poor: tuple[HnswGraph, Vectors]) -> None:
    graph, rows = poor
    counts = {
        ks: len(honest_tradeoffs(graph, rows, ks, ef_max=60, seed=5)[ks[0]].curve.hits)
        for ks in ((5,), (20,), (5, 20))
    }
    assert counts[5, 20] == max(counts[5,], counts[20,])
    assert counts[5,] != counts[20,]


def test_all_rows_are_asked_where_they_are_too_few() -> None:
    rows = normal(1300, 8, seed=2)
    graph = build_hnsw(rows, HnswParams("euclidean", m=4, ef_construction=20))
    study = honest_tradeoffs(graph, rows, (1,), ef_max=40, seed=1)[1]
    assert study.half_width > 0.005  # more rows would be needed, and there are none
    assert study.queries.rows is not None
    assert sorted(study.queries.rows.tolist()) == list(range(1300))
    assert study.queries.seed is None


@pytest.mark.parametrize("n", [300, 1000])
def test_few_rows_are_all_asked_at_once_and_no_seed_is_told(n: int) -> None:
    rows = normal(n, 6)
    graph = build_hnsw(rows, HnswParams("euclidean", m=3, ef_construction=10))
    found = honest_tradeoffs(graph, rows, (4,), ef_max=30)[4]
    everything = ef_tradeoffs(graph, sample_queries(graph, rows, 5, size=n), (4,), ef_max=30)[4]
    assert found.queries.rows is not None
    assert found.queries.rows.tolist() == list(range(n))
    assert found.queries.seed is None
    assert_same_curve(found.curve, everything.curve)


def test_no_more_than_ten_thousand_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert module.MOST == 10_000
    monkeypatch.setattr(module, "MOST", 1_200)
    rows = normal(2000, 8, seed=2)
    graph = build_hnsw(rows, HnswParams("euclidean", m=4, ef_construction=20))
    study = honest_tradeoffs(graph, rows, (1,), ef_max=40, seed=1)[1]
    assert len(study.curve.hits) == 1_200
    assert study.half_width > 0.005
    assert study.queries.seed == 1


def test_a_thousand_are_enough_where_recall_is_even() -> None:
    rows = normal(1500, 4)
    graph = build_hnsw(rows, HnswParams("euclidean", m=16, ef_construction=100))
    study = honest_tradeoffs(graph, rows, (10,), ef_max=40, seed=6)[10]
    assert study.queries.rows is not None
    drawn = np.random.default_rng(6).permutation(1500)[:1000]
    assert study.queries.rows.tolist() == sorted(drawn.tolist())
    assert study.queries.seed == 6
    assert study.half_width <= 0.005


def test_deleted_rows_are_not_asked() -> None:
    rows = normal(1200, 6)
    graph = build_hnsw(rows, HnswParams("euclidean", m=8, ef_construction=40))
    deleted = np.arange(1200) % 3 == 0
    study = honest_tradeoffs(replace(graph, deleted=deleted), rows, (5,), ef_max=30)[5]
    assert study.queries.rows is not None
    assert study.queries.rows.tolist() == np.flatnonzero(~deleted).tolist()
    assert not deleted[study.queries.truth.ids].any()
    assert study.n == 800


def test_progress_of_honest_curves_rises_to_1(poor: tuple[HnswGraph, Vectors]) -> None:
    graph, rows = poor
    told: list[tuple[float, str]] = []
    honest_tradeoffs(
        graph, rows, (5,), ef_max=60, progress=lambda share, words: told.append((share, words))
    )
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    ends = {0.25: "exact", 0.5: "searched", 0.75: "exact", 1.0: "searched"}
    for end, begin in ends.items():
        at_end = [words for share, words in told if share == pytest.approx(end)]
        assert any(words.startswith(begin) for words in at_end)


def side_by_side(left: HnswGraph, right: HnswGraph) -> HnswGraph:
    """Both as one graph without a link between them, entered on the left."""

    def joined(a: Adjacency, b: Adjacency) -> Adjacency:
        ends = np.concatenate([a.indptr, a.indptr[-1] + b.indptr[1:]])
        return Adjacency(ends, np.concatenate([a.targets, b.targets + np.int32(left.n)]))

    upper_rows = len(left.upper.indptr) - 1
    return replace(
        left,
        vectors=np.concatenate([left.vectors, right.vectors]),
        levels=np.concatenate([left.levels, right.levels]),
        labels=np.arange(left.n + right.n),
        deleted=np.concatenate([left.deleted, right.deleted]),
        base=joined(left.base, right.base),
        upper=joined(left.upper, right.upper),
        upper_start=np.concatenate([left.upper_start, right.upper_start + upper_rows]),
    )


def test_a_graph_in_two_parts_is_flat_and_one_of_the_same_rows_is_not() -> None:
    rows = normal(900, 6, seed=8)
    params = HnswParams("euclidean", m=8, ef_construction=60)
    parts = side_by_side(build_hnsw(rows[:600], params), build_hnsw(rows[600:], params))
    asked = row_queries(parts, rows, np.arange(900), 11)
    broken = ef_tradeoffs(parts, asked, (10,), ef_max=120)[10]
    # What is missing are the neighbors in the part without the entry point, at every large ef.
    reachable = np.argsort(distance_matrix(rows, rows, "euclidean") + 1e9 * np.eye(900), axis=1)
    share = float((reachable[:, :10] < 600).mean())
    assert broken.mean_recall[-1] == pytest.approx(share, abs=1e-3)
    assert broken.is_flat
    healthy = ef_tradeoffs(build_hnsw(rows, params), asked, (10,), ef_max=120)[10]
    assert healthy.mean_recall[-1] > 0.999
    assert not healthy.is_flat


def test_flat_strict_recall_is_no_broken_graph_where_ties_explain_it() -> None:
    strict = of_shares([0.7] * 8)
    assert strict.is_flat
    all_found = replace(strict.curve, tied_hits=np.ones_like(strict.curve.hits))
    assert not replace(strict, curve=all_found).is_flat
    some_found = replace(strict.curve, tied_hits=of_shares([0.9] * 8).curve.hits)
    assert replace(strict, curve=some_found).is_flat


@pytest.mark.parametrize(
    ("shares", "flat"),
    [
        # eight points of ef 1 to 8: the first quarter ends at the third, ef 3
        ([0.2, 0.4, 0.700, 0.701, 0.702, 0.703, 0.704, 0.704], True),
        ([0.2, 0.4, 0.700, 0.701, 0.702, 0.703, 0.704, 0.706], False),  # rises by 0.006
        ([0.2, 0.4, 0.998, 0.998, 0.998, 0.998, 0.998, 0.998], True),  # 0.002 out of reach
        ([0.2, 0.4, 0.999, 0.999, 0.999, 0.999, 0.999, 0.999], False),  # hardly any
        ([0.2, 0.4, 0.995, 0.996, 0.996, 0.997, 0.997, 0.998], False),  # gains more than it lacks
        ([0.2, 0.700, 0.700, 0.700], True),  # ef 2 to 4 in its last part: twice
        ([0.2, 0.700, 0.700], False),  # its first quarter is ef 1, and it rises from there
    ],
)
def test_flat_by_hand(shares: list[float], flat: bool) -> None:
    assert of_shares(shares).is_flat is flat


@pytest.mark.parametrize(("ef_max", "flat"), [(10, False), (18, False), (40, True)])
def test_a_curve_that_ends_too_soon_cannot_be_told_flat(ef_max: int, flat: bool) -> None:
    study = curve([[9] * (ef_max - 9)] * 100, k=10)  # recall 0.9 at every ef from 10 on
    assert study.ef[-1] == ef_max
    assert study.is_flat is flat


def test_no_tie_is_counted_by_the_distances_of_other_vectors() -> None:
    """Rows 0 and 1 of the data have changed since the graph was built.

    By the graph's distances row 0 is nearer than the true neighbor, row 1, and would pass for it.
    """
    data = np.array([[9.0], [1.5], [2.0], [3.0]], dtype=np.float32)
    stored = np.array([[0.0], [1.0], [2.0], [3.0]], dtype=np.float32)
    graph = build_hnsw(stored, HnswParams("euclidean", m=2))
    query = np.zeros((1, 1), dtype=np.float32)
    changed = ef_tradeoffs(graph, given_queries(graph, data, query, 2), (1,), ef_max=4)[1]
    assert changed.queries.truth.ids.tolist() == [[1, 2]]
    assert changed.mean_recall.tolist() == [0.0] * 4
    assert changed.curve.tied_hits.tolist() == changed.curve.hits.tolist()
    same = ef_tradeoffs(graph, given_queries(graph, stored, query, 2), (1,), ef_max=4)[1]
    assert same.mean_tie_aware_recall.tolist() == [1.0] * 4
