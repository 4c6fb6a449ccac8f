"""Files of vectors alone: the vecs and bin families, word2vec's binary file, safetensors."""

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data import read_embeddings
from core.errors import ChoiceError, DataError
from tests.core.data.files import (
    VECTORS,
    WORDS,
    as_bin,
    as_npy,
    as_safetensors,
    as_vecs,
    as_word2vec,
    safetensors_of,
)
from tests.core.data.test_read import FILES

BINARY = [
    name
    for name in FILES
    if name.endswith(("vecs", "bin", ".safetensors", ".npy", ".npz", ".zip", ".xlsx", ".h5ad"))
]


@pytest.mark.parametrize("name", BINARY)
def test_cut_off_at_every_length(name: str) -> None:
    content = FILES[name]
    for length in range(1, len(content)):
        try:
            found = read_embeddings(content[:length], name=name)
        except DataError:
            continue
        # whole rows of a vecs file; the first line of word2vec's, which is text; all its words
        # without the last line break
        of_words = name == "a.bin" and (length < 12 or length == len(content) - 1)
        assert name.endswith("vecs") or of_words
        assert len(found.vectors) <= len(VECTORS)


@pytest.mark.parametrize("name", BINARY)
def test_random_bytes_behind_a_right_beginning(name: str) -> None:
    random = np.random.default_rng(5)
    for kept in (4, 8, 16, 40):
        for _ in range(25):
            content = FILES[name][:kept] + random.bytes(200)
            try:
                found = read_embeddings(content, name=name)
            except DataError:
                continue
            assert np.isfinite(found.vectors).all()


class TestVecs:
    def test_values_as_they_stand(self) -> None:
        # d = 2, then 1.5 and -2 as float32; the same again
        row = bytes.fromhex("02000000 0000c03f 000000c0")
        found = read_embeddings(row * 2, name="a.fvecs")
        assert found.vectors.tolist() == [[1.5, -2], [1.5, -2]]
        assert "2 rows of 2 values of float32" in found.notes

    def test_bytes_and_whole_numbers(self) -> None:
        assert read_embeddings(bytes.fromhex("02000000 ff07"), name="a.bvecs").vectors.tolist() == [
            [255, 7]
        ]
        one = bytes.fromhex("01000000 feffffff")
        assert read_embeddings(one, name="a.ivecs").vectors.tolist() == [[-2]]

    def test_rows_of_different_dimensions(self) -> None:
        content = bytearray(as_vecs(VECTORS))
        content[2 * 16] = 2
        with pytest.raises(DataError, match="Row 2 states 2 dimensions, and the first row 3"):
            read_embeddings(bytes(content), name="a.fvecs")

    @pytest.mark.parametrize("dim", [0, -2, 2**31 - 1, 65_537])
    def test_dimensions_that_no_file_has(self, dim: int) -> None:
        with pytest.raises(DataError, match=f"states {dim:,} dimensions, which no file"):
            read_embeddings(np.int32(dim).tobytes() + bytes(100), name="a.fvecs")


class TestBin:
    def test_values_as_they_stand(self) -> None:
        content = bytes.fromhex("01000000 02000000 0000c03f 000000c0")
        found = read_embeddings(content, name="a.fbin")
        assert found.vectors.tolist() == [[1.5, -2]]

    def test_floats_and_bytes_without_the_ending(self) -> None:
        found = read_embeddings(as_bin(VECTORS), name="base.bin")
        np.testing.assert_array_equal(found.vectors, VECTORS)
        assert "4 rows of 3 values of float32, recognized by the size of the file" in found.notes
        whole = np.array([[1, 250], [3, 4]], np.uint8)
        np.testing.assert_array_equal(read_embeddings(as_bin(whole), name="b").vectors, whole)

    @pytest.mark.parametrize(
        ("rows", "dim"), [(5, 3), (4, 4), (2**32 - 2, 2**32 - 2), (0, 3), (4, 0)]
    )
    def test_counts_that_lie(self, rows: int, dim: int) -> None:
        head = np.array([rows, dim], "<u4").tobytes()
        with pytest.raises(DataError, match=r"The file states|array is too large"):
            read_embeddings(head + VECTORS.tobytes(), name="a.fbin")

    @pytest.mark.parametrize("name", ["GT.public.ibin", "truth", "truth.bin"])
    def test_ground_truth_has_ids_and_then_distances(self, name: str) -> None:
        ids = np.array([[2, 0, 1], [1, 2, 0]], "<u4")
        near = np.array([[0, 0.5, 2], [1, 1, 3]], "<f4")
        found = read_embeddings(as_bin(ids) + near.tobytes(), name=name)
        assert found.vectors.tolist() == ids.tolist()
        said = "the ids of 3 neighbors of 2 queries; their distances left out"
        assert said in found.notes
        with pytest.raises(DataError):
            read_embeddings(as_bin(ids) + near[:, ::-1].tobytes(), name=name)


class TestWord2vec:
    def test_with_and_without_line_breaks(self) -> None:
        for between in (b"\n", b""):
            found = read_embeddings(as_word2vec(WORDS, VECTORS, between=between), name="a.bin")
            np.testing.assert_array_equal(found.vectors, VECTORS)
            assert found.metadata["word"].tolist() == list(WORDS)
            assert "4 words of 3 dimensions" in found.notes

    def test_words_that_are_not_utf8_and_empty_ones(self) -> None:
        words = [b"caf\xe9", "größe".encode(), b"", b"</s>"]
        found = read_embeddings(as_word2vec(words, VECTORS), name="a.bin")
        assert found.metadata["word"].tolist() == ["caf\\xe9", "größe", "", "</s>"]
        np.testing.assert_array_equal(found.vectors, VECTORS)

    def test_a_value_that_begins_with_a_line_break(self) -> None:
        odd = np.frombuffer(b"\n\n\n\n" * 12, np.float32).reshape(4, 3).copy()
        odd[:, 1] = VECTORS[:, 1]
        found = read_embeddings(as_word2vec(WORDS, odd, between=b""), name="a.bin")
        np.testing.assert_array_equal(found.vectors, odd)

    def test_bytes_behind_the_last_word_are_named(self) -> None:
        content = as_word2vec(WORDS, VECTORS) + b"and more"
        assert "8 bytes behind the last word left out" in (
            read_embeddings(content, name="a.bin").notes
        )

    def test_counts_that_lie(self) -> None:
        content = as_word2vec(WORDS, VECTORS)
        more = content.replace(b"4 3\n", b"400000 3\n")
        with pytest.raises(DataError, match="states 400,000 words of 3 dimensions, at least"):
            read_embeddings(more, name="a.bin")
        with pytest.raises(DataError, match=r"too large: 999,999,999,999 x 999,999"):
            read_embeddings(content.replace(b"4 3\n", b"999999999999 999999\n"), name="a.bin")

    def test_a_word_without_an_end(self) -> None:
        content = b"2 1\n" + b"\x01" * 3_000
        with pytest.raises(DataError, match="Word 0 is longer than 2,000 bytes"):
            read_embeddings(content, name="a.bin")


class TestSafetensors:
    def test_bfloat16_is_the_upper_half_of_float32(self) -> None:
        # 1.0 is 3f80 0000, -2.5 is c020 0000
        header = {"emb": {"dtype": "BF16", "shape": [1, 2], "data_offsets": [0, 4]}}
        found = read_embeddings(safetensors_of(header, bytes.fromhex("803f20c0")), name="a")
        assert found.vectors.tolist() == [[1, -2.5]]

    def test_columns_queries_metric_and_what_is_left_out(self) -> None:
        content = as_safetensors(
            embeddings=VECTORS.astype(np.float16), label=np.array([3, 3, 1, 1]), query=VECTORS[:2]
        )
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
        data = content[8 + int.from_bytes(content[:8], "little") :]
        header["__metadata__"] = {"metric": "l2", "format": "pt"}
        header["tiny"] = {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}
        found = read_embeddings(safetensors_of(header, data), name="a.safetensors")
        np.testing.assert_array_equal(found.vectors, VECTORS)
        np.testing.assert_array_equal(found.queries, VECTORS[:2])
        assert found.class_names == ("1", "3")
        assert found.metric == "euclidean"
        assert "'tiny' left out: numbers of the kind F8_E4M3 are not read" in found.notes

    def test_several_tensors_are_a_choice(self) -> None:
        content = as_safetensors(image=VECTORS, text=VECTORS + 1)
        with pytest.raises(ChoiceError) as told:
            read_embeddings(content, name="a.safetensors")
        assert told.value.candidates == ("image", "text")
        found = read_embeddings(content, name="a.safetensors", vector_column="text")
        np.testing.assert_array_equal(found.vectors, VECTORS + 1)

    @pytest.mark.parametrize(
        "stated",
        [
            {"dtype": "F32", "shape": [4, 3], "data_offsets": [0, 47]},
            {"dtype": "F32", "shape": [4, 3], "data_offsets": [4, 52]},
            {"dtype": "F32", "shape": [4, -3], "data_offsets": [0, 48]},
            {"dtype": "F32", "shape": [4, 3.0], "data_offsets": [0, 48]},
            {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 48]},
            {"dtype": "F32", "shape": "43", "data_offsets": [0, 48]},
            {"dtype": ["F32"], "shape": [4, 3], "data_offsets": [0, 48]},
            {"dtype": "F32", "shape": [4, 3], "data_offsets": [48, 0]},
            {"dtype": "F32", "shape": [4, 3], "data_offsets": [True, 48]},
            {"shape": [4, 3]},
            [1],
            None,
        ],
    )
    def test_headers_that_lie(self, stated: Any) -> None:
        with pytest.raises(DataError, match=r"tensor 'x'|too large"):
            read_embeddings(safetensors_of({"x": stated}, VECTORS.tobytes()), name="a.safetensors")

    def test_headers_that_are_no_object(self) -> None:
        nested = b'{"a":' + b"[" * 100_000
        with pytest.raises(DataError, match="header of the file is not JSON"):
            read_embeddings(len(nested).to_bytes(8, "little") + nested, name="a.safetensors")
        with pytest.raises(DataError, match="states a header of 18,374,403"):
            read_embeddings(b"\xfe" * 8 + b"{}", name="a.safetensors")


def test_a_lying_file_costs_no_memory() -> None:
    """Counts of a gigabyte in files of a hundred bytes."""
    hostile = {
        "a.fbin": np.array([10**7, 90], "<u4").tobytes() + bytes(90),
        "a.fvecs": np.int32(60_000).tobytes() + bytes(90),
        "a.bin": b"300000 3000\n" + b"\x00" * 90,
        "a.safetensors": safetensors_of(
            {"x": {"dtype": "F32", "shape": [10**6, 900], "data_offsets": [0, 3_600_000_000]}},
            bytes(48),
        ),
    }
    for name, content in hostile.items():
        tracemalloc.start()
        try:
            with pytest.raises(DataError):
                read_embeddings(content, name=name)
            assert tracemalloc.get_traced_memory()[1] < 1_000_000, name
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize(
    ("ending", "write"),
    [(".npy", as_npy), (".fbin", as_bin), (".safetensors", lambda rows: as_safetensors(x=rows))],
)
def test_float32_of_a_path_stays_on_the_disk(
    ending: str, write: Callable[[np.ndarray], bytes], tmp_path: Path
) -> None:
    rows = np.random.default_rng(0).normal(size=(100_000, 40)).astype(np.float32)  # 16 MB
    path = tmp_path / f"rows{ending}"
    path.write_bytes(write(rows))
    tracemalloc.start()
    try:
        found = read_embeddings(path)
        held, highest = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    np.testing.assert_array_equal(found.vectors, rows)
    assert not found.vectors.flags.writeable
    assert found.vectors.flags.aligned
    assert held < 200_000
    assert highest < 8_000_000  # a block of rows that is looked at
    assert found.fingerprint == read_embeddings(path.read_bytes(), name=path.name).fingerprint


def test_a_misaligned_tensor_is_copied_into_its_place() -> None:
    header = b'{"x":{"dtype":"F32","shape":[4,3],"data_offsets":[0,48]}}'
    content = len(header).to_bytes(8, "little") + header + VECTORS.tobytes()
    assert (8 + len(header)) % 4 != 0
    found = read_embeddings(content, name="a.safetensors")
    np.testing.assert_array_equal(found.vectors, VECTORS)
    assert found.vectors.flags.aligned
