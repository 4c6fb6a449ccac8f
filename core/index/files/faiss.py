"""The files that faiss writes of its HNSW indexes, with everything in them checked.

Fourcc; header (d i32, n i64, two unused i64, trained u8, metric i32); the graph: level
probabilities f64, link places up to each level i32, levels i32 (1 for layer 0 alone), where each
node's links begin u64, all links i32 (-1 for none), each after a u64 count, then entry point, top
layer, efConstruction, efSearch and an unused i32; then the index that stores the vectors. An
IndexIDMap is a fourcc, a header, the index inside and the ids i64.
(https://github.com/facebookresearch/faiss, `index_write.cpp`)
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.errors import IndexFileError
from core.index.files.checks import check_metric, check_records, upper_place
from core.index.files.cursor import Cursor
from core.index.files.faiss_links import FaissLinks, read_links, rows_of, used_of
from core.index.files.supplied import check_supplied
from core.index.graph import HnswGraph
from core.index.records import NodeRecords, to_graph
from core.spaces import Metric

KIND = "faiss"
ID_MAPS = {b"IxMp": "IndexIDMap", b"IxM2": "IndexIDMap2"}
GRAPHS = {b"IHNf": "IndexHNSWFlat", b"IHNs": "IndexHNSWSQ", b"IHNp": "IndexHNSWPQ"}
FLAT = (b"IxF2", b"IxFI", b"IxFl")
NO_STORAGE = b"null"  # written with IO_FLAG_SKIP_STORAGE
METRICS: dict[int, Metric] = {0: "inner_product", 1: "euclidean"}
LARGEST_COUNT = 2**31 - 1


@dataclass(frozen=True)
class _Header:
    dim: int
    count: int
    metric: Metric


@dataclass(frozen=True)
class _Opened:
    kind: bytes
    header: _Header
    id_map: bool
    name: str


def looks_like(content: bytes) -> bool:
    """Whether the first bytes name a kind of faiss index that may be read here."""
    return content[:4] in ID_MAPS or content[:4] in GRAPHS


def read(
    content: bytes,
    metric: Metric | None,
    dim: int | None,
    vectors: npt.NDArray[np.float32] | None,
) -> HnswGraph:
    """The graph of a file; `vectors` in ascending order of label, for files that hold codes."""
    cursor = Cursor(content, KIND)
    opened = _open(cursor)
    header, n = opened.header, opened.header.count
    chosen = _metric(header, metric, dim)
    links = read_links(cursor, n)
    labels, end = np.arange(n), len(content)
    if opened.id_map:
        labels, end = _ids(content, n)
    own, vector_offset = _vectors(cursor, opened, end)
    supplied = None
    if own is None:
        supplied = check_supplied(vectors, n, header.dim, f"faiss {GRAPHS[opened.kind]}")
        own = np.zeros((n, 0), dtype=np.float32)
    records = _records(links, own, labels, chosen)
    offsets = {
        "level": lambda node: links.level_offset + 4 * int(node),
        "base": lambda node: links.link_offset + 4 * int(links.begins[node]),
        "upper": lambda row: _upper_offset(links, row),
        "label": lambda node: end + 8 + 8 * int(node),
        "vector": lambda node: vector_offset + 4 * header.dim * int(node),
    }
    check_records(records, cursor, offsets)
    if header.metric == "inner_product":
        check_metric(supplied if supplied is not None else own, chosen, cursor, "cosine needs")
    return to_graph(records, supplied, source=f"faiss {opened.name}")


def _open(cursor: Cursor) -> _Opened:
    """The headers of the index, and of the id map around it if there is one."""
    kind, offset = _fourcc(cursor)
    outer, prefix = None, ""
    if kind in ID_MAPS:
        outer, prefix = _header(cursor), f"{ID_MAPS[kind]} over "
        kind, offset = _fourcc(cursor)
    if kind not in GRAPHS:
        raise cursor.unsupported(
            "kind of index",
            f"{kind!r} is not an HNSW index of {', '.join(GRAPHS.values())}",
            offset,
        )
    header = _header(cursor)
    if outer is not None and outer != header:
        raise cursor.error("header", f"{header} differs from the id map's {outer}", offset + 4)
    return _Opened(kind, header, outer is not None, prefix + GRAPHS[kind])


def _fourcc(cursor: Cursor) -> tuple[bytes, int]:
    offset = cursor.offset
    return cursor.array("kind of index", "u1", 4).tobytes(), offset


def _header(cursor: Cursor) -> _Header:
    dim = cursor.number("dimension", "<i4", 1, 2**20)
    count = cursor.number("number of vectors", "<i8", 1, LARGEST_COUNT)
    cursor.array("unused numbers", "<i8", 2)
    cursor.number("trained flag", "u1", 0, 1)
    start = cursor.offset
    metric = cursor.number("metric", "<i4", 0, 2**31 - 1)
    if metric not in METRICS:
        raise cursor.unsupported(
            "metric", f"{metric} is neither 0 (inner product) nor 1 (Euclidean)", start
        )
    return _Header(dim, count, METRICS[metric])


def _metric(header: _Header, metric: Metric | None, dim: int | None) -> Metric:
    if dim is not None and dim != header.dim:
        raise IndexFileError(
            f"dim = {dim:,} contradicts the faiss file, whose vectors have {header.dim:,} "
            "dimensions. Leave dim out."
        )
    allowed = (header.metric, "cosine") if header.metric == "inner_product" else (header.metric,)
    if metric is not None and metric not in allowed:
        raise IndexFileError(
            f"metric {metric!r} contradicts the faiss file, which was built with "
            f"{header.metric!r}. Leave metric out."
        )
    return metric or header.metric


def _ids(content: bytes, count: int) -> tuple[npt.NDArray[np.int64], int]:
    """The id map, which ends the file, and where it begins."""
    start = len(content) - 8 * (count + 1)  # not below 0: as many link offsets were read before
    cursor = Cursor(content, KIND, start)
    if cursor.number("count of ids", "<u8", 0, 2**64 - 1) != count:
        raise cursor.error("count of ids", f"it is not {count:,}, the number of vectors", start)
    return cursor.array("ids", "<i8", count), start


def _vectors(
    cursor: Cursor, opened: _Opened, end: int
) -> tuple[npt.NDArray[np.float32] | None, int]:
    """The stored vectors, which end at `end`, and where they begin; None where there are none."""
    header = opened.header
    if GRAPHS[opened.kind] != "IndexHNSWFlat":
        return None, cursor.offset
    storage, offset = _fourcc(cursor)
    values = None
    if storage in FLAT:
        values = _flat(cursor, header)
    elif storage != NO_STORAGE:
        raise cursor.unsupported("kind of storage", f"{storage!r} is no flat index", offset)
    if cursor.offset != end:
        raise cursor.error(
            "end of the vectors", f"it must be at byte {end:,} of {len(cursor.content):,}"
        )
    return values, end - 4 * header.count * header.dim


def _flat(cursor: Cursor, header: _Header) -> npt.NDArray[np.float32]:
    start = cursor.offset
    stored = _header(cursor)
    if stored != header:
        raise cursor.error("storage header", f"{stored} differs from {header}", start)
    start = cursor.offset
    values = cursor.counted("vectors", "<f4")
    if len(values) != header.count * header.dim:
        raise cursor.error(
            "vectors",
            f"{len(values):,} numbers, not {header.count:,} rows of {header.dim:,}",
            start,
        )
    return values.reshape(header.count, header.dim)


def _records(
    links: FaissLinks,
    vectors: npt.NDArray[np.float32],
    labels: npt.NDArray[np.int64],
    metric: Metric,
) -> NodeRecords:
    width, upper_width = int(links.places[1]), int(links.places[2] - links.places[1])
    begins = links.begins[:-1]
    above = (links.levels - 1).astype(np.int64)
    first = np.cumsum(above) - above
    layer = np.arange(int(above.sum())) - np.repeat(first, above)
    upper_begins = np.repeat(begins, above) + width + upper_width * layer
    base, upper = (
        rows_of(links.links, begins, width),
        rows_of(links.links, upper_begins, upper_width),
    )
    return NodeRecords(
        vectors=vectors,
        labels=labels,
        deleted=np.zeros(len(labels), dtype=bool),
        levels=above.astype(np.int32),
        base_counts=used_of(base),
        base_links=base.view(np.uint32),
        upper_counts=used_of(upper),
        upper_links=upper.view(np.uint32),
        entry_point=links.entry_point,
        metric=metric,
        m=upper_width,
        ef_construction=links.ef_construction or None,
    )


def _upper_offset(links: FaissLinks, row: int) -> int:
    node, place = upper_place(links.levels - 1, row)
    return links.link_offset + 4 * int(links.begins[node] + links.places[place + 1])
