"""Files that are no index, recognized by their content, and what to do with each."""

import re
from collections.abc import Callable

import numpy as np

READ = (
    "Index files of hnswlib (save_index), faiss (write_index of an HNSW index), usearch (save) and "
    "Chroma (header.bin, data_level0.bin, length.bin and link_lists.bin) are read."
)
VECTORS = (
    "it holds vectors or a table and no index. Open it on the Data page, or with read_embeddings; "
    "an index can be built from it"
)
BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x93NUMPY", f"This is a NumPy file (.npy): {VECTORS}."),
    (b"PAR1", f"This is a Parquet file: {VECTORS}."),
    (b"ARROW1", f"This is an Arrow file: {VECTORS}."),
    (b"\x89HDF\r\n", f"This is an HDF5 file: {VECTORS}."),
    (b"\x1f\x8b", "This file is packed with gzip. Unpack it and open what it holds."),
    (b"BZh", "This file is packed with bzip2. Unpack it and open what it holds."),
    (b"\xfd7zXZ\x00", "This file is packed with xz. Unpack it and open what it holds."),
    (b"\x28\xb5\x2f\xfd", "This file is packed with zstd. Unpack it and open what it holds."),
    (b"7z\xbc\xaf\x27\x1c", "This file is packed with 7-Zip. Unpack it and open what it holds."),
    (
        b"SQLite format 3\x00",
        "This is an SQLite database. Chroma keeps its graph beside chroma.sqlite3, in a folder "
        "named by a UUID: open that folder, or its four files.",
    ),
    (b"VOYA", "This is an index of Voyager, whose files are not read."),
    (b"REDIS0", "This is a Redis database file, which is not read."),
    (b"\x7fELF", "This is a program, and no index."),
    (b"%PDF", "This is a PDF document, and no index."),
    (b"\x89PNG", "This is a picture, and no index."),
    (b"\xff\xd8\xff", "This is a picture, and no index."),
)
LFS = b"version https://git-lfs"
LUCENE = b"\x3f\xd7\x6c\x17"  # CodecUtil.CODEC_MAGIC, big-endian
PGVECTOR = (0xA953A953).to_bytes(4, "little")  # HNSW_MAGIC_NUMBER, behind a page's header
PAGE, PAGE_HEADER = 8_192, 24
SECTOR = 4_096
PICKLE = re.compile(rb"\x80[\x02-\x05]")
BEFORE_2 = re.compile(rb"(c[a-zA-Z_]|\(dp|\(lp)")  # pickles of the text protocol
FIRST = 4_096
ANNOY_SMALLEST, ANNOY_LARGEST = 16, 2**18


def foreign(content: bytes) -> str:
    """What these bytes are, which no reader can read, and what to do: a message."""
    for beginning, message in BEGINNINGS:
        if content.startswith(beginning):
            return message
    for recognize in RECOGNIZERS:
        message_or_none = recognize(content)
        if message_or_none is not None:
            return message_or_none
    return f"This is no index file that can be read, and its kind is not known. {READ}"


def _empty(content: bytes) -> str | None:
    if content:
        return None
    return "The file is empty (0 bytes). Save the index again, or copy it again."


def _lfs(content: bytes) -> str | None:
    if not content.startswith(LFS):
        return None
    found = re.search(rb"\nsize (\d{1,18})", content[:FIRST])
    size = f" of {int(found[1]):,} bytes" if found else ""
    return (
        f"This is a Git LFS pointer, which stands for a file{size} that was not fetched. Run "
        "'git lfs pull' where it was cloned, and open the file again."
    )


def _pickle(content: bytes) -> str | None:
    if not content.endswith(b".") or not (PICKLE.match(content) or BEFORE_2.match(content)):
        return None
    return (
        "This is a Python pickle, which is never opened: it runs what it holds. Load it where it "
        "was made, and save the index itself with save_index, write_index or save."
    )


def _safetensors(content: bytes) -> str | None:
    if content[8:10] != b'{"' or int.from_bytes(content[:8], "little") > len(content) - 8:
        return None
    return f"This is a safetensors file: {VECTORS}."


def _lucene(content: bytes) -> str | None:
    if not content.startswith(LUCENE):
        return None
    name = content[5 : 5 + content[4]] if len(content) > 5 and content[4] < 128 else b""
    codec = f" ({name.decode('ascii')})" if name.isalnum() else ""
    return (
        f"This is a file of Lucene's own{codec}, as Elasticsearch, OpenSearch and Solr keep them, "
        "which is not read. OpenSearch's .faiss files are, where the engine is faiss."
    )


def _lance(content: bytes) -> str | None:
    return (
        "This is a file of Lance (LanceDB), which is not read." if content[-4:] == b"LANC" else None
    )


def _pgvector(content: bytes) -> str | None:
    if len(content) < PAGE or content[PAGE_HEADER : PAGE_HEADER + 4] != PGVECTOR:
        return None
    return "This is the file of a pgvector HNSW index, which is not read."


def _text(content: bytes) -> str | None:
    start = content[:FIRST].lstrip(b"\xef\xbb\xbf \t\r\n")
    low = start[:200].lower()
    if low.startswith((b"<!doctype html", b"<html")):
        return (
            "This is a web page (HTML), saved in place of the file: often that of a login or an "
            "error. Download the file itself."
        )
    if not start or not _is_text(content[:FIRST]):
        return None
    kind = "JSON" if start[:1] in (b"{", b"[") else "XML" if start[:1] == b"<" else "text"
    return (
        f"This is {kind}, and no index. If it holds vectors, open it on the Data page, or with "
        "read_embeddings; an index can be built from them."
    )


def _is_text(some: bytes) -> bool:
    """Whether bytes are UTF-8 without control characters; the last character may be cut."""
    try:
        text = some.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(some) - 3:
            return False
        text = some[: error.start].decode("utf-8")
    return len(text) > 0 and all(letter.isprintable() or letter in "\t\r\n" for letter in text)


def _nmslib(content: bytes) -> str | None:
    """Either form that nmslib writes of its HNSW: a flag u32, the items u32, then the sizes."""
    if len(content) < 68:
        return None
    flag, items = (int(value) for value in np.frombuffer(content, "<u4", 2))
    plain = np.dtype([("top", "<i4"), ("entry", "<u4"), ("sizes", "<u8", (3,))])
    packed = np.dtype(
        [("memory", "<u8"), ("links", "<u8"), ("data", "<u8"), *plain.descr[:2], ("m", "<u8", (2,))]
    )
    if flag not in (0, 1) or items == 0:
        return None
    head = np.frombuffer(content, packed if flag else plain, 1, 8)[0]
    if flag:
        m, m0, room = *(int(value) for value in head["m"]), int(head["memory"])
        good = max(int(head["links"]), int(head["data"])) < room <= (len(content) - 68) // items
    else:
        _, m, m0 = (int(value) for value in head["sizes"])
        good = 8 * items <= len(content)
    good &= int(head["entry"]) < items and 0 <= int(head["top"]) < 64
    if not good or not 0 < m <= m0 <= 4 * m <= 2**18:
        return None
    return (
        "This is an HNSW index of nmslib, whose files are not read. Build it with hnswlib, by the "
        "same authors, with the same M and ef_construction."
    )


def _diskann(content: bytes) -> str | None:
    """A graph file states its own size first; a disk index among the numbers of its sector."""
    size = len(content)
    if size < 32:
        return None
    in_memory = int.from_bytes(content[:8], "little") == size
    rows, columns = (int(value) for value in np.frombuffer(content, "<u4", 2))
    on_disk = False
    if size % SECTOR == 0 and columns == 1 and 4 < rows < SECTOR // 8:
        on_disk = size in np.frombuffer(content, "<u8", rows, 8)
    if not in_memory and not on_disk:
        return None
    return "This is a Vamana graph of DiskANN and no HNSW index; it is not read."


def _vectors(content: bytes) -> str | None:
    """Rows and dimensions u32 before as many numbers, or the dimension before each row."""
    if len(content) < 12:
        return None
    rows, dim = (int(value) for value in np.frombuffer(content, "<u4", 2))
    whole = rows * dim > 0 and len(content) - 8 in (rows * dim * width for width in (1, 2, 4))
    width = 4 * rows + 4  # in fvecs the first number is the dimension
    each = 0 < rows <= 2**20 and len(content) % width == 0
    if each:
        words = np.frombuffer(content, "<u4")
        each = bool((words[:: rows + 1] == rows).all()) and len(words) > rows + 1
    if not whole and not each:
        return None
    return f"This is a file of bare vectors (such as .fbin or .fvecs): {VECTORS}."


def _annoy(content: bytes) -> str | None:
    """Annoy's nodes are all of one size: items of 1 descendant first, the roots last."""
    size = len(content) // 4 * 4
    if size != len(content) or content[:4] != b"\x01\0\0\0" or content[-4:] == b"":
        return None
    words = np.frombuffer(content, "<i4")
    for node in range(ANNOY_SMALLEST // 4, min(ANNOY_LARGEST // 4, len(words) // 2) + 1):
        if len(words) % node == 0 and _are_annoy(words.reshape(-1, node)[:, 0]):
            return (
                "This is an index of Annoy: a forest of trees and not an HNSW graph. It is not "
                "read."
            )
    return None


def _are_annoy(descendants: "np.ndarray[tuple[int], np.dtype[np.int32]]") -> bool:
    """Whether numbers of descendants, node by node, are those of a forest.

    Items come first, with 1 (or 0, where an id was left out); then every inner node has at least
    2, and the root, which ends the file, all items.
    """
    items = int(descendants[-1])
    if not 1 < items < len(descendants):
        return False
    first, inner = descendants[:items], descendants[items:]
    return bool(((first == 0) | (first == 1)).all() and first[0] == 1 and (inner >= 2).all())


RECOGNIZERS: tuple[Callable[[bytes], str | None], ...] = (
    _empty,
    _lfs,
    _pickle,
    _safetensors,
    _lucene,
    _lance,
    _pgvector,
    _text,
    _diskann,
    _vectors,
    _nmslib,
    _annoy,
)
