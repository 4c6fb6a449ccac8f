"""Graphs of every origin as hnswlib's file: read back as they were, and searched by hnswlib."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import hnswlib
import numpy as np
import pytest

from core.distances import METRICS, Metric, unit_rows
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw, read_index, search, write_hnswlib
from core.index import hnswlib_bytes as bytes_of
from core.index import hnswlib_writer as writer
from core.index.build import SPACES
from tests.core.index.graphs import hand_graph
from tests.core.index.index_files import (
    faiss_bytes,
    hnswlib_bytes,
    rows,
    usearch_bytes,
)

N = 500
SHUFFLED = np.random.default_rng(3).permutation(N) * 5 + 2
USEARCH: dict[Metric, str] = {"cosine": "cos", "euclidean": "l2sq", "inner_product": "ip"}


def from_hnswlib(metric: Metric, *, deleted: bool) -> HnswGraph:
    gone = SHUFFLED[:60].tolist() if deleted else ()
    content = hnswlib_bytes(rows(N), space=SPACES[metric], labels=SHUFFLED, deleted=gone)
    return read_index(content, metric=metric)


def from_faiss(metric: Metric) -> HnswGraph:
    vectors = rows(N) if metric != "cosine" else unit_rows(rows(N)).astype(np.float32)
    content = faiss_bytes(vectors, inner_product=metric != "euclidean", ids=SHUFFLED)
    return read_index(content, metric=metric)


def from_usearch(metric: Metric, *, deleted: bool) -> HnswGraph:
    gone = SHUFFLED[:60].tolist() if deleted else ()
    return read_index(usearch_bytes(rows(N), metric=USEARCH[metric], keys=SHUFFLED, removed=gone))


SOURCES: dict[str, Any] = {
    "hnswlib": lambda metric: from_hnswlib(metric, deleted=False),
    "hnswlib, deleted": lambda metric: from_hnswlib(metric, deleted=True),
    "faiss": from_faiss,
    "usearch": lambda metric: from_usearch(metric, deleted=False),
    "usearch, deleted": lambda metric: from_usearch(metric, deleted=True),
}


def written(graph: HnswGraph) -> bytes:
    file = io.BytesIO()
    write_hnswlib(graph, file)
    return file.getvalue()


def loaded(graph: HnswGraph, folder: Path) -> Any:
    (folder / "index").write_bytes(written(graph))
    index = hnswlib.Index(space=SPACES[graph.metric], dim=graph.dim)
    index.load_index(str(folder / "index"))
    return index


def assert_searches_alike(graph: HnswGraph, index: Any, k: int, efs: tuple[int, ...]) -> None:
    queries = rows(40, graph.dim)
    for ef in efs:
        index.set_ef(ef)
        labels, distances = index.knn_query(queries, k, num_threads=1)
        found = search(graph, queries, k, ef)
        assert graph.labels[found.ids].tolist() == labels.tolist()
        true = np.sqrt(distances) if graph.metric == "euclidean" else distances
        np.testing.assert_allclose(found.distances, true, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("source", SOURCES)
def test_a_file_is_read_back_and_searched_as_the_graph(
    source: str, metric: Metric, tmp_path: Path
) -> None:
    graph = SOURCES[source](metric)
    assert bool(graph.n_deleted) == ("deleted" in source)
    as_written = replace(graph, ef_construction=graph.ef_construction or 200)
    assert read_index(written(graph), metric=metric).fingerprint == as_written.fingerprint
    assert_searches_alike(graph, loaded(graph, tmp_path), 7, (7, 12, 40, 150))


def test_what_hnswlib_wrote_is_written_again_byte_by_byte() -> None:
    # Its labels are the order of insertion, so that its internal ids are the row ids; and hnswlib
    # leaves the places of links that are no more as they were, which a fresh index has none of.
    vectors = rows(9)
    theirs = hnswlib_bytes(vectors, deleted=[4])
    graph = read_index(theirs, metric="euclidean")
    ours = written(graph)
    room = slice(8, 16)  # max_elements: the maker leaves room for three more
    assert ours[: room.start] + theirs[room] + ours[room.stop :] == theirs


@pytest.mark.parametrize("metric", METRICS)
def test_one_row(metric: Metric, tmp_path: Path) -> None:
    graph = build_hnsw(rows(1), HnswParams(metric, m=3))
    again = read_index(written(graph), metric=metric)
    assert (again.fingerprint, again.m, again.ef_construction) == (graph.fingerprint, 3, 200)
    assert_searches_alike(graph, loaded(graph, tmp_path), 1, (1, 5))


def test_no_upper_layer_and_more_links_than_m(tmp_path: Path) -> None:
    # Node 0 has 7 links on layer 0, and M = 2 would allow 4: the file needs M = 4.
    star = {0: range(1, 8), **{i: [0] for i in range(1, 8)}}
    graph = hand_graph([star], 0, m=2)
    assert (graph.max_level, graph.ef_construction) == (0, None)
    again = read_index(written(graph), metric="euclidean")
    as_written = replace(graph, m=4, ef_construction=200)
    assert again.fingerprint == as_written.fingerprint
    index = loaded(graph, tmp_path)
    labels, squares = index.knn_query(np.array([[6.9]], np.float32), 2, num_threads=1)
    assert labels.tolist() == [[7, 6]]
    np.testing.assert_allclose(squares, [[0.01, 0.81]], rtol=1e-5)


def test_more_links_on_an_upper_layer_than_m() -> None:
    # Node 0 has 3 links on layer 1, where M = 2 would allow 2.
    base = {i: [i - 1, i + 1] for i in range(1, 5)} | {0: [1], 5: [4]}
    graph = hand_graph([base, {0: [1, 3, 5], 1: [0], 3: [0], 5: [0]}], 0, m=2)
    again = read_index(written(graph), metric="euclidean")
    assert again.fingerprint == replace(graph, m=3, ef_construction=200).fingerprint


def test_blocks_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = from_hnswlib("euclidean", deleted=True)
    assert graph.max_level >= 2
    whole = written(graph)
    for size in (1, 1000, 2777):
        monkeypatch.setattr(writer, "BYTES_AT_ONCE", size)
        assert written(graph) == whole


def test_labels_of_all_64_bits_stay(tmp_path: Path) -> None:
    labels = np.array([5, 2**63 + 1, 2**64 - 2], dtype=np.uint64)
    graph = read_index(hnswlib_bytes(rows(3), labels=labels), metric="euclidean")
    assert read_index(written(graph), metric="euclidean").fingerprint == graph.fingerprint
    assert sorted(loaded(graph, tmp_path).get_ids_list()) == labels.tolist()
    below_zero = read_index(faiss_bytes(rows(3), ids=np.array([-7, 0, 3])))
    index = loaded(below_zero, tmp_path)
    found = index.knn_query(below_zero.vectors, 1, num_threads=1)[0]
    assert found.view(np.int64).ravel().tolist() == [-7, 0, 3]


def test_hnswlib_counts_the_deleted_rows_it_loads(tmp_path: Path) -> None:
    graph = from_hnswlib("euclidean", deleted=True)
    index = loaded(graph, tmp_path)
    gone = int(graph.labels[graph.deleted][0])
    with pytest.raises(RuntimeError, match="already deleted"):
        index.mark_deleted(gone)
    index.unmark_deleted(gone)
    row = int(np.flatnonzero(graph.deleted)[0])
    index.set_ef(N)
    assert index.knn_query(graph.vectors[row], 1, num_threads=1)[0].tolist() == [[gone]]


def test_what_is_written_can_be_added_to(tmp_path: Path) -> None:
    graph = from_usearch("euclidean", deleted=False)
    index = loaded(graph, tmp_path)
    index.resize_index(N + 20)
    more = rows(20) + 30
    index.add_items(more, np.arange(20) + 10_000, num_threads=1)
    index.set_ef(100)
    assert index.knn_query(more, 1)[0].ravel().tolist() == list(range(10_000, 10_020))


def test_more_links_than_the_format_counts_are_an_error() -> None:
    n = 2**16 + 1
    star = {0: range(1, n), **{i: [0] for i in range(1, n)}}
    with pytest.raises(ParameterError, match=r"at most 65,535 links .* row with 65,536"):
        written(hand_graph([star], 0))


@pytest.mark.parametrize("m", [2, 5, 16])
def test_the_size_is_that_of_the_file_that_hnswlib_saves(m: int, tmp_path: Path) -> None:
    vectors = rows(N)
    index = hnswlib.Index("l2", vectors.shape[1])
    index.init_index(N, M=m, ef_construction=30, random_seed=100)
    index.add_items(vectors, np.arange(N), num_threads=1)
    index.save_index(str(tmp_path / "index"))
    graph = build_hnsw(vectors, HnswParams("euclidean", m=m, ef_construction=30))
    assert graph.levels.any()
    assert bytes_of(graph) == (tmp_path / "index").stat().st_size


def test_the_size_of_a_graph_of_another_library_is_that_of_the_file_written_of_it() -> None:
    graph = from_faiss("euclidean")
    file = io.BytesIO()
    write_hnswlib(graph, file)
    assert bytes_of(graph) == len(file.getvalue())
