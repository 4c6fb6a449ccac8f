"""hnswlib's files: the parsed graph is the library's own, and its searches are the same."""

from typing import Any

import numpy as np
import pytest

from core.distances import Metric
from core.errors import IndexFileError, ParameterError
from core.index import index_file_kind, read_index, search
from tests.core.index.index_files import hnswlib_bytes, hnswlib_index, rows

METRICS: dict[str, Metric] = {"l2": "euclidean", "ip": "inner_product", "cosine": "cosine"}


def native_links(index: Any, layer: int) -> dict[int, list[int]]:
    """Links of a layer by label, from the library's own state in memory."""
    state = index.__getstate__()[0]
    count, per_node = state["cur_element_count"], state["size_data_per_element"]
    base = state["data_level0"].view(np.uint8).reshape(-1, per_node)
    labels = base[:count, state["label_offset"] : state["label_offset"] + 8].copy().view(np.uint64)
    names = labels[:, 0].tolist()
    levels = state["element_levels"]
    links, start = {}, 0
    upper = state["link_lists"].view(np.uint8)
    for node in range(count):
        size = state["size_links_per_element"] * int(levels[node])
        if layer == 0:
            record = base[node]
        elif levels[node] >= layer:
            at = start + (layer - 1) * state["size_links_per_element"]
            record = upper[at:]
        else:
            start += size
            continue
        number = int(record[:2].copy().view(np.uint16)[0])
        ids = record[4 : 4 + 4 * number].copy().view(np.uint32)
        links[int(names[node])] = [int(names[i]) for i in ids]
        start += size
    return links


@pytest.mark.parametrize("space", METRICS)
@pytest.mark.parametrize("n", [1, 2, 700])
def test_the_graph_is_the_library_s_own(space: str, n: int) -> None:
    vectors = rows(n)
    labels = np.random.default_rng(n).permutation(n) * 7 + 3
    index = hnswlib_index(vectors, space=space, labels=labels)
    graph = read_index(hnswlib_bytes(vectors, space=space, labels=labels), metric=METRICS[space])
    assert (graph.n, graph.dim, graph.m, graph.ef_construction) == (n, 6, 4, 30)
    assert graph.labels.tolist() == sorted(labels.tolist())
    assert graph.labels[graph.entry_point] in labels
    np.testing.assert_array_equal(graph.vectors, index.get_items(graph.labels.tolist()))
    for layer in range(graph.max_level + 1):
        expected = native_links(index, layer)
        sources, targets = graph.links(layer)
        ours: dict[int, list[int]] = {int(graph.labels[node]): [] for node in graph.nodes(layer)}
        for a, b in zip(sources.tolist(), targets.tolist(), strict=True):
            ours[int(graph.labels[a])].append(int(graph.labels[b]))
        assert ours == expected


@pytest.mark.parametrize("space", METRICS)
@pytest.mark.parametrize(("k", "ef"), [(1, 1), (5, 5), (5, 20), (10, 100)])
def test_searches_are_the_library_s_own(space: str, k: int, ef: int) -> None:
    vectors, queries = rows(900), rows(60)
    labels = np.random.default_rng(0).permutation(900) * 3
    deleted = labels[:40].tolist()
    options: dict[str, Any] = {"space": space, "labels": labels, "deleted": deleted}
    graph = read_index(hnswlib_bytes(vectors, **options), metric=METRICS[space])
    index = hnswlib_index(vectors, **options)
    index.set_ef(ef)
    expected, distances = index.knn_query(queries, k=k, num_threads=1)
    found = search(graph, queries, k, ef)
    assert graph.labels[found.ids].tolist() == expected.tolist()
    true = np.sqrt(distances) if space == "l2" else distances  # "l2" answers squares
    np.testing.assert_allclose(found.distances, true, rtol=1e-4, atol=1e-5)
    assert graph.labels[graph.deleted].tolist() == sorted(deleted)
    assert not set(graph.labels[found.ids].ravel().tolist()) & set(deleted)


def test_labels_beyond_63_bits_stay() -> None:
    labels = np.array([5, 2**63 + 1, 2**64 - 2], dtype=np.uint64)
    graph = read_index(hnswlib_bytes(rows(3), labels=labels), metric="euclidean")
    assert graph.labels.dtype == np.uint64
    assert graph.labels.tolist() == labels.tolist()


def test_what_the_file_does_not_tell_is_asked_for() -> None:
    content = hnswlib_bytes(rows(10))
    assert index_file_kind(content) == "hnswlib"
    with pytest.raises(ParameterError, match="does not state its metric; pass metric="):
        read_index(content)


def test_what_contradicts_the_file_is_an_error() -> None:
    content = hnswlib_bytes(rows(10))
    with pytest.raises(IndexFileError, match="vectors have 6 dimensions"):
        read_index(content, metric="euclidean", dim=7)
    with pytest.raises(IndexFileError, match="'cosine' contradicts the hnswlib file"):
        read_index(content, metric="cosine")
    assert read_index(content, metric="euclidean", dim=6).dim == 6


def test_a_path_a_file_and_bytes_are_the_same(tmp_path) -> None:  # type: ignore[no-untyped-def]
    content = hnswlib_bytes(rows(30))
    path = tmp_path / "index.bin"
    path.write_bytes(content)
    first = read_index(content, metric="euclidean").fingerprint
    assert read_index(path, metric="euclidean").fingerprint == first
    with path.open("rb") as file:
        assert read_index(file, metric="euclidean").fingerprint == first
    with pytest.raises(IndexFileError, match=r"^none\.bin: The file cannot be read"):
        read_index(tmp_path / "none.bin", metric="euclidean")


def test_vectors_of_no_whole_numbers_are_an_error() -> None:
    content = bytearray(hnswlib_bytes(rows(2)))
    for place in (24, 32):  # the size of a record, then where its label begins
        content[place] += 1
    message = "label_offset in the header at byte 32: vectors of 25 bytes are no float32"
    with pytest.raises(IndexFileError, match=message):
        read_index(bytes(content), metric="euclidean")


@pytest.mark.parametrize(
    ("top", "message"),
    [(65, "65 is not between 0 and 64"), (2, "node 1 is on layer 2, above the entry point 0")],
)
def test_a_level_that_cannot_be_is_an_error(top: int, message: str) -> None:
    content = hnswlib_bytes(rows(2))
    assert content[-8:] == bytes(8)  # both nodes are on layer 0 alone: no bytes of upper links
    size = top * (4 + 4 * 4)  # per layer a count, then M = 4 links
    higher = content[:-4] + size.to_bytes(4, "little") + bytes(size)
    with pytest.raises(IndexFileError, match=f"level at byte {len(content) - 4}: {message}"):
        read_index(higher, metric="euclidean")
