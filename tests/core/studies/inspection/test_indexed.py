"""The items of an index that was opened: matched with what is loaded, or named by label."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet
from core.errors import DataError
from core.index import HnswGraph, HnswParams, build_hnsw
from core.index.storage import FLOAT32, Storage
from core.studies import (
    in_order_of,
    index_items,
    matching_rows,
    metadata_by_label,
    named_rows,
    row_changes,
    rows_by_label,
    with_index_vectors,
)

VECTORS = np.random.default_rng(1).normal(size=(50, 4)).astype(np.float32)
NAMES = pd.DataFrame({"name": [f"thing {row}" for row in range(50)], "label": ["a", "b"] * 25})
LOADED = EmbeddingSet.from_arrays(VECTORS, metadata=NAMES, name="loaded")


def graph_of(rows: np.ndarray, metric: str = "euclidean") -> HnswGraph:
    graph = build_hnsw(VECTORS[rows], HnswParams(metric))  # type: ignore[arg-type]
    return replace(graph, labels=rows)


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "inner_product"])
def test_an_index_of_all_loaded_rows_keeps_the_set(metric: str) -> None:
    assert index_items(graph_of(np.arange(50), metric), "file", LOADED) is LOADED


def test_an_index_of_some_loaded_rows_takes_them_by_label() -> None:
    rows = np.array([3, 4, 17, 40])
    items = index_items(graph_of(rows), "file", LOADED)
    np.testing.assert_array_equal(items.vectors, VECTORS[rows])
    assert items.metadata["name"].tolist() == [f"thing {row}" for row in rows]
    assert items.label_column == "label"
    assert "4 of 50 rows, those of the index" in items.notes


def test_vectors_of_8_bits_still_match() -> None:
    # In steps of a 32nd of the shortest row: a number moves by at most a 64th of the row's length.
    step = float(np.linalg.norm(VECTORS, axis=1).min()) / 32
    rounded = (np.round(VECTORS / step) * step).astype(np.float32)
    graph = replace(graph_of(np.arange(50)), vectors=rounded, storage=Storage("codes", step=1 / 64))
    assert index_items(graph, "file", LOADED) is LOADED
    assert row_changes(graph, VECTORS).count == 0
    assert row_changes(replace(graph, storage=FLOAT32), VECTORS).count == 50


def test_other_vectors_are_not_taken_for_the_loaded_ones() -> None:
    graph = graph_of(np.arange(50))
    shuffled = replace(graph, vectors=VECTORS[::-1].copy())
    items = index_items(shuffled, "file", LOADED)
    np.testing.assert_array_equal(items.vectors, VECTORS[::-1])
    assert items.name == "file"
    assert list(items.metadata.columns) == []
    narrow = EmbeddingSet.from_arrays(VECTORS[:, :3], name="narrow")
    assert index_items(graph, "file", narrow).name == "file"


def test_vectors_that_are_only_close_are_not_taken_for_the_loaded_ones() -> None:
    # 5 % longer: the difference is 0.05 of the length in every row.
    graph = replace(graph_of(np.arange(50)), vectors=VECTORS * np.float32(1.05))
    assert index_items(graph, "file", LOADED).name == "file"


def test_rows_are_compared_beyond_the_first() -> None:
    other = VECTORS.copy()
    other[10:] = VECTORS[10:][::-1]
    graph = replace(graph_of(np.arange(50)), vectors=other)
    assert index_items(graph, "file", LOADED) is LOADED  # and the page says which rows differ
    assert row_changes(graph, VECTORS).rows.tolist() == list(range(10, 50))


def test_labels_that_are_no_row_numbers_become_names() -> None:
    rows = np.arange(50)
    graph = replace(graph_of(rows), labels=rows * 10 - 5, notes=("converted",))
    items = index_items(graph, "file", LOADED)
    assert items.metadata["name"].tolist()[:2] == ["id -5", "id 5"]
    assert "converted" in items.notes


def test_a_table_is_matched_by_an_id_column() -> None:
    labels = np.array([7, 20, 31])
    table = pd.DataFrame({"Key": [31, 99, 7, 20], "word": list("abcd")})
    assert rows_by_label(labels, table).tolist() == [2, 3, 0]


def test_a_table_without_ids_is_matched_by_position_or_order() -> None:
    labels = np.array([1, 4])
    assert rows_by_label(labels, pd.DataFrame({"word": list("abcde")})).tolist() == [1, 4]
    assert rows_by_label(labels, pd.DataFrame({"word": ["x", "y"]})).tolist() == [0, 1]
    # Ids that stand twice, or that miss a label, say nothing.
    twice = pd.DataFrame({"id": [1, 1, 4, 4, 5]})
    assert rows_by_label(labels, twice).tolist() == [1, 4]


def test_a_negative_label_is_no_row_number() -> None:
    # A table of 6 rows has no row -5; one of 2 rows is matched in order.
    labels = np.array([-5, 1])
    with pytest.raises(DataError, match="2 items and the table 6 rows"):
        rows_by_label(labels, pd.DataFrame({"word": list("abcdef")}))
    assert rows_by_label(labels, pd.DataFrame({"word": ["x", "y"]})).tolist() == [0, 1]


def test_deleted_items_without_a_label_stay_empty() -> None:
    deleted = np.zeros(50, dtype=bool)
    deleted[[48, 49]] = True
    labels = np.arange(50, dtype=np.uint64)
    labels[48:] = 2**64 - 1
    graph = replace(graph_of(np.arange(50)), labels=labels, deleted=deleted)
    items = index_items(graph, "file", LOADED)
    assert items.metadata["name"].tolist()[46:48] == ["thing 46", "thing 47"]
    assert items.metadata["name"].isna().tolist() == deleted.tolist()
    np.testing.assert_array_equal(items.vectors, VECTORS)
    table = pd.DataFrame({"id": np.arange(60), "word": [f"word {i}" for i in range(60)]})
    words = metadata_by_label(graph, table)["word"]
    assert words[:48].tolist() == [f"word {i}" for i in range(48)]
    assert words.isna().tolist() == deleted.tolist()
    with pytest.raises(DataError, match="no column named"):
        metadata_by_label(graph, table.head(20))


TWICE = np.array([2, 5, 5, 9, 9, 9])


def test_items_of_one_label_have_names_of_their_own() -> None:
    graph = replace(build_hnsw(VECTORS[:6], HnswParams("euclidean")), labels=TWICE + 100)
    names = index_items(graph, "file").metadata["name"].tolist()
    assert names[:3] == ["id 102", "id 105 (1 of 2)", "id 105 (2 of 2)"]
    assert names[3:] == ["id 109 (1 of 3)", "id 109 (2 of 3)", "id 109 (3 of 3)"]


def test_items_of_one_label_keep_their_own_vectors_beside_the_loaded_data() -> None:
    # Label 5 stands for row 5 of the data, and for another vector that was added later.
    vectors = VECTORS[[2, 5, 30, 9, 9, 9]]
    graph = replace(
        build_hnsw(vectors, HnswParams("euclidean")), labels=TWICE, notes=("label 9 stands",)
    )
    items = index_items(graph, "file", LOADED)
    np.testing.assert_array_equal(items.vectors, vectors)
    assert items.metadata["name"].tolist() == [f"thing {label}" for label in TWICE]
    assert items.notes[-2:] == ("3 of 50 rows, those of the index", "label 9 stands")


def test_ids_that_stand_twice_in_both_go_row_by_row() -> None:
    table = pd.DataFrame({"id": [9, 5, 9, 2, 5, 9], "word": list("abcdef")})
    rows = rows_by_label(TWICE, table)
    assert table["word"].to_numpy()[rows].tolist() == ["d", "b", "e", "a", "c", "f"]
    # One row too few for label 9 and one too many for 5: the column says nothing.
    other = pd.DataFrame({"id": [9, 5, 9, 2, 5, 5], "word": list("abcdef")})
    assert rows_by_label(TWICE, other).tolist() == list(range(6))


def test_a_table_without_ids_beside_labels_that_stand_twice() -> None:
    words = pd.DataFrame({"word": list("abcdef")})
    assert rows_by_label(np.array([0, 0, 1, 1, 2, 2]), words).tolist() == [0, 1, 2, 3, 4, 5]
    # The labels reach the last row of the table: they are its row numbers.
    assert rows_by_label(np.array([0, 1, 2, 2, 4, 5]), words).tolist() == [0, 1, 2, 2, 4, 5]
    longer = pd.DataFrame({"word": list("abcdefghij")})
    assert rows_by_label(TWICE, longer).tolist() == TWICE.tolist()


def test_a_table_that_fits_no_way_is_an_error() -> None:
    with pytest.raises(DataError, match="3 items and the table 2 rows"):
        rows_by_label(np.array([1, 5, 900]), pd.DataFrame({"word": ["x", "y"]}))


def test_rows_that_the_data_does_not_have_are_the_index_s_own() -> None:
    # 40 rows are of the data; 6 came later, and their labels are none of its row numbers.
    rows = np.concatenate([np.arange(5, 45), np.arange(50, 56)])
    vectors = np.concatenate([VECTORS[5:45], VECTORS[:6] + 9])
    graph = replace(build_hnsw(vectors, HnswParams("euclidean")), labels=rows)
    items = index_items(graph, "file", LOADED)
    np.testing.assert_array_equal(items.vectors, vectors)
    assert items.metadata["name"].tolist()[:2] == ["thing 5", "thing 6"]
    assert items.metadata["name"].isna().tolist() == [False] * 40 + [True] * 6
    assert "40 of 50 rows, those of the index" in items.notes
    assert any(note.startswith("6 rows of the index are not in the loaded") for note in items.notes)
    assert row_changes(graph, items.vectors).count == 0


def test_no_row_the_same_is_other_data() -> None:
    graph = replace(graph_of(np.arange(50)), vectors=VECTORS + 1)
    assert matching_rows(graph, LOADED) is None
    assert named_rows(graph, LOADED) is not None
    one = VECTORS + 1
    one[7] = VECTORS[7]
    assert matching_rows(replace(graph, vectors=one), LOADED) is not None
    assert named_rows(replace(graph, labels=np.arange(50) + 50), LOADED) is None


def test_the_index_s_vectors_may_become_the_data() -> None:
    graph = replace(graph_of(np.arange(50)), vectors=VECTORS * 2)
    items = with_index_vectors(graph, LOADED)
    np.testing.assert_array_equal(items.vectors, VECTORS * 2)
    assert items.metadata.equals(LOADED.metadata)
    assert (items.name, items.label_column) == ("loaded", "label")
    assert items.notes[-1] == "the vectors are those of the index"
    assert row_changes(graph, items.vectors).count == 0


def with_queries() -> EmbeddingSet:
    return EmbeddingSet.from_arrays(
        VECTORS,
        name="split",
        queries=VECTORS[:3] + 1,
        ground_truth=np.array([[0], [1], [2]]),
        metric="inner_product",
    )


def test_the_queries_and_the_metric_of_a_file_stay_where_its_rows_change() -> None:
    rows, loaded = np.array([3, 4, 17]), with_queries()
    graph = graph_of(rows)
    for items in (
        index_items(graph, "file", loaded),
        in_order_of(rows, loaded),
        with_index_vectors(graph_of(np.arange(50)), loaded),
    ):
        np.testing.assert_array_equal(items.queries, VECTORS[:3] + 1)
        assert items.metric == "inner_product"
        assert items.ground_truth is None
        assert (
            "ground truth left out: it numbers the rows of the file, not those of the index"
            in items.notes
        )
    np.testing.assert_array_equal(in_order_of(rows, loaded).vectors, VECTORS[rows])


def test_queries_of_another_dimension_than_the_index_s_vectors_are_let_go() -> None:
    flat = build_hnsw(VECTORS[:, :2], HnswParams("euclidean"))
    items = with_index_vectors(flat, with_queries())
    assert (items.dim, items.queries) == (2, None)
