"""Everything before the graph of a faiss file: what is around the index, and its own header.

For Panorama the header is followed by its levels u64 and sums f32, for Cagra by flags u8, u8, entry
points i32 and, but in older files, a number type i32.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.index.files.cursor import Cursor
from core.index.files.faiss_head import Header, fourcc, read_header
from core.index.files.faiss_names import CLASSES, class_name
from core.index.files.faiss_transforms import read_steps
from core.index.transform import Normalization, Step

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


@dataclass(frozen=True)
class Opened:
    """Everything before the graph.

    kind: fourcc of the HNSW index. header: its own. dim: dimensions of the vectors as they were
    added. id_map: whether ids stand at the end. steps: of all pre-transforms, the outermost first.
    name: all classes, the outermost first. starts: how many random rows a search of layer 0 alone
    starts from; None where it starts from the entry point.
    """

    kind: bytes
    header: Header
    dim: int
    id_map: bool
    steps: tuple[Step, ...]
    name: str
    starts: int | None

    @property
    def ends_in_length_1(self) -> bool:
        """Whether every stored vector has been normalized, last of all."""
        return bool(self.steps) and isinstance(self.steps[-1], Normalization)


def looks_like(content: bytes) -> bool:
    """Whether the first bytes name a class of faiss, one that is read here or another."""
    first = content[:4]
    return first in ID_MAPS or first in GRAPHS or first in CLASSES or first == PRE_TRANSFORM


def read_opening(cursor: Cursor) -> Opened:
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
            return Opened(kind, header, first_dim, id_map, steps, name, starts)
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
