import io
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from core.errors import ParameterError
from core.index import Adjacency, HnswGraph, HnswParams, build_hnsw
from core.index.export import write_csr, write_edges_csv
from tests.core.index.datasets import clustered, duplicated, graph_of, native_index, uneven_norms

Links = list[tuple[int, int]]


def hand_made() -> HnswGraph:
    """Rows 0..3 at 0, 3, 4 and 7 on a line; 1 and 3 stand on layer 1; 2 is deleted.

    Layer 0: 0 -> 1; 1 -> 2, 0; 2 -> 1; 3 -> nothing. Layer 1: 1 -> 3; 3 -> 1.
    """
    ids = np.int32
    return HnswGraph(
        vectors=np.array([[0], [3], [4], [7]], dtype=np.float32),
        metric="euclidean",
        m=2,
        ef_construction=10,
        entry_point=3,
        levels=np.array([0, 1, 0, 1], dtype=ids),
        labels=np.array([10, 20, 30, 2**40]),
        deleted=np.array([False, False, True, False]),
        base=Adjacency(np.array([0, 1, 3, 4, 4]), np.array([1, 2, 0, 1], dtype=ids)),
        upper=Adjacency(np.array([0, 1, 2]), np.array([3, 1], dtype=ids)),
        upper_start=np.array([0, 0, 1, 1]),
    )


LAYERS: list[Links] = [[(0, 1), (1, 2), (1, 0), (2, 1)], [(1, 3), (3, 1)]]


def with_labels() -> HnswGraph:
    """A built graph whose labels are not its row ids and of which rows are deleted."""
    params = HnswParams("euclidean", m=4, ef_construction=30)
    index = native_index(clustered(800, 8), params)
    for label in range(0, 800, 7):
        index.mark_deleted(label)
    graph = graph_of(index, params)
    changes = {name: getattr(graph, name) for name in graph.__dataclass_fields__}
    return HnswGraph(**{**changes, "labels": np.arange(800) * 3 + 5})


def built(name: str) -> HnswGraph:
    if name == "deleted":
        return with_labels()
    if name == "copies":
        return build_hnsw(duplicated(), HnswParams("cosine", m=4, ef_construction=30))
    return build_hnsw(uneven_norms(), HnswParams("inner_product", m=4, ef_construction=30))


@pytest.fixture(scope="module", params=["deleted", "copies", "uneven"])
def graph(request: pytest.FixtureRequest) -> HnswGraph:
    return built(request.param)


def links_of(graph: HnswGraph, layer: int) -> Links:
    """Read row by row from the arrays, in the index's order."""
    found = []
    for row in range(graph.n):
        if graph.levels[row] < layer:
            continue
        links, at = (graph.base, row) if layer == 0 else (graph.upper, 0)
        if layer:
            at = int(graph.upper_start[row]) + layer - 1
        targets = links.targets[links.indptr[at] : links.indptr[at + 1]]
        found += [(row, target) for target in targets.tolist()]
    return found


def written(write: Any, graph: HnswGraph, **options: Any) -> io.BytesIO:
    file = io.BytesIO()
    write(graph, file, **options)
    file.seek(0)
    return file


def of_csr(indptr: Any, indices: Any) -> Links:
    sources = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    return list(zip(sources.tolist(), indices.tolist(), strict=True))


@pytest.mark.parametrize("layer", [0, 1])
def test_a_layer_by_hand_loads_as_a_matrix(layer: int) -> None:
    matrix = scipy.sparse.load_npz(written(write_csr, hand_made(), layer=layer))
    expected = np.zeros((4, 4), dtype=np.int8)
    for source, target in LAYERS[layer]:
        expected[source, target] = 1
    np.testing.assert_array_equal(matrix.toarray(), expected)
    assert of_csr(matrix.indptr, matrix.indices) == LAYERS[layer]


def test_every_layer_loads_as_a_matrix(graph: HnswGraph) -> None:
    for layer in range(graph.max_level + 1):
        matrix = scipy.sparse.load_npz(written(write_csr, graph, layer=layer))
        assert (matrix.format, matrix.shape) == ("csr", (graph.n, graph.n))
        assert matrix.dtype == np.int8
        np.testing.assert_array_equal(matrix.data, 1)
        assert of_csr(matrix.indptr, matrix.indices) == links_of(graph, layer)


def test_all_layers_load_without_pickle(graph: HnswGraph) -> None:
    with np.load(written(write_csr, graph), allow_pickle=False) as arrays:
        held = {name: arrays[name] for name in arrays.files}
    for layer in range(graph.max_level + 1):
        indptr, indices = held.pop(f"layer_{layer}_indptr"), held.pop(f"layer_{layer}_indices")
        assert of_csr(indptr, indices) == links_of(graph, layer)
    for name in ("labels", "levels", "deleted"):
        np.testing.assert_array_equal(held.pop(name), getattr(graph, name))
    assert {name: value.item() for name, value in held.items()} == {
        "entry_point": graph.entry_point,
        "metric": graph.metric,
        "m": graph.m,
    }


def test_the_lines_by_hand() -> None:
    # Distances on the line 0, 3, 4, 7: |0 - 3|, |3 - 4|, |3 - 0|, |4 - 3|; on layer 1 |3 - 7|.
    assert written(write_edges_csv, hand_made()).read().decode().splitlines() == [
        '"layer","source","target","source_label","target_label","distance"',
        "0,0,1,10,20,3",
        "0,1,2,20,30,1",
        "0,1,0,20,10,3",
        "0,2,1,30,20,1",
        f"1,1,3,20,{2**40},4",
        f"1,3,1,{2**40},20,4",
    ]


def test_one_layer_is_written_alone_and_blocks_join(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = built("deleted")
    whole = written(write_edges_csv, graph, layer=0).read()
    monkeypatch.setattr("core.index.export.LINKS_PER_BLOCK", 7)
    assert written(write_edges_csv, graph, layer=0).read() == whole
    upper = pd.read_csv(written(write_edges_csv, graph, layer=1))
    assert set(upper.layer) == {1}
    assert list(zip(upper.source, upper.target, strict=True)) == links_of(graph, 1)


def test_every_link_is_a_line_with_its_labels_and_distance(graph: HnswGraph) -> None:
    lines = pd.read_csv(written(write_edges_csv, graph))
    found = list(zip(lines.layer, lines.source, lines.target, strict=True))
    layers = range(graph.max_level + 1)
    assert found == [(layer, *link) for layer in layers for link in links_of(graph, layer)]
    np.testing.assert_array_equal(lines.source_label, graph.labels[lines.source])
    np.testing.assert_array_equal(lines.target_label, graph.labels[lines.target])
    left, right = (graph.vectors[rows].astype(np.float64) for rows in (lines.source, lines.target))
    expected = np.linalg.norm(left - right, axis=1)
    if graph.metric != "euclidean":
        expected = 1 - (left * right).sum(axis=1)
    if graph.metric == "cosine":
        lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
        expected = 1 - (left * right).sum(axis=1) / lengths
    np.testing.assert_allclose(lines.distance, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("write", [write_csr, write_edges_csv])
def test_a_layer_that_is_not_there_is_refused(write: Any) -> None:
    expected = "layer must be between 0 and 1, the highest layer; got 2."
    with pytest.raises(ParameterError, match=re.escape(expected)):
        written(write, hand_made(), layer=2)
