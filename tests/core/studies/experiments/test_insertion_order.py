"""Insertion order: what each order is, what is measured of it, and how it is summed up."""

import statistics
from collections.abc import Hashable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from core.distances import Metric, unit_rows
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw, exact_neighbors, search
from core.metrics import local_intrinsic_dimension
from core.studies.experiments.insertion_order import insertion_order
from core.studies.experiments.insertion_order_results import (
    ASCENDING,
    BY_CLASS,
    DESCENDING,
    ORDERS,
    RANDOM,
    WORST,
    InsertionOrder,
    OrderRun,
)
from core.studies.parts.rebuild_noise import between_settings

module = import_module("core.studies.experiments.insertion_order")
ROWS, K, QUERIES, SEEDS = 660, 10, 60, (3, 8, 5)
N = ROWS - QUERIES  # rows that are indexed
PARAMS = HnswParams("euclidean", m=4, ef_construction=12, seed=77, threads=2)
Builds = dict[tuple[int, int], np.ndarray]


def clusters() -> tuple[np.ndarray, np.ndarray]:
    """Six classes of two intrinsic dimensions, apart from one another; one row in 20 of none."""
    random = np.random.default_rng(1)
    labels = random.integers(0, 6, ROWS)
    rows = random.normal(size=(6, 10))[labels] * 4 + random.normal(size=(ROWS, 10))
    flat = labels % 2 == 0
    rows[flat, 3:] *= 0.05  # three dimensions in every other class
    labels[::20] = -1
    return rows.astype(np.float32), labels


VECTORS, LABELS = clusters()
HELD = np.random.default_rng(SEEDS[0]).permutation(ROWS)[:QUERIES]
INDEXED, ASKED, KEPT = np.delete(VECTORS, HELD, axis=0), VECTORS[HELD], np.delete(LABELS, HELD)


class Spied:
    """A study, and what it built: parameters and order of each build, in turn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **more: Any) -> None:
        self.builds: list[tuple[HnswParams, np.ndarray]] = []

        def building(vectors: Any, params: HnswParams, **rest: Any) -> HnswGraph:
            self.builds.append((params, np.asarray(rest.get("order"))))
            return build_hnsw(vectors, params, **rest)

        with monkeypatch.context() as patch:
            patch.setattr(module, "build_hnsw", building)
            self.study = insertion_order(
                VECTORS, PARAMS, LABELS, seeds=SEEDS, queries=QUERIES, workers=1, **more
            )

    def of(self, order: str, seed: int) -> tuple[HnswParams, np.ndarray]:
        keys = [(run.order, run.seed) for run in self.study.runs]
        return self.builds[keys.index((order, seed))]


@pytest.fixture(scope="module")
def spied() -> Spied:
    with pytest.MonkeyPatch.context() as patch:
        return Spied(patch)


@pytest.fixture(scope="module")
def study(spied: Spied) -> InsertionOrder:
    return spied.study


def assert_same_runs(left: InsertionOrder, right: InsertionOrder) -> None:
    assert [(run.order, run.seed) for run in left.runs] == [
        (run.order, run.seed) for run in right.runs
    ]
    for mine, other in zip(left.runs, right.runs, strict=True):
        np.testing.assert_array_equal(mine.recall, other.recall)
        np.testing.assert_array_equal(mine.distance_computations, other.distance_computations)
    np.testing.assert_array_equal(left.lid, right.lid)


def naive_truth() -> np.ndarray:
    distances = np.linalg.norm(ASKED[:, None].astype(float) - INDEXED[None], axis=2)
    return np.argsort(distances, axis=1)[:, :K]


def test_every_order_is_built_with_every_seed(spied: Spied, study: InsertionOrder) -> None:
    keys = {(run.order, run.seed) for run in study.runs}
    assert keys == {(order, seed) for order in ORDERS for seed in SEEDS}
    assert len(spied.builds) == 15
    assert study.orders == ORDERS
    assert (study.k, study.efs, study.n, study.queries) == (10, (10, 40), 600, 60)
    assert study.seeds == SEEDS


def test_every_order_holds_each_row_once(spied: Spied) -> None:
    for _, order in spied.builds:
        assert sorted(order.tolist()) == list(range(N))


def test_builds_differ_in_order_and_seed_only(spied: Spied) -> None:
    for order in ORDERS:
        for seed in SEEDS:
            level_seed = seed + 1000 if order == WORST else seed
            params, _ = spied.of(order, seed)
            assert params == replace(PARAMS, seed=level_seed, threads=1)


@pytest.mark.parametrize("seed", SEEDS)
def test_lid_orders_fall_and_rise(spied: Spied, study: InsertionOrder, seed: int) -> None:
    falling = study.lid[spied.of(DESCENDING, seed)[1]]
    rising = study.lid[spied.of(ASCENDING, seed)[1]]
    assert (np.diff(falling) <= 0).all()
    assert (np.diff(rising) >= 0).all()
    assert falling[0] > falling[-1]


@pytest.mark.parametrize("seed", SEEDS)
def test_classes_come_one_after_the_other(spied: Spied, seed: int) -> None:
    order = spied.of(BY_CLASS, seed)[1]
    classes = KEPT[order]
    assert np.count_nonzero(np.diff(classes)) == 6  # seven groups: six classes, and none
    inside = np.diff(order)[np.diff(classes) == 0]
    assert 0.4 < (inside > 0).mean() < 0.6  # in a class by chance, not by row


def test_seeds_give_other_random_orders_and_orders_of_classes(spied: Spied) -> None:
    randoms = {tuple(spied.of(RANDOM, seed)[1].tolist()) for seed in SEEDS}
    firsts = {tuple(dict.fromkeys(KEPT[spied.of(BY_CLASS, s)[1]].tolist())) for s in SEEDS}
    assert len(randoms) == len(firsts) == 3


def test_the_worst_class_order_is_that_of_the_least_recall(
    spied: Spied, study: InsertionOrder
) -> None:
    recalls = {run.seed: run.recall[:, 0].mean() for run in study.runs if run.order == BY_CLASS}
    least = min(recalls, key=lambda seed: recalls[seed])
    assert sorted(recalls.values())[1] > recalls[least]
    worst = spied.of(BY_CLASS, least)[1]
    for seed in SEEDS:
        np.testing.assert_array_equal(spied.of(WORST, seed)[1], worst)


@pytest.mark.parametrize("least", SEEDS)
def test_whichever_seed_is_worst_is_built_again(
    monkeypatch: pytest.MonkeyPatch, spied: Spied, least: int
) -> None:
    # Runs that are done already, of which one recalls less at the first ef, and more at the next.
    poor, fair = np.array([[0.1, 1.0]] * QUERIES), np.array([[0.2, 0.3]] * QUERIES)
    done: dict[Hashable, Any] = {
        (BY_CLASS, seed): OrderRun(BY_CLASS, seed, poor if seed == least else fair, np.ones(2))
        for seed in SEEDS
    }
    again = Spied(monkeypatch, done=done)
    assert len(again.builds) == 12
    for _, order in again.builds[-3:]:  # the worst class order is built last
        np.testing.assert_array_equal(order, spied.of(BY_CLASS, least)[1])


@pytest.mark.parametrize(("order", "seed"), [(RANDOM, 3), (DESCENDING, 8), (WORST, 5)])
def test_a_run_is_what_a_search_of_its_index_gives(
    spied: Spied, study: InsertionOrder, order: str, seed: int
) -> None:
    params, rows = spied.of(order, seed)
    graph = build_hnsw(INDEXED, params, order=rows)
    truth = naive_truth()
    run = next(run for run in study.runs if (run.order, run.seed) == (order, seed))
    for place, ef in enumerate((10, 40)):
        found = search(graph, ASKED, K, ef)
        expected = [len(set(a) & set(b)) / K for a, b in zip(found.ids, truth, strict=True)]
        np.testing.assert_allclose(run.recall[:, place], expected, atol=1e-12)
        mean = found.distance_computations.mean()
        assert run.distance_computations[place] == pytest.approx(mean)


def test_lid_is_amsalegs_over_100_exact_neighbors(study: InsertionOrder) -> None:
    distances = np.linalg.norm(INDEXED[:, None].astype(float) - INDEXED[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    near = np.sort(distances, axis=1)[:, :100]
    np.testing.assert_allclose(study.lid, local_intrinsic_dimension(near), rtol=1e-6)
    # Amsaleg's estimator: k over the sum of ln(r_k / r_j)
    np.testing.assert_allclose(study.lid, 100 / np.log(near[:, -1:] / near).sum(axis=1), rtol=1e-6)
    assert study.exact_lid


@pytest.mark.parametrize(
    ("metric", "rows"), [("cosine", unit_rows(INDEXED)), ("inner_product", INDEXED)]
)
@pytest.mark.parametrize("exact", [True, False])
def test_lid_is_of_lengths_under_every_metric(
    monkeypatch: pytest.MonkeyPatch, metric: Metric, rows: np.ndarray, exact: bool
) -> None:
    monkeypatch.setattr(module, "EXACT_AT_MOST", N if exact else N - 1)
    params = replace(PARAMS, metric=metric, m=32, ef_construction=200)
    found = insertion_order(VECTORS, params, seeds=(SEEDS[0],), queries=QUERIES)
    near = exact_neighbors(rows, rows, 100, metric="euclidean", exclude=np.arange(N)).distances
    close = np.isclose(found.lid, local_intrinsic_dimension(near), rtol=1e-4)
    assert close.mean() > 0.97  # without exact neighbors, the few others lack one
    assert found.exact_lid is exact
    assert close.all() or not exact


def test_of_many_rows_the_index_gives_the_lid(
    monkeypatch: pytest.MonkeyPatch, study: InsertionOrder
) -> None:
    monkeypatch.setattr(module, "EXACT_AT_MOST", N - 1)
    params = replace(PARAMS, m=32, ef_construction=200)  # finds all hundred at ef 200
    found = insertion_order(VECTORS, params, seeds=(SEEDS[0],), queries=QUERIES)
    assert not found.exact_lid
    close = np.isclose(found.lid, study.lid, rtol=1e-4)
    assert close.mean() > 0.97  # the few others lack a neighbor
    np.testing.assert_allclose(found.lid, study.lid, rtol=0.1)


def test_the_lid_of_as_many_rows_as_allowed_is_exact(
    monkeypatch: pytest.MonkeyPatch, study: InsertionOrder
) -> None:
    monkeypatch.setattr(module, "EXACT_AT_MOST", N)
    again = Spied(monkeypatch)
    assert len(again.builds) == 15  # no index for the LID
    assert again.study.exact_lid
    np.testing.assert_array_equal(again.study.lid, study.lid)


def test_rows_without_labels_have_three_orders() -> None:
    found = insertion_order(VECTORS[:200], PARAMS, seeds=(0, 1), queries=20)
    assert found.orders == (DESCENDING, ASCENDING, RANDOM)
    assert len(found.runs) == 6
    assert found.class_order_range == {}


def test_the_same_study_twice_gives_the_same_with_any_number_of_workers(
    study: InsertionOrder,
) -> None:
    again = insertion_order(VECTORS, PARAMS, LABELS, seeds=SEEDS, queries=QUERIES, workers=2)
    assert_same_runs(again, study)
    assert again.summary(RANDOM, 10) == study.summary(RANDOM, 10)
    assert again.change(RANDOM, WORST, 40) == study.change(RANDOM, WORST, 40)


def test_a_stopped_study_goes_on_from_what_is_done(
    monkeypatch: pytest.MonkeyPatch, study: InsertionOrder
) -> None:
    class StoppedError(Exception):
        pass

    def stop(share: float, _words: str) -> None:
        if share > 0.6:
            raise StoppedError

    done: dict[Hashable, Any] = {}
    with pytest.raises(StoppedError):
        Spied(monkeypatch, done=done, progress=stop)
    kept = len(done) - 1  # all but the LID
    assert 7 <= kept < 15
    again = Spied(monkeypatch, done=done)
    assert len(again.builds) == 15 - kept
    assert_same_runs(again.study, study)


def test_progress_rises_from_0_to_1(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[float, str]] = []
    Spied(monkeypatch, progress=lambda share, words: told.append((share, words)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert told[0][0] < 1 / 7
    assert told[0][1].startswith("exact neighbors of")
    assert next(words for _, words in told if "done" in words).endswith("of 7 done; measuring LID")
    assert told[-1] == (pytest.approx(1.0), "9 of 9 done")
    assert any(words.endswith("worst class order, seed 8") for _, words in told)


def test_an_ef_below_k_is_k_and_efs_ascend() -> None:
    found = insertion_order(VECTORS[:200], PARAMS, k=7, efs=(30, 5, 7, 12), seeds=(0,), queries=30)
    assert found.efs == (7, 12, 30)
    assert found.runs[0].recall.shape == (20, 3)  # a tenth of 200 rows
    means = [found.summary(RANDOM, ef).recall for ef in found.efs]
    assert means == sorted(means)
    assert means[0] < means[-1]


def test_no_more_than_a_tenth_of_the_rows_is_asked() -> None:
    found = insertion_order(VECTORS[:50], PARAMS, seeds=(0,), queries=1000)
    assert (found.n, found.queries) == (45, 5)
    assert found.runs[0].recall.shape == (5, 2)
    assert found.lid.shape == (45,)


@pytest.mark.parametrize("metric", ["cosine", "inner_product"])
def test_the_metric_of_the_params_decides_the_true_neighbors(metric: Any) -> None:
    rows, asked = VECTORS[:150], VECTORS[150:250]
    params = HnswParams(metric, m=32, ef_construction=150)
    wide, beside = rows.astype(float), asked.astype(float)
    if metric == "cosine":
        wide /= np.linalg.norm(wide, axis=1)[:, None]
        beside /= np.linalg.norm(beside, axis=1)[:, None]
    truth = np.argsort(1 - beside @ wide.T, axis=1)[:, :10]
    found = insertion_order(rows, params, seeds=(0,), query_vectors=asked, efs=(140,))
    graph = build_hnsw(
        rows, replace(params, seed=0), order=np.random.default_rng(0).permutation(150)
    )
    ids = search(graph, asked, 10, 140).ids
    expected = [len(set(a) & set(b)) / 10 for a, b in zip(ids, truth, strict=True)]
    run = next(run for run in found.runs if run.order == RANDOM)
    np.testing.assert_allclose(run.recall[:, 0], expected, atol=1e-12)
    assert np.mean(expected) > 0.9


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"labels": LABELS[:5]}, r"660 integer codes, .* of shape \(5,\)"),
        ({"labels": LABELS.astype(float)}, "integer codes.*got float64"),
        ({"labels": LABELS - 1}, "-1 for none; got -2"),
        ({"seeds": ()}, r"seeds must be different.*got \[\]"),
        ({"seeds": (1, 1)}, r"got \[1, 1\]"),
        ({"seeds": (-1, 1)}, r"from 0 to 999; got \[-1, 1\]"),
        ({"seeds": (0, 1000)}, r"from 0 to 999; got \[0, 1000\]"),
        ({"efs": ()}, "efs must name at least one"),
        ({"queries": 0}, "queries must be a whole number of at least 1; got 0"),
        ({"queries": -3}, "queries must be a whole number of at least 1; got -3"),
        ({"k": 595}, "k must be at most 594: there are 594 rows"),
        ({"k": 0}, "k must be"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], words: str
) -> None:
    monkeypatch.setattr(module, "build_hnsw", lambda *_a, **_k: pytest.fail("built"))
    with pytest.raises(ParameterError, match=words):
        insertion_order(VECTORS, PARAMS, **change)


def by_hand(
    recalls: dict[str, Sequence[Sequence[float]]], seeds: Sequence[int] = (0, 1)
) -> InsertionOrder:
    """Runs with these recalls (seeds, q) at ef 10, and half of them at ef 5."""
    runs = [
        OrderRun(order, seed, np.stack([np.array(row) / 2, np.array(row)], axis=1), costs)
        for order, rows in recalls.items()
        for seed, row in zip(seeds, rows, strict=True)
        for costs in [np.array([100.0 + seed, 200.0 + 3 * seed])]
    ]
    count = len(next(iter(recalls.values()))[0])
    return InsertionOrder(5, (5, 10), 99, count, tuple(seeds), np.ones(99), True, tuple(runs))


def test_a_summary_by_hand() -> None:
    # Seeds recall 0.8 and 0.5 in the mean, 0.65 together; computations 200 and 203.
    found = by_hand({RANDOM: [[1.0, 0.8, 0.6], [0.5, 0.4, 0.6]]})
    at_10 = found.summary(RANDOM, 10)
    assert (at_10.order, at_10.ef) == (RANDOM, 10)
    assert at_10.recall == pytest.approx(0.65)
    assert (at_10.least, at_10.most) == (pytest.approx(0.5), pytest.approx(0.8))
    assert at_10.distance_computations == 201.5
    at_5 = found.summary(RANDOM, 5)
    assert at_5.recall == pytest.approx(0.325)
    assert (at_5.least, at_5.most) == (pytest.approx(0.25), pytest.approx(0.4))
    assert at_5.distance_computations == 100.5


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("ef", [10, 40])
def test_a_summary_is_the_mean_of_its_runs_inside_its_interval(
    study: InsertionOrder, order: str, ef: int
) -> None:
    place = study.efs.index(ef)
    runs = [run for run in study.runs if run.order == order]
    means = [statistics.fmean(run.recall[:, place].tolist()) for run in runs]
    found = study.summary(order, ef)
    assert found.recall == pytest.approx(statistics.fmean(means))
    assert (found.least, found.most) == (pytest.approx(min(means)), pytest.approx(max(means)))
    costs = [float(run.distance_computations[place]) for run in runs]
    assert found.distance_computations == pytest.approx(statistics.fmean(costs))
    assert found.low < found.recall < found.high


def test_an_interval_is_that_of_seeds_and_queries_drawn_anew() -> None:
    values = np.random.default_rng(2).random((3, 40))
    found = by_hand({RANDOM: values.tolist()}, seeds=(0, 1, 2)).summary(RANDOM, 10)
    random = np.random.default_rng(0)
    of_seeds = random.multinomial(3, [1 / 3] * 3, size=1000)
    of_queries = random.multinomial(40, [1 / 40] * 40, size=1000)
    means = sorted(
        float(np.repeat(np.repeat(values, s, axis=0), q, axis=1).mean())
        for s, q in zip(of_seeds, of_queries, strict=True)
    )
    # Of 1,000 sorted means the 2.5 % point lies 0.975 of the way from the 25th to the 26th
    # (999 x 0.025 = 24.975), and the 97.5 % point 0.025 from the 975th to the 976th.
    assert found.low == pytest.approx(means[24] + 0.975 * (means[25] - means[24]), abs=1e-12)
    assert found.high == pytest.approx(means[974] + 0.025 * (means[975] - means[974]), abs=1e-12)


def test_an_interval_is_as_wide_as_the_spread_over_queries() -> None:
    # With one seed: 1.96 standard errors to each side; 1,000 resamples give it to a tenth.
    values = np.random.default_rng(3).random(400)
    found = by_hand({RANDOM: [values.tolist()]}, seeds=(0,)).summary(RANDOM, 10)
    error = values.std() / np.sqrt(400)
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_seeds_that_differ_widen_the_interval() -> None:
    # Two seeds of recall 0 and 1 at every query: a draw of two seeds means 0, 0.5 or 1.
    found = by_hand({RANDOM: [[0.0] * 30, [1.0] * 30]}).summary(RANDOM, 10)
    assert (found.low, found.recall, found.high) == (0.0, 0.5, pytest.approx(1.0))


def test_equal_values_leave_no_interval() -> None:
    found = by_hand({RANDOM: [[0.7] * 20] * 2}).summary(RANDOM, 10)
    assert found.low == pytest.approx(0.7, abs=1e-12)
    assert found.high == pytest.approx(0.7, abs=1e-12)


def test_a_change_of_order_by_hand() -> None:
    # Means of the seeds 0.8 and 0.5 against 0.45 and 0.45: s^2 = 0.045 and 0, but a step is 1 / 10.
    # Residuals: +-0.1 of 0.2 and 0, 4 * 0.01 / 2 = 0.02; +-0.05 at each, 4 * 0.0025 / 2 = 0.005.
    found = by_hand({RANDOM: [[1.0, 0.6], [0.5, 0.5]], BY_CLASS: [[0.5, 0.4], [0.4, 0.5]]})
    assert found.change(RANDOM, BY_CLASS, 10) == between_settings(
        [0.8, 0.5], [0.45, 0.45], residuals=(0.01, 0.005), step=0.1
    )
    half = found.change(RANDOM, BY_CLASS, 5)
    assert half.difference == pytest.approx(-0.1)
    back = found.change(BY_CLASS, RANDOM, 10)
    assert back.difference == pytest.approx(0.2)
    assert back.half_width == found.change(RANDOM, BY_CLASS, 10).half_width
    assert found.range_of(RANDOM, 10) == pytest.approx(0.3)


def test_the_noise_is_that_of_the_builds_however_much_the_queries_differ() -> None:
    values = np.random.default_rng(4).random((1, 50)) * 0.5
    steady = values + np.array([[0.0], [0.001], [0.002]])
    found = by_hand({RANDOM: steady.tolist(), BY_CLASS: (steady + 0.02).tolist()}, (0, 1, 2))
    # Both have s = 0.001; a step of 1 / 250 = 0.004 is more: t(4) = 2.776, * 0.004 sqrt(2 / 3)
    change = found.change(RANDOM, BY_CLASS, 10)
    assert change.half_width == pytest.approx(2.776 * 0.004 * np.sqrt(2 / 3), rel=1e-3)
    assert change.is_beyond
    one = by_hand({RANDOM: values.tolist(), BY_CLASS: values.tolist()}, (0,))
    assert not one.change(RANDOM, BY_CLASS, 10).is_known


def test_the_range_of_class_orders_is_that_of_their_seeds() -> None:
    # Seeds recall 0.8 and 0.5 in the mean at ef 10, 0.4 and 0.25 at ef 5.
    recalls = [[1.0, 0.8, 0.6], [0.5, 0.4, 0.6]]
    found = by_hand({RANDOM: [[0.0] * 3, [1.0] * 3], BY_CLASS: recalls})
    assert found.class_order_range == {5: pytest.approx(0.15), 10: pytest.approx(0.3)}
    assert by_hand({RANDOM: recalls}).class_order_range == {}


def test_measuring_exact_lid_is_reported_from_the_start() -> None:
    """600 rows in blocks of 256: 256, 512 and 600 of 600."""
    rows = np.random.default_rng(0).normal(size=(600, 4)).astype(np.float32)
    truth = exact_neighbors(rows, rows[:5], 10, metric="euclidean")
    plan = module._Plan(rows, HnswParams("euclidean"), None, (10,), rows[:5], truth)
    heard: list[float] = []
    module._measure_lid(plan, lambda share, _words: heard.append(share))
    assert heard == [pytest.approx(share) for share in (256 / 600, 512 / 600, 1.0)]
