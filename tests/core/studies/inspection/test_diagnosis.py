"""Graphs that are broken, each in its own way, and graphs that only look so."""

from dataclasses import replace

import numpy as np
import pytest

from core.data import load_sample
from core.distances import METRICS, Metric
from core.index import Census, HnswParams, build_hnsw
from core.studies import Diagnosis, diagnose, ef_tradeoff, quick_census, sample_queries
from core.studies.inspection.lost import COPIES, MEAN, ZERO, lost_items
from tests.core.index.datasets import clustered, uneven_norms
from tests.core.index.graphs import broken

TARGET = 0.95
Vectors = np.ndarray


def normal(n: int, dim: int, seed: int = 0) -> Vectors:
    return np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)


def judged(
    vectors: Vectors, metric: Metric = "euclidean", m: int = 16, efc: int = 100
) -> Diagnosis:
    graph = build_hnsw(vectors, HnswParams(metric, m=m, ef_construction=efc))
    study = ef_tradeoff(graph, sample_queries(graph, vectors, 11, size=300), ef_max=512)
    reached = study.smallest_ef(TARGET) is not None
    taken = quick_census(graph, int(study.ef[-1]))
    return diagnose(taken, metric=metric, tradeoff=study, reached=reached)


def with_zeros(n: int, dim: int, share: float) -> Vectors:
    rows = normal(n, dim)
    rows[np.random.default_rng(1).choice(n, int(share * n), replace=False)] = 0
    return rows


def with_copies(n: int, dim: int, share: float) -> Vectors:
    rows = normal(n, dim)
    rows[np.random.default_rng(1).choice(n, int(share * n), replace=False)] = rows[0]
    return rows


def class_after_class(spread: float = 0.01) -> tuple[Vectors, Vectors]:
    """Tight classes in their order, and the same rows in a random one."""
    random = np.random.default_rng(3)
    centers = random.normal(size=(40, 16))
    rows = np.repeat(centers, 100, axis=0) + spread * random.normal(size=(4000, 16))
    rows = rows.astype(np.float32)
    return rows, rows[random.permutation(4000)]


def test_zero_rows_under_euclidean_distance() -> None:
    found = judged(with_zeros(5000, 32, 0.1))
    assert found.broken
    assert found.cut_off
    assert found.unreachable > 0.3 * found.n
    assert found.final_recall < 0.9


def test_many_copies_of_one_row() -> None:
    found = judged(with_copies(4000, 16, 0.3))
    assert found.broken
    assert found.stuck
    assert found.final_recall < 0.9


def test_copies_of_the_mean_under_a_small_m() -> None:
    random = np.random.default_rng(5)
    centers = random.normal(size=(100, 64))
    rows = centers[random.integers(0, 100, 4000)] + 0.3 * random.normal(size=(4000, 64))
    assert not judged(rows.astype(np.float32), m=4, efc=40).broken
    copies = random.choice(4000, 400, replace=False)
    rows[copies] = rows.mean(axis=0) + 1e-3 * random.normal(size=(400, 64))
    found = judged(rows.astype(np.float32), m=4, efc=40)
    assert found.broken
    assert found.cut_off


def test_class_after_class_but_not_the_same_rows_in_random_order() -> None:
    sorted_rows, mixed = class_after_class()
    found = judged(sorted_rows, m=4, efc=40)
    assert found.broken
    assert found.loses or found.stuck
    assert not judged(mixed, m=4, efc=40).broken


@pytest.mark.parametrize(("m", "dim"), [(2, 16), (2, 64), (4, 64)])
def test_an_m_too_small_for_the_data(m: int, dim: int) -> None:
    found = judged(normal(5000, dim), m=m, efc=200)
    assert found.broken
    assert found.cut_off


def test_lengths_apart_under_inner_product() -> None:
    found = judged(uneven_norms(), "inner_product", m=8)
    assert found.broken
    assert found.cut_off
    assert found.searched == 0


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("name", "m"), [("wordnet", 8), ("wordnet", 16), ("digits", 16)])
def test_samples_are_sound(name: str, m: int, metric: Metric) -> None:
    if (name, metric) == ("digits", "inner_product"):
        return  # digits under inner product lose the short ones: see the next test
    found = judged(load_sample(name).vectors, metric, m=m, efc=200)
    assert not found.broken
    assert found.unreachable == 0


def test_pictures_of_unequal_length_lose_the_short_ones_under_inner_product() -> None:
    assert judged(load_sample("digits").vectors, "inner_product").cut_off


@pytest.mark.parametrize(
    ("n", "dim", "metric", "m"),
    [
        (5000, 256, "euclidean", 16),
        (5000, 256, "cosine", 16),
        (6000, 128, "euclidean", 8),
        (600, 769, "euclidean", 16),
        (4000, 24, "inner_product", 16),
    ],
)
def test_hard_data_whose_recall_rises_slowly_is_sound(
    n: int, dim: int, metric: Metric, m: int
) -> None:
    found = judged(normal(n, dim), metric, m=m)
    assert not found.broken


def test_clusters_are_sound() -> None:
    found = judged(clustered(5000), m=8)
    assert not found.broken
    assert not found.worth_saying


SOUND = Diagnosis(
    n=1000,
    unreachable=0,
    searched=500,
    not_found=0,
    ef=512,
    final_recall=1.0,
    is_flat=False,
    reached=True,
)


@pytest.mark.parametrize(
    ("changes", "broken", "worth_saying"),
    [
        ({}, False, False),
        ({"unreachable": 50}, True, False),  # 5 %
        ({"unreachable": 49}, False, True),
        ({"unreachable": 5}, False, True),  # 0.5 %
        ({"unreachable": 4}, False, False),
        ({"not_found": 25}, True, False),  # 5 % of 500
        ({"not_found": 24}, False, False),
        ({"is_flat": True}, False, False),  # at the target or above
        ({"reached": False}, False, False),  # still rising
        ({"is_flat": True, "reached": False}, True, False),
        ({"n": 0, "searched": 0}, False, False),
    ],
)
def test_the_bounds(changes: dict[str, int | bool], broken: bool, worth_saying: bool) -> None:
    found = replace(SOUND, **changes)  # type: ignore[arg-type]
    assert (found.broken, found.worth_saying) == (broken, worth_saying)


def test_what_is_counted() -> None:
    # Of 6 rows the last is deleted and 4 cannot be reached. Of those searched for, 0 was found, of
    # 1 a copy came first, 2 was lost, and 4 cannot count twice.
    taken = Census(
        reachable=np.array([1, 1, 1, 1, 0, 0], dtype=bool),
        deleted=np.array([0, 0, 0, 0, 0, 1], dtype=bool),
        checked=np.array([0, 1, 2, 4]),
        found=np.array([1, 0, 0, 0], dtype=bool),
        first=np.array([1, 1, 0, 0], dtype=bool),
        ef=7,
        seed=0,
    )
    vectors = clustered(300, 8)
    graph = build_hnsw(vectors, HnswParams("euclidean"))
    study = ef_tradeoff(graph, sample_queries(graph, vectors, 11, size=50), ef_max=40)
    found = diagnose(taken, metric="euclidean", tradeoff=study, reached=True)
    assert (found.n, found.unreachable, found.searched, found.not_found) == (5, 1, 4, 1)
    assert found.ef == 7
    assert found.final_recall == study.mean_tie_aware_recall[-1]
    alone = diagnose(taken, metric="euclidean")
    assert (alone.n, alone.unreachable, alone.searched, alone.not_found) == (5, 1, 4, 1)
    assert np.isnan(alone.final_recall)
    assert not alone.stuck
    by_dot = diagnose(taken, metric="inner_product")
    assert (by_dot.searched, by_dot.not_found) == (0, 0)


@pytest.mark.parametrize(
    ("vectors", "cause"),
    [(with_zeros(3000, 32, 0.1), ZERO), (with_copies(3000, 32, 0.1), COPIES), (broken(), MEAN)],
    ids=["zero rows", "copies of a row", "copies of the mean"],
)
def test_the_crowd_that_breaks_a_graph_is_named(vectors: Vectors, cause: str) -> None:
    graph = build_hnsw(vectors, HnswParams("euclidean", m=4, ef_construction=20))
    lost = lost_items(graph, quick_census(graph, 40))
    names, counts = np.unique(lost.cause, return_counts=True)
    assert names[counts.argmax()] == cause


@pytest.mark.parametrize("metric", METRICS)
def test_a_row_of_zeros_is_named_however_few_there_are(metric: Metric) -> None:
    vectors = normal(800, 16)
    vectors[[5, 90]] = 0
    graph = build_hnsw(vectors, HnswParams(metric, m=8))
    taken = quick_census(graph, 5)
    lost_zeros = replace(taken, checked=np.array([5, 90]), found=np.zeros(2, dtype=bool))
    lost = lost_items(graph, replace(lost_zeros, first=np.zeros(2, dtype=bool)))
    assert dict(zip(lost.rows.tolist(), lost.cause.tolist(), strict=True))[5] == ZERO
    assert dict(zip(lost.rows.tolist(), lost.cause.tolist(), strict=True))[90] == ZERO
