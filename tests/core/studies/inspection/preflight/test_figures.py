"""Figures of a space: each against the function it is made of, on data of known shape."""

import numpy as np
import pytest

from core.data import EmbeddingSet, load_sample
from core.metrics import coding_rate, local_intrinsic_dimension, two_nn_dimension
from core.studies import knn_lists, measure_moments, neighbor_figures, spread_figures
from tests.core.studies.inspection.preflight.planted import bare

FLAT = (
    np.random.default_rng(0).normal(size=(3000, 4))
    @ np.linalg.qr(np.random.default_rng(1).normal(size=(20, 4)))[0].T
)


def test_a_round_cloud_of_4_in_20_dimensions() -> None:
    items = bare(FLAT + 30)
    found = spread_figures(items, measure_moments(items))
    assert found.pca_99 == 4
    assert found.participation_ratio == pytest.approx(4, abs=0.05)
    assert found.effective_rank == pytest.approx(4, abs=0.02)
    assert found.matrix_entropy == pytest.approx(np.log(4) / np.log(20), abs=0.003)
    assert found.iso_score == pytest.approx(3 / 19, abs=0.003)
    assert found.mean_cosine > 0.99
    assert np.isnan(found.coding_reduction)
    assert spread_figures(bare(FLAT), measure_moments(bare(FLAT))).mean_cosine == pytest.approx(
        0, abs=0.01
    )


def test_the_matrix_entropy_is_of_centered_rows_of_length_1() -> None:
    items = load_sample("digits")
    centered = items.vectors - items.vectors.mean(axis=0, dtype=np.float64)
    units = centered / np.linalg.norm(centered, axis=1, keepdims=True)
    shares = np.linalg.svd(units, compute_uv=False) ** 2 / len(units)
    positive = shares[shares > 1e-15]
    entropy = -(positive * np.log(positive)).sum()
    found = spread_figures(items, measure_moments(items))
    assert found.matrix_entropy == pytest.approx(entropy / np.log(64), rel=1e-6)
    assert found.effective_rank == pytest.approx(np.exp(entropy), rel=1e-6)
    rate = coding_rate(items.vectors, items.labels)
    assert (found.coding_rate, found.coding_reduction) == (rate.rate, rate.reduction)


def test_dimension_and_hubs_from_lists() -> None:
    items = bare(FLAT)
    lists = knn_lists(items.vectors, 20, "euclidean")
    found = neighbor_figures(lists, lists.as_lengths())
    near = lists.neighbors.distances
    lid = local_intrinsic_dimension(near, estimator="levina_bickel")
    assert (found.lid_low, found.lid, found.lid_high) == pytest.approx(
        tuple(np.quantile(lid, (0.25, 0.5, 0.75)))
    )
    assert found.two_nn == two_nn_dimension(near)
    assert found.two_nn == pytest.approx(4, abs=0.3)
    assert found.two_nn_half_width == pytest.approx(1.96 * found.two_nn / np.sqrt(3000))
    assert found.fit.dimension == pytest.approx(found.two_nn, rel=0.1)
    assert (found.rows, found.n, found.hub_k, found.lid_k) == (3000, 3000, 10, 20)
    assert found.largest == np.bincount(lists.neighbors.ids[:, :10].ravel()).max()


def test_equal_rows_leave_figures_undefined() -> None:
    same = EmbeddingSet.from_arrays(np.ones((30, 3)), name="same")
    found = spread_figures(same, measure_moments(same))
    assert np.isnan([found.pca_99, found.participation_ratio, found.iso_score]).all()
    lists = knn_lists(same.vectors, 5, "euclidean")
    of_lists = neighbor_figures(lists, lists)
    assert np.isnan([of_lists.lid, of_lists.two_nn, of_lists.fit.dimension]).all()
