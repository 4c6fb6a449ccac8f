"""What h5py writes is read as h5py reads it, and what is left out is named."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from core.data import read_embeddings
from core.data.readers import Found, Options, hdf5
from core.errors import DataError
from tests.core.data.files import VECTORS, as_hdf5

RNG = np.random.default_rng(3)
ROWS = RNG.normal(size=(103, 7)).astype(np.float32)  # neither is a multiple of a chunk below
LIBVERS = ("earliest", ("earliest", "v108"), ("v108", "v108"), "latest")


def written(fill: Callable[[h5py.File], Any], **how: Any) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", **how) as file:
        fill(file)
    return buffer.getvalue()


def stored_as(values: Any, libver: Any = "earliest", **how: Any) -> bytes:
    """A file whose array `vectors` is created with the arguments `how`."""
    return written(lambda file: file.create_dataset("vectors", data=values, **how), libver=libver)


def found_in(content: bytes, **options: Any) -> Found:
    return hdf5.read(content, Options(**options))


def check_as_h5py_reads(content: bytes) -> None:
    with h5py.File(io.BytesIO(content)) as file:
        expected = file["vectors"][()]
    got = found_in(content).vectors
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)


class TestNumbers:
    @pytest.mark.parametrize("libver", LIBVERS)
    @pytest.mark.parametrize(
        "dtype", ["<f2", "<f4", "<f8", ">f2", ">f4", ">f8", "i1", "u1", "<i2", ">i4", "<u8"]
    )
    def test_every_kind_in_every_order_of_bytes(self, dtype: str, libver: Any) -> None:
        check_as_h5py_reads(stored_as((ROWS * 20).astype(dtype), libver))

    @pytest.mark.parametrize("libver", LIBVERS[:3])
    @pytest.mark.parametrize(
        "how",
        [
            {},
            {"compression": "gzip"},
            {"compression": "gzip", "compression_opts": 9, "shuffle": True},
            {"shuffle": True},
            {"fletcher32": True},
            {"compression": "gzip", "shuffle": True, "fletcher32": True},
        ],
    )
    @pytest.mark.parametrize("chunks", [(103, 7), (10, 7), (16, 3), (1, 1), True])
    def test_every_chunk_and_filter(self, chunks: Any, how: dict[str, Any], libver: Any) -> None:
        check_as_h5py_reads(stored_as(ROWS, libver, chunks=chunks, **how))

    def test_an_index_of_several_levels(self) -> None:
        values = np.arange(3_000.0).reshape(3_000, 1)
        check_as_h5py_reads(stored_as(values, chunks=(1, 1)))

    def test_values_in_the_header(self) -> None:
        def fill(file: h5py.File) -> None:
            kind = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            kind.set_layout(h5py.h5d.COMPACT)
            space = h5py.h5s.create_simple(VECTORS.shape)
            array = h5py.h5d.create(file.id, b"vectors", h5py.h5t.IEEE_F32LE, space, kind)
            array.write(h5py.h5s.ALL, h5py.h5s.ALL, VECTORS)

        check_as_h5py_reads(written(fill))

    @pytest.mark.parametrize("fillvalue", [None, -2.5])
    def test_chunks_that_were_never_written(self, fillvalue: float | None) -> None:
        def fill(file: h5py.File) -> None:
            array = file.create_dataset("vectors", (9, 4), "f4", chunks=(2, 3), fillvalue=fillvalue)
            array[2:5, 3:] = 7

        check_as_h5py_reads(written(fill))

    def test_an_array_that_grew(self) -> None:
        def fill(file: h5py.File) -> None:
            array = file.create_dataset("vectors", data=ROWS, maxshape=(None, 7), chunks=(64, 7))
            array.resize((150, 7))
            array[140:] = 1

        check_as_h5py_reads(written(fill))

    @pytest.mark.parametrize(
        "program", [b"MATLAB 7.3 MAT-file, Platform: GLNXA64", b"HDF5-based Julia Data Format, v"]
    )
    def test_programs_that_count_axes_from_the_last(self, program: bytes) -> None:
        def fill(file: h5py.File) -> None:
            file["vectors"] = ROWS.T
            file["year"] = np.arange(len(ROWS))[None]
            file["#refs#/a"] = np.ones((1, 5), np.uint16)
            file.create_dataset("packed", data=ROWS.T, chunks=True, compression="gzip")

        content = bytearray(written(fill, userblock_size=512))
        content[: len(program)] = program
        found = read_embeddings(bytes(content), name="a.mat")
        np.testing.assert_array_equal(found.vectors, ROWS)
        assert found.metadata["year"].tolist() == list(range(len(ROWS)))
        packed = read_embeddings(bytes(content), name="a.mat", vector_column="packed")
        np.testing.assert_array_equal(packed.vectors, ROWS)
        said = "axes taken in the order of the program that wrote the file: rows first"
        assert said in found.notes

    def test_a_block_of_the_user_before_the_file(self) -> None:
        check_as_h5py_reads(
            written(lambda file: file.create_dataset("vectors", data=ROWS), userblock_size=2048)
        )

    def test_true_and_false(self) -> None:
        flags = np.array([True, False, False, True])
        found = read_embeddings(as_hdf5(vectors=VECTORS, new=flags), name="a.h5")
        assert found.metadata["new"].dtype == bool
        assert found.metadata["new"].tolist() == flags.tolist()


class TestColumns:
    texts = ("", "cat", "Straße", "\N{SNOWMAN} long " * 40)

    @pytest.mark.parametrize("libver", LIBVERS)
    def test_texts_of_any_length(self, libver: Any) -> None:
        content = as_hdf5(libver=libver, vectors=VECTORS, word=list(self.texts))
        assert read_embeddings(content, name="a.h5").metadata["word"].tolist() == list(self.texts)

    @pytest.mark.parametrize("how", [{"chunks": (3,)}, {"chunks": (3,), "compression": "gzip"}])
    def test_texts_in_chunks(self, how: dict[str, Any]) -> None:
        def fill(file: h5py.File) -> None:
            file["vectors"] = ROWS
            file.create_dataset("word", data=words, dtype=h5py.string_dtype(), **how)

        words = [f"word {i % 40}" * (i % 5) for i in range(len(ROWS))]
        assert read_embeddings(written(fill), name="a.h5").metadata["word"].tolist() == words

    def test_columns_filled_row_by_row(self) -> None:
        """Their texts share heaps: read anew for each column, these are ten times the file."""
        names = [f"column {j}" for j in range(10)]
        words = np.array([[f"{name}, row {i} " * 15 for name in names] for i in range(1_500)])

        def fill(file: h5py.File) -> None:
            file["vectors"] = np.ones((len(words), 2), np.float32)
            columns = [file.create_dataset(n, (len(words),), h5py.string_dtype()) for n in names]
            for i, row in enumerate(words.tolist()):
                for column, word in zip(columns, row, strict=True):
                    column[i] = word

        metadata = read_embeddings(written(fill), name="a.h5").metadata
        assert metadata[names].to_numpy().tolist() == words.tolist()

    def test_texts_of_one_length(self) -> None:
        fixed = np.array([text.encode()[:8] for text in self.texts], "S8")
        found = read_embeddings(as_hdf5(vectors=VECTORS, label=fixed), name="a.h5")
        assert found.metadata["label"].tolist() == ["", "cat", "Straße", "\N{SNOWMAN} long"]
        assert found.label_column == "label"

    def test_numbers_and_groups_are_named_by_their_path(self) -> None:
        arrays: dict[str, Any] = {
            "emb/vectors": VECTORS,
            "meta/year": np.arange(4, dtype=">i2"),
            "z": np.ones(3),
        }
        found = read_embeddings(as_hdf5(**arrays), name="a.h5")
        assert found.metadata["meta/year"].tolist() == [0, 1, 2, 3]
        assert found.notes == ("vectors taken from the array 'emb/vectors'", "not used: z")

    @pytest.mark.parametrize("libver", LIBVERS)
    def test_many_arrays(self, libver: Any) -> None:
        columns = {f"column {i:03}": np.full(4, i) for i in range(300)}
        found = read_embeddings(as_hdf5(libver=libver, vectors=VECTORS, **columns), name="a.h5")
        assert found.metadata.iloc[2].to_dict() == {name: int(a[0]) for name, a in columns.items()}

    def test_what_is_not_read_is_named(self) -> None:
        def fill(file: h5py.File) -> None:
            file["vectors"] = VECTORS
            file["pairs"] = np.zeros(4, [("a", "i4"), ("b", "f4")])
            file["refs"] = np.array([file["vectors"].ref] * 4, dtype=h5py.ref_dtype)
            lists = file.create_dataset("lists", (4,), h5py.vlen_dtype(np.int32))
            lists[0] = [1, 2]
            file["nothing"] = h5py.Empty("f4")
            file["kind"] = np.dtype("f4")
            file.create_dataset("named", (4,), dtype=file["kind"])[...] = 1
            file.create_dataset("new", (4,), "f4")
            file["also"] = h5py.SoftLink("/vectors")

        notes = read_embeddings(written(fill), name="a.h5").notes
        ends = [
            ("also", "is a soft link, which is not followed"),
            ("nothing", "states no shape"),
            ("lists", "holds lists of any length: save it"),
            ("named", "is described elsewhere in the file (a named type): save"),
            ("pairs", "holds records of several fields: save it"),
            ("refs", "holds references: save it again as plain numbers or text"),
            ("new", "holds no values: nothing was ever written into it"),
        ]
        assert len(notes) == 1 + len(ends)
        for note, (name, reason) in zip(notes[1:], ends, strict=True):
            assert note.startswith(f"{name!r} left out: it {reason}")

    def test_the_vectors_may_be_named(self) -> None:
        arrays: dict[str, Any] = {"one": VECTORS, "deep/two": VECTORS[:, :2]}
        content = as_hdf5(**arrays)
        assert read_embeddings(content, name="a.h5", vector_column="deep/two").dim == 2
        with pytest.raises(DataError, match=r"no array 'x' .* arrays: deep/two \(4, 2\), one"):
            found_in(content, vector_column="x")
        with pytest.raises(DataError, match=r"must hold one 2-D array of vectors; got the arrays"):
            found_in(content)

    def test_a_hard_link_to_an_array_is_an_array(self) -> None:
        def fill(file: h5py.File) -> None:
            file["a/rows"] = VECTORS
            file["train"] = file["a/rows"]

        assert found_in(written(fill)).notes[0] == "vectors taken from the array 'train'"


class TestAnnBenchmarks:
    truth = np.array([[0, 1], [3, 2]], np.int32)

    def content(self, distance: Any, **more: Any) -> bytes:
        def fill(file: h5py.File) -> None:
            file.attrs["type"] = "dense"
            if distance is not None:
                file.attrs["distance"] = distance
            file["train"], file["test"] = VECTORS, VECTORS[:2] + 1
            for name, values in {"neighbors": self.truth, **more}.items():
                file[name] = values
            file["distances"] = np.zeros((2, 2), np.float32)

        return written(fill)

    def test_every_array_finds_its_place(self) -> None:
        found = read_embeddings(self.content("angular"), name="glove.hdf5")
        np.testing.assert_array_equal(found.vectors, VECTORS)
        np.testing.assert_array_equal(found.queries, VECTORS[:2] + 1)
        np.testing.assert_array_equal(found.ground_truth, self.truth)
        assert found.metadata.columns.empty
        assert found.notes == (
            "vectors taken from the array 'train'",
            "the file says distance: angular, which is cosine",
            "not used: distances",
        )

    @pytest.mark.parametrize(
        ("said", "metric"),
        [
            ("cosine", "cosine"),
            ("euclidean", "euclidean"),
            ("L2", "euclidean"),
            (b"dot", "inner_product"),
            (np.array(["ip"], h5py.string_dtype()), "inner_product"),
            ("inner_product", "inner_product"),
        ],
    )
    def test_metrics_by_other_names(self, said: Any, metric: str) -> None:
        note = found_in(self.content(said)).notes[1]
        assert note.startswith("the file says distance: ")
        assert note.endswith(f", which is {metric}")

    def test_an_unknown_metric_is_quoted(self) -> None:
        notes = found_in(self.content("<b>jaccard")).notes
        assert notes[1] == "the file says distance: '<b>jaccard'"

    @pytest.mark.parametrize("said", [None, 3.5, np.array(["l2", "ip"], "S2"), h5py.Empty("S3")])
    def test_a_distance_that_is_no_text_is_passed_over(self, said: Any) -> None:
        assert not any("distance:" in note for note in found_in(self.content(said)).notes)

    @pytest.mark.parametrize(
        ("truth", "reason"),
        [
            (np.array([[0.5, 1], [2, 3]]), "it holds numbers that are no row ids"),
            (np.array([[0, 1], [2, 4]]), "it holds the ids 0 to 4, and the rows are 0 to 3"),
            (np.array([[b"a"], [b"b"]]), "it holds |S1 and no row ids"),
        ],
    )
    def test_neighbors_that_are_no_row_ids_are_left_out(self, truth: Any, reason: str) -> None:
        found = read_embeddings(self.content("l2", neighbors=truth), name="a.hdf5")
        assert found.ground_truth is None
        assert found.queries is not None
        assert f"ground truth left out: {reason}" in found.notes

    def test_distances_are_never_guessed_to_be_vectors(self) -> None:
        content = as_hdf5(rows=VECTORS, distances=np.zeros((2, 2)))
        assert found_in(content).vectors.shape == VECTORS.shape


class TestRefused:
    @pytest.mark.parametrize(
        ("how", "named"),
        [
            ({"compression": "lzf"}, "the filter lzf: save it again without compression or with"),
            ({"scaleoffset": 3}, "the filter scale-offset: save it again without compression"),
        ],
    )
    def test_other_filters_are_named(self, how: dict[str, Any], named: str) -> None:
        with pytest.raises(DataError, match=f"array 'vectors' is packed with {named}"):
            found_in(stored_as(ROWS, chunks=(10, 7), **how))

    @pytest.mark.parametrize("libver", [("v110", "v110"), "latest"])
    @pytest.mark.parametrize("how", [{}, {"compression": "gzip"}, {"maxshape": (None, 7)}])
    def test_chunks_of_the_latest_format(self, how: dict[str, Any], libver: Any) -> None:
        with pytest.raises(DataError, match=r"index of chunks .* libver='latest': save it again"):
            found_in(stored_as(ROWS, libver, chunks=(10, 7), **how))

    def test_floats_of_other_kinds(self) -> None:
        def fill(file: h5py.File) -> None:
            kind = h5py.h5t.IEEE_F16LE.copy()
            kind.set_fields(15, 7, 8, 0, 7)  # bfloat16: read as a half it would be nonsense
            kind.set_ebias(127)
            h5py.h5d.create(file.id, b"vectors", kind, h5py.h5s.create_simple((4, 3)))

        with pytest.raises(
            DataError, match="'vectors' holds floats of 2 bytes that numpy does not"
        ):
            found_in(written(fill))

    def test_arrays_in_other_files(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret.bin"
        secret.write_bytes(bytes(48))
        source = h5py.VirtualSource(tmp_path / "other.h5", "x", shape=(4, 3))
        layout = h5py.VirtualLayout((4, 3), "f4")
        layout[...] = source
        kinds: dict[str, Callable[[h5py.File], Any]] = {
            "'vectors' lies in another file, which is never opened": lambda file: (
                file.create_dataset("vectors", (4, 3), "f4", external=[(str(secret), 0, 48)])
            ),
            "'vectors' is a virtual array": lambda file: file.create_virtual_dataset(
                "vectors", layout
            ),
            "Left out: 'vectors' is a link to another file": lambda file: file.__setitem__(
                "vectors", h5py.ExternalLink(str(tmp_path / "other.h5"), "x")
            ),
        }
        for libver in ("earliest", "latest"):
            for message, fill in kinds.items():
                with pytest.raises(DataError, match=message):
                    found_in(written(fill, libver=libver))
