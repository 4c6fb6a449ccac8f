"""Columns of JSON text: objects in cells as columns of their fields."""

import json

import numpy as np
import pandas as pd
import pytest

from core.data import preview_embeddings, read_embeddings, read_metadata
from core.data.readers.table.objects import unfolded
from tests.core.data.files import VECTORS, as_csv, as_parquet, frame_of_lists

META = [{"year": 1990 + i, "author": {"name": f"n{i}"}, "label": "ab"[i % 2]} for i in range(4)]
TEXTS = [json.dumps(value) for value in META]


def test_fields_at_any_depth_are_columns_with_roles() -> None:
    content = as_parquet(frame_of_lists().drop(columns="label").assign(meta=TEXTS))
    found = read_embeddings(content, name="a.parquet")
    np.testing.assert_array_equal(found.vectors, VECTORS)
    assert found.metadata["year"].tolist() == [1990, 1991, 1992, 1993]
    assert found.metadata["name"].tolist() == ["n0", "n1", "n2", "n3"]
    assert found.label_column == "label"
    assert "fields of 'meta' taken as columns: year, name, label" in found.notes
    roles = {role.name: role.role for role in preview_embeddings(content, name="a.parquet").columns}
    assert roles["label"] == "label"
    assert roles["year"] == "number"
    assert "meta" not in roles


def test_equal_names_are_told_apart_by_their_column() -> None:
    frame = pd.DataFrame({"id": [1, 2], "meta": ['{"id": 5, "n": 1}', '{"id": 6, "n": 2}']})
    table, notes = unfolded(frame)
    assert table.to_dict("list") == {"id": [1, 2], "meta.id": [5, 6], "n": [1, 2]}
    assert notes == ["fields of 'meta' taken as columns: meta.id, n"]


def test_empty_cells_have_empty_fields() -> None:
    table, _ = unfolded(pd.DataFrame({"meta": ['{"a": "x", "b": 1}', None, "", '{"a": "y"}']}))
    assert table["a"].fillna("missing").tolist() == ["x", "missing", "missing", "y"]
    assert table["b"].fillna(-1).tolist() == [1, -1, -1, -1]


@pytest.mark.parametrize(
    "cells",
    [
        ['{"a": 1, "b": 2}', "{not json}"],
        ['{"a": 1, "b": 2}', "a word"],
        ['{"a": 1, "b": 2}', "[1, 2]"],
        ["{}", "{}"],
        ["{0.5,1}", "{2,3}"],
        ['{"values": [0.5, 1]}', '{"values": [2, 3]}'],
        ['{"0": 0.5, "1": 1}', '{"0": 2, "1": 3}'],
        ['{"indices": [1], "values": [0.5]}', '{"indices": [1], "values": [0.5]}'],
        ['{"type": 1, "size": 2, "indices": null, "values": [0.5, 1]}'] * 2,
        ['{"a":' * 5_000 + "1" + "}" * 5_000] * 2,
    ],
)
def test_other_texts_and_vectors_stay_as_they_are(cells: list[str]) -> None:
    frame = pd.DataFrame({"cell": cells, "n": [1, 2]})
    table, notes = unfolded(frame)
    assert table is frame
    assert notes == []


def test_a_faulty_cell_beyond_the_sample_leaves_the_column_as_it_is() -> None:
    cells = ['{"a": 1, "b": 2}'] * 1_000
    cells[777] = "{broken"
    table, notes = unfolded(pd.DataFrame({"cell": cells}))
    assert table["cell"].tolist() == cells
    assert notes == []


def test_a_vector_in_an_object_is_found_and_the_text_beside_it_kept() -> None:
    cells = [
        json.dumps({"text": f"t{i}", "embedding": row}) for i, row in enumerate(VECTORS.tolist())
    ]
    found = read_embeddings(as_csv(pd.DataFrame({"id": list("abcd"), "doc": cells})), name="a.csv")
    np.testing.assert_array_equal(found.vectors, VECTORS)
    assert found.metadata["text"].tolist() == ["t0", "t1", "t2", "t3"]


def test_a_place_on_earth_is_no_vector_beside_numbered_columns() -> None:
    frame = pd.DataFrame(VECTORS, columns=["A00", "A01", "A02"])
    frame[".geo"] = ['{"type":"Point","coordinates":[10.5,2.25]}'] * 4
    found = read_embeddings(as_csv(frame), name="a.csv")
    np.testing.assert_array_equal(found.vectors, VECTORS)
    assert found.metadata["type"].tolist() == ["Point"] * 4


def test_a_metadata_table_of_objects() -> None:
    table = read_metadata(as_csv(pd.DataFrame({"meta": TEXTS, "n": range(4)})), name="m.csv")
    assert table["name"].tolist() == ["n0", "n1", "n2", "n3"]
    assert table.attrs["notes"] == ("fields of 'meta' taken as columns: year, name, label",)
