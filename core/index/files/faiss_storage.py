"""What stands behind the graph in a faiss file: the vectors, their codes, or nothing.

Flat: a header and the count and values of all vectors, f32. Scalar quantizer: a header, type i32,
range statistic i32, its argument f32, d and code size u64, the trained numbers, the codes. Product
quantizer: a header, d, M and bits u64, the centroids, the codes, then search type i32, signs u8 and
a threshold i32 that a search of a graph does not use (older files lack the three).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.errors import IndexFileError
from core.index.files.cursor import Cursor
from core.index.files.faiss_codes import (
    LARGEST_BITS,
    REFUSED_SCALARS,
    SCALARS,
    Bytes,
    Decoder,
    ScalarKind,
    decoded,
    product_decoder,
    scalar_decoder,
)
from core.index.files.faiss_head import Header, fourcc, read_header
from core.index.files.faiss_names import class_name

FLAT = (b"IxF2", b"IxFI", b"IxFl")
SCALAR = b"IxSQ"
PRODUCT_OLD = b"IxPQ"
PRODUCT = (PRODUCT_OLD, b"IxPo", b"IxPq")
NO_STORAGE = b"null"  # written with IO_FLAG_SKIP_STORAGE
MOST_DECODED = 2**34  # bytes; codes may be hundreds of times smaller than their vectors


@dataclass(frozen=True, eq=False)
class Storage:
    """vectors: (n, d) float32, None where the file holds none. codes: what they were decoded from.

    offset: where the first row's numbers or codes begin; row_bytes: how many bytes each row takes.
    """

    vectors: npt.NDArray[np.float32] | None
    codes: str | None
    offset: int
    row_bytes: int


def read_storage(cursor: Cursor, header: Header) -> Storage:
    """The storage of an index with this header; raises IndexFileError."""
    kind, offset = fourcc(cursor)
    if kind == NO_STORAGE:
        return Storage(None, None, cursor.offset, 0)
    if kind not in (*FLAT, SCALAR, *PRODUCT):
        raise cursor.unsupported(
            "kind of storage",
            f"{class_name(kind)} is neither flat nor a scalar or product quantizer",
            offset,
        )
    start = cursor.offset
    stored = read_header(cursor)
    if (stored.dim, stored.count) != (header.dim, header.count) or (
        stored.metric != header.metric and kind not in PRODUCT[:2]  # which always say 0
    ):
        raise cursor.error("storage header", f"{stored} differs from {header}", start)
    if kind in FLAT:
        return _flat(cursor, header)
    return _scalar(cursor, header) if kind == SCALAR else _product(cursor, header, kind)


def _flat(cursor: Cursor, header: Header) -> Storage:
    start = cursor.offset
    values = cursor.counted("vectors", "<f4")
    if len(values) != header.count * header.dim:
        raise cursor.error(
            "vectors",
            f"{len(values):,} numbers, not {header.count:,} rows of {header.dim:,}",
            start,
        )
    rows = values.reshape(header.count, header.dim)
    return Storage(rows, None, start + 8, 4 * header.dim)


def _scalar(cursor: Cursor, header: Header) -> Storage:
    kind = _scalar_kind(cursor)
    cursor.array("range statistic and its argument", "<i4", 2)
    _same_dim(cursor, header)
    row_bytes = (header.dim * kind.bits + 7) // 8
    cursor.number("code size", "<u8", row_bytes, row_bytes)
    trained = _finite(cursor, "trained numbers", kind.trained(header.dim))
    return _codes(cursor, header, row_bytes, scalar_decoder(kind, header.dim, trained), kind.name)


def _scalar_kind(cursor: Cursor) -> ScalarKind:
    start = cursor.offset
    number = cursor.number("type of scalar quantizer", "<i4", 0, 2**31 - 1)
    if number not in SCALARS:
        name = REFUSED_SCALARS.get(number, f"type {number}")
        raise cursor.unsupported("type of scalar quantizer", f"{name} is not decoded here", start)
    return SCALARS[number]


def _product(cursor: Cursor, header: Header, kind: bytes) -> Storage:
    _same_dim(cursor, header)
    start = cursor.offset
    parts = cursor.number("parts of the product quantizer", "<u8", 1, header.dim)
    if header.dim % parts:
        raise cursor.error(
            "parts of the product quantizer", f"{parts:,} do not divide {header.dim:,}", start
        )
    bits = cursor.number("bits of a code", "<u8", 1, LARGEST_BITS)
    centroids = _finite(cursor, "centroids", header.dim << bits)
    table = centroids.reshape(parts, 1 << bits, header.dim // parts)
    row_bytes = (parts * bits + 7) // 8
    name = f"PQ {parts:,} x {bits} bit"
    storage = _codes(cursor, header, row_bytes, product_decoder(table, bits), name)
    if kind != PRODUCT_OLD:
        cursor.array("search type", "<i4", 1)
        cursor.number("sign flag", "u1", 0, 1)
        cursor.array("threshold of polysemous codes", "<i4", 1)
    return storage


def _same_dim(cursor: Cursor, header: Header) -> None:
    cursor.number("dimension of the quantizer", "<u8", header.dim, header.dim)


def _finite(cursor: Cursor, field: str, count: int) -> npt.NDArray[np.float32]:
    """So many f32 after their count, all finite."""
    start = cursor.offset
    values = cursor.counted(field, "<f4")
    if len(values) != count:
        raise cursor.error(field, f"{len(values):,} numbers, not {count:,}", start)
    if not np.isfinite(values).all():
        raise cursor.error(field, "one of them is not finite", start)
    return values


def _codes(cursor: Cursor, header: Header, row_bytes: int, decode: Decoder, name: str) -> Storage:
    start = cursor.offset
    codes: Bytes = cursor.counted("codes", "u1")
    if len(codes) != header.count * row_bytes:
        raise cursor.error(
            "codes",
            f"{len(codes):,} bytes, not {header.count:,} codes of {row_bytes:,}",
            start,
        )
    if 4 * header.count * header.dim > MOST_DECODED:
        raise IndexFileError(
            f"The {name} codes of {header.count:,} items decode to vectors of "
            f"{4 * header.count * header.dim / 2**30:,.0f} GiB, and at most "
            f"{MOST_DECODED // 2**30:,} are read. Write an index of fewer items."
        )
    rows = decoded(codes.reshape(header.count, row_bytes), header.dim, decode)
    return Storage(rows, name, start + 8, row_bytes)
