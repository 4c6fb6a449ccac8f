"""The bin family of big-ann-benchmarks: rows and dimensions (uint32 each), then all values.

.fbin float32, .u8bin uint8, .i8bin int8, .ibin int32, and .f16bin float16 as DiskANN writes it.
Ground truth has the ids (uint32) of all queries, and then their distances (float32).
Format: https://big-ann-benchmarks.com/neurips21.html
"""

from typing import Any

import numpy as np

from core.data.limits import check_size
from core.data.readers.content import as_view
from core.data.readers.found import Content, Found, Options
from core.errors import DataError

HEAD = 8
KINDS: dict[str, np.dtype[Any]] = {
    ".fbin": np.dtype("<f4"),
    ".u8bin": np.dtype("u1"),
    ".i8bin": np.dtype("i1"),
    ".ibin": np.dtype("<i4"),
    ".f16bin": np.dtype("<f2"),
}
ID, DISTANCE = np.dtype("<u4"), np.dtype("<f4")
MOST_DIMENSIONS = 65_536
GUESSED: tuple[np.dtype[Any], ...] = (
    np.dtype("<f4"),
    np.dtype("u1"),
)  # int8 cannot be told from uint8, nor int32 from float


def recognizes(content: Content, ending: str) -> bool:
    """By the ending, or where the stated rows of floats or bytes fill the file exactly."""
    if ending in KINDS:
        return True
    view = as_view(content)
    if len(view) <= HEAD:
        return False
    rows, dim = (int(value) for value in np.frombuffer(view, "<u4", 2))
    return 1 < dim <= MOST_DIMENSIONS and (
        _is_truth(view, rows, dim)
        or any(rows > 0 and len(view) == HEAD + rows * dim * kind.itemsize for kind in GUESSED)
    )


def read(content: Content, options: Options) -> Found:
    """The rows, without a copy of float32."""
    view = as_view(content)
    if len(view) < HEAD:
        raise DataError(f"The file has {len(view)} bytes, too few to state its rows.")
    rows, dim = (int(value) for value in np.frombuffer(view, "<u4", 2))
    check_size(rows, dim)
    if options.ending in ("", ".ibin", ".bin") and _is_truth(view, rows, dim):
        ids = np.frombuffer(view, ID, rows * dim, HEAD).reshape(rows, dim)
        note = f"the ids of {dim:,} neighbors of {rows:,} queries; their distances left out"
        return Found(ids, notes=(note,))
    kind = _kind(options.ending, len(view) - HEAD, rows * dim)
    if rows * dim * kind.itemsize != len(view) - HEAD:
        raise DataError(
            f"The file states {rows:,} rows of {dim:,} dimensions of {kind.name}, "
            f"{rows * dim * kind.itemsize:,} bytes, but holds {len(view) - HEAD:,}. It is cut off, "
            "damaged or not what its ending says."
        )
    values = np.frombuffer(view, kind, rows * dim, HEAD).reshape(rows, dim)
    note = f"{rows:,} rows of {dim:,} values of {kind.name}"
    if options.ending not in KINDS:
        note += ", recognized by the size of the file"
    return Found(values, notes=(note,))


def _is_truth(view: memoryview, rows: int, dim: int) -> bool:
    """Whether ids, and as many distances in ascending order, fill the file exactly."""
    if rows < 1 or dim < 1 or len(view) != HEAD + rows * dim * (ID.itemsize + DISTANCE.itemsize):
        return False
    distances = np.frombuffer(view, DISTANCE, dim, HEAD + rows * dim * ID.itemsize)
    return bool((np.diff(distances.astype(np.float64)) >= 0).all())


def _kind(ending: str, size: int, values: int) -> np.dtype[Any]:
    if ending in KINDS:
        return KINDS[ending]
    return next((kind for kind in GUESSED if kind.itemsize * values == size), GUESSED[0])
