"""Chroma's folder: hnswlib's own graph, however it is given; a torn write is named."""

import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import CoreError, IndexFileError, ParameterError
from core.index import holds_bytes, index_file_kind, read_index, search
from tests.core.index.chroma_files import chroma_files, write_folder, zipped
from tests.core.index.index_files import hnswlib_bytes, rows

N, DIM, M = 60, 5, 3
VECTORS = rows(N, DIM)
OPTIONS = {"m": M, "labels": np.arange(1, N + 1), "deleted": [7]}
FILES = chroma_files(VECTORS, room=40, **OPTIONS)
EXPECTED = read_index(hnswlib_bytes(VECTORS, **OPTIONS), metric="euclidean")
SIZE = 4 + 8 * M + 4 * DIM + 8  # counts and flags, 2 M links, the vector, the label
UUID = "c2b3e7a0-1d5c-4e0e-9a52-0a3f6a0f9c11"


def changed(name: str, content: bytes) -> dict[str, bytes]:
    return FILES | {name: content}


def refusal(files: dict[str, bytes]) -> str:
    with pytest.raises(IndexFileError) as raised:
        read_index(files, metric="euclidean")
    return str(raised.value)


def test_the_graph_is_hnswlib_s_own() -> None:
    graph = read_index(FILES, metric="euclidean", dim=DIM)
    assert graph.fingerprint == EXPECTED.fingerprint
    assert (graph.source, graph.m, graph.ef_construction) == ("Chroma file", M, 30)
    assert graph.notes == EXPECTED.notes
    found = search(graph, VECTORS[:5], 4, 30)
    np.testing.assert_array_equal(found.ids, search(EXPECTED, VECTORS[:5], 4, 30).ids)


def test_a_folder_a_zip_and_a_mapping_are_the_same(tmp_path: Path) -> None:
    pickled = {"index_metadata.pickle": b"cos\nsystem\n(S'exit 1'\ntR."}  # would run, if opened
    folder = write_folder(FILES | pickled, tmp_path / "data" / UUID)
    (tmp_path / "data" / "chroma.sqlite3").write_bytes(b"SQLite format 3\0")
    inside = {f"some/{UUID}/{name}": content for name, content in FILES.items()}
    for source in (
        folder,
        str(folder),
        tmp_path / "data",
        zipped(FILES),
        zipped(inside | pickled),
        zipped(inside, zipfile.ZIP_STORED),
        {f"{UUID}/{name}": content for name, content in (FILES | pickled).items()},
    ):
        assert index_file_kind(source) == "chroma"
        assert not holds_bytes(source)
        assert read_index(source, metric="euclidean").fingerprint == EXPECTED.fingerprint


def test_the_metric_is_asked_for() -> None:
    with pytest.raises(ParameterError, match="A Chroma file does not state its metric; pass metri"):
        read_index(FILES)


def test_vectors_of_bytes_are_read_as_such() -> None:
    vectors = np.random.default_rng(2).integers(0, 200, (40, 32), dtype=np.uint8)
    files = chroma_files(vectors.view("<f4"))
    assert holds_bytes(files)
    with pytest.raises(IndexFileError, match=r"of this Chroma file are no float32.* 32 to a vect"):
        read_index(files, metric="euclidean")
    graph = read_index(files, metric="euclidean", scalar="uint8")
    np.testing.assert_array_equal(graph.vectors, vectors)


@pytest.mark.parametrize(
    ("name", "size", "element"),
    [("data_level0.bin", SIZE, 17), ("length.bin", 4, 59), ("data_level0.bin", SIZE, 0)],
)
@pytest.mark.parametrize("more", [0, 1])
def test_a_file_that_is_too_short_is_named_with_its_element(
    name: str, size: int, element: int, more: int
) -> None:
    said = refusal(changed(name, FILES[name][: element * size + more]))
    assert said.startswith(f"{name} ends before or within element {element}: ")
    assert "the 60 elements of header.bin" in said


def test_links_that_are_cut_off_are_named_with_their_element() -> None:
    said = refusal(changed("link_lists.bin", FILES["link_lists.bin"][:-4]))
    place = len(FILES["link_lists.bin"]) - 4
    assert f"at byte {place:,} of link_lists.bin: the file ends before that of node 59" in said
    assert "of link_lists.bin: 7 bytes are left for" in refusal(changed("link_lists.bin", bytes(7)))


def test_an_element_that_was_never_written_is_named() -> None:
    base = FILES["data_level0.bin"]
    torn = base[: 41 * SIZE] + bytes(SIZE) + base[42 * SIZE :]
    assert "data_level0.bin holds nothing for element 41, which header.bin counts among 60" in (
        refusal(changed("data_level0.bin", torn))
    )


def test_an_offset_is_that_of_its_own_file() -> None:
    base = bytearray(FILES["data_level0.bin"])
    base[3 * SIZE + 4 : 3 * SIZE + 8] = struct.pack("<I", 4000)  # the first link of element 3
    said = refusal(changed("data_level0.bin", bytes(base)))
    assert f"link on layer 0 at byte {3 * SIZE + 4} of data_level0.bin: 4,000 is no node" in said
    base = bytearray(FILES["data_level0.bin"])
    base[4 + 8 * M : 8 + 8 * M] = struct.pack("<f", np.nan)
    said = refusal(changed("data_level0.bin", bytes(base)))
    assert f"vector at byte {4 + 8 * M} of data_level0.bin: item 0 (label 1) is not finite" in said
    links = bytearray(FILES["link_lists.bin"])
    links[:4] = struct.pack("<I", 5)
    assert "at byte 0 of link_lists.bin: 5 bytes for node 0" in refusal(
        changed("link_lists.bin", bytes(links))
    )
    head = bytearray(FILES["header.bin"])
    head[4 + 48 : 4 + 52] = struct.pack("<i", 60)  # the top layer
    assert "max_level in the header at byte 52 of header.bin: 60" in refusal(
        changed("header.bin", bytes(head))
    )


def test_a_header_of_another_kind_is_named() -> None:
    head = FILES["header.bin"]
    assert "header.bin is cut off: 99 bytes of 100" in refusal(changed("header.bin", head[:99]))
    other = b"\x02" + head[1:]
    assert "not the header of a Chroma index of version 1" in refusal(changed("header.bin", other))
    empty = bytearray(head)
    empty[4 + 16 : 4 + 24] = bytes(8)
    assert "The Chroma index holds no items" in refusal(changed("header.bin", bytes(empty)))


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    some = {name: FILES[name] for name in ("header.bin", "length.bin")}
    message = r"holds 2 of them: data_level0\.bin and link_lists\.bin are missing\. Add all of head"
    for source in (some, zipped(some), write_folder(some, tmp_path / "some")):
        with pytest.raises(IndexFileError, match=message):
            read_index(source, metric="euclidean")
    with pytest.raises(IndexFileError, match="this file alone holds 1 of them: data_level0"):
        read_index(FILES["header.bin"], metric="euclidean")
    for name in ("data_level0.bin", "length.bin"):
        with pytest.raises(IndexFileError, match=f"{name}: .* this file alone holds 1 of them"):
            read_index(FILES[name], name=name, metric="euclidean")
    with pytest.raises(IndexFileError, match=r"^some: Chroma's index is four files"):
        read_index(tmp_path / "some")
    wrong: Any = {"header.bin": "text"}
    with pytest.raises(ParameterError, match="map the names of Chroma's four files to their bytes"):
        read_index(FILES | wrong)


def test_of_several_indexes_one_is_to_be_chosen(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_folder(FILES, tmp_path / name)
    message = "2 indexes of Chroma, each in a folder of its own: first, second. Open one"
    with pytest.raises(IndexFileError, match=message):
        read_index(tmp_path, metric="euclidean")
    both = {f"{at}/{name}": FILES[name] for at in ("first", "second") for name in FILES}
    with pytest.raises(IndexFileError, match=message):
        read_index(zipped(both), metric="euclidean")


def test_folders_of_others_are_named(tmp_path: Path) -> None:
    for name, said in (
        ("scann_config.pb", "a folder of ScaNN"),
        ("grp", "a folder of NGT"),
        ("index.faiss", "a folder with an index.faiss: open that file"),
        ("chroma.sqlite3", "a folder of Chroma without an index in it"),
        ("photo.jpg", "a folder without Chroma's four files, header.bin, data_level0.bin,"),
    ):
        folder = write_folder({name: b"x"}, tmp_path / name.replace(".", "_"))
        with pytest.raises(IndexFileError, match=said):
            read_index(folder)
    (tmp_path / "lance" / "_versions").mkdir(parents=True)
    with pytest.raises(IndexFileError, match="a table of LanceDB"):
        read_index(tmp_path / "lance")


def test_a_zip_is_checked_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "1")
    large = zipped(changed("length.bin", bytes(2_000_000)))
    assert len(large) < 20_000
    with pytest.raises(IndexFileError, match="unpacked index is too large: 2 MB, and this server"):
        read_index(large, metric="euclidean")
    with pytest.raises(IndexFileError, match="packed in an unusual way"):
        read_index(zipped(FILES, zipfile.ZIP_LZMA), metric="euclidean")


def test_a_zip_of_other_things_says_what_it_holds() -> None:
    for files, said in (
        ({"a/readme.md": b"", "b.txt": b""}, "The zip holds readme.md, b.txt, and not Chroma's"),
        ({"x/data.pkl": b"", "x/version": b"3"}, "a file of PyTorch, which holds a pickle"),
        ({"vectors.npy": b""}, r"a NumPy archive \(.npz\): it holds vectors and no index"),
    ):
        with pytest.raises(IndexFileError, match=said):
            read_index(zipped(files))


def test_a_zip_cut_or_changed_anywhere_is_a_graph_or_an_error() -> None:
    content = zipped(FILES)
    for cut in range(0, len(content), 11):
        with pytest.raises(IndexFileError):
            read_index(content[:cut] or b"PK\x03\x04", metric="euclidean")
    for place in range(0, len(content), 7):
        wrong = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
        try:
            read_index(wrong, metric="euclidean")
        except CoreError as error:
            assert isinstance(error, IndexFileError)  # noqa: PT017
