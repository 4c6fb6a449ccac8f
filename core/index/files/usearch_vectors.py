"""The vectors of a usearch file, which stand before its head, as float32."""

from typing import Any

import numpy as np
import numpy.typing as npt

from core.data import watch
from core.distances import Metric, unit_rows
from core.index.files.checks import check_finite
from core.index.files.cursor import Cursor
from core.index.files.small_floats import SMALL_FLOATS, small_floats
from core.index.files.usearch_head import KIND, Head
from core.index.storage import (
    BFLOAT16,
    E2M3,
    E3M2,
    E4M3,
    E5M2,
    FLOAT16,
    FLOAT32,
    INT8,
    UINT8,
)

STORED = {
    "f64": "<f8",
    "f32": "<f4",
    "f16": "<f2",
    "bf16": "<u2",
    "e5m2": "u1",
    "e4m3": "u1",
    "e3m2": "u1",
    "e2m3": "u1",
    "u8": "u1",
    "i8": "<i1",
}
STORAGES = {
    "f64": FLOAT32,
    "f32": FLOAT32,
    "f16": FLOAT16,
    "bf16": BFLOAT16,
    "e5m2": E5M2,
    "e4m3": E4M3,
    "e3m2": E3M2,
    "e2m3": E2M3,
    "u8": UINT8,
    "i8": INT8,
}
AT_ONCE = 16_384
CONVERTED = "{} vectors converted to float32"
FRACTIONS = "i8 vectors converted to float32 in steps of 1/{}; usearch makes i8 of floats by {}"
SCALED = {127: "scaling each row to length 1", 100: "cutting them off at -1 and 1"}
WHOLE = (
    "u8 vectors read as whole numbers, in float32; usearch makes u8 of floats by scaling each row, "
    "negative ones become 0"
)
UNIT = "vectors scaled to length 1, for cosine"
BEYOND = "infinity, or a number beyond float32's"


def read_vectors(
    content: bytes, end: int, labels: npt.NDArray[np.integer[Any]], head: Head
) -> tuple[npt.NDArray[np.float32], tuple[str, ...]]:
    """(n, d) float32 from the bytes before the head at `end`, and notes of what was converted.

    Rows and bytes per row stand first, u32 or u64. labels: (n,) for messages. Raises
    IndexFileError where the rows are not those of the index, or one is not finite.
    """
    n, stored = len(labels), np.dtype(STORED[head.scalar])
    cursor = Cursor(content, KIND)
    _check_shape(cursor, end, n, head.dim * stored.itemsize)
    cursor.offset = begin = end - n * head.dim * stored.itemsize
    raw = cursor.array("vectors", stored, n * head.dim).reshape(n, head.dim)
    vectors = raw if head.scalar == "f32" else _in_blocks(raw, head)
    infinity = BEYOND if head.scalar == "f64" else "infinity"
    check_finite(
        vectors,
        cursor,
        lambda row: begin + row * head.dim * stored.itemsize,
        labels,
        infinity,
    )
    return vectors, _notes(head)


def scaled(rows: npt.NDArray[np.float32], metric: Metric) -> npt.NDArray[np.float32]:
    """(n, d) rows of length 1 under "cosine", as they stand elsewhere; zero rows stay zero."""
    if metric != "cosine":
        return rows
    units = np.empty(rows.shape, dtype=np.float32)
    for start in range(0, len(rows), AT_ONCE):
        watch.rows_read(start, len(rows))
        units[start : start + AT_ONCE] = unit_rows(rows[start : start + AT_ONCE])
    return units


def _check_shape(cursor: Cursor, end: int, n: int, width: int) -> None:
    for kind in ("<u4", "<u8"):
        cursor.offset = 0
        rows, per_row = (int(value) for value in cursor.array("size of the vectors", kind, 2))
        if cursor.offset + rows * per_row == end and (rows, per_row) == (n, width):
            return
    raise cursor.error(
        "vectors",
        f"{end:,} bytes stand before the head, and {n:,} rows of {width:,} bytes, with their "
        "numbers before them, are expected",
        0,
    )


def _in_blocks(raw: npt.NDArray[np.generic], head: Head) -> npt.NDArray[np.float32]:
    """float32 of each number; what float32 cannot hold becomes an infinity."""
    vectors = np.empty(raw.shape, dtype=np.float32)
    small = small_floats(head.scalar) if head.scalar in SMALL_FLOATS else None
    with np.errstate(over="ignore", invalid="ignore"):  # found by the check that follows
        for start in range(0, len(raw), AT_ONCE):
            watch.rows_read(start, len(raw))
            block = raw[start : start + AT_ONCE]
            if head.scalar == "bf16":  # the upper half of a float32
                block = (block.astype(np.uint32) << np.uint32(16)).view(np.float32)
            elif small is not None:
                block = small[block.astype(np.intp)]
            vectors[start : start + AT_ONCE] = block
    if head.scalar == "i8":
        vectors /= np.float32(head.step)
    return vectors


def _notes(head: Head) -> tuple[str, ...]:
    if head.scalar == "f32":
        return ()
    if head.scalar == "i8":
        return (FRACTIONS.format(head.step, SCALED[head.step]),)
    return (WHOLE if head.scalar == "u8" else CONVERTED.format(head.scalar),)
