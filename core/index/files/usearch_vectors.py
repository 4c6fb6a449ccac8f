"""The vectors of a usearch file, which stand before its head, as float32."""

import numpy as np
import numpy.typing as npt

from core.index.files.checks import check_finite
from core.index.files.cursor import Cursor
from core.index.files.usearch_head import KIND, Head
from core.index.storage import BFLOAT16, FLOAT16, FLOAT32, INT8
from core.spaces import Metric, unit_rows

STORED = {"f64": "<f8", "f32": "<f4", "f16": "<f2", "bf16": "<u2", "i8": "<i1"}
STORAGES = {"f64": FLOAT32, "f32": FLOAT32, "f16": FLOAT16, "bf16": BFLOAT16, "i8": INT8}
STEP = np.float32(127)
AT_ONCE = 16_384
CONVERTED = "{} vectors converted to float32"
FRACTIONS = (
    "i8 vectors converted to float32 in steps of 1/127; usearch makes i8 of floats by scaling each "
    "row to length 1"
)
UNIT = "vectors scaled to length 1, for cosine"


def read_vectors(
    content: bytes, end: int, n: int, head: Head
) -> tuple[npt.NDArray[np.float32], tuple[str, ...]]:
    """(n, d) float32 from the bytes before the head at `end`, and notes of what was converted.

    Rows and bytes per row stand first, u32 or u64. Raises IndexFileError where they are not those
    of the index, or a row is not finite.
    """
    stored = np.dtype(STORED[head.scalar])
    cursor = Cursor(content, KIND)
    _check_shape(cursor, end, n, head.dim * stored.itemsize)
    cursor.offset = begin = end - n * head.dim * stored.itemsize
    raw = cursor.array("vectors", stored, n * head.dim).reshape(n, head.dim)
    vectors = raw if head.scalar == "f32" else _in_blocks(raw, head.scalar)
    check_finite(vectors, cursor, lambda row: begin + row * head.dim * stored.itemsize)
    if head.scalar == "f32":
        return vectors, ()
    return vectors, (FRACTIONS if head.scalar == "i8" else CONVERTED.format(head.scalar),)


def scaled(rows: npt.NDArray[np.float32], metric: Metric) -> npt.NDArray[np.float32]:
    """(n, d) rows of length 1 under "cosine", as they stand elsewhere; zero rows stay zero."""
    if metric != "cosine":
        return rows
    units = np.empty(rows.shape, dtype=np.float32)
    for start in range(0, len(rows), AT_ONCE):
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


def _in_blocks(raw: npt.NDArray[np.generic], scalar: str) -> npt.NDArray[np.float32]:
    """float32 of each number; what float32 cannot hold becomes an infinity."""
    vectors = np.empty(raw.shape, dtype=np.float32)
    with np.errstate(over="ignore", invalid="ignore"):  # found by the check that follows
        for start in range(0, len(raw), AT_ONCE):
            block = raw[start : start + AT_ONCE]
            if scalar == "bf16":  # the upper half of a float32
                block = (block.astype(np.uint32) << np.uint32(16)).view(np.float32)
            vectors[start : start + AT_ONCE] = block
    if scalar == "i8":
        vectors /= STEP
    return vectors
