"""usearch's head: older numbers of scalars, kinds that are not read, counts that must agree."""

import struct

import numpy as np
import pytest

from core.errors import IndexFileError
from core.index import read_index
from tests.core.index.index_files import rows, saved, usearch_bytes, usearch_index

VECTORS = rows(30)
# As in files of usearch 2.8.15 and 2.9.2: numbers of the scalar, then of 64-bit keys and slots.
OLD = {"f64": 4, "f32": 5, "f16": 6, "i8": 15}
METRIC, SCALAR, KEY, SLOT, PRESENT, DIMENSIONS, MULTI = 13, 14, 15, 16, 17, 33, 41


def changed(content: bytes, **fields: tuple[int, bytes]) -> tuple[bytes, int]:
    """The file with bytes of the head replaced, and where its head begins."""
    start, result = content.index(b"usearch"), bytearray(content)
    for at, value in fields.values():
        result[start + at : start + at + len(value)] = value
    return bytes(result), start


@pytest.mark.parametrize("dtype", OLD)
def test_scalars_numbered_as_before_2_10_are_the_same(dtype: str) -> None:
    content = usearch_bytes(VECTORS, dtype=dtype, removed=[4])
    version = struct.pack("<3H", 2, 9, 2)
    kinds = bytes([OLD[dtype], 8, 9])
    old, _ = changed(content, version=(7, version), kinds=(SCALAR, kinds))
    graph, today = read_index(old), read_index(content)
    assert graph.source == f"usearch 2.9 file, {dtype} vectors"
    if dtype == "i8":  # 1 was 100 until 2.14, and is 127 since
        np.testing.assert_allclose(graph.vectors, today.vectors * np.float32(1.27), rtol=1e-6)
        assert graph.notes[0].startswith("i8 vectors converted to float32 in steps of 1/100; ")
    else:
        assert graph.fingerprint == today.fingerprint


@pytest.mark.parametrize("dtype", ["f32", "f16"])
def test_files_of_2_0_to_2_3_say_version_0(dtype: str) -> None:
    content = usearch_bytes(VECTORS, dtype=dtype)
    kinds = bytes([OLD[dtype], 8, 9])
    old, _ = changed(content, version=(7, bytes(6)), kinds=(SCALAR, kinds))
    graph = read_index(old)
    assert graph.source == f"usearch 2.0 to 2.3 file, {dtype} vectors"
    assert graph.fingerprint == read_index(content).fingerprint


def test_signed_keys_are_labels_and_their_largest_is_a_removed_item() -> None:
    keys = np.array([-5, 7, 2**63 - 1, 0], dtype=np.int64)
    content = usearch_bytes(VECTORS[:4], keys=keys.view(np.uint64))
    signed, _ = changed(content, key=(KEY, b"\x14"), counts=(PRESENT, struct.pack("<2Q", 3, 1)))
    graph = read_index(signed)
    assert graph.labels.tolist() == [-5, 0, 7, 2**63 - 1]
    assert graph.deleted.tolist() == [False, False, False, True]
    np.testing.assert_array_equal(graph.vectors, VECTORS[:4][[0, 3, 1, 2]])


@pytest.mark.parametrize(
    ("at", "value", "message"),
    [
        (7, struct.pack("<H", 3), "version .* 3.26, and files of usearch 2 are read"),
        (METRIC, b"b", "metric .* it is hamming; cosine, Euclidean and inner product are read"),
        (METRIC, b"j", "metric .* it is jaccard; "),
        (METRIC, b"t", "metric .* it is tanimoto; "),
        (METRIC, b"s", "metric .* it is sorensen; "),
        (METRIC, b"h", "metric .* it is haversine; "),
        (METRIC, b"d", "metric .* it is divergence; "),
        (METRIC, b"p", "metric .* it is pearson; "),
        (METRIC, b"\0", "metric .* it is one of the user's own; "),
        (METRIC, b"\xff", "metric .* it is unknown; "),
        (SCALAR, b"\x01", r"scalar .* the vectors are b1 \(bits\); f64, f32, f16, bf16, "),
        (SCALAR, b"\x16", "scalar .* the vectors are i16; "),
        (SCALAR, b"\xfe", "scalar .* the vectors are unknown; "),
        (KEY, b"\x03", "key .* keys are uuid; integers of 64 bits are read"),
        (SLOT, b"\x02", "slot .* slots are u40; u32 are read"),
        (
            DIMENSIONS,
            struct.pack("<Q", 2**60),
            "dimensions .* 1,152,921,504,606,846,976, which is not",
        ),
        (MULTI, b"\x02", "multi .* neither yes nor no"),
    ],
)
def test_what_is_not_read_is_named_with_its_byte(at: int, value: bytes, message: str) -> None:
    content, start = changed(usearch_bytes(VECTORS), field=(at, value))
    with pytest.raises(IndexFileError, match=message) as raised:
        read_index(content)
    assert f"in the head at byte {start + at:,}: " in str(raised.value)


@pytest.mark.parametrize(("present", "removed"), [(30, 1), (29, 1), (31, 0), (2**64 - 1, 1)])
def test_counts_that_contradict_the_keys_are_an_error(present: int, removed: int) -> None:
    content, start = changed(
        usearch_bytes(VECTORS), counts=(PRESENT, struct.pack("<2Q", present, removed))
    )
    with pytest.raises(IndexFileError, match=f"at byte {start + PRESENT:,}: {present:,} and "):
        read_index(content)


def test_rows_of_another_width_are_an_error() -> None:
    content = bytearray(usearch_bytes(VECTORS))  # 30 rows of 24 bytes stand first
    content[:8] = struct.pack("<2I", 60, 12)
    with pytest.raises(IndexFileError, match=r"vectors at byte 0: .* 30 rows of 24 bytes"):
        read_index(bytes(content))


def test_sizes_of_64_bits_are_read_as_well() -> None:
    content = usearch_bytes(VECTORS)
    wide = struct.pack("<2Q", 30, 24) + content[8:]
    assert read_index(wide).fingerprint == read_index(content).fingerprint


def test_a_slot_used_again_is_no_removed_item() -> None:
    index = usearch_index(VECTORS, removed=[1, 2, 3])
    index.add(np.array([500, 501]), VECTORS[:2], threads=1)
    graph = read_index(saved(index.save))
    kept = [0, *range(4, 30), 500, 501]
    assert (graph.n, graph.labels[~graph.deleted].tolist()) == (30, kept)


def test_zero_rows_stay_zero_under_cosine() -> None:
    vectors = VECTORS.copy()
    vectors[3] = 0.0
    graph = read_index(usearch_bytes(vectors, metric="cos"))
    assert not graph.vectors[3].any()
    lengths = np.linalg.norm(np.delete(graph.vectors, 3, axis=0).astype(np.float64), axis=1)
    np.testing.assert_allclose(lengths, 1.0, atol=1e-7)
    assert graph.notes == ("vectors scaled to length 1, for cosine",)
