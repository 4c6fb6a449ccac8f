"""Intrinsic dimension: synthetic data of a stated rank, and where the data at hand falls."""

from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from core.distances import Metric, unit_rows
from core.errors import ParameterError
from core.index import HnswParams, build_hnsw, ef_curve, exact_neighbors
from core.metrics import local_intrinsic_dimension, two_nn_dimension
from core.studies.experiments.intrinsic_dimension import (
    IntrinsicDimension,
    RankPoint,
    intrinsic_dimension,
    synthetic,
)

module = import_module("core.studies.experiments.intrinsic_dimension")
PARAMS = HnswParams("euclidean", m=6, ef_construction=30)
VECTORS = np.random.default_rng(0).normal(size=(600, 12)).astype(np.float32)
HELD = np.random.default_rng(0).permutation(600)[:50]
INDEXED, ASKED = np.delete(VECTORS, HELD, axis=0), VECTORS[HELD]


def test_synthetic_rows_have_the_rank_and_orthonormal_directions() -> None:
    rows = synthetic(400, 12, 3, np.random.default_rng(1)).astype(np.float64)
    assert rows.shape == (400, 12)
    values = np.linalg.svd(rows, compute_uv=False)
    assert (values[:3] > 1).all()
    assert values[3] < 1e-4
    # Normal coefficients on orthonormal directions: the squared length is 3 on average.
    assert (rows**2).sum(axis=1).mean() == pytest.approx(3, rel=0.15)


def test_ranks_end_at_the_dimension_and_workers_change_nothing() -> None:
    one, two = (
        intrinsic_dimension(VECTORS, PARAMS, k=5, efs=(5, 20), queries=50, workers=workers)
        for workers in (1, 2)
    )
    assert [point.rank for point in one.points] == [2, 4, 8, 12]
    assert one.points == two.points
    assert one.own == two.own
    lids = [point.lid for point in one.points]
    assert lids == sorted(set(lids))  # rises with every rank
    assert (one.k, one.efs, one.n, one.dim, one.queries) == (5, (5, 20), 550, 12, 50)


def test_points_that_are_made_side_by_side_are_built_by_one_thread_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built: list[HnswParams] = []

    def building(vectors: Any, params: HnswParams, **more: Any) -> Any:
        built.append(params)
        return build_hnsw(vectors, params, **more)

    monkeypatch.setattr(module, "build_hnsw", building)
    many = replace(PARAMS, threads=4)
    found = intrinsic_dimension(VECTORS, many, k=5, efs=(5,), ranks=(4,), rows=200, queries=10)
    assert built == [PARAMS] * 3
    one = intrinsic_dimension(VECTORS, PARAMS, k=5, efs=(5,), ranks=(4,), rows=200, queries=10)
    assert (found.own, found.points) == (one.own, one.points)


def test_the_dimension_ends_the_ranks_once_and_no_ef_lies_below_k() -> None:
    def ranks(asked: tuple[int, ...]) -> list[int]:
        study = intrinsic_dimension(
            VECTORS, PARAMS, k=5, efs=(20, 3, 5), ranks=asked, rows=150, queries=10, workers=1
        )
        assert (study.efs, study.n, study.queries) == ((5, 20), 140, 10)
        assert all(len(point.recall) == 2 for point in (*study.points, study.own))
        return [point.rank for point in study.points]

    assert ranks((3, 12, 13)) == [3, 12]
    assert ranks((3, 64)) == [3, 12]
    assert ranks((64,)) == [12]
    assert ranks((12, 4, 3, 4)) == [3, 4, 12]  # ascending, each once
    with pytest.raises(ParameterError, match="ranks must be a whole number of at least 1; got 0"):
        ranks((4, 0))


def test_finished_points_are_not_made_again() -> None:
    known = {rank: RankPoint(rank, rank + 1.0, 0.0, (0.5,), (1.0,)) for rank in (0, 4, 12)}
    done: dict[Any, Any] = dict(known)
    study = intrinsic_dimension(VECTORS, PARAMS, k=5, efs=(5,), ranks=(4,), done=done)
    assert (study.own, study.points) == (known[0], (known[4], known[12]))


def test_a_synthetic_point_equals_separate_calls() -> None:
    study = intrinsic_dimension(
        VECTORS, PARAMS, k=5, efs=(5, 20), ranks=(4,), rows=300, queries=20, seed=7
    )
    made = synthetic(300, 12, 4, np.random.default_rng((7, 4)))
    rows, asked = made[:280], made[280:]
    near = exact_neighbors(rows, asked, 100, metric="euclidean")
    curve = ef_curve(build_hnsw(rows, PARAMS), asked, near.ids[:, :5], ef_max=20)
    costs = curve.distance_computations[:, [0, 15]].mean(axis=0)
    point = study.points[0]
    assert point.recall == pytest.approx(curve.recall[:, [0, 15]].mean(axis=0).tolist())
    assert point.distance_computations == pytest.approx(costs.tolist())
    assert point.two_nn == pytest.approx(two_nn_dimension(near.distances[:, :2]))


def test_the_data_at_hand_is_measured_as_it_is() -> None:
    study = intrinsic_dimension(VECTORS, PARAMS, k=5, efs=(5, 20), rows=600, queries=50)
    near = exact_neighbors(INDEXED, ASKED, 100, metric="euclidean")
    curve = ef_curve(build_hnsw(INDEXED, PARAMS), ASKED, near.ids[:, :5], ef_max=20)
    assert study.own.recall == pytest.approx(curve.recall[:, [0, 15]].mean(axis=0).tolist())
    lid = np.median(local_intrinsic_dimension(near.distances, estimator="amsaleg"))
    assert study.own.lid == pytest.approx(float(lid))


def test_the_like_rank_and_recall_are_interpolated_by_logarithms() -> None:
    points = tuple(
        RankPoint(rank, rank / 2, 0.0, (recall,), (1.0,)) for rank, recall in ((4, 1.0), (16, 0.8))
    )
    own = RankPoint(0, 4.0, 0.0, (0.5,), (1.0,))  # half way from LID 2 to 8 in logarithms
    study = IntrinsicDimension(10, (10,), 100, 32, points, own, 20)
    assert study.rank_like_own == pytest.approx(8)
    assert study.expected_recall(10) == pytest.approx(0.9)
    for lid, rank, recall in ((1.0, 4, 1.0), (20.0, 16, 0.8)):  # beyond the ends: the ends
        beyond = replace(study, own=replace(own, lid=lid))
        assert beyond.rank_like_own == pytest.approx(rank)
        assert beyond.expected_recall(10) == pytest.approx(recall)


def test_expected_recall_is_of_the_ef_asked_for() -> None:
    points = tuple(
        RankPoint(rank, lid, 0.0, recall, (1.0, 1.0))
        for rank, lid, recall in ((2, 1.0, (1.0, 1.0)), (8, 16.0, (0.6, 0.8)))
    )
    own = RankPoint(0, 2.0, 0.0, (0.0, 0.0), (1.0, 1.0))  # a quarter of the way from 1 to 16
    study = IntrinsicDimension(10, (10, 40), 100, 8, points, own, 20)
    assert study.expected_recall(10) == pytest.approx(0.9)  # 1 - 0.4 / 4
    assert study.expected_recall(40) == pytest.approx(0.95)  # 1 - 0.2 / 4
    assert study.rank_like_own == pytest.approx(2 * 4**0.25)


@pytest.mark.parametrize(
    ("metric", "rows"), [("cosine", unit_rows(VECTORS)), ("inner_product", VECTORS)]
)
def test_lid_and_two_nn_are_of_lengths_under_every_metric(metric: Metric, rows: np.ndarray) -> None:
    others, asked = np.delete(rows, HELD, axis=0), rows[HELD]
    own = intrinsic_dimension(
        VECTORS, replace(PARAMS, metric=metric), k=5, efs=(5,), ranks=(4,), rows=600, queries=50
    ).own
    near = exact_neighbors(others, asked, 100, metric="euclidean").distances
    assert own.lid == pytest.approx(float(np.median(local_intrinsic_dimension(near))), rel=1e-5)
    assert own.two_nn == pytest.approx(two_nn_dimension(near), rel=1e-5)
    graph = build_hnsw(INDEXED, replace(PARAMS, metric=metric))
    truth = exact_neighbors(INDEXED, ASKED, 5, metric=metric)
    curve = ef_curve(graph, ASKED, truth, ef_max=5)
    assert own.recall == pytest.approx(curve.recall.mean(axis=0).tolist())  # of the metric's own
