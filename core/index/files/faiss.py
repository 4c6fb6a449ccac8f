"""The files that faiss writes of its HNSW indexes, with everything in them checked.

A header; for Panorama its levels u64 and sums f32, for Cagra flags u8, u8, entry points i32 and a
number type i32; the graph: level probabilities f64, link places up to each level i32, levels i32 (1
for layer 0 alone), where each node's links begin u64, all links i32 (-1 for none), each after a u64
count, then entry point, top layer, efConstruction, efSearch and an unused i32; then the storage.
Around it there may be an IndexPreTransform: a header, its transforms, the index inside; and an
IndexIDMap: a header, the index inside and the ids i64.
(https://github.com/facebookresearch/faiss, `index_write.cpp`)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.errors import IndexFileError
from core.index.files.checks import AT_ONCE, UNIT, check_metric, check_records, upper_place
from core.index.files.cursor import Cursor
from core.index.files.faiss_head import Header, fourcc, read_header
from core.index.files.faiss_links import FaissLinks, read_links, rows_of, used_of
from core.index.files.faiss_names import CLASSES, class_name
from core.index.files.faiss_storage import Storage, read_storage
from core.index.files.faiss_transforms import read_steps
from core.index.files.supplied import check_supplied
from core.index.graph import HnswGraph
from core.index.records import NodeRecords, to_graph
from core.index.transform import Normalization, Step, Transform
from core.spaces import Metric

KIND = "faiss"
ID_MAPS = {b"IxMp": "IndexIDMap", b"IxM2": "IndexIDMap2"}
PRE_TRANSFORM = b"IxPT"
GRAPHS = {
    b"IHNf": "IndexHNSWFlat",
    b"IHNs": "IndexHNSWSQ",
    b"IHNp": "IndexHNSWPQ",
    b"IH00": "IndexHNSW",
    b"IHfP": "IndexHNSWFlatPanorama",
    b"IHNc": "IndexHNSWCagra",
    b"IHc2": "IndexHNSWCagra",
}
PANORAMA, CAGRA_OLD, CAGRA = b"IHfP", b"IHNc", b"IHc2"
MOST_WRAPPERS = 16
PANORAMA_NOTE = (
    "faiss prunes a search of IndexHNSWFlatPanorama by partial distances and may answer otherwise; "
    "here it is searched as IndexHNSWFlat is"
)


@dataclass(frozen=True)
class _Opened:
    """Everything before the graph. steps: of all pre-transforms, the outermost first."""

    kind: bytes
    header: Header
    dim: int
    id_map: bool
    steps: tuple[Step, ...]
    name: str
    starts: int | None  # random rows that a search of layer 0 alone starts from; None: as usual


@dataclass(frozen=True)
class _Space:
    """How the graph's vectors are compared, and what a query goes through first."""

    metric: Metric
    transform: Transform | None


def looks_like(content: bytes) -> bool:
    """Whether the first bytes name a class of faiss, one that is read here or another."""
    first = content[:4]
    return first in ID_MAPS or first in GRAPHS or first in CLASSES or first == PRE_TRANSFORM


def read(
    content: bytes,
    metric: Metric | None,
    dim: int | None,
    vectors: npt.NDArray[np.float32] | None,
) -> HnswGraph:
    """The graph of a file; `vectors` in ascending order of label, for files without storage."""
    cursor = Cursor(content, KIND)
    opened = _open(cursor)
    header, n = opened.header, opened.header.count
    _check_said(opened, metric, dim)
    links = read_links(cursor, n, layers=opened.starts is None)
    storage = read_storage(cursor, header)
    labels, label_offset = _ids(cursor, opened)
    cursor.end()
    own, supplied = storage.vectors, None
    if own is None:
        given = check_supplied(vectors, n, opened.dim, f"faiss {GRAPHS[opened.kind]}")
        supplied = Transform(opened.steps).apply(given) if opened.steps else given
        own = np.zeros((n, 0), dtype=np.float32)
    compared = own if supplied is None else supplied
    space = _space(opened, storage, compared, metric)
    records = _records(links, own, labels, space.metric)
    offsets = {
        "level": lambda node: links.level_offset + 4 * int(node),
        "base": lambda node: links.link_offset + 4 * int(links.begins[node]),
        "upper": lambda row: _upper_offset(links, row),
        "label": lambda node: label_offset + 8 * int(node),
        "vector": lambda node: storage.offset + storage.row_bytes * int(node),
    }
    check_records(records, cursor, offsets)
    check_metric(compared, space.metric, cursor, "cosine needs")
    if opened.starts is not None:
        middle = _nearest_to_mean(compared)
        order = None if supplied is None else np.argsort(labels, kind="stable")
        records = replace(records, entry_point=middle if order is None else int(order[middle]))
    return to_graph(
        records,
        supplied,
        source=f"faiss {opened.name}",
        notes=_notes(opened, storage),
        codes=storage.codes,
        transform=space.transform,
    )


def _open(cursor: Cursor) -> _Opened:
    """The headers of the index, and of all that is around it."""
    names: list[str] = []
    steps: tuple[Step, ...] = ()
    outer: Header | None = None
    first_dim, id_map = 0, False
    for _ in range(MOST_WRAPPERS):
        kind, offset = fourcc(cursor)
        if kind not in GRAPHS and kind not in ID_MAPS and kind != PRE_TRANSFORM:
            break
        header = read_header(cursor)
        _check_inner(cursor, outer, header, offset)
        first_dim = first_dim or header.dim
        if kind in GRAPHS:
            name = " over ".join([*names, GRAPHS[kind]])
            starts = _extra_fields(cursor, kind, header)
            return _Opened(kind, header, first_dim, id_map, steps, name, starts)
        outer = header
        if kind == PRE_TRANSFORM:
            names.append("IndexPreTransform")
            inside = read_steps(cursor)
            _check_chain(cursor, inside, header, offset)
            steps += inside
            outer = Header(
                inside[-1].dim_out if inside else header.dim, header.count, header.metric
            )
            continue
        if id_map:
            raise cursor.unsupported("kind of index", "an id map inside an id map", offset)
        id_map = True
        names.append(ID_MAPS[kind])
    raise cursor.unsupported(
        "kind of index",
        f"{class_name(kind)} is not an HNSW index of {', '.join(dict.fromkeys(GRAPHS.values()))}",
        offset,
    )


def _check_inner(cursor: Cursor, outer: Header | None, header: Header, offset: int) -> None:
    if outer is not None and outer != header:
        raise cursor.error(
            "header", f"{header} differs from the {outer} of the index around it", offset + 4
        )


def _check_chain(cursor: Cursor, steps: Sequence[Step], header: Header, offset: int) -> None:
    if steps and steps[0].dim_in != header.dim:
        raise cursor.error(
            "header",
            f"{header.dim:,} dimensions, and the first transform takes {steps[0].dim_in:,}",
            offset + 4,
        )


def _extra_fields(cursor: Cursor, kind: bytes, header: Header) -> int | None:
    """Fields between the header and the graph; how many random rows a search starts from, if so."""
    if kind == PANORAMA:
        levels = cursor.number("Panorama levels", "<u8", 1, header.dim)
        start = cursor.offset
        sums = cursor.counted("Panorama sums", "<f4")
        if len(sums) != header.count * (levels + 1):
            raise cursor.error("Panorama sums", f"{len(sums):,} for {header.count:,} items", start)
    if kind not in (CAGRA, CAGRA_OLD):
        return None
    cursor.number("flag of full lists", "u1", 0, 1)
    base_only = cursor.number("flag of layer 0 alone", "u1", 0, 1)
    starts = cursor.number("entry points", "<i4", 0, 2**31 - 1)
    if kind == CAGRA:
        cursor.number("number type", "<i4", 0, 64)
    return starts if base_only else None


def _check_said(opened: _Opened, metric: Metric | None, dim: int | None) -> None:
    """Raise IndexFileError where what was said of the file cannot be so."""
    header = opened.header
    if dim is not None and dim != opened.dim:
        raise IndexFileError(
            f"dim = {dim:,} contradicts the faiss file, whose vectors have {opened.dim:,} "
            "dimensions. Leave dim out."
        )
    if metric in (None, header.metric):
        return
    if metric != "cosine" or not (header.metric == "inner_product" or _ends_in_length_1(opened)):
        raise IndexFileError(
            f"metric {metric!r} contradicts the faiss file, which was built with "
            f"{header.metric!r}. Leave metric out."
        )


def _space(
    opened: _Opened,
    storage: Storage,
    vectors: npt.NDArray[np.float32],
    metric: Metric | None,
) -> _Space:
    """The metric and the transform.

    Where normalization comes last, inner product and L2 order rows of length 1 as the cosine does,
    so that it is the metric and the step is left to it. Codes are not of length 1 any more.
    """
    header, steps = opened.header, opened.steps
    as_cosine = metric in (None, "cosine") and _ends_in_length_1(opened) and storage.codes is None
    if as_cosine and _length_1(vectors, zeros=header.metric == "inner_product"):
        return _Space("cosine", Transform(steps[:-1]) if steps[:-1] else None)
    return _Space(metric or header.metric, Transform(steps) if steps else None)


def _ends_in_length_1(opened: _Opened) -> bool:
    return bool(opened.steps) and isinstance(opened.steps[-1], Normalization)


def _length_1(vectors: npt.NDArray[np.float32], *, zeros: bool) -> bool:
    """Whether every row has length 1; zeros: or 0."""
    squares = np.einsum("ij,ij->i", vectors, vectors)
    return bool(((np.abs(squares - 1) <= UNIT) | (zeros & (squares == 0))).all())


def _nearest_to_mean(vectors: npt.NDArray[np.float32]) -> int:
    """The row of (n, d) that lies nearest to the mean of all."""
    mean = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    nearest = np.inf, 0
    for start in range(0, len(vectors), AT_ONCE):
        apart = vectors[start : start + AT_ONCE] - mean
        squares = np.einsum("ij,ij->i", apart, apart)
        row = int(squares.argmin())
        nearest = min(nearest, (float(squares[row]), start + row))
    return nearest[1]


def _ids(cursor: Cursor, opened: _Opened) -> tuple[npt.NDArray[np.int64], int]:
    """The labels and where the first stands; without an id map they are the order of adding."""
    count = opened.header.count
    if not opened.id_map:
        return np.arange(count), cursor.offset
    start = cursor.offset
    if cursor.number("count of ids", "<u8", 0, 2**64 - 1) != count:
        raise cursor.error("count of ids", f"it is not {count:,}, the number of vectors", start)
    return cursor.array("ids", "<i8", count), start + 8


def _notes(opened: _Opened, storage: Storage) -> tuple[str, ...]:
    notes = []
    if opened.steps:
        notes.append(f"every vector and query goes through {Transform(opened.steps).name}")
    if storage.codes is not None:
        notes.append(f"vectors decoded from {storage.codes} codes, as faiss compares them")
    if opened.kind == PANORAMA:
        notes.append(PANORAMA_NOTE)
    if opened.starts is not None:
        notes.append(
            "layer 0 alone is searched: faiss starts at the nearest of "
            f"{opened.starts:,} random rows, anew each time; here every search starts at the row "
            "nearest to the mean"
        )
    return tuple(notes)


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
