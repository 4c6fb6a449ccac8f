"""Retrieval scores by hand, against a plain ranking, and scikit-learn's average precision."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from core.distances import METRICS, Metric, paired_distances
from core.errors import CoreError
from core.metrics import retrieval_scores


def naive(
    vectors: np.ndarray, labels: np.ndarray, metric: Metric, k: int
) -> dict[int, tuple[float, float, float, float, float]]:
    """Scores of each query from a full sort by (distance, id)."""
    n, scores = len(vectors), {}
    for i in range(n):
        distances = paired_distances(np.repeat(vectors[i : i + 1], n, axis=0), vectors, metric)
        order = [j for j in np.lexsort((np.arange(n), distances)) if j != i]
        relevant = np.array([labels[j] == labels[i] for j in order], dtype=float)
        count = int(relevant.sum())
        if labels[i] < 0 or count == 0:
            continue
        precision = np.cumsum(relevant) / np.arange(1, n)
        scores[i] = (
            float(relevant[0]),
            float(relevant[:count].mean()),
            float((precision * relevant)[:count].sum()) / count,
            1 / (1 + int(relevant.argmax())),
            float(relevant[:k].max()),
        )
    return scores


def test_worked_by_hand() -> None:
    # On a line: a0 at 0, b0 at 1, a1 at 2, a2 at 5, b1 at 9. For a0 the others come b0 a1 a2 b1,
    # relevant 0 1 1 0, R = 2: P@1 0; R-precision 1/2; MAP@R (0 + 1/2) / 2 = 1/4; first at rank 2.
    vectors = np.array([[0.0], [1.0], [2.0], [5.0], [9.0]])
    found = retrieval_scores(vectors, np.array([0, 1, 0, 0, 1]), metric="euclidean", k=(1, 2))
    assert found.used.tolist() == [0, 1, 2, 3, 4]
    assert found.precision_at_1[0] == 0
    assert found.r_precision[0] == 0.5
    assert found.map_at_r[0] == 0.25
    assert found.reciprocal_rank[0] == 0.5
    assert (found.hit_at_k[1][0], found.hit_at_k[2][0]) == (0, 1)
    assert found.n_excluded == 0


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", ["random", "duplicates", "grid", "far"])
def test_equals_a_full_sort(metric: Metric, kind: str) -> None:
    random = np.random.default_rng(4)
    vectors = {
        "random": random.normal(size=(90, 5)),
        "duplicates": np.repeat(random.normal(size=(30, 5)), 3, axis=0),
        "grid": random.integers(0, 3, size=(90, 3)).astype(float) + 1,
        "far": random.normal(size=(90, 5)) + 1e6,
    }[kind]
    labels = random.integers(-1, 12, 90)
    labels[7] = 99  # alone in its class
    found = retrieval_scores(vectors, labels, metric=metric, k=(4,))
    expected = naive(vectors, labels, metric, 4)
    assert found.used.tolist() == list(expected)
    assert found.n_excluded == 90 - len(expected)
    columns = (found.precision_at_1, found.r_precision, found.map_at_r, found.reciprocal_rank)
    ours = np.column_stack([*columns, found.hit_at_k[4]])
    np.testing.assert_allclose(ours, np.array(list(expected.values())), atol=1e-12)


def test_map_at_r_of_a_full_list_is_average_precision() -> None:
    """With R = n - 1 - 0 others relevant the cut at R is no cut: two classes, one of one item."""
    random = np.random.default_rng(5)
    vectors = random.normal(size=(40, 4))
    labels = np.zeros(40, dtype=int)
    found = retrieval_scores(vectors, labels, metric="euclidean", k=(1,))
    assert (found.map_at_r == 1).all()
    labels[:20] = 1
    found = retrieval_scores(vectors, labels, metric="euclidean", k=(1,))
    for i in (0, 25):
        others = np.delete(np.arange(40), i)
        distances = np.linalg.norm(vectors[others] - vectors[i], axis=1)
        whole = average_precision_score(labels[others] == labels[i], -distances)
        assert found.map_at_r[i] <= whole + 1e-12


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_rotation_scale_and_order_of_rows_change_nothing(metric: Metric) -> None:
    random = np.random.default_rng(6)
    vectors, labels = random.normal(size=(80, 6)), random.integers(0, 6, 80)
    rotation, _ = np.linalg.qr(random.normal(size=(6, 6)))
    order = random.permutation(80)
    plain = retrieval_scores(vectors, labels, metric=metric)
    turned = retrieval_scores(7 * vectors @ rotation, labels + 40, metric=metric)
    np.testing.assert_allclose(turned.map_at_r, plain.map_at_r)
    shuffled = retrieval_scores(vectors[order], labels[order], metric=metric)
    np.testing.assert_allclose(shuffled.map_at_r, plain.map_at_r[order])
    np.testing.assert_allclose(shuffled.reciprocal_rank, plain.reciprocal_rank[order])


def test_float64_stays_float64() -> None:
    step = 1e-12  # below what float32 can tell near 1
    vectors = np.array([[1.0], [1 + 2 * step], [1 + 3 * step], [5.0]])
    found = retrieval_scores(vectors, np.array([0, 1, 0, 1]), metric="euclidean", k=(1,))
    assert found.precision_at_1.tolist() == [0, 0, 0, 0]
    closer = np.array([[1.0], [1 + 3 * step], [1 + 2 * step], [5.0]])
    found = retrieval_scores(closer, np.array([0, 1, 0, 1]), metric="euclidean", k=(1,))
    assert found.precision_at_1.tolist() == [1, 0, 0, 1]


def test_labels_that_do_not_fit() -> None:
    with pytest.raises(CoreError, match="label"):
        retrieval_scores(np.eye(3), np.array([0, 1]))
