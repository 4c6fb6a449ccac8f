"""Payloads of the player: what goes in comes out, aligned, in the order of runs."""

import json

import numpy as np

from core.figures.webgl.packed import ends, joined, pack
from tests.core.figures.player.payload import unpack

ARRAYS: dict[str, np.ndarray] = {
    "small": np.array([1, 2, 250], dtype=np.uint8),
    "places": np.array([7, 65_535], dtype=np.uint16),
    "rows": np.array([4_000_000_000], dtype=np.uint32),
    "lengths": np.array([0.5, -2.25, np.inf], dtype=np.float32),
    "nothing": np.empty(0, dtype=np.uint32),
}


def test_arrays_and_facts_come_back() -> None:
    meta, arrays = unpack(pack({"n": 3, "name": "naïve"}, ARRAYS))
    assert meta == {"n": 3, "name": "naïve"}
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)


def test_every_array_starts_at_a_multiple_of_8() -> None:
    content = pack({"text": "x"}, ARRAYS)
    length = int.from_bytes(content[:4], "little")
    assert (4 + length) % 8 == 0
    places = json.loads(content[4 : 4 + length])["arrays"].values()
    assert [offset % 8 for _, offset, _ in places] == [0] * len(ARRAYS)


def test_big_endian_input_travels_as_little_endian() -> None:
    _, arrays = unpack(pack({}, {"rows": np.array([1, 256], dtype=">u4").astype("<u4")}))
    assert arrays["rows"].tolist() == [1, 256]


def test_runs_end_where_the_next_begins() -> None:
    assert ends([2, 0, 3]).tolist() == [2, 2, 5]
    parts = [np.array([5, 6]), np.array([], dtype=np.int64), np.array([1])]
    assert joined(parts, "u4").tolist() == [5, 6, 1]
    assert joined([], "f4").dtype == np.float32
