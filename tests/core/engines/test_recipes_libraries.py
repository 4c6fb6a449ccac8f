"""Recipes of libraries: each runs, and finds what was measured."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import faiss as faiss_library
import numpy as np
import pytest

from core.distances import METRICS, Metric, paired_distances, unit_rows
from core.engines import ENGINES, Recipe, Setting, faiss, hnswlib, usearch
from core.index import HnswParams, build_hnsw, exact_neighbors, search
from core.metrics import recall_at_k
from tests.core.index.datasets import clustered

faiss_library.omp_set_num_threads(1)  # its threads spin while they wait
MODULES = [faiss, hnswlib, usearch]
N, DIM, M, EF_CONSTRUCTION, K, EF, QUERIES = 3000, 16, 6, 60, 7, 20, 1000
SETTING = Setting("cosine", N, DIM, M, EF_CONSTRUCTION, K, EF, 0.98765, QUERIES)
VECTORS = clustered(N, DIM)


def run(recipe: Recipe, vectors: np.ndarray, folder: Path, monkeypatch: Any) -> dict[str, Any]:
    """What the code leaves behind, run in a folder where it finds its vectors."""
    monkeypatch.chdir(folder)
    np.save("vectors.npy", vectors)
    names: dict[str, Any] = {}
    exec(compile(recipe.code, recipe.file_name, "exec"), names)
    return names


def expected_distances(module: Any, queries: np.ndarray, ids: np.ndarray, metric: Metric) -> Any:
    """What each library calls the distance of these rows."""
    found = VECTORS[ids.astype(np.int64)].reshape(-1, DIM)
    distances = paired_distances(np.repeat(queries, K, axis=0), found, metric).reshape(-1, K)
    if metric == "euclidean":
        return distances**2
    return 1 - distances if module is faiss else distances


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.NAME)
@pytest.mark.parametrize("metric", METRICS)
def test_recall_is_as_measured(
    module: Any, metric: Metric, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries, rows = VECTORS[:QUERIES], np.arange(QUERIES)
    true = exact_neighbors(VECTORS, queries, K, metric=metric, exclude=rows).ids
    graph = build_hnsw(VECTORS, HnswParams(metric, m=M, ef_construction=EF_CONSTRUCTION))
    measured = recall_at_k(search(graph, queries, K, EF, exclude=rows).ids, true).mean()
    assert measured < 0.999, "too easy: any setting would pass"

    recipe = module.recipe(replace(SETTING, metric=metric))
    left = run(recipe, VECTORS, tmp_path, monkeypatch)
    ids, distances = left["ids"], left["distances"]
    assert ids.shape == distances.shape == (QUERIES, K)
    assert not (ids == rows[:, None]).any(), "an item is in its own answer"
    assert recall_at_k(ids.astype(np.int64), true).mean() >= measured - 0.02
    np.testing.assert_allclose(
        distances, expected_distances(module, queries, ids, metric), rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.NAME)
def test_the_index_that_is_built_has_the_setting(
    module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = run(module.recipe(SETTING), VECTORS[:300], tmp_path, monkeypatch)["index"]
    settings = {
        "faiss": lambda: (
            index.hnsw.nb_neighbors(1),
            index.hnsw.nb_neighbors(0),
            index.hnsw.efConstruction,
            index.hnsw.efSearch,
        ),
        "hnswlib": lambda: (index.M, 2 * index.M, index.ef_construction, index.ef),
        "usearch": lambda: (
            index.connectivity,
            2 * index.connectivity,
            index.expansion_add,
            index.expansion_search,
        ),
    }
    assert settings[module.NAME]() == (M, 2 * M, EF_CONSTRUCTION, EF)
    (saved,) = tmp_path.glob("index.*")
    assert saved.stat().st_size > 300 * DIM * 4  # float32, not half of it


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.NAME)
@pytest.mark.parametrize("order", ["C", "F"])
def test_vectors_of_other_types_and_fewer_than_the_queries(
    module: Any, order: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = np.asarray(VECTORS[:40], dtype=np.float64, order=order)
    ids = run(module.recipe(SETTING), vectors, tmp_path, monkeypatch)["ids"]
    assert ids.shape == (40, K)
    true = exact_neighbors(vectors, vectors, K, metric="cosine", exclude=np.arange(40)).ids
    np.testing.assert_array_equal(ids, true)


def test_faiss_searches_and_holds_unit_vectors_for_cosine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = run(faiss.recipe(SETTING), VECTORS * 3, tmp_path, monkeypatch)
    held = left["index"].reconstruct_n(0, N)
    np.testing.assert_allclose(held, unit_rows(VECTORS), atol=1e-6)
    np.testing.assert_allclose(left["queries"], held[:QUERIES], atol=1e-6)


@pytest.mark.parametrize("metric", ["euclidean", "inner_product"])
def test_faiss_leaves_vectors_as_they_are_otherwise(
    metric: Metric, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = faiss.recipe(replace(SETTING, metric=metric))
    left = run(recipe, VECTORS, tmp_path, monkeypatch)
    np.testing.assert_array_equal(left["index"].reconstruct_n(0, N), VECTORS)


def test_faiss_fills_the_room_for_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = run(faiss.recipe(SETTING), VECTORS, tmp_path, monkeypatch)["index"]
    assert getattr(index.hnsw, "prune_headroom", 0) == 0  # older versions have none


def test_usearch_holds_float32(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = run(usearch.recipe(SETTING), VECTORS[:300], tmp_path, monkeypatch)["index"]
    assert str(index.dtype).endswith("F32")


@pytest.mark.parametrize(
    ("module", "written", "name", "high"),
    [
        (faiss, "IndexHNSWFlat(16, 2, ", "M", "2,147,483,647"),
        (usearch, "connectivity=2,", "connectivity", "2,147,483,647"),
    ],
)
def test_a_chain_of_single_links_is_no_graph(
    module: Any, written: str, name: str, high: str
) -> None:
    assert module.recipe(replace(SETTING, m=2)).warnings == ()
    recipe = module.recipe(replace(SETTING, m=1))
    assert written in recipe.code
    assert recipe.warnings == (
        f"{module.NAME} takes {name} from 2 to {high}; 1 became 2, so the measured recall may not "
        "hold.",
    )


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.NAME)
def test_language_file_and_no_warnings(module: Any) -> None:
    recipe = module.recipe(SETTING)
    assert (recipe.engine, recipe.language) == (module.NAME, "python")
    assert recipe.file_name == f"nearfield_{module.NAME}.py"
    assert recipe.warnings == ()
    assert ENGINES[module.NAME] is module.recipe
