"""The files that faiss writes of its HNSW indexes, with everything in them checked.

A header; the graph: level probabilities f64, link places up to each level i32, levels i32 (1
for layer 0 alone), where each node's links begin u64, all links i32 (-1 for none), each after a u64
count, then entry point, top layer, efConstruction, efSearch and an unused i32; then the storage.
Around it there may be an IndexPreTransform: a header, its transforms, the index inside; and an
IndexIDMap: a header, the index inside and the ids i64.
(https://github.com/facebookresearch/faiss, `index_write.cpp`)
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.distances import Metric
from core.errors import IndexFileError
from core.index.files.checks import AT_ONCE, UNIT, check_metric, check_records, upper_place
from core.index.files.cursor import Cursor
from core.index.files.faiss_links import FaissLinks, read_links, rows_of, used_of
from core.index.files.faiss_open import GRAPHS, PANORAMA, Opened, looks_like, read_opening
from core.index.files.faiss_storage import Storage, read_storage
from core.index.files.supplied import check_supplied
from core.index.graph import HnswGraph
from core.index.records import NodeRecords, to_graph
from core.index.transform import Transform

__all__ = ["looks_like", "read"]

KIND = "faiss"
PANORAMA_NOTE = (
    "faiss prunes a search of IndexHNSWFlatPanorama by partial distances and may answer otherwise; "
    "here it is searched as IndexHNSWFlat is"
)


@dataclass(frozen=True)
class _Space:
    """How the graph's vectors are compared, and what a query goes through first."""

    metric: Metric
    transform: Transform | None


def read(
    content: bytes,
    metric: Metric | None,
    dim: int | None,
    vectors: npt.NDArray[np.float32] | None,
) -> HnswGraph:
    """The graph of a file; `vectors` in ascending order of label, for files without storage."""
    cursor = Cursor(content, KIND)
    opened = read_opening(cursor)
    header, n = opened.header, opened.header.count
    _check_said(opened, metric, dim)
    links = read_links(cursor, n, layers=opened.starts is None)
    storage = read_storage(cursor, header)
    labels = _ids(cursor, opened)
    rest = cursor.rest()
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
        notes=_notes(opened, storage) + rest,
        codes=storage.codes,
        transform=space.transform,
    )


def _check_said(opened: Opened, metric: Metric | None, dim: int | None) -> None:
    """Raise IndexFileError where what was said of the file cannot be so."""
    header = opened.header
    if dim is not None and dim != opened.dim:
        raise IndexFileError(
            f"dim = {dim:,} contradicts the faiss file, whose vectors have {opened.dim:,} "
            "dimensions. Leave dim out."
        )
    if metric in (None, header.metric):
        return
    if metric != "cosine" or not (header.metric == "inner_product" or opened.ends_in_length_1):
        raise IndexFileError(
            f"metric {metric!r} contradicts the faiss file, which was built with "
            f"{header.metric!r}. Leave metric out."
        )


def _space(
    opened: Opened,
    storage: Storage,
    vectors: npt.NDArray[np.float32],
    metric: Metric | None,
) -> _Space:
    """The metric and the transform.

    Where normalization comes last, inner product and L2 order rows of length 1 as the cosine does,
    so that it is the metric and the step is left to it. Codes are not of length 1 any more.
    """
    header, steps = opened.header, opened.steps
    as_cosine = metric in (None, "cosine") and opened.ends_in_length_1 and storage.codes is None
    if as_cosine and _length_1(vectors, zeros=header.metric == "inner_product"):
        return _Space("cosine", Transform(steps[:-1]) if steps[:-1] else None)
    return _Space(metric or header.metric, Transform(steps) if steps else None)


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


def _ids(cursor: Cursor, opened: Opened) -> npt.NDArray[np.int64]:
    """The labels; without an id map they are the order of adding."""
    count = opened.header.count
    if not opened.id_map:
        return np.arange(count)
    start = cursor.offset
    if cursor.number("count of ids", "<u8", 0, 2**64 - 1) != count:
        raise cursor.error("count of ids", f"it is not {count:,}, the number of vectors", start)
    return cursor.array("ids", "<i8", count)


def _notes(opened: Opened, storage: Storage) -> tuple[str, ...]:
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
