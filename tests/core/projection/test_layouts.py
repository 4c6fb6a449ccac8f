"""What all layouts share: their start, what they tell, their neighbors; and each one's own."""

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.errors import MissingExtraError, ParameterError
from core.index import exact_neighbors
from core.projection import (
    PacmapSettings,
    Projection,
    Steps,
    TsneSettings,
    UmapSettings,
    check_extra,
    libraries,
    most_neighbors,
    neighbor_pairs,
    project_pacmap,
    project_pca,
    project_tsne,
    project_umap,
)
from core.projection.starts import shrunk

N = 150
Layout = Callable[..., Projection]


def needs(library: str) -> pytest.MarkDecorator:
    missing = importlib.util.find_spec(library) is None
    return pytest.mark.skipif(missing, reason=f"{library} is not installed")


LAYOUTS = [
    pytest.param(project_umap, id="umap"),
    pytest.param(project_tsne, id="tsne", marks=needs("openTSNE")),
    pytest.param(project_pacmap, id="pacmap", marks=needs("pacmap")),
]
LONGER: dict[Any, dict[str, Any]] = {
    project_tsne: {"perplexity": 10.0},
    project_pacmap: {"neighbors": 8},
}


def clusters() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    labels = np.arange(N) % 3
    return (random.normal(size=(N, 6)) + 9 * np.eye(3, 6)[labels]).astype(np.float32), labels


def lists(vectors: np.ndarray, k: int = 30) -> tuple[np.ndarray, np.ndarray]:
    near = exact_neighbors(vectors, vectors, k, metric="euclidean", exclude=np.arange(len(vectors)))
    return near.ids, near.distances


def laid_out(layout: Layout, **more: Any) -> Projection:
    vectors, _ = clusters()
    return layout(vectors, *lists(vectors), **LONGER.get(layout, {}), **more)


def nearest_center(places: np.ndarray, labels: np.ndarray) -> np.ndarray:
    centers = np.stack([places[labels == i].mean(axis=0) for i in range(3)])
    return np.linalg.norm(places[:, None] - centers, axis=2).argmin(axis=1)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_clusters_stay_apart_and_what_is_told_ends_in_the_layout(layout: Layout) -> None:
    told: list[tuple[Steps, np.ndarray]] = []
    said: list[tuple[float, str]] = []

    def watch(steps: Steps, make: Callable[[], Projection]) -> None:
        part = make()
        assert part.steps == steps
        told.append((steps, part.coordinates))

    found = laid_out(layout, watch=watch, progress=lambda *each: said.append(each))
    _, labels = clusters()
    np.testing.assert_array_equal(nearest_center(found.coordinates, labels), labels)
    assert found.steps is None
    assert not found.coordinates.flags.writeable
    shares = [share for share, _ in said]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    done = [steps.done for steps, _ in told]
    assert done == sorted(set(done))
    total, unit = told[-1][0].total, told[-1][0].unit
    assert total - done[-1] <= 1
    assert any(words == f"{unit[:-1]} {done[3]:,} of {total:,}" for _, words in said)
    # Late pictures are nearer to the end than early ones, and each is a copy of its own.
    apart = [float(np.abs(places - found.coordinates).mean()) for _, places in told]
    assert apart[-1] < 0.2 * apart[1]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_can_be_stopped(layout: Layout) -> None:
    def stop(share: float, _: str) -> None:
        if share > 0.5:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        laid_out(layout, progress=stop)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_lies_as_its_start_does(layout: Layout) -> None:
    vectors, labels = clusters()
    pca = project_pca(vectors).coordinates
    turned = np.stack([-pca[:, 1], pca[:, 0]], axis=1) + 3  # by a right angle
    starts: list[tuple[np.ndarray, dict[str, Any]]] = [(pca, {}), (turned, {"start": turned})]
    for start, given in starts:
        found = laid_out(layout, **given).coordinates
        for label in range(3):
            of_start = start[labels == label].mean(axis=0) - start.mean(axis=0)
            of_layout = found[labels == label].mean(axis=0) - found.mean(axis=0)
            cosine = of_start @ of_layout / np.linalg.norm(of_start) / np.linalg.norm(of_layout)
            assert cosine > 0.8
        np.testing.assert_allclose(found.mean(axis=0), start.mean(axis=0), atol=1e-3)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_wrong_starts_and_lists(layout: Layout) -> None:
    vectors, _ = clusters()
    with pytest.raises(ParameterError, match=r"start must hold finite .* shape \(150, 2\)"):
        laid_out(layout, start=np.zeros((150, 3)))
    with pytest.raises(ParameterError, match=r"must both be \(150, k\)"):
        layout(vectors, np.zeros((3, 1), int), np.zeros((3, 1)), **LONGER.get(layout, {}))


def test_labels_pull_classes_apart_that_vectors_do_not_tell() -> None:
    random = np.random.default_rng(3)
    vectors, codes = random.normal(size=(N, 4)).astype(np.float32), random.integers(0, 2, N)
    ids, distances = lists(vectors, 12)

    def separation(places: np.ndarray) -> float:
        means = [places[codes == code].mean(axis=0) for code in (0, 1)]
        return float(np.linalg.norm(means[0] - means[1]) / places.std())

    plain = project_umap(vectors, ids, distances)
    drawn = project_umap(vectors, ids, distances, codes=codes, label_weight=0.9)
    assert separation(plain.coordinates) < 0.5
    assert separation(drawn.coordinates) > 1.5
    unused = project_umap(vectors, ids, distances, codes=codes, label_weight=0.0)
    np.testing.assert_array_equal(unused.coordinates, plain.coordinates)
    with pytest.raises(ParameterError, match=r"codes must be \(150,\)"):
        project_umap(vectors, ids, distances, codes=codes[1:])
    with pytest.raises(ParameterError, match="label_weight must be between 0 and 1; got 2"):
        project_umap(vectors, ids, distances, codes=codes, label_weight=2.0)


def test_classes_weaken_links_as_umap_learn_does() -> None:
    from umap import umap_

    from core.projection.umap_layout import fuzzy_graph, with_classes

    vectors, _ = clusters()
    ids, distances = lists(vectors, 5)
    own = np.concatenate([np.arange(N)[:, None], ids], axis=1).astype(np.int32)
    graph = fuzzy_graph(own, np.pad(distances, ((0, 0), (1, 0))).astype(np.float32))
    codes = np.arange(N) % 4
    expected = umap_.discrete_metric_simplicial_set_intersection(
        graph.copy(), codes, far_dist=5.0
    )  # 2.5 / (1 - 0.5), as UMAP.fit has it for a target_weight of 0.5
    np.testing.assert_allclose(with_classes(graph, codes, 0.5).toarray(), expected.toarray())


def test_pairs_are_the_nearest_by_scaled_distance() -> None:
    vectors, _ = clusters()
    ids, distances = lists(vectors, 20)
    found = neighbor_pairs(ids, distances, 4)
    expected = []
    for row in range(N):
        sigma = {j: distances[j, 3:6].mean() for j in (row, *ids[row])}
        scaled = [
            d**2 / sigma[row] / sigma[j] for j, d in zip(ids[row], distances[row], strict=True)
        ]
        expected += [[row, ids[row][place]] for place in np.argsort(scaled, kind="stable")[:4]]
    assert found.tolist() == expected
    assert found.dtype == np.int32


@needs("pacmap")
def test_pairs_are_those_that_pacmap_takes() -> None:
    from pacmap.pacmap import sample_neighbors_pair, scale_dist

    vectors, _ = clusters()
    ids, distances = lists(vectors, 20)
    single, near = distances.astype(np.float32), ids.astype(np.int32)
    sigma = np.maximum(single[:, 3:6].mean(axis=1), 1e-10)
    theirs = sample_neighbors_pair(vectors, scale_dist(single, sigma, near), near, np.int32(4))
    np.testing.assert_array_equal(neighbor_pairs(ids, distances, 4), theirs)


def test_a_place_that_a_search_left_empty_is_linked_last() -> None:
    ids, distances = np.array([[1, -1], [0, 2], [1, 0]]), np.array([[1.0, np.nan], [1, 2], [2, 3]])
    assert neighbor_pairs(ids, distances, 1).tolist() == [[0, 1], [1, 0], [2, 1]]


@pytest.mark.parametrize("n", [4, 11, 12, 36, 500])
def test_the_most_neighbors_leave_rows_for_all_pairs(n: int) -> None:
    most = most_neighbors(n, 0.5, 2.0)

    def rows(each: int) -> int:
        return each + round(0.5 * each) + round(2.0 * each)

    assert rows(most) < n <= rows(most + 1)


@needs("pacmap")
def test_pacmap_of_as_few_rows_as_it_allows() -> None:
    vectors = np.random.default_rng(1).normal(size=(12, 3)).astype(np.float32)
    found = project_pacmap(vectors, *lists(vectors, 11), neighbors=most_neighbors(12, 0.5, 2.0))
    assert np.isfinite(found.coordinates).all()
    with pytest.raises(ParameterError, match="12 rows allows at most 3 neighbors; got 4"):
        project_pacmap(vectors, *lists(vectors, 11), neighbors=4)


@needs("openTSNE")
def test_affinities_are_those_that_opentsne_finds_itself() -> None:
    from openTSNE.affinity import PerplexityBasedNN

    from core.projection.tsne import _affinities

    vectors, _ = clusters()
    theirs = PerplexityBasedNN(vectors, perplexity=10, method="exact").P
    np.testing.assert_allclose(
        _affinities(*lists(vectors), 10).P.toarray(), theirs.toarray(), atol=1e-6
    )


@needs("openTSNE")
def test_tsne_in_three_dimensions_of_rows_that_are_equal() -> None:
    vectors = np.repeat(np.eye(4, dtype=np.float32), 6, axis=0)
    found = project_tsne(vectors, *lists(vectors, 9), components=3, perplexity=3.0)
    assert found.coordinates.shape == (24, 3)
    assert np.isfinite(found.coordinates).all()


def test_tsne_refuses_what_it_cannot_do() -> None:
    vectors, _ = clusters()
    with pytest.raises(ParameterError, match=r"perplexity of 30 needs 90 .* got lists of 12"):
        project_tsne(vectors, *lists(vectors, 12))
    with pytest.raises(ParameterError, match=r"at least 5 rows; got 3\. Use PCA"):
        project_tsne(np.eye(3), np.ones((3, 1), int), np.ones((3, 1)))
    with pytest.raises(ParameterError, match=r"perplexity must be at least 1; got 0\.5"):
        project_tsne(vectors, *lists(vectors), perplexity=0.5)
    with pytest.raises(ParameterError, match="exaggeration must be more than 0; got 0"):
        project_tsne(vectors, *lists(vectors), perplexity=5, exaggeration=0)


def test_its_start_is_small_and_keeps_its_shape() -> None:
    places = np.random.default_rng(0).normal(size=(500, 2)) * [40, 10] + 5
    found = shrunk(places, 0)
    assert found[:, 0].std() == pytest.approx(1e-4, rel=1e-2)
    assert np.corrcoef(found[:, 1], places[:, 1])[0, 1] > 0.99


@pytest.mark.parametrize(
    ("layout", "method", "library"),
    [(project_tsne, "tsne", "openTSNE"), (project_pacmap, "pacmap", "pacmap")],
)
def test_a_missing_extra_names_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, layout: Layout, method: str, library: str
) -> None:
    monkeypatch.setattr(libraries, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=rf"needs {library}, .* -m pip install -e '.\[maps"):
        laid_out(layout)
    with pytest.raises(MissingExtraError, match=library):
        check_extra(method)  # type: ignore[arg-type]
    check_extra("umap")


def test_settings_say_how_many_neighbors_they_take() -> None:
    settings = (UmapSettings(neighbors=7), TsneSettings(perplexity=12.5), PacmapSettings())
    assert [each.k for each in settings] == [7, 37, 60]
    assert [str(each) for each in settings] == ["UMAP", "t-SNE", "PaCMAP"]
    assert [each.method for each in settings] == ["umap", "tsne", "pacmap"]
