"""AMI and NMI of k-means: by hand, by chance, and against scikit-learn's own chain."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_mutual_info_score, normalized_mutual_info_score

from core.errors import ParameterError
from core.metrics import cluster_agreement

RANDOM = np.random.default_rng(0)


def test_classes_far_apart_are_found_whole() -> None:
    labels = np.repeat([4, 7, 9], 20)
    vectors = 100 * np.eye(3)[labels % 3] + RANDOM.normal(size=(60, 3))
    labels[0] = -1
    found = cluster_agreement(vectors, labels, metric="euclidean")
    labels_of = np.unique(labels[1:] % 3)
    assert len(labels_of) == 2  # 4 and 7 have one center: the clusters cannot be the classes
    assert (found.ami < 0.9).all()
    labels = np.repeat([3, 7, 8], 20)
    vectors = 100 * np.eye(3)[labels % 3] + RANDOM.normal(size=(60, 3))
    found = cluster_agreement(vectors, labels, metric="euclidean", seeds=(5,))
    assert found.ami.tolist() == found.nmi.tolist() == [1]
    assert (found.clusters, found.rows) == (3, 60)


def test_labels_by_chance_have_an_ami_of_about_zero() -> None:
    found = cluster_agreement(RANDOM.normal(size=(600, 5)), RANDOM.integers(0, 20, 600))
    assert np.abs(found.ami).max() < 0.05
    assert found.nmi.min() > 0.05  # which chance alone gives


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_the_figures_are_those_of_scikit_learn(metric: str) -> None:
    labels = RANDOM.integers(0, 4, 200)
    vectors = RANDOM.normal(size=(4, 3))[labels] + RANDOM.normal(size=(200, 3))
    points = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    points = points if metric == "cosine" else vectors
    found = cluster_agreement(vectors, labels, metric=metric, seeds=(3,))  # type: ignore[arg-type]
    own = KMeans(4, n_init=1, random_state=3).fit_predict(points.astype(np.float32))
    assert found.ami[0] == pytest.approx(adjusted_mutual_info_score(labels, own))
    assert found.nmi[0] == pytest.approx(normalized_mutual_info_score(labels, own))


@pytest.mark.parametrize("labels", [np.zeros(9, int), np.arange(9), np.full(9, -1)])
def test_one_class_or_classes_of_one_are_not_defined(labels: np.ndarray) -> None:
    found = cluster_agreement(RANDOM.normal(size=(9, 2)), labels)
    assert np.isnan(found.ami).all()
    assert np.isnan(found.nmi).all()


def test_equal_rows_are_no_fault() -> None:
    found = cluster_agreement(np.ones((12, 3)), np.repeat([0, 1, 2], 4), seeds=(0,))
    assert found.ami[0] == pytest.approx(0, abs=1e-9)


def test_a_seed_is_a_whole_number() -> None:
    with pytest.raises(ParameterError, match="seeds must be a whole number"):
        cluster_agreement(np.eye(4), np.array([0, 0, 1, 1]), seeds=(-1,))
