import io
import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from core.errors import ParameterError
from core.index import Adjacency, HnswGraph, HnswParams, build_hnsw
from core.index.export import link_distances, write_csr, write_edges_csv, write_graphml
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
    matrix: Any = scipy.sparse.load_npz(written(write_csr, hand_made(), layer=layer))
    expected = np.zeros((4, 4), dtype=np.int8)
    for source, target in LAYERS[layer]:
        expected[source, target] = 1
    np.testing.assert_array_equal(matrix.toarray(), expected)
    assert of_csr(matrix.indptr, matrix.indices) == LAYERS[layer]


def test_every_layer_loads_as_a_matrix(graph: HnswGraph) -> None:
    for layer in range(graph.max_level + 1):
        matrix: Any = scipy.sparse.load_npz(written(write_csr, graph, layer=layer))
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


NAMESPACE = "{http://graphml.graphdrawing.org/xmlns}"


def parsed(file: io.BytesIO) -> tuple[list[dict[str, str]], list[tuple[int, int, int]]]:
    """Nodes as their data by the names that the keys declare, edges as (layer, source, target)."""
    root = ElementTree.parse(file).getroot()
    keys = {(key.get("for"), key.get("id")): key for key in root.iter(f"{NAMESPACE}key")}

    def data_of(element: Any) -> dict[str, str]:
        kind = element.tag.removeprefix(NAMESPACE)
        found = {"id": element.get("id") or ""}
        for data in element.iter(f"{NAMESPACE}data"):
            found[keys[kind, data.get("key")].get("attr.name") or ""] = data.text or ""
        return found

    (drawn,) = root.iter(f"{NAMESPACE}graph")
    assert drawn.get("edgedefault") == "directed"
    nodes = [data_of(node) for node in drawn.iter(f"{NAMESPACE}node")]
    rows = {node["id"]: int(node["id"].removeprefix("n")) for node in nodes}
    edges = [
        (int(data_of(edge)["layer"]), rows[edge.attrib["source"]], rows[edge.attrib["target"]])
        for edge in drawn.iter(f"{NAMESPACE}edge")
    ]
    return nodes, edges


def test_graphml_by_hand() -> None:
    nodes, edges = parsed(written(write_graphml, hand_made()))
    assert nodes == [
        {"id": "n0", "label": "10", "level": "0", "deleted": "false"},
        {"id": "n1", "label": "20", "level": "1", "deleted": "false"},
        {"id": "n2", "label": "30", "level": "0", "deleted": "true"},
        {"id": "n3", "label": str(2**40), "level": "1", "deleted": "false"},
    ]
    assert edges == [(0, *link) for link in LAYERS[0]] + [(1, *link) for link in LAYERS[1]]
    nodes, edges = parsed(written(write_graphml, hand_made(), layer=1))
    assert [node["id"] for node in nodes] == ["n1", "n3"]
    assert edges == [(1, 1, 3), (1, 3, 1)]


def test_graphml_holds_every_node_and_link(
    graph: HnswGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = written(write_graphml, graph).getvalue()
    nodes, edges = parsed(io.BytesIO(whole))
    assert nodes == [
        {"id": f"n{row}", "label": str(label), "level": str(level), "deleted": str(gone).lower()}
        for row, (label, level, gone) in enumerate(
            zip(graph.labels.tolist(), graph.levels.tolist(), graph.deleted.tolist(), strict=True)
        )
    ]
    layers = range(graph.max_level + 1)
    assert edges == [(layer, *link) for layer in layers for link in links_of(graph, layer)]
    monkeypatch.setattr("core.index.export.LINKS_PER_BLOCK", 97)
    assert written(write_graphml, graph).getvalue() == whole


def test_names_come_back_as_given_less_what_xml_forbids() -> None:
    markup = '<b>"x" & y</b> ]]> &amp;'
    forbidden = "a\x00b\x0bc\x1fd\ufffee\ud800f\uffffg"
    spaces = " tab\tline\nreturn\r "
    other = "\u00e9 \u4e2d \U0001f600 \x7f\u0085\ufffd"
    names = [markup, forbidden, spaces, other]
    nodes, _ = parsed(written(write_graphml, hand_made(), names=names))
    assert [node["name"] for node in nodes] == [markup, "abcdefg", spaces, other]
    nodes, _ = parsed(written(write_graphml, hand_made(), layer=1, names=names))
    assert [node["name"] for node in nodes] == ["abcdefg", other]


def test_names_must_be_one_per_row() -> None:
    expected = "names must hold one name for each of the 4 rows; got 3."
    with pytest.raises(ParameterError, match=re.escape(expected)):
        written(write_graphml, hand_made(), names=["a", "b", "c"])


def test_a_distance_is_written_with_all_its_digits() -> None:
    graph = built("deleted")
    sources, targets = graph.links(0)
    lines = written(write_edges_csv, graph, layer=0).read().decode().splitlines()[1:]
    read = [float(line.rsplit(",", 1)[1]) for line in lines]
    assert read == link_distances(graph, sources, targets).tolist()


@pytest.mark.parametrize("write", [write_csr, write_edges_csv, write_graphml])
def test_a_layer_that_is_not_there_is_refused(write: Any) -> None:
    expected = "layer must be between 0 and 1, the highest layer; got 2."
    with pytest.raises(ParameterError, match=re.escape(expected)):
        written(write, hand_made(), layer=2)
