"""Archives of NumPy: what is in them by name, what is left out, and sizes that lie."""

import io
import re
import struct
import tracemalloc
import zipfile
from typing import Any

import numpy as np
import pytest

from core.data import read_embeddings
from core.data.ground_truth import usable_truth
from core.errors import ChoiceError, DataError
from tests.core.data.files import VECTORS, as_npy, as_npz, as_zip

WIDE = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


def with_objects(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=True, **arrays)
    return buffer.getvalue()


class TestLeftOut:
    def test_objects_are_left_out_and_named(self) -> None:
        labels = np.array(["a", None, "b", 3], dtype=object)
        found = read_embeddings(with_objects(embeddings=VECTORS, labels=labels), name="a.npz")
        np.testing.assert_array_equal(found.vectors, VECTORS)
        assert found.metadata.columns.empty
        assert any(
            note.startswith("'labels' left out: it holds Python objects") for note in found.notes
        )

    def test_vectors_of_objects_are_refused_with_the_line_that_saves_them(self) -> None:
        rows = np.array([[1.0, None]], dtype=object)
        with pytest.raises(DataError, match=r"'vectors' holds Python objects.*numpy\.save\("):
            read_embeddings(with_objects(vectors=rows), name="a.npz")
        with pytest.raises(DataError, match="'rows' holds Python objects"):
            read_embeddings(
                with_objects(vectors=VECTORS, rows=rows), name="a.npz", vector_column="rows"
            )
        with pytest.raises(DataError, match="Left out, for they are Python objects: rows"):
            read_embeddings(with_objects(rows=rows, label=np.arange(4)), name="a.npz")

    @pytest.mark.parametrize(
        "parts",
        [
            {"indices": [0, 1], "indptr": [0, 1, 2], "data": [1.0, 2.0], "shape": [2, 3]},
            {"row": [0, 1], "col": [0, 1], "data": [1.0, 2.0], "format": b"coo"},
        ],
    )
    def test_sparse_matrices_are_named(self, parts: dict[str, Any]) -> None:
        content = as_npz(**{name: np.array(value) for name, value in parts.items()})
        with pytest.raises(DataError, match=r"a sparse matrix, which is not read. .*toarray"):
            read_embeddings(content, name="a.npz")


class TestNames:
    def test_base_query_and_gt(self) -> None:
        content = as_npz(base=WIDE, query=WIDE[:2], gt=np.array([[0, 3], [1, 5]], np.uint32))
        found = read_embeddings(content, name="a.npz")
        np.testing.assert_array_equal(found.vectors, WIDE)
        np.testing.assert_array_equal(found.queries, WIDE[:2])
        np.testing.assert_array_equal(found.ground_truth, [[0, 3], [1, 5]])

    def test_one_array_for_each_item(self) -> None:
        words = ["cat", "dog", "a/b", "größe", "x.y"]
        arrays = {word: WIDE[i] for i, word in enumerate(words)}
        for each in (arrays, {word: row[None] for word, row in arrays.items()}):
            found = read_embeddings(as_npz(**each), name="a.npz")
            np.testing.assert_array_equal(found.vectors, WIDE[:5])
            assert found.metadata["name"].tolist() == words
            assert "vectors taken from 5 arrays, one for each item, named by it" in found.notes

    def test_columns_beside_one_another_are_no_items(self) -> None:
        with pytest.raises(DataError, match="must hold one 2-D array of vectors"):
            read_embeddings(as_npz(x=WIDE[0], y=WIDE[1], z=WIDE[2]), name="a.npz")
        with pytest.raises(DataError, match="must hold one 2-D array of vectors"):
            read_embeddings(
                as_npz(a=WIDE[0], b=WIDE[1], c=WIDE[2], label=np.arange(4)), name="a.npz"
            )
        texts = {name: np.array(["p", "q"]) for name in "abcd"}
        with pytest.raises(DataError, match="'a' holds no numbers"):
            read_embeddings(as_npz(**texts), name="a.npz")

    def test_two_tables_are_a_choice(self) -> None:
        content = as_npz(image=WIDE, text=WIDE[:, :2], year=np.arange(6))
        with pytest.raises(ChoiceError) as told:
            read_embeddings(content, name="a.npz")
        assert told.value.candidates == ("image", "text")
        found = read_embeddings(content, name="a.npz", vector_column="text")
        assert found.metadata["year"].tolist() == list(range(6))
        assert "not used: image" in found.notes

    def test_a_map_beside_a_wider_table_is_no_choice(self) -> None:
        content = as_npz(pooled=WIDE, x_umap=WIDE[:, :2], x_tsne=WIDE[:, 1:4])
        found = read_embeddings(content, name="a.npz")
        np.testing.assert_array_equal(found.vectors, WIDE)
        assert "not used: x_tsne, x_umap" in found.notes
        narrow = as_npz(pooled=WIDE[:, :3], x_umap=WIDE[:, :2])
        with pytest.raises(ChoiceError):
            read_embeddings(narrow, name="a.npz")

    def test_a_middle_axis_of_one_is_squeezed_and_said(self) -> None:
        for content in (as_npz(vectors=WIDE[:, None]), as_npy(WIDE[:, None])):
            found = read_embeddings(content, name="a")
            np.testing.assert_array_equal(found.vectors, WIDE)
            assert "shape (6, 1, 4) taken as (6, 4)" in found.notes

    def test_a_column_of_one_value_each(self) -> None:
        found = read_embeddings(as_npz(vectors=WIDE, label=np.arange(6)[:, None]), name="a.npz")
        assert found.class_names == ("0", "1", "2", "3", "4", "5")


class TestGroundTruth:
    def test_lists_are_cut_to_the_shortest(self) -> None:
        truth = usable_truth(np.array([[4, 2, 0, 1], [3, 1, -1, -1], [0, 1, 2, -1]]), 3, 5)
        assert truth.ids is not None
        assert truth.ids.tolist() == [[4, 2], [3, 1], [0, 1]]
        assert truth.notes == (
            "ground truth cut to the 2 nearest: -1 fills the lists of some queries",
        )

    def test_whole_numbers_in_floats(self) -> None:
        truth = usable_truth(np.array([[4.0, 2.0], [3.0, np.nan]]), 2, 5)
        assert truth.ids is not None
        assert truth.ids.tolist() == [[4], [3]]

    @pytest.mark.parametrize(
        ("ids", "reason"),
        [
            ([[-1, 2]], "a query has no true neighbor"),
            ([[0, -2]], "the ids -2 to 0"),
            ([[0, 5]], "the ids 0 to 5, and the rows are 0 to 4"),
            ([[0.5, 1]], "no row ids"),
            ([[np.inf, 1]], "no row ids"),
            ([["a", "b"]], "no row ids"),
            ([[0, 1], [1, 2]], r"its shape is \(2, 2\), and there are 1 queries"),
            ([0], r"its shape is \(1,\)"),
        ],
    )
    def test_what_cannot_be_used_is_left_out(self, ids: Any, reason: str) -> None:
        truth = usable_truth(np.array(ids), 1, 5)
        assert truth.ids is None
        assert truth.notes[0].startswith("ground truth left out: ")
        assert re.search(reason, truth.notes[0])


def lying(content: bytes, stated: int) -> bytes:
    """The archive, whose only member states `stated` bytes, in both places."""
    changed = bytearray(content)
    struct.pack_into("<L", changed, 22, stated)
    directory = changed.index(b"PK\x01\x02")
    struct.pack_into("<L", changed, directory + 24, stated)
    return bytes(changed)


def peak(content: bytes, name: str) -> int:
    """Bytes that reading takes at its highest; the file is refused."""
    tracemalloc.start()
    try:
        with pytest.raises(DataError):
            read_embeddings(content, name=name)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class TestSizes:
    rows = np.zeros((1_000_000, 16), np.float32)  # 64 MB, packed 64 kB

    def member(self) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("vectors.npy", as_npy(self.rows))
        return buffer.getvalue()

    def test_a_member_that_inflates_past_its_stated_size(self) -> None:
        content = self.member()
        assert len(content) < 100_000
        small = as_npy(np.zeros((46, 16), np.float32))
        assert peak(lying(content, len(small)), "a.npz") < 8_000_000
        assert peak(lying(content, 2**31), "a.npz") < 8_000_000

    def test_a_header_that_fits_the_lie(self) -> None:
        """The array states 3 kB, as the archive does, and 64 MB follow."""
        small = as_npy(np.zeros((46, 16), np.float32))
        content = as_zip({"vectors.npy": small + bytes(64_000_000)})
        assert peak(lying(content, len(small)), "a.npz") < 8_000_000

    def test_an_honest_packing_is_unpacked_once(self) -> None:
        content = self.member()
        tracemalloc.start()
        try:
            found = read_embeddings(content, name="a.npz")
            assert tracemalloc.get_traced_memory()[1] < 1.2 * self.rows.nbytes
        finally:
            tracemalloc.stop()
        assert found.vectors.shape == self.rows.shape

    def test_only_what_is_used_is_unpacked(self) -> None:
        content = as_npz(vectors=VECTORS, attention=np.zeros((1_000, 10_000), np.float32))
        tracemalloc.start()
        try:
            found = read_embeddings(content, name="a.npz")
            assert tracemalloc.get_traced_memory()[1] < 8_000_000
        finally:
            tracemalloc.stop()
        assert "not used: attention" in found.notes

    def test_members_over_one_another(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Forty entries of one member: https://www.bamsoftware.com/hacks/zipbomb/."""
        content = self.member()
        start = content.index(b"PK\x01\x02")
        end = content.index(b"PK\x05\x06")
        entries = b"".join(
            content[start:end].replace(b"vectors.npy", f"vector{i:02}.npy"[:11].encode())
            for i in range(40)
        )
        tail = bytearray(content[end:])
        struct.pack_into("<HHL", tail, 8, 40, 40, len(entries))
        with pytest.raises(DataError, match="The unpacked file is too large: 2,560 MB"):
            read_embeddings(content[:start] + entries + bytes(tail), name="a.npz")
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "3000")
        assert peak(content[:start] + entries + bytes(tail), "a.npz") < 100_000_000

    def test_a_list_of_members_that_is_too_long(self) -> None:
        entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", *[0] * 16) + b""
        entries = entry * 500_000
        end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65_535, 65_535, len(entries), 0, 0)
        content = entries + end
        assert len(entries) > 20_000_000
        with pytest.raises(DataError, match="lists too many members"):
            read_embeddings(b"PK\x03\x04" + content, name="a.npz")

    def test_an_encrypted_member(self) -> None:
        content = bytearray(as_zip({"vectors.npy": as_npy(VECTORS)}))
        for start in (6, content.index(b"PK\x01\x02") + 8):
            content[start] |= 1
        with pytest.raises(DataError, match=r"'vectors\.npy' is encrypted"):
            read_embeddings(bytes(content), name="a.npz")


class TestRecords:
    def test_a_field_that_is_a_vector(self) -> None:
        records = np.zeros(6, [("id", "<i4"), ("label", "<U3"), ("v", ">f4", (4,))])
        records["id"], records["label"], records["v"] = np.arange(6), list("abcabc"), WIDE
        found = read_embeddings(as_npy(records), name="a.npy")
        np.testing.assert_array_equal(found.vectors, WIDE)
        assert found.metadata["id"].tolist() == list(range(6))
        assert found.class_names == ("a", "b", "c")

    def test_fields_that_are_the_numbers_of_a_vector(self) -> None:
        records = np.zeros(6, [*((f"x{i}", "<f4") for i in range(4)), ("label", "<U3")])
        for i in range(4):
            records[f"x{i}"] = WIDE[:, i]
        records["label"] = list("abcabc")
        found = read_embeddings(as_npy(records), name="a.npy")
        np.testing.assert_array_equal(found.vectors, WIDE)
        assert found.class_names == ("a", "b", "c")


def test_words_in_longer_names() -> None:
    content = as_npz(
        train_vectors=WIDE,
        test_vectors=WIDE[:2],
        test_neighbors=np.array([[1, 2], [3, 4]]),
        test_distances=np.zeros((2, 2)),
    )
    found = read_embeddings(content, name="a.npz")
    np.testing.assert_array_equal(found.vectors, WIDE)
    np.testing.assert_array_equal(found.queries, WIDE[:2])


def test_items_of_another_length_are_left_out_and_named() -> None:
    arrays = {f"w{i:02}": np.full(4, i, np.float32) for i in range(20)}
    found = read_embeddings(as_npz(**arrays, odd=np.zeros(3), flat=np.array(1)), name="a.npz")
    assert found.vectors[:, 0].tolist() == list(range(20))
    assert found.metadata["name"].tolist() == list(arrays)
    assert "left out, for they are of another length: flat, odd" in found.notes
