"""A zip of files: which is which, pictures beside a table, and archives made to do harm."""

import base64
import io
import json
import tracemalloc
import zipfile

import numpy as np
import pytest

from core.data import read_embeddings
from core.data.readers import zip_pictures
from core.errors import BadRowsError, ChoiceError, DataError
from tests.core.data.files import (
    VECTORS,
    WORDS,
    as_bin,
    as_npy,
    as_npz,
    as_vecs,
    as_zip,
    xlsx_of_rows,
)

TABLE = b"word\tlabel\ncat\ta\ndog\ta\nfox\tb\nbird\tb\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0" + bytes(30)


def uri(kind: str, content: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


class TestMembers:
    def test_vectors_and_a_table(self) -> None:
        content = as_zip({"set/vectors.npy": as_npy(VECTORS), "set/metadata.tsv": TABLE})
        found = read_embeddings(content, name="a.zip")
        np.testing.assert_array_equal(found.vectors, VECTORS)
        assert found.metadata["word"].tolist() == ["cat", "dog", "fox", "bird"]
        assert found.class_names == ("a", "b")
        assert "vectors read from 'set/vectors.npy' of the zip" in found.notes
        assert "metadata read from 'set/metadata.tsv'" in found.notes

    def test_the_pair_of_the_projector(self) -> None:
        rows = "\n".join("\t".join(map(str, row)) for row in VECTORS.tolist()).encode()
        found = read_embeddings(
            as_zip({"metadata.tsv": TABLE, "vectors.tsv": rows}), name="projector.zip"
        )
        np.testing.assert_array_equal(found.vectors, VECTORS)
        assert found.metadata["word"].tolist() == ["cat", "dog", "fox", "bird"]

    def test_a_workbook_as_metadata(self) -> None:
        book = xlsx_of_rows([["name", "year"], *[[word, 1990] for word in WORDS]])
        found = read_embeddings(
            as_zip({"v.npy": as_npy(VECTORS), "items.xlsx": book}), name="a.zip"
        )
        assert found.metadata["name"].tolist() == list(WORDS)
        assert found.metadata["year"].tolist() == [1990] * 4

    def test_labels_as_an_array(self) -> None:
        members = {"X.npy": as_npy(VECTORS), "labels.npy": as_npy(np.array(WORDS)), "a.md": b"#"}
        # a zip of arrays alone is an .npz; with another file in it, a zip of files
        members["notes.csv"] = b"n\n1\n2\n3\n4\n"
        found = read_embeddings(as_zip(members), name="a.zip")
        assert found.metadata["labels"].tolist() == list(WORDS)
        assert found.metadata["n"].tolist() == [1, 2, 3, 4]

    def test_queries_and_their_true_neighbors(self) -> None:
        truth = np.array([[0, 1], [2, 3]], "<i4")
        content = as_zip(
            {
                "sift/sift_base.fvecs": as_vecs(VECTORS),
                "sift/sift_query.fvecs": as_vecs(VECTORS[:2]),
                "sift/sift_groundtruth.ivecs": as_vecs(truth),
                "sift/sift_learn.fvecs": as_vecs(VECTORS[:1]),
            }
        )
        found = read_embeddings(content, name="sift.zip")
        np.testing.assert_array_equal(found.vectors, VECTORS)
        np.testing.assert_array_equal(found.queries, VECTORS[:2])
        np.testing.assert_array_equal(found.ground_truth, truth)
        assert "not used: sift/sift_learn.fvecs" in found.notes

    def test_an_archive_of_arrays_with_its_own_queries(self) -> None:
        inner = as_npz(vectors=VECTORS, queries=VECTORS[:1])
        found = read_embeddings(as_zip({"a.npz": inner, "m.tsv": TABLE}), name="a.zip")
        np.testing.assert_array_equal(found.queries, VECTORS[:1])
        assert found.class_names == ("a", "b")

    def test_several_files_of_vectors_are_a_choice(self) -> None:
        content = as_zip({"a.fbin": as_bin(VECTORS), "b.fbin": as_bin(VECTORS + 1)})
        with pytest.raises(ChoiceError) as told:
            read_embeddings(content, name="a.zip")
        assert told.value.candidates == ("a.fbin", "b.fbin")
        found = read_embeddings(content, name="a.zip", vector_column="b.fbin")
        np.testing.assert_array_equal(found.vectors, VECTORS + 1)

    def test_a_table_of_other_rows_is_named(self) -> None:
        content = as_zip({"v.npy": as_npy(VECTORS), "metadata.tsv": b"w\tl\na\tb\n"})
        found = read_embeddings(content, name="a.zip")
        assert found.metadata.columns.empty
        assert "'metadata.tsv' left out: it has 1 rows, and there are 4 vectors" in found.notes
        assert "not used: metadata.tsv" in found.notes

    def test_vectors_that_cannot_be_read_are_never_replaced_by_another_file(self) -> None:
        content = as_zip({"vectors.npy": as_npy(VECTORS)[:-1], "labels.csv": b"n\n1\n2\n"})
        with pytest.raises(DataError, match=r"'vectors\.npy' of the zip cannot be read.*cut off"):
            read_embeddings(content, name="a.zip")

    def test_what_is_passed_over(self) -> None:
        content = as_zip(
            {
                "__MACOSX/._vectors.npy": b"\x00\x05\x16\x07",
                ".DS_Store": b"x",
                "set/": b"",
                "README.txt": b"1,2\n3,4\n",
                "v.npy": as_npy(VECTORS),
                "more.zip": as_zip({"x": b"y"}),
            }
        )
        found = read_embeddings(content, name="a.zip")
        np.testing.assert_array_equal(found.vectors, VECTORS)
        assert "not used: more.zip" in found.notes

    def test_nothing_to_read(self) -> None:
        with pytest.raises(DataError, match=r"holds another archive, 'a\.tar\.gz'"):
            read_embeddings(as_zip({"a.tar.gz": b"x"}), name="a.zip")
        with pytest.raises(DataError, match="The zip holds no file of vectors"):
            read_embeddings(as_zip({"a.png": PNG}), name="a.zip")
        inner = as_zip({"v.csv": b"1,2\n"})
        with pytest.raises(DataError, match="an archive in the archive, which is not read"):
            read_embeddings(as_zip({"vectors.bin": inner}), name="a.zip")


class TestParts:
    def table(self, *words: str) -> bytes:
        return "".join(["a,b,word\n", *(f"{len(w)},0.5,{w}\n" for w in words)]).encode()

    def test_tables_in_the_order_of_their_numbers(self) -> None:
        members = {f"t/part-{n}.csv": self.table(f"w{n}", f"x{n}") for n in (10, 9, 11)}
        found = read_embeddings(as_zip(members), name="a.zip")
        assert found.metadata["word"].tolist() == ["w9", "x9", "w10", "x10", "w11", "x11"]
        assert "3 parts put one after another, 't/part-9.csv' to 't/part-11.csv'" in found.notes
        assert not any("not used" in note for note in found.notes)

    def test_a_part_may_be_asked_for(self) -> None:
        members = {f"part-{n}.csv": self.table(f"w{n}", f"x{n}") for n in (0, 1)}
        found = read_embeddings(as_zip(members), name="a.zip", vector_column="part-1.csv")
        assert found.metadata["word"].tolist() == ["w1", "x1"]
        assert "not used: part-0.csv" in found.notes

    def test_rows_that_cannot_be_read_keep_their_numbers(self) -> None:
        rows = [json.dumps({"v": [0.5, i]}) for i in range(3)]
        members = {
            "p0.jsonl": "\n".join(rows).encode(),
            "p1.jsonl": "\n".join([*rows, '{"v": [1]}']).encode(),
        }
        with pytest.raises(BadRowsError) as error:
            read_embeddings(as_zip(members), name="a.zip")
        assert error.value.rows == (6,)

    def test_arrays_are_parts_only_beside_a_table_in_as_many(self) -> None:
        arrays = {f"emb_{n}.npy": as_npy(VECTORS + n) for n in (0, 1)}
        with pytest.raises(ChoiceError) as error:
            read_embeddings(as_zip({**arrays, "m.csv": b"n\n1\n"}), name="a.zip")
        assert error.value.candidates == ("emb_0.npy", "emb_1.npy")
        tables = {
            f"meta_{n}.csv": f"n,t\n{n}1,a\n{n}2,b\n{n}3,c\n{n}4,d\n".encode() for n in (0, 1)
        }
        found = read_embeddings(as_zip({**arrays, **tables}), name="a.zip")
        np.testing.assert_array_equal(found.vectors, np.concatenate([VECTORS, VECTORS + 1]))
        assert found.metadata["t"].tolist() == list("abcdabcd")

    def test_parts_of_other_columns_are_a_choice(self) -> None:
        members = {"p0.csv": self.table("w", "x"), "p1.csv": b"a,b,c\n1,2,0.5\n3,4,5\n"}
        with pytest.raises(ChoiceError, match="not the same dimensions and columns") as error:
            read_embeddings(as_zip(members), name="a.zip")
        assert error.value.candidates == ("p0.csv", "p1.csv")

    def test_numbers_with_a_gap_are_no_parts(self) -> None:
        members = {f"glove.{dim}d.txt": b"a 0.5 1\nb 2 3\n" for dim in (50, 100)}
        with pytest.raises(ChoiceError):
            read_embeddings(as_zip(members), name="a.zip")


class TestStatedTensors:
    def config(self, path: str, *shape: object) -> bytes:
        return json.dumps(
            {"embeddings": [{"tensorPath": path, "tensorShape": list(shape)}]}
        ).encode()

    def test_raw_numbers_of_a_stated_shape(self) -> None:
        members = {
            "x/projector_config.json": self.config("oss_data/t.bytes", *VECTORS.shape),
            "x/t.bytes": VECTORS.tobytes(),
            "x/meta.tsv": b"a\nb\nc\nd\n",
        }
        found = read_embeddings(as_zip(members), name="a.zip")
        np.testing.assert_array_equal(found.vectors, VECTORS)
        assert len(found.metadata) == len(VECTORS)

    @pytest.mark.parametrize(
        "shape", [(5, 3), (10**9, 10**9), (0, 3), (-4, -3), ("4", "3"), (4,), (True, 12)]
    )
    def test_a_shape_that_does_not_fit_is_none(self, shape: tuple[object, ...]) -> None:
        members = {
            "projector_config.json": self.config("t.bytes", *shape),
            "t.bytes": VECTORS.tobytes(),
        }
        with pytest.raises(DataError, match=r"'t\.bytes' of the zip cannot be read"):
            read_embeddings(as_zip(members), name="a.zip")

    @pytest.mark.parametrize("config", [b"[]", b"{", b'{"embeddings": [1]}', b'{"embeddings": 5}'])
    def test_a_faulty_configuration_is_none(self, config: bytes) -> None:
        members = {"projector_config.json": config, "v.npy": as_npy(VECTORS)}
        assert len(read_embeddings(as_zip(members), name="a.zip").vectors) == len(VECTORS)


class TestPictures:
    def table(self, *paths: str) -> bytes:
        rows = [f"{path},{word}" for path, word in zip(paths, WORDS, strict=True)]
        return "\n".join(["image,label", *rows]).encode()

    def test_paths_become_pictures(self) -> None:
        content = as_zip(
            {
                "set/vectors.npy": as_npy(VECTORS),
                "set/labels.csv": self.table("img/a.png", "img\\b.jpg", "./img/c.png", "d.png"),
                "set/img/a.png": PNG,
                "set/img/b.jpg": JPEG,
                "set/img/c.png": JPEG,
            }
        )
        found = read_embeddings(content, name="a.zip")
        # the third is a JPEG by its content; the fourth is not there
        assert found.metadata["image"].tolist() == [
            uri("png", PNG),
            uri("jpeg", JPEG),
            uri("jpeg", JPEG),
            None,
        ]
        assert "image: 3 pictures of the zip in place of their paths" in found.notes
        assert any(note.startswith("image: 1 pictures left out") for note in found.notes)

    def test_a_name_that_two_pictures_have_is_no_path(self) -> None:
        members = {"x/a.png": PNG, "y/a.png": JPEG, "b.png": PNG, "c.png": PNG, "d.png": PNG}
        content = as_zip(
            {
                "v.npy": as_npy(VECTORS),
                "t.csv": self.table("a.png", "b.png", "c.png", "d.png"),
                **members,
            }
        )
        found = read_embeddings(content, name="a.zip")
        assert found.metadata["image"][0] is None
        assert found.metadata["image"][1] == uri("png", PNG)

    def test_what_a_browser_could_run_is_no_picture(self) -> None:
        svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
        content = as_zip(
            {
                "v.npy": as_npy(VECTORS),
                "t.csv": self.table("a.png", "b.png", "a.png", "b.png"),
                "a.png": svg,
                "b.png": b"<html>",
            }
        )
        found = read_embeddings(content, name="a.zip")
        assert found.metadata["image"].tolist() == ["a.png", "b.png"] * 2

    def test_pictures_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(zip_pictures, "LARGEST", 100)
        monkeypatch.setattr(zip_pictures, "LARGEST_ALL", 110)
        content = as_zip(
            {
                "v.npy": as_npy(VECTORS),
                "t.csv": self.table("a.png", "b.png", "a.png", "a.png"),
                "a.png": PNG,  # 48 bytes: twice, and a third time would be 144
                "b.png": PNG + bytes(60),
            }
        )
        found = read_embeddings(content, name="a.zip")
        assert found.metadata["image"].tolist() == [
            uri("png", PNG),
            None,
            uri("png", PNG),
            None,
        ]

    def test_pictures_without_a_column_are_named(self) -> None:
        content = as_zip({"v.npy": as_npy(VECTORS), "t.tsv": TABLE, "a.png": PNG})
        found = read_embeddings(content, name="a.zip")
        assert "not used: 1 pictures, for no column holds their paths" in found.notes


class TestHostile:
    def test_names_that_lead_out_are_names(self) -> None:
        names = ["../../etc/vectors.npy", "/etc/metadata.tsv", "C:\\windows\\x.png"]
        content = as_zip(dict(zip(names, [as_npy(VECTORS), TABLE, PNG], strict=True)))
        found = read_embeddings(content, name="a.zip")
        np.testing.assert_array_equal(found.vectors, VECTORS)
        assert found.class_names == ("a", "b")

    def test_many_files(self) -> None:
        content = as_zip({f"{i}.csv": b"1" for i in range(201)})
        with pytest.raises(DataError, match="holds 201 files that are no pictures"):
            read_embeddings(content, name="a.zip")

    @pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_packings_whose_growth_cannot_be_bounded(self, packing: int) -> None:
        content = as_zip({"v.npy": as_npy(VECTORS), "t.tsv": TABLE}, packing)
        with pytest.raises(DataError, match="packed in a way that is not read here"):
            read_embeddings(content, name="a.zip")

    def test_a_bomb_costs_no_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for i in range(3):
                archive.writestr(f"{i}.csv", bytes(10_000_000))
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "20")
        content = buffer.getvalue()
        tracemalloc.start()
        try:
            with pytest.raises(DataError, match="The unpacked file is too large: 30 MB"):
                read_embeddings(content, name="a.zip")
            assert tracemalloc.get_traced_memory()[1] < 1_000_000
        finally:
            tracemalloc.stop()

    def test_damage_at_every_byte(self) -> None:
        content = as_zip({"v.npy": as_npy(VECTORS), "t.tsv": TABLE})
        for place in range(len(content)):
            changed = bytearray(content)
            changed[place] ^= 0xFF
            try:
                found = read_embeddings(bytes(changed), name="a.zip")
            except DataError:
                continue
            assert found.vectors.ndim == 2
