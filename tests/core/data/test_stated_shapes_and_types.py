"""JSON whose values state their type, and numbers that stand beside their shape."""

import json
from typing import Any

import numpy as np
import pytest

from core.data import read_embeddings
from core.data.readers.typed_values import is_typed, without_type
from tests.core.data.files import VECTORS, as_json, as_lines

FLAT = VECTORS.ravel().tolist()
N, DIM = VECTORS.shape


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({"S": "a"}, "a"),
        ({"N": "12"}, 12),
        ({"N": "-1.5e3"}, -1500.0),
        ({"L": [{"N": "1"}]}, [{"N": "1"}]),
        ({"M": {"a": 1}}, {"a": 1}),
        ({"BOOL": True}, True),
        ({"NULL": True}, None),
        ({"$numberLong": "9007199254740993"}, 9007199254740993),
        ({"$numberDouble": "NaN"}, np.nan),
        ({"doubleValue": 0.5}, 0.5),
        ({"integerValue": "7"}, 7),
        ({"arrayValue": {"values": [1]}}, [1]),
        ({"arrayValue": {}}, []),
        ({"mapValue": {"fields": {"a": 1}}}, {"a": 1}),
        ({"nullValue": None}, None),
    ],
)
def test_a_value_without_its_type(value: dict[str, Any], plain: object) -> None:
    got = without_type(value)
    assert got == plain or (got != got and plain != plain)
    assert is_typed([value])


@pytest.mark.parametrize(
    "value",
    [
        {"S": 1},
        {"N": 5},
        {"N": "five"},
        {"L": "a"},
        {"NULL": False},
        {"S": "a", "N": "1"},
        {"arrayValue": {"values": [], "more": 1}},
        {},
        [1],
        "S",
        None,
    ],
)
def test_other_values_stay(value: object) -> None:
    assert without_type(value) is value
    assert not is_typed([value])


def test_a_line_of_one_typed_name_is_still_an_object() -> None:
    found = read_embeddings(as_lines(*({"L": row} for row in VECTORS.tolist())), name="a.jsonl")
    np.testing.assert_array_equal(found.vectors, VECTORS)


@pytest.mark.parametrize(
    "document",
    [
        {"shape": [N, DIM], "data": FLAT},
        {"data": FLAT, "dims": [N, 1, DIM], "type": "float32"},
        {"dims": [N, DIM], "data": {str(i): value for i, value in enumerate(FLAT)}},
        {"outputs": [{"name": "x", "shape": [N, DIM], "datatype": "FP32", "data": FLAT}]},
    ],
)
def test_numbers_beside_their_shape(document: Any) -> None:
    found = read_embeddings(as_json(document), name="a.json")
    np.testing.assert_array_equal(found.vectors, VECTORS)
    assert any("12 numbers taken as 4 rows of 3" in note for note in found.notes)


@pytest.mark.parametrize("shape", [[N, DIM + 1], [1, N * DIM], [N, 2, DIM], [N * DIM], [-4, -3]])
def test_a_shape_that_does_not_fit_is_none(shape: list[int]) -> None:
    content = as_json([{"shape": shape, "vector": FLAT}, {"shape": shape, "vector": FLAT}])
    assert read_embeddings(content, name="a.json").vectors.shape == (2, N * DIM)


def test_lists_of_another_length_are_named() -> None:
    content = as_json({"rows": VECTORS.tolist(), "names": list("abcd"), "classes": ["x", "y"]})
    found = read_embeddings(content, name="a.json")
    assert found.metadata["names"].tolist() == list("abcd")
    assert "not used, for they have not 4 elements: classes (2)" in found.notes


def test_lists_in_an_object_beside_the_vectors() -> None:
    document = {
        "vectors": VECTORS.tolist(),
        "attributes": {"title": list("abcd"), "year": [1, 2, 3, 4]},
        "usage": {"tokens": [1, 2]},
    }
    found = read_embeddings(as_json(document), name="a.json")
    assert found.metadata.to_dict("list") == {"title": list("abcd"), "year": [1, 2, 3, 4]}


def test_values_in_lists_of_their_own() -> None:
    rows = [
        {"title": [f"t{i}"], "tags": ["x"] * (i + 1), "vec": row}
        for i, row in enumerate(VECTORS.tolist())
    ]
    found = read_embeddings(json.dumps(rows).encode(), name="a.json")
    assert found.metadata["title"].tolist() == ["t0", "t1", "t2", "t3"]
    assert found.metadata["tags"].tolist()[0] == "['x']"
