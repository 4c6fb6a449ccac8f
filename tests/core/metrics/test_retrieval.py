"""Retrieval scores by hand, against a plain ranking, and scikit-learn's average precision."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from core.distances import METRICS, Metric, paired_distances
from core.errors import CoreError
from core.metrics import retrieval_scores


def naive(
    vectors: np.ndarray, labels: np.ndarray, metric: Metric, k: int
) -> dict[int, tuple[float, ...]]:
    """Scores of each query from a full sort by (distance, id)."""
    n = len(vectors)
    scores: dict[int, tuple[float, ...]] = {}
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
            float(relevant[:k].sum()) / count,
            float(relevant[:k].mean()),
            float((precision * relevant)[:100].sum()) / min(count, 100),
            float((precision * relevant).sum()) / count,
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
    # Average precision (1/2 + 2/3) / 2 = 7/12, and so is mAP@100; of the first 2, one is relevant.
    assert found.average_precision[0] == found.map_at_100[0] == pytest.approx(7 / 12)
    assert (found.recall_at_k[1][0], found.recall_at_k[2][0]) == (0, 0.5)
    assert (found.precision_at_k[1][0], found.precision_at_k[2][0]) == (0, 0.5)
    assert found.relevant.tolist() == [2, 1, 2, 2, 1]


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
    at_k = (found.hit_at_k[4], found.recall_at_k[4], found.precision_at_k[4])
    ours = np.column_stack([*columns, *at_k, found.map_at_100, found.average_precision])
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


def test_map_at_100_of_a_large_class_divides_by_100() -> None:
    # 131 rows on a line, the query first; 120 of its class are nearest, then 10 others: the first
    # 100 are all relevant. With the 10 others first: P(j) = (j - 10) / j for j from 11 to 100.
    line = np.arange(131.0)[:, None]
    near = np.array([0] * 121 + [1] * 10)
    far = np.array([0] + [1] * 10 + [0] * 120)
    scores = [
        retrieval_scores(line, labels, metric="euclidean", queries=[0]) for labels in (near, far)
    ]
    assert [found.map_at_100[0] for found in scores] == pytest.approx(
        [1, sum((j - 10) / j for j in range(11, 101)) / 100]
    )
    assert [found.map_at_r[0] for found in scores] == pytest.approx(
        [1, sum((j - 10) / j for j in range(11, 121)) / 120]
    )


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("n", [2, 3, 7, 60])
def test_some_queries_have_the_scores_that_they_have_among_all(metric: Metric, n: int) -> None:
    random = np.random.default_rng(n)
    vectors, labels = random.integers(0, 3, size=(n, 2)) + 1.0, random.integers(-1, 2, n)
    labels[:2] = 5
    whole = retrieval_scores(vectors, labels, metric=metric, k=range(1, 9))
    some = random.permutation(whole.used)[: max(1, len(whole.used) // 2)]
    calls: list[tuple[int, int]] = []
    found = retrieval_scores(
        vectors,
        labels,
        metric=metric,
        k=range(1, 9),
        queries=some,
        threads=3,
        progress=lambda done, total: calls.append((done, total)),
    )
    places = np.searchsorted(whole.used, some)
    assert found.used.tolist() == some.tolist()
    np.testing.assert_array_equal(found.found, whole.found[places])
    np.testing.assert_array_equal(found.average_precision, whole.average_precision[places])
    assert calls[-1] == (len(some), len(some))


@given(st.integers(0, 10_000))
def test_figures_stand_in_their_order(seed: int) -> None:
    """MAP@R <= R-precision <= hit@R; MAP@R <= average precision; P@1 <= MRR; recall@k rises."""
    random = np.random.default_rng(seed)
    vectors, labels = random.normal(size=(25, 2)), random.integers(0, 6, 25)
    found = retrieval_scores(vectors, labels, metric="euclidean", k=range(1, 25), threads=1)
    hit = np.array([found.hit_at_k[r][i] for i, r in enumerate(found.relevant.tolist())])
    small = 1e-12
    assert (found.map_at_r <= found.r_precision + small).all()
    assert (found.r_precision <= hit + small).all()
    assert (found.map_at_r <= found.average_precision + small).all()
    assert (found.precision_at_1 <= found.reciprocal_rank).all()
    assert (np.diff(found.found, axis=1) >= 0).all()
    assert (found.recall_at_k[24] == 1).all()
    np.testing.assert_allclose(found.average_precision, found.map_at_100)  # of 24 others


def test_average_precision_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(8)
    vectors, labels = random.normal(size=(60, 4)), random.integers(0, 4, 60)
    found = retrieval_scores(vectors, labels, metric="euclidean")
    for i, query in enumerate(found.used):
        others = np.delete(np.arange(60), query)
        distances = np.linalg.norm(vectors[others] - vectors[query], axis=1)
        expected = average_precision_score(labels[others] == labels[query], -distances)
        assert found.average_precision[i] == pytest.approx(expected)


def test_a_report_that_raises_stops_the_work() -> None:
    def stop(done: int, total: int) -> None:
        raise InterruptedError(f"{done} of {total}")

    with pytest.raises(InterruptedError, match=r"\d+ of 40"):
        retrieval_scores(
            np.random.default_rng(0).normal(size=(40, 3)), np.zeros(40, int), progress=stop
        )


@pytest.mark.parametrize("queries", [[0, 0], [9], [[0]], [0.5]])
def test_queries_are_rows_each_once(queries: list[Any]) -> None:
    with pytest.raises(CoreError, match="queries must"):
        retrieval_scores(np.eye(3), np.zeros(3, int), queries=queries)


def test_without_a_shared_label_there_is_no_query() -> None:
    found = retrieval_scores(np.eye(3), np.array([0, 1, -1]))
    assert (len(found.used), found.n_excluded) == (0, 3)
    assert found.hit_at_k[5].shape == (0,)


def test_labels_that_do_not_fit() -> None:
    with pytest.raises(CoreError, match="label"):
        retrieval_scores(np.eye(3), np.array([0, 1]))
