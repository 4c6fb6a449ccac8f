"""A file is what its content says: wrong endings, packings, and files that are refused by name."""

import bz2
import gzip
import lzma
import pickle
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import faiss
import hnswlib
import numpy as np
import pytest
from usearch.index import Index

from core.data import SUPPORTED_ENDINGS, read_embeddings
from core.data.readers import ending_of, format_of
from core.data.readers.text_kind import is_json, is_text
from core.errors import DataError
from tests.core.data.files import VECTORS, as_csv, as_npz, as_zip, frame_of_columns
from tests.core.data.test_read import FILES, OF_WHOLE_NUMBERS

SIMPLE = {name: FILES[name] for name in FILES if name not in OF_WHOLE_NUMBERS}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


@pytest.mark.parametrize("name", SIMPLE)
@pytest.mark.parametrize("wrong", ["a.csv", "a.npy", "a.bin", "a", "a.png"])
def test_a_wrong_ending_is_no_fault(name: str, wrong: str) -> None:
    if name == "a.tsv" and wrong != "a.csv":
        return  # the separator of a table without an ending is the business of its reader
    found = read_embeddings(SIMPLE[name], name=wrong)
    np.testing.assert_array_equal(found.vectors, VECTORS)


@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize("name", FILES)
def test_each_format_may_be_packed(name: str, ending: str) -> None:
    plain = read_embeddings(FILES[name], name=name)
    packed = read_embeddings(PACKERS[ending](FILES[name]), name=name + ending)
    assert packed.fingerprint == plain.fingerprint
    assert packed.name == "a"


def test_endings_of_packed_names() -> None:
    assert ending_of("Rows.CSV.gz") == ".csv"
    assert ending_of("rows.gz") == ""
    assert ending_of("archive/of.things/rows.Npy") == ".npy"
    assert all(ending_of(f"a{ending}.xz") == ending for ending in SUPPORTED_ENDINGS)


@pytest.mark.parametrize("packer", PACKERS.values())
class TestPacked:
    def test_several_streams_and_zeros_behind_them(self, packer: Callable[[bytes], bytes]) -> None:
        table = as_csv(frame_of_columns())
        content = packer(table[:20]) + packer(table[20:]) + bytes(200_000)
        np.testing.assert_array_equal(read_embeddings(content, name="a.csv.gz").vectors, VECTORS)

    def test_every_cut_is_named(self, packer: Callable[[bytes], bytes]) -> None:
        content = packer(as_csv(frame_of_columns()))
        for length in range(10, len(content)):
            with pytest.raises(DataError, match=r"packed with \w+ and cannot be unpacked"):
                read_embeddings(content[:length], name="a.csv.gz")

    def test_packed_twice(self, packer: Callable[[bytes], bytes]) -> None:
        with pytest.raises(DataError, match="packed twice"):
            read_embeddings(packer(packer(b"1,2")), name="a.csv.gz")

    def test_a_bomb_ends_at_the_limit(
        self, packer: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        content = packer(bytes(60_000_000))
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "8")
        tracemalloc.start()
        try:
            with pytest.raises(DataError, match="The unpacked file is too large"):
                read_embeddings(content, name="a.csv.gz")
            assert tracemalloc.get_traced_memory()[1] < 40_000_000
        finally:
            tracemalloc.stop()


def test_many_empty_streams_end() -> None:
    with pytest.raises(DataError, match="more than 100,000 packed parts"):
        read_embeddings(gzip.compress(b"") * 100_001, name="a.gz")


@pytest.mark.parametrize(
    ("text", "json"),
    [
        ('{"a": 1}\n{"a": 2}', True),
        ('\ufeff \n [{"a": [1]}]', True),
        ("[\n  [0.5,\n   1]\n]", True),
        ("[1, 2]\n[3, 4]", True),
        ("[0.1, 0.2,", True),
        ("{", True),
        ('{"long": "' + "a" * 100_000, True),
        ("{0.1,0.2}\tword", False),
        ("[0.1,0.2]\tword", False),
        ("[0.1 0.2]\tword", False),
        ("[ 0.1  0.2\n 0.3]", False),
        ("word,[1]", False),
        ("", False),
    ],
)
def test_text_that_is_json(text: str, json: bool) -> None:
    assert is_json(text.encode()) == json
    if not text.startswith("\ufeff"):
        assert is_json(text.encode("utf-16")) == json


def test_text_of_any_encoding_is_text() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"):
        assert is_text("größe,word\n1,a\n".encode(encoding)), encoding
    assert not is_text(VECTORS.tobytes())
    assert not is_text(b"")


def pickled(protocol: int) -> bytes:
    return pickle.dumps({"a": [1.5, 2.5]}, protocol)


def tar_head() -> bytes:
    return b"vectors.npy".ljust(257, b"\0") + b"ustar\x0000" + bytes(300)


FOREIGN = {
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(20), r"a picture \(PNG\)"),
    "pickle": (pickled(4), "a Python pickle, which is never opened.*numpy.save"),
    "pickle of text": (pickled(0), "a Python pickle"),
    "7z": (b"7z\xbc\xaf\x27\x1c\x00\x04", "7-Zip"),
    "zstd": (b"\x28\xb5\x2f\xfd\x04\x58", "zstd -d FILE"),
    "tar": (tar_head(), "a tar archive"),
    "duckdb": (bytes(8) + b"DUCK" + bytes(100), r"DuckDB.*COPY my_table TO"),
    "lance": (b"\x01\x02\x00\x03" + bytes(40) + b"LANC", r"LanceDB.*to_parquet"),
    "lfs": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 12345\n",
        "Git LFS pointer, which stands for a file of 12,345 bytes",
    ),
    "html": (b"\n<!DOCTYPE html><html><body>Log in</body></html>", "a web page"),
    "xml": (b"<?xml version='1.0'?><rows/>", "This is XML"),
    "torch": (as_zip({"archive/data.pkl": b"\x80\x02.", "archive/data/0": b"x"}), "of PyTorch"),
    "word": (as_zip({"word/document.xml": b"<w/>"}), "an Office document"),
    "chroma": (
        as_zip(
            dict.fromkeys(["header.bin", "data_level0.bin", "length.bin", "link_lists.bin"], b"x")
        ),
        "Chroma. Open it as an index",
    ),
    "mat": (b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(128), "MATLAB"),
    "tfrecord": (
        (16).to_bytes(8, "little") + bytes.fromhex("95fbfe18") + bytes(20),
        "TFRecord.*numpy.save",
    ),
    "rds": (b"X\n\x00\x00\x00\x03\x00\x04\x02\x01", "R .RDS..*write.csv"),
    "spss": (b"$FL2@(#) SPSS DATA FILE".ljust(80), "SPSS.*read_spss"),
    "stata": (b"<stata_dta><header><release>118</release>", "Stata"),
    "sas": (bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011"), "SAS"),
    "fasttext": (bytes.fromhex("ba164f2f0c000000") + bytes(80), "model of fastText.*vec file"),
    "kaldi": (b"utt-1 \x00BFV \x04\x02\x00\x00\x00" + bytes(8), "Kaldi.*copy-vector"),
    "hive": (b"a\x010.5\x021\nb\x012\x023\n", "Hive.*STORED AS PARQUET"),
    "matrix market": (b"%%MatrixMarket matrix array real general\n2 1\n1\n2\n", "scipy.io.mmread"),
    "sql": (b"-- MySQL dump 10.13\nINSERT INTO a VALUES (1);\n", "SQL dump.*csv header"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(30), "old Office file"),
}


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("name", ["a.csv", "a.npy", "a.bin", "a.zip"])
def test_what_is_not_read_is_named(kind: str, name: str) -> None:
    content, message = FOREIGN[kind]
    with pytest.raises(DataError, match=message):
        read_embeddings(content, name=name)


def test_index_files_are_named_and_lead_to_the_index(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(200, 8)).astype(np.float32)
    flat = faiss.IndexHNSWFlat(8, 8)
    flat.add(rows)
    faiss.write_index(flat, str(tmp_path / "faiss"))
    index = hnswlib.Index("l2", 8)
    index.init_index(300, 8)
    index.add_items(rows)
    index.save_index(str(tmp_path / "hnswlib"))
    whole = Index(ndim=8, metric="l2sq")
    whole.add(np.arange(200), rows)
    whole.save(str(tmp_path / "usearch"))
    for name in ("faiss", "hnswlib", "usearch"):
        for called in ("a.bin", "a.index", "a.fbin"):
            content = (tmp_path / name).read_bytes()
            with pytest.raises(DataError, match=f"an index of {name}. Open it as an index"):
                read_embeddings(content, name=called)


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ("_versions", "table of LanceDB. Export it"),
        (".zarray", "a Zarr array"),
        ("dataset_info.json", "a saved Hugging Face dataset"),
        ("x.npy", "is a folder. Open a file in it"),
    ],
)
def test_folders_are_named(inside: str, message: str, tmp_path: Path) -> None:
    (tmp_path / inside).write_bytes(b"")
    with pytest.raises(DataError, match=message):
        read_embeddings(tmp_path)


def test_text_under_a_binary_name_says_so() -> None:
    with pytest.raises(DataError, match=r"'a\.npy' is text by its content, and no NumPy array"):
        read_embeddings(b"word,label\nx,y\n", name="a.npy")


def test_the_first_format_that_recognizes_a_file_is_its_own() -> None:
    for name, content in FILES.items():
        found = format_of(content, ending_of(name))
        assert found is not None
        assert ending_of(name) in found.endings, name


def test_an_array_in_a_zip_of_arrays_is_an_npz_by_any_name() -> None:
    found = read_embeddings(as_npz(vectors=VECTORS, label=np.arange(4)), name="a.zip")
    assert found.class_names == ("0", "1", "2", "3")
