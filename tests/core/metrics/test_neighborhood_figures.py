"""Intrinsic dimension, hubness, purity and ICNN: by hand, by loop, and on shapes that are known."""

import math

import numpy as np
import pytest
from scipy.stats import skew
from sklearn.neighbors import NearestNeighbors

from core.errors import ParameterError
from core.metrics import (
    hubness_skewness,
    icnn_score,
    k_occurrence,
    label_purity,
    local_intrinsic_dimension,
    two_nn_dimension,
)

ESTIMATORS = {"amsaleg": 0, "levina_bickel": 1, "unbiased": 2}


def ball(dim: int, n: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    directions = random.normal(size=(n, dim))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return directions * random.random((n, 1)) ** (1 / dim)


def neighbor_distances(vectors: np.ndarray, k: int) -> np.ndarray:
    distances, _ = NearestNeighbors(n_neighbors=k + 1).fit(vectors).kneighbors(vectors)
    return np.asarray(distances[:, 1:])


class TestIntrinsicDimension:
    def test_worked_by_hand(self) -> None:
        # ln(4/1) + ln(4/2) + ln(4/4) = 3 ln 2
        distances = np.array([[1.0, 2, 4]])
        for estimator, lost in ESTIMATORS.items():
            found = local_intrinsic_dimension(distances, estimator=estimator)  # type: ignore[arg-type]
            assert found[0] == pytest.approx((3 - lost) / (3 * math.log(2)))

    @pytest.mark.parametrize("estimator", ESTIMATORS)
    def test_equals_a_loop_with_zeros_dropped(self, estimator: str) -> None:
        random = np.random.default_rng(1)
        distances = np.sort(random.random((50, 12)), axis=1)
        distances[:20, :3] = 0
        found = local_intrinsic_dimension(distances, estimator=estimator)  # type: ignore[arg-type]
        for row, value in zip(distances, found, strict=True):
            kept = [d for d in row if d > 0]
            total = sum(math.log(kept[-1] / d) for d in kept)
            assert value == pytest.approx((len(kept) - ESTIMATORS[estimator]) / total)

    def test_undefined_cases(self) -> None:
        distances = np.array([[2.0, 2, 2], [0, 0, 5], [0, 0, 0], [0, 3, 3]])
        found = local_intrinsic_dimension(distances)
        assert found[0] == np.inf
        assert np.isnan(found[1])
        assert np.isnan(found[2])
        assert found[3] == np.inf

    @pytest.mark.parametrize("dim", [2, 5])
    def test_finds_the_dimension_of_a_ball(self, dim: int) -> None:
        inner = neighbor_distances(ball(dim, 4000), 50)
        local = local_intrinsic_dimension(inner, estimator="levina_bickel")
        harmonic = len(local) / np.sum(1 / local)
        assert harmonic == pytest.approx(dim, rel=0.1)
        assert two_nn_dimension(inner) == pytest.approx(dim, rel=0.1)

    def test_scale_changes_nothing(self) -> None:
        distances = neighbor_distances(ball(3, 300), 10)
        np.testing.assert_allclose(
            local_intrinsic_dimension(distances), local_intrinsic_dimension(distances * 1e5)
        )
        assert two_nn_dimension(distances) == pytest.approx(two_nn_dimension(distances * 1e-5))

    def test_two_nn_worked_by_hand(self) -> None:
        # ln 2 + ln 4 = 3 ln 2 over two items; the third has a duplicate and is left out
        distances = np.array([[1.0, 2], [1, 4], [0, 3]])
        assert two_nn_dimension(distances) == pytest.approx(1 / (3 * math.log(2)))
        assert np.isnan(two_nn_dimension(distances[1:]))
        assert two_nn_dimension(np.ones((3, 2))) == np.inf

    def test_wrong_arguments(self) -> None:
        with pytest.raises(ParameterError, match="estimator must be one of amsaleg"):
            local_intrinsic_dimension(np.ones((1, 3)), estimator="mle")  # type: ignore[arg-type]
        with pytest.raises(ParameterError, match="at least 2 neighbors"):
            two_nn_dimension(np.ones((3, 1)))


class TestHubness:
    def test_worked_by_hand(self) -> None:
        ids = np.array([[1, 2], [0, 2], [0, -1]])
        assert k_occurrence(ids, 4).tolist() == [2, 1, 2, 0]
        with pytest.raises(ParameterError, match=r"below n = 2 .* from -1 to 2"):
            k_occurrence(ids, 2)

    def test_skewness_equals_scipy(self) -> None:
        counts = np.random.default_rng(2).poisson(4, 500)
        assert hubness_skewness(counts) == pytest.approx(skew(counts))
        assert np.isnan(hubness_skewness(np.full(5, 3)))


def test_purity_worked_by_hand() -> None:
    labels = np.array([0, 0, 1, -1])
    ids = np.array([[1, 2], [0, 3], [0, 1], [0, 1]])
    # one of two; the only labeled one; none; the query has no label
    found = label_purity(ids, labels)
    assert found[:3].tolist() == [0.5, 1.0, 0.0]
    assert np.isnan(found[3])


def naive_icnn(vectors: np.ndarray, labels: np.ndarray, k: int) -> float:
    """The formula, item by item."""
    n = len(vectors)
    k = n - 2 if k + 2 >= n else k
    same_means, other_lists, shares, largest = [], [], [], 0.0
    for i in range(n):
        distances = np.linalg.norm(vectors - vectors[i], axis=1)
        order = [j for j in np.lexsort((np.arange(n), distances)) if j != i][: k + 1]
        others = [distances[j] for j in order if labels[j] != labels[i]]
        nearest = min(others, default=math.inf)
        scaled = np.array([distances[j] / nearest for j in order[:k]])
        scaled = scaled / max(1.0, scaled.max())
        same = [scaled[p] for p, j in enumerate(order[:k]) if labels[j] == labels[i]]
        other = [distances[j] for j in order[:k] if labels[j] != labels[i]]
        if same:
            same_means.append(np.mean(same))
        if other:
            other_lists.append(other)
            largest = max(largest, *other)
        shares.append(len(same) / k)
    lambda_same = 1 - np.mean(same_means) if same_means else 0.0
    lambda_diff = np.mean([np.mean(o) / largest for o in other_lists]) if other_lists else 1.0
    return float(((lambda_same + lambda_diff) / 2 + np.mean(shares)) / 2)


@pytest.mark.parametrize("seed", range(6))
def test_icnn_equals_the_formula_item_by_item(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, 40)
    vectors = random.normal(size=(40, 3)) + 1.5 * labels[:, None]
    for k in (1, 4, 60):
        assert icnn_score(vectors, labels, k=k).score == pytest.approx(
            naive_icnn(vectors, labels, k)
        )


def test_icnn_of_classes_far_apart_is_nearly_one_and_scale_changes_nothing() -> None:
    random = np.random.default_rng(9)
    labels = np.repeat([0, 1], 30)
    vectors = random.normal(size=(60, 4)) + 1e4 * labels[:, None]
    found = icnn_score(vectors, labels)
    assert (found.gamma, found.lambda_same, found.lambda_diff) == (1, 1, 1)
    mixed = random.normal(size=(60, 4)) + labels[:, None]
    assert icnn_score(mixed * 1e3, labels).score == pytest.approx(icnn_score(mixed, labels).score)


def test_icnn_worked_by_hand_where_classes_touch() -> None:
    # a0, b0 at 0; a1, b1 at 1; a2 at 5; k = 2. a0 and a1 touch another class: nd = 1 by rule;
    # a2: 4 / 4 = 1; so mean s = 1. D = 4; o = 0, (0 + 1/4) / 2, 0, (0 + 1/4) / 2, 1: mean 1/4.
    # Shares 1/2, 0, 1/2, 0, 1/2: gamma 0.3. ((0 + 0.25) / 2 + 0.3) / 2 = 0.2125
    vectors = np.array([[0.0], [0], [1], [1], [5], [2]])
    found = icnn_score(vectors, np.array([0, 1, 0, 1, 0, -1]), k=2)
    assert found.lambda_same == pytest.approx(0)
    assert found.lambda_diff == pytest.approx(0.25)
    assert found.gamma == pytest.approx(0.3)
    assert found.score == pytest.approx(0.2125)
    assert found.n_excluded == 1
    with pytest.raises(ParameterError, match="got inner_product"):
        icnn_score(vectors, np.zeros(6, dtype=int), metric="inner_product")
