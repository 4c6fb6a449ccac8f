"""The UMAPs that come with the samples: of their rows, and made as the app would make them."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.manifold import trustworthiness

from core.data import EmbeddingSet, load_sample, sample_names
from core.errors import ParameterError
from core.projection import Projection, UmapSettings, project_pca, project_umap, stored_umap
from core.projection.stored import map_file, vectors_digest, write_maps

STATED = UmapSettings(metric="cosine", neighbors=15, min_dist=0.1, seed=42)


def kept(name: str, components: int) -> Projection:
    found = stored_umap(load_sample(name).vectors, components, STATED)
    assert found is not None
    return found


@pytest.mark.parametrize("name", sample_names())
@pytest.mark.parametrize("components", [2, 3])
def test_a_sample_has_its_umap(name: str, components: int) -> None:
    found = kept(name, components)
    assert found.coordinates.shape == (load_sample(name).n, components)
    assert found.coordinates.dtype == np.float32
    assert not found.coordinates.flags.writeable
    assert (found.method, found.seed, found.explained_variance) == ("umap", 42, None)


@pytest.mark.parametrize("name", sample_names())
def test_it_is_of_the_rows_and_keeps_more_neighbors_than_pca(name: str) -> None:
    # Of 1,000 rows: scikit-learn's trustworthiness takes all distances.
    rows = np.random.default_rng(0).choice(load_sample(name).n, 1000, replace=False)
    vectors, places = load_sample(name).vectors[rows], kept(name, 2).coordinates[rows]
    of_umap = trustworthiness(vectors, places, n_neighbors=10, metric="cosine")
    of_pca = trustworthiness(
        vectors, project_pca(load_sample(name).vectors).coordinates[rows], metric="cosine"
    )
    shuffled = trustworthiness(vectors, places[::-1], n_neighbors=10, metric="cosine")
    assert of_umap > of_pca + 0.05
    assert shuffled < 0.6


@pytest.mark.parametrize(
    "other",
    [
        UmapSettings(metric="euclidean"),
        UmapSettings(neighbors=30),
        UmapSettings(min_dist=0.5),
        UmapSettings(seed=1),
    ],
)
def test_other_settings_have_none(other: UmapSettings) -> None:
    assert stored_umap(load_sample("digits").vectors, 2, other) is None


def test_the_map_page_and_the_script_take_the_stated_settings() -> None:
    assert UmapSettings() == STATED
    # What `project_umap` takes where nothing else is said, as on the page.
    assert project_umap.__kwdefaults__ is not None
    assert project_umap.__kwdefaults__["min_dist"] == STATED.min_dist
    assert project_umap.__kwdefaults__["seed"] == STATED.seed


def test_other_vectors_of_the_same_shape_have_none() -> None:
    vectors = load_sample("digits").vectors
    assert stored_umap(vectors[::-1], 2, STATED) is None
    changed = vectors.copy()
    changed[0, 0] += 1
    assert stored_umap(changed, 2, STATED) is None
    assert stored_umap(vectors[1:], 2, STATED) is None


def test_the_same_vectors_under_another_name_have_it() -> None:
    mine = EmbeddingSet.from_arrays(load_sample("digits").vectors.astype(np.float64), name="mine")
    assert stored_umap(mine.vectors, 3, STATED) is kept("digits", 3)


def test_a_map_is_of_two_or_three_dimensions() -> None:
    with pytest.raises(ParameterError, match="components must be 2 or 3; got 4"):
        stored_umap(load_sample("digits").vectors, 4, STATED)


def test_the_files_are_small_and_say_what_they_are_of() -> None:
    for name in sample_names():
        assert map_file(name).stat().st_size < 150_000
        with np.load(map_file(name), allow_pickle=False) as file:
            assert str(file["digest"]) == vectors_digest(load_sample(name).vectors)


def test_what_is_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.projection.stored.FOLDER", tmp_path)
    vectors = load_sample("digits").vectors[:40]
    plane, space = (project_pca(vectors, components=components) for components in (2, 3))
    other = UmapSettings("euclidean", 7, 0.25, 3)
    write_maps(map_file("digits"), vectors, plane, space, other)
    found = stored_umap(vectors, 3, other)
    assert found is not None
    np.testing.assert_array_equal(found.coordinates, space.coordinates)
    assert (found.method, found.seed) == ("umap", 3)


def test_without_files_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.projection.stored.FOLDER", tmp_path)
    assert stored_umap(load_sample("digits").vectors, 2, STATED) is None
