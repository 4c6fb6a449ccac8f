"""Any array of numbers to finite float32 rows, saying what was changed."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from core.data import watch
from core.data.limits import check_size
from core.errors import DataError

NAMED = 5
BLOCK = 2**20  # values that are looked at together


def to_float32(vectors: npt.ArrayLike, what: str) -> tuple[npt.NDArray[np.float32], list[str]]:
    """(n, d) read-only float32, C-contiguous, and notes on what was converted.

    An array of float32 that cannot be written, such as one mapped from a file, is not copied.

    what: the array's name for messages. Raises DataError where the array is not 2-D, empty, not of
    numbers, not finite, or too large for float32.
    """
    rows = check_table(vectors, what)
    check_size(*rows.shape)
    if _is_kept(rows):
        converted, bad = np.require(rows, np.float32), non_finite_rows(rows)
    else:
        converted, bad = _converted(rows)
    if len(bad):
        raise DataError(non_finite_message(bad, rows[bad], what))
    converted.setflags(write=False)
    notes = [] if rows.dtype == np.float32 else [f"{rows.dtype} converted to float32"]
    return converted, notes


def _is_kept(rows: npt.NDArray[np.generic]) -> bool:
    """Whether the rows are what is wanted, and nobody can change them."""
    flags = rows.flags
    plain = rows.dtype == np.float32 and rows.dtype.isnative
    return plain and flags.c_contiguous and flags.aligned and not flags.writeable


def _converted(
    rows: npt.NDArray[np.generic],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """A copy as float32, and the rows of it that are not finite; a block of rows at a time."""
    converted, bad = np.empty(rows.shape, np.float32), [np.empty(0, np.int64)]
    with np.errstate(over="ignore"):
        for start, stop in _blocks(rows):
            block = converted[start:stop]
            block[:] = rows[start:stop]
            bad.append(start + np.flatnonzero(~np.isfinite(block).all(axis=1)))
    return converted, np.concatenate(bad)


def _blocks(rows: npt.NDArray[np.generic]) -> Iterator[tuple[int, int]]:
    """Where each block of rows begins and ends."""
    step = max(1, BLOCK // max(rows.shape[1], 1))
    for start in range(0, len(rows), step):
        watch.rows_read(start, len(rows))
        yield start, min(start + step, len(rows))


def check_table(vectors: npt.ArrayLike, what: str) -> npt.NDArray[np.generic]:
    """`vectors` as an array (n >= 1, d >= 1) of numbers."""
    try:
        rows = np.asarray(vectors)
    except ValueError as error:
        raise DataError(f"{what} must be rows of equal length: {error}.") from error
    if rows.dtype.kind not in "biuf":
        raise DataError(
            f"{what} must be numbers; got an array of {rows.dtype}. Save it as float32, e.g. "
            "array.astype('float32')."
        )
    if rows.ndim != 2:
        raise DataError(
            f"{what} must be a table, (rows, dimensions); got a {rows.ndim}-D array of shape "
            f"{rows.shape}. Reshape it to two dimensions, one row per item."
        )
    if 0 in rows.shape:
        raise DataError(
            f"{what} must have at least one row and one dimension; got shape {rows.shape}."
        )
    return rows


def non_finite_rows(rows: npt.NDArray[np.generic]) -> npt.NDArray[np.int64]:
    """Ids of the rows with a NaN or an infinity as float32; a block of rows at a time."""
    with np.errstate(over="ignore"):
        bad = [
            start + np.flatnonzero(~np.isfinite(_float32(rows[start:stop])).all(axis=1))
            for start, stop in _blocks(rows)
        ]
    return np.concatenate([np.empty(0, np.int64), *bad])


def _float32(rows: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    return np.asarray(rows, dtype=np.float32)


def non_finite_message(
    bad: npt.NDArray[np.int64], values: npt.NDArray[np.generic], what: str = "vectors"
) -> str:
    """Which rows cannot be used, and what to do."""
    named = ", ".join(f"{row:,}" for row in bad[:NAMED]) + (", ..." if len(bad) > NAMED else "")
    which = "row" if len(bad) == 1 else "rows"
    if np.isfinite(values.astype(np.float64)).all():
        reason = "values beyond the range of float32 (3.4e38); scale them down"
    else:
        reason = "NaN, infinite or missing values; leave these rows out (bad_rows='drop')"
    return f"{what}: {len(bad):,} {which} ({named}) hold {reason}."
