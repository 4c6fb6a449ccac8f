"""PCA against scikit-learn; UMAP follows the neighbor lists that it is given."""

import pickle

import numpy as np
import pytest
from sklearn.decomposition import PCA

from core.errors import ParameterError
from core.index import exact_neighbors
from core.projection import Projection, project_pca, project_umap, umap_layout

Progress = list[float]


def clusters(n: int = 240, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    centers = 12 * np.eye(3, 10)
    return (random.normal(size=(n, 10)) + centers[labels]).astype(np.float32), labels


@pytest.fixture(scope="module")
def umap() -> tuple[np.ndarray, np.ndarray, Projection]:
    vectors, labels = clusters()
    near = exact_neighbors(vectors, vectors, 12, metric="euclidean", exclude=np.arange(240))
    return vectors, labels, project_umap(vectors, near.ids, near.distances)


@pytest.mark.parametrize(("n", "dim"), [(500, 12), (30, 80)])
@pytest.mark.parametrize("components", [2, 3])
def test_pca_equals_scikit_learn_up_to_sign(n: int, dim: int, components: int) -> None:
    random = np.random.default_rng(1)
    vectors = (random.normal(size=(n, dim)) * np.linspace(3, 1, dim) + 100).astype(np.float32)
    found = project_pca(vectors, components=components)
    model = PCA(components, svd_solver="full").fit(vectors.astype(np.float64))
    expected = model.transform(vectors.astype(np.float64))
    np.testing.assert_allclose(np.abs(found.coordinates), np.abs(expected), atol=1e-3)
    assert found.explained_variance is not None
    np.testing.assert_allclose(found.explained_variance, model.explained_variance_ratio_, rtol=1e-6)
    assert found.coordinates.dtype == np.float32
    assert not found.coordinates.flags.writeable


def test_pca_of_some_rows_has_their_axes_and_places_every_row() -> None:
    random = np.random.default_rng(4)
    vectors = (random.normal(size=(900, 6)) * [9, 5, 1, 1, 1, 1] + 3).astype(np.float32)
    found = project_pca(vectors, rows=200, seed=7)
    drawn = np.sort(np.random.default_rng(7).choice(900, 200, replace=False))
    model = PCA(2, svd_solver="full").fit(vectors[drawn].astype(np.float64))
    expected = model.transform(vectors.astype(np.float64))
    np.testing.assert_allclose(np.abs(found.coordinates), np.abs(expected), atol=1e-3)
    assert found.explained_variance is not None
    np.testing.assert_allclose(found.explained_variance, model.explained_variance_ratio_, rtol=1e-6)
    assert (found.rows, found.seed) == (200, 7)
    assert project_pca(vectors, rows=900).rows is None
    whole = project_pca(vectors)
    assert np.array_equal(project_pca(vectors, rows=5000).coordinates, whole.coordinates)


@pytest.mark.parametrize(("scale", "far"), [(1e-30, 0.0), (1e30, 0.0), (1.0, 3e4)])
def test_pca_of_float32_keeps_its_digits_at_any_scale_and_far_from_the_origin(
    scale: float, far: float
) -> None:
    shape = np.random.default_rng(5).normal(size=(400, 5)) * [8, 4, 1, 1, 1] + far
    vectors = (shape * scale).astype(np.float32)
    found = project_pca(vectors)
    model = PCA(2, svd_solver="full").fit(vectors.astype(np.float64) / scale)
    expected = model.transform(vectors.astype(np.float64) / scale)
    np.testing.assert_allclose(np.abs(found.coordinates / scale), np.abs(expected), atol=2e-3)
    assert found.explained_variance is not None
    np.testing.assert_allclose(found.explained_variance, model.explained_variance_ratio_, rtol=1e-5)


def test_pca_turns_with_the_data_and_keeps_its_sign() -> None:
    vectors, _ = clusters()
    rotation, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(10, 10)))
    plain, turned = project_pca(vectors), project_pca(vectors.astype(np.float64) @ rotation)
    np.testing.assert_allclose(
        np.abs(turned.coordinates), np.abs(plain.coordinates), rtol=1e-3, atol=1e-3
    )
    np.testing.assert_array_equal(project_pca(vectors).coordinates, plain.coordinates)


@pytest.mark.parametrize("vectors", [np.zeros((1, 4)), np.ones((5, 1)), np.zeros((3, 2))])
def test_pca_of_too_little_pads_with_zeros(vectors: np.ndarray) -> None:
    found = project_pca(vectors, components=3)
    assert found.coordinates.shape == (len(vectors), 3)
    assert not found.coordinates.any()


def test_umap_keeps_clusters_apart(umap: tuple[np.ndarray, np.ndarray, Projection]) -> None:
    _, labels, found = umap
    centers = np.stack([found.coordinates[labels == i].mean(axis=0) for i in range(3)])
    nearest = np.linalg.norm(found.coordinates[:, None] - centers, axis=2).argmin(axis=1)
    np.testing.assert_array_equal(nearest, labels)
    assert found.explained_variance is None


@pytest.mark.usefixtures("umap")
def test_what_a_umap_compiles_is_kept_for_the_next_start() -> None:
    module, _ = umap_layout._load()
    for function in (module.smooth_knn_dist, module.compute_membership_strengths):
        found = function.stats
        assert found.cache_path is not None
        assert found.cache_hits or found.cache_misses


def test_umap_is_the_same_for_the_same_seed(
    umap: tuple[np.ndarray, np.ndarray, Projection],
) -> None:
    vectors, _, found = umap
    near = exact_neighbors(vectors, vectors, 12, metric="euclidean", exclude=np.arange(240))
    again = project_umap(vectors, near.ids, near.distances)
    np.testing.assert_array_equal(again.coordinates, found.coordinates)
    other = project_umap(vectors, near.ids, near.distances, seed=7)
    assert (other.coordinates != found.coordinates).any()


def test_umap_follows_the_lists_and_not_the_vectors(
    umap: tuple[np.ndarray, np.ndarray, Projection],
) -> None:
    """Lists that tie item i to the next ones around a ring make a ring of any vectors."""
    vectors, labels, _ = umap
    ring = (np.arange(240)[:, None] + np.arange(1, 9)) % 240
    found = project_umap(vectors, ring, np.tile(np.arange(1.0, 9), (240, 1)))
    step = np.linalg.norm(np.diff(found.coordinates, axis=0), axis=1)
    spread = np.linalg.norm(found.coordinates - found.coordinates.mean(axis=0), axis=1)
    assert np.median(step) < 0.3 * np.median(spread)
    assert labels[0] != labels[1]


def test_umap_reports_progress_and_can_be_stopped() -> None:
    vectors, _ = clusters(60)
    near = exact_neighbors(vectors, vectors, 5, metric="euclidean", exclude=np.arange(60))
    seen: Progress = []
    project_umap(vectors, near.ids, near.distances, progress=lambda share, _: seen.append(share))
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 1)
    assert len(seen) > 100

    def stop(share: float, _: str) -> None:
        if share > 0.5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        project_umap(vectors, near.ids, near.distances, progress=stop)


def test_umap_takes_negative_distances_by_their_differences() -> None:
    vectors, _ = clusters(60)
    ring = (np.arange(60)[:, None] + np.arange(1, 7)) % 60
    steps = np.tile(np.arange(6.0), (60, 1))
    shifted = project_umap(vectors, ring, steps - 8)
    np.testing.assert_array_equal(
        shifted.coordinates, project_umap(vectors, ring, steps).coordinates
    )


def test_umap_draws_no_link_for_a_place_that_a_search_left_empty(
    umap: tuple[np.ndarray, np.ndarray, Projection],
) -> None:
    vectors, labels, _ = umap
    near = exact_neighbors(vectors, vectors, 12, metric="euclidean", exclude=np.arange(240))
    ids, distances = near.ids.astype(np.int64), near.distances.astype(np.float64)
    ids[::3, 8:], distances[::3, 8:] = -1, np.nan
    found = project_umap(vectors, ids, distances).coordinates
    centers = np.stack([found[labels == i].mean(axis=0) for i in range(3)])
    nearest = np.linalg.norm(found[:, None] - centers, axis=2).argmin(axis=1)
    np.testing.assert_array_equal(nearest, labels)


def test_umap_in_three_dimensions_and_of_duplicates() -> None:
    vectors = np.repeat(np.eye(4, dtype=np.float32), 5, axis=0)
    near = exact_neighbors(vectors, vectors, 4, metric="euclidean", exclude=np.arange(20))
    found = project_umap(vectors, near.ids, near.distances, components=3)
    assert found.coordinates.shape == (20, 3)
    assert np.isfinite(found.coordinates).all()


def test_a_projection_can_travel_between_processes(
    umap: tuple[np.ndarray, np.ndarray, Projection],
) -> None:
    found = umap[2]
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(found)).coordinates, found.coordinates)


def test_wrong_arguments() -> None:
    ids, distances = np.zeros((3, 1), int), np.zeros((3, 1))
    with pytest.raises(ParameterError, match=r"at least 4 rows; got 3\. Use PCA"):
        project_umap(np.eye(3), ids, distances)
    with pytest.raises(ParameterError, match=r"must both be \(5, k\)"):
        project_umap(np.eye(5), ids, distances)
    with pytest.raises(ParameterError, match="components must be 2 or 3; got 4"):
        project_pca(np.eye(5), components=4)
