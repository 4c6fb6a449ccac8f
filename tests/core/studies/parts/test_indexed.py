"""The items of an index that was brought: matched with what is loaded, or named by label."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet
from core.errors import DataError
from core.index import HnswGraph, HnswParams, build_hnsw
from core.studies import index_items, metadata_by_label, rows_by_label

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
    rounded = np.round(VECTORS * 32) / 32
    graph = replace(graph_of(np.arange(50)), vectors=rounded.astype(np.float32))
    assert index_items(graph, "file", LOADED) is LOADED


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
    assert index_items(graph, "file", LOADED).name == "file"


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


def test_a_table_that_fits_no_way_is_an_error() -> None:
    with pytest.raises(DataError, match="3 items and the table 2 rows"):
        rows_by_label(np.array([1, 5, 900]), pd.DataFrame({"word": ["x", "y"]}))
