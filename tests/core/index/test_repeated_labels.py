"""Labels that stand for several items: legal in every library, so rows of their own here."""

import io

import faiss
import hnswlib
import numpy as np
import pytest

from core.errors import IndexFileError
from core.index import (
    HnswGraph,
    exact_neighbors,
    measure_latency,
    read_index,
    search,
    write_edges_csv,
    write_hnswlib,
)
from core.index.files.checks import label_notes
from tests.core.index.index_files import faiss_index, hnswlib_bytes, rows, saved

VECTORS, QUERIES = rows(320), rows(30)
NOTE = (
    "labels that stand for more than one item: 20, for 40 items in all, each a row of its own; "
    "label 0 stands for 2 items"
)


def replaced() -> hnswlib.Index:
    """Labels 0..19 once more, in the places of 20 that were deleted: their first items stay."""
    index = hnswlib.Index(space="l2", dim=6)
    index.init_index(300, M=6, ef_construction=50, random_seed=5, allow_replace_deleted=True)
    index.add_items(VECTORS[:300], np.arange(300), num_threads=1)
    for label in range(200, 220):
        index.mark_deleted(label)
    index.add_items(VECTORS[300:], np.arange(20), num_threads=1, replace_deleted=True)
    return index


@pytest.fixture(scope="module")
def graph() -> HnswGraph:
    return read_index(saved(replaced().save_index), metric="euclidean")


def test_both_items_are_rows_and_a_note_counts_them(graph: HnswGraph) -> None:
    assert (graph.n, graph.n_deleted) == (300, 0)
    assert graph.labels[:40].tolist() == np.repeat(np.arange(20), 2).tolist()
    assert graph.notes == (NOTE,)
    for label in (0, 7, 19):
        held = graph.vectors[graph.labels == label]
        expected = VECTORS[[label, 300 + label]]
        assert sorted(held.tolist()) == sorted(expected.tolist())


def test_hnswlib_answers_the_same_labels(graph: HnswGraph) -> None:
    index = replaced()
    index.set_ef(60)
    labels, squares = index.knn_query(QUERIES, k=8, num_threads=1)
    found = search(graph, QUERIES, 8, 60)
    assert graph.labels[found.ids].tolist() == labels.tolist()
    np.testing.assert_allclose(found.distances, np.sqrt(squares), rtol=1e-5)
    exact = exact_neighbors(graph.vectors, QUERIES, 8, metric="euclidean")
    assert (found.ids == exact.ids).mean() > 0.9


def test_its_latency_is_measured(graph: HnswGraph) -> None:
    assert measure_latency(graph, QUERIES, k=8, efs=(30,), rounds=1).ef.tolist() == [30]


def test_written_and_read_again_it_is_the_same(graph: HnswGraph) -> None:
    file = io.BytesIO()
    write_hnswlib(graph, file)
    again = read_index(file.getvalue(), metric="euclidean")
    assert again.fingerprint == graph.fingerprint
    assert again.notes == (NOTE,)


def test_its_links_are_written_by_row_beside_the_labels(graph: HnswGraph) -> None:
    file = io.BytesIO()
    write_edges_csv(graph, file, layer=0)
    lines = np.genfromtxt(io.BytesIO(file.getvalue()), delimiter=",", skip_header=1)
    sources, targets = graph.links(0)
    assert lines[:, 1].astype(int).tolist() == sources.tolist()
    assert lines[:, 3].astype(int).tolist() == graph.labels[sources].tolist()
    assert lines[:, 4].astype(int).tolist() == graph.labels[targets].tolist()


def test_faiss_ids_may_stand_twice() -> None:
    index = faiss_index(VECTORS[:60], ids=np.arange(60) // 2)
    graph = read_index(bytes(faiss.serialize_index(index).tobytes()))
    np.testing.assert_array_equal(graph.vectors, VECTORS[:60])
    assert graph.labels.tolist() == (np.arange(60) // 2).tolist()
    assert "more than one item: 30, for 60 items in all" in graph.notes[0]
    _, ids = index.search(QUERIES, 4)
    assert graph.labels[search(graph, QUERIES, 4, 16).ids].tolist() == ids.tolist()


def test_an_item_that_was_deleted_does_not_count() -> None:
    labels, deleted = np.array([1, 1, 3, 3, 3]), np.array([1, 0, 1, 0, 0], dtype=bool)
    assert label_notes(labels, deleted) == ("label 3 stands for 2 items, each a row of its own",)
    assert label_notes(labels[:2], deleted[:2]) == ()


def test_an_index_without_a_live_item_is_refused_with_the_reason() -> None:
    content = hnswlib_bytes(VECTORS[:40], deleted=range(40))
    with pytest.raises(IndexFileError, match="Every one of the 40 items of this index is deleted"):
        read_index(content, metric="euclidean")
    one = read_index(hnswlib_bytes(VECTORS[:40], deleted=range(39)), metric="euclidean")
    assert search(one, QUERIES, 1, 40).ids.tolist() == [[39]] * 30


def test_an_index_without_items_is_refused_with_the_reason() -> None:
    index = hnswlib.Index(space="l2", dim=6)
    index.init_index(max_elements=10)
    with pytest.raises(IndexFileError, match=r"The hnswlib index holds no items\. Add some to it"):
        read_index(saved(index.save_index), metric="euclidean")


@pytest.mark.parametrize(("value", "held"), [(np.nan, "NaN"), (np.inf, "infinity")])
def test_a_row_that_was_added_with_nan_is_named_by_its_label(value: float, held: str) -> None:
    vectors = VECTORS[:40].copy()
    vectors[7, 2] = vectors[9, 0] = value
    content = hnswlib_bytes(vectors, labels=np.arange(40) + 100)
    message = (
        rf"item 7 \(label 107\) is not finite: it holds {held} \(rows of this kind in all: 2\)"
    )
    with pytest.raises(IndexFileError, match=message) as raised:
        read_index(content, metric="euclidean")
    assert "It was added so: take it out of the data" in str(raised.value)
    assert "damaged" not in str(raised.value)
    assert "copied" not in str(raised.value)
