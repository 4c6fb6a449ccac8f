"""Files that no reader reads, recognized by their content, and what to do with each."""

import re

import numpy as np

from core.data.readers.content import as_view, head
from core.data.readers.found import Content
from core.data.readers.text_kind import is_text

FIRST = 4_096
ARRAY = "numpy.save('vectors.npy', vectors)"
RAW = "numpy.fromfile(FILE, 'float32').reshape(-1, DIMENSIONS))"
INDEX = "Open it as an index: Change index, then Open a file (read_index in the library)."
OTHER_TABLE = "Save the table as Parquet, e.g. frame.to_parquet('table.parquet'), and open that."
FROM_R = "Save the table as Parquet or CSV, e.g. write.csv(x, 'x.csv')."
SQL_DUMP = (
    "This is an SQL dump. Load it into its database, and export the table as CSV, e.g. "
    "psql -c \"\\copy my_table to 'table.csv' csv header\"."
)
FROM_STATISTICS = (
    "Save the table as CSV there, or with pandas, whose read_spss, read_stata and read_sas read "
    "such files."
)
SAS = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
NO_DATA = "It holds no table of vectors that can be read."
PICKLED = (
    "which is never opened: it runs what it holds. Load it where it was made, and save the vectors "
    f"again: {ARRAY}, or a table with frame.to_parquet('table.parquet')"
)
BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"version https://git-lfs", ""),
    (b"%PDF", f"This is a PDF document. {NO_DATA}"),
    (b"\x89PNG", "This is a picture (PNG). Open the file with its vectors instead."),
    (b"\xff\xd8\xff", "This is a picture (JPEG). Open the file with its vectors instead."),
    (b"GIF8", "This is a picture (GIF). Open the file with its vectors instead."),
    (b"7z\xbc\xaf\x27\x1c", "This file is packed with 7-Zip. Unpack it and open what it holds."),
    (b"Rar!", "This file is packed with RAR. Unpack it and open what it holds."),
    (b"\x28\xb5\x2f\xfd", "This file is packed with zstd. Unpack it: zstd -d FILE."),
    (b"\x04\x22\x4d\x18", "This file is packed with LZ4. Unpack it: lz4 -d FILE."),
    (b"ORC", f"This is an ORC file. {OTHER_TABLE}"),
    (b"Obj\x01", f"This is an Avro file. {OTHER_TABLE}"),
    (b"GGUF", "This is a GGUF model. Embed your items with it, and save the vectors as .npy."),
    (b"MATLAB 5.0", "This is a MATLAB file. Save the matrix with save -v7.3, or as CSV."),
    (b"CDF\x01", "This is a NetCDF file of version 3. Save it as NetCDF 4 or HDF5."),
    (b"CDF\x02", "This is a NetCDF file of version 3. Save it as NetCDF 4 or HDF5."),
    (b"\xd0\xcf\x11\xe0", "This is an old Office file (.xls, .doc). Save it as .xlsx or .csv."),
    (b"{\\rtf", "This is a text document (RTF). Save the table as .csv."),
    (b"RDX", f"This is a file of R. {FROM_R}"),
    (b"X\n\0\0\0", f"This is a file of R (RDS). {FROM_R}"),
    (b"$FL2", f"This is a file of SPSS. {FROM_STATISTICS}"),
    (b"$FL3", f"This is a file of SPSS. {FROM_STATISTICS}"),
    (b"<stata_dta>", f"This is a file of Stata. {FROM_STATISTICS}"),
    (SAS, f"This is a file of SAS. {FROM_STATISTICS}"),
    (b"--\n-- PostgreSQL database dump", SQL_DUMP),
    (b"-- MySQL dump", SQL_DUMP),
    (b"-- MariaDB dump", SQL_DUMP),
    (b"PRAGMA foreign_keys=OFF;", SQL_DUMP),
    (
        b"%%MatrixMarket",
        "This is a file of Matrix Market. Save its rows dense: numpy.save('vectors.npy', "
        "scipy.sparse.csr_array(scipy.io.mmread(FILE)).toarray()).",
    ),
    (b"REDIS0", "This is a Redis database file. Export the vectors as JSON lines."),
    (b"VOYA", "This is an index of Voyager, whose files are not read."),
    (b"usearch", f"This is an index of usearch. {INDEX}"),
    (b"\x7fELF", "This is a program. It holds no vectors."),
    (b"MZ\x90", "This is a program. It holds no vectors."),
)
PICKLE = re.compile(rb"\x80[\x02-\x05]")
PICKLE_OF_TEXT = re.compile(rb"(c[a-zA-Z_][\w.]*\n[a-zA-Z_]|\(dp\d|\(lp\d)")
FAISS = re.compile(rb"I[A-Za-z][A-Za-z0-9]{2}")
KALDI = re.compile(rb"[^\s\0]{1,200} \0B[FD][VM] ")
FASTTEXT = (793_712_314).to_bytes(4, "little")
HIVE_FIELD, HIVE = b"\x01", b"\x01\x02\x03"
TF_RECORD_HEAD = 12
CASTAGNOLI = 0x82F63B78
TAR_MAGIC = 257
DUCKDB_MAGIC = 8
SHOWN = 8


def what_it_is(content: Content, name: str) -> str:
    """What these bytes are, and what to do: a message. name: of the file."""
    start = head(content, FIRST)
    known = _beginning(start) or _structure(content, start)
    if known is not None:
        return f"{name!r} cannot be read. {known}"
    shown = " ".join(f"{byte:02x}" for byte in start[:SHOWN])
    return (
        f"{name!r} cannot be read: its first bytes ({shown}) are those of no format that is known "
        "here. It is damaged, or of another kind. A raw array is saved with its shape: "
        f"{ARRAY.replace('vectors)', RAW)}. Else save the vectors as .npy, .parquet or .csv."
    )


def is_foreign(content: Content) -> bool:
    """Whether the bytes are of a kind that is known, and that no reader reads."""
    start = head(content, FIRST)
    return (_beginning(start) or _structure(content, start)) is not None


def _beginning(start: bytes) -> str | None:
    for beginning, message in BEGINNINGS:
        if start.startswith(beginning):
            return message or _git_lfs(start)
    low = start.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if low.startswith((b"<!doctype html", b"<html")):
        return (
            "This is a web page (HTML), saved in place of the file: often that of a login or an "
            "error. Download the file itself."
        )
    if low.startswith((b"<?xml", b"<svg")):
        return "This is XML. Save the table as .csv or .json."
    return None


def _structure(content: Content, start: bytes) -> str | None:
    view = as_view(content)
    if start[TAR_MAGIC : TAR_MAGIC + 5] == b"ustar":
        return "This is a tar archive. Unpack it and open what it holds, or pack it as .zip."
    if start[DUCKDB_MAGIC : DUCKDB_MAGIC + 4] == b"DUCK":
        return (
            'This is a DuckDB database. Export the table: duckdb FILE -c "COPY my_table TO '
            "'table.parquet'\", and open that."
        )
    if bytes(view[-4:]) == b"LANC":
        return (
            "This is a file of Lance (LanceDB). Export the table: "
            "lancedb.connect(FOLDER).open_table(NAME).to_pandas().to_parquet('table.parquet')."
        )
    if PICKLE.match(start) or (PICKLE_OF_TEXT.match(start) and bytes(view[-1:]) == b"."):
        return f"This is a Python pickle, {PICKLED}."
    if _is_tf_record(start):
        return (
            "This is a TFRecord file. Read it with tf.data.TFRecordDataset, and save the vectors: "
            f"{ARRAY}."
        )
    if start[:4] == FASTTEXT:
        return (
            "This is a model of fastText. Save its vectors as text: one line for each word, the "
            "word and its numbers (model.get_words, model.get_word_vector), as in a .vec file."
        )
    if KALDI.match(start):
        return "This is a binary archive of Kaldi. Write it as text: copy-vector ark:FILE ark,t:-."
    if _is_hive_text(start):
        return (
            "This is a text table of Hive, its fields parted by Control-A. Save the table as "
            "Parquet (STORED AS PARQUET), or with fields terminated by tabs."
        )
    return _index(view, start)


def _is_hive_text(start: bytes) -> bool:
    """Whether every line has as many fields, parted by Control-A, and there is no NUL."""
    lines = start.split(b"\n")[: -1 if b"\n" in start else None]
    fields = {line.count(HIVE_FIELD) for line in lines}
    return (
        len(fields) == 1
        and fields != {0}
        and b"\0" not in start
        and is_text(start.translate(None, HIVE))
    )


def _is_tf_record(start: bytes) -> bool:
    """Whether the length of a record is followed by its masked checksum.

    Format: https://www.tensorflow.org/tutorials/load_data/tfrecord ("TFRecords format details")
    """
    if len(start) < TF_RECORD_HEAD:
        return False
    crc = crc32c(start[:8])
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    return masked == int.from_bytes(start[8:TF_RECORD_HEAD], "little")


def crc32c(content: bytes) -> int:
    """The checksum of RFC 3720, of a few bytes.

    >>> hex(crc32c(b"123456789"))  # the check value of the catalog of CRC algorithms
    '0xe3069283'
    """
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (CASTAGNOLI if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def _index(view: memoryview, start: bytes) -> str | None:
    if FAISS.match(start) and not is_text(start):
        return f"This is an index of faiss. {INDEX}"
    if len(view) > 8:
        rows, width = (int(value) for value in np.frombuffer(view, "<u4", 2))
        behind = 8 + rows * width
        if bytes(view[behind : behind + 7]) == b"usearch":
            return f"This is an index of usearch. {INDEX}"
    return f"This is an index of hnswlib. {INDEX}" if _is_hnswlib(view) else None


def _is_hnswlib(view: memoryview) -> bool:
    """The head of `save_index`: sizes and places (uint64) that fit one another and the file."""
    if len(view) < 96:
        return False
    zero, room, items, size, label, data = (int(v) for v in np.frombuffer(view, "<u8", 6))
    return (
        zero == 0
        and 0 < items <= room
        and 0 < data < label < size
        and size == label + 8
        and items * size < len(view)
    )


def _git_lfs(start: bytes) -> str:
    found = re.search(rb"\nsize (\d{1,18})", start)
    size = f" of {int(found[1]):,} bytes" if found else ""
    return (
        f"This is a Git LFS pointer, which stands for a file{size} that was not fetched. Run "
        "'git lfs pull' where it was cloned, and open the file again."
    )
