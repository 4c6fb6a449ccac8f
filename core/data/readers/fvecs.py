"""The vecs family of corpus-texmex: each row states its dimensions (int32), then its values.

.fvecs float32, .ivecs int32, .bvecs uint8. Format: http://corpus-texmex.irisa.fr/
"""

from typing import Any

import numpy as np

from core.data.limits import check_size
from core.data.readers.content import as_view
from core.data.readers.found import Content, Found, Options
from core.errors import DataError

STATED = np.dtype("<i4")
KINDS: dict[str, np.dtype[Any]] = {
    ".fvecs": np.dtype("<f4"),
    ".ivecs": np.dtype("<i4"),
    ".bvecs": np.dtype("u1"),
}
MOST_DIMENSIONS = 65_536
BLOCK = 2**16  # rows whose dimensions are compared at a time


def recognizes(content: Content, ending: str) -> bool:
    """By the ending, or where at least two rows of floats fill the file exactly."""
    if ending in KINDS:
        return True
    size = len(as_view(content))
    if size < 16:
        return False
    dim = int(np.frombuffer(content, STATED, 1)[0])
    row = 4 + 4 * dim
    if not 0 < dim <= MOST_DIMENSIONS or size % row or size < 2 * row:
        return False
    return int(np.frombuffer(content, STATED, 1, row)[0]) == dim


def read(content: Content, options: Options) -> Found:
    """The rows, all of the dimensions that the first one states."""
    kind = KINDS.get(options.ending, KINDS[".fvecs"])
    view = as_view(content)
    if len(view) < 4:
        raise DataError(f"The file has {len(view)} bytes, too few to state its dimensions.")
    dim = int(np.frombuffer(view, STATED, 1)[0])
    if not 0 < dim <= MOST_DIMENSIONS:
        raise DataError(
            f"The first row states {dim:,} dimensions, which no file of this family has. It is "
            "damaged, or not what its ending says."
        )
    width = 4 + dim * kind.itemsize
    rows, rest = divmod(len(view), width)
    if rest or rows == 0:
        raise DataError(
            f"The file has {len(view):,} bytes, and rows of {dim:,} dimensions take {width:,} "
            "each: the last one is not whole. It is cut off or damaged; copy it again."
        )
    check_size(rows, dim)
    table = np.frombuffer(view, np.dtype([("dim", STATED), ("values", kind, (dim,))]), rows)
    _check_dimensions(table["dim"], dim)
    return Found(table["values"], notes=(f"{rows:,} rows of {dim:,} values of {kind.name}",))


def _check_dimensions(stated: "np.ndarray[tuple[int], np.dtype[np.int32]]", dim: int) -> None:
    for start in range(0, len(stated), BLOCK):
        wrong = np.flatnonzero(stated[start : start + BLOCK] != dim)
        if len(wrong):
            row = start + int(wrong[0])
            raise DataError(
                f"Row {row:,} states {int(stated[row]):,} dimensions, and the first row {dim:,}. "
                "The file is damaged, or not what its ending says."
            )
