"""How much data a deployment takes in, checked before anything is allocated."""

import os
from pathlib import Path

from core.errors import DataError
from core.limits import MAX_UPLOAD_MB, MAX_VALUES

PER_BYTE = 10  # a packed file holds more than its own bytes


def max_bytes() -> int:
    """Largest file, and largest content of a packed file, in bytes."""
    return MAX_UPLOAD_MB.bytes


def max_values() -> int:
    """Largest number of values in one array."""
    return MAX_VALUES.value


def check_size(rows: int, columns: int) -> None:
    """Raise DataError where rows x columns values are more than this deployment takes."""
    if rows * columns > max_values():
        raise DataError(
            f"The array is too large: {rows:,} x {columns:,} = {rows * columns:,} values, and this "
            f"server takes {max_values():,}. Use fewer rows, or raise NEARFIELD_MAX_VALUES."
        )


def check_bytes(size: int, what: str) -> None:
    """Raise DataError where `size` bytes are more than this deployment takes."""
    if size > max_bytes():
        raise DataError(
            f"{what} is too large: {size / 1e6:,.0f} MB, and this server takes "
            f"{max_bytes() / 1e6:,.0f} MB. Use fewer rows, or raise NEARFIELD_MAX_UPLOAD_MB."
        )


def raise_limits(path: Path) -> None:
    """Let a person's own file of any size in, where the environment states no limit itself."""
    size = path.stat().st_size if path.is_file() else 0
    for limit, least in ((MAX_UPLOAD_MB, PER_BYTE * size // 10**6), (MAX_VALUES, PER_BYTE * size)):
        if limit.variable not in os.environ and least > limit.value:
            os.environ[limit.variable] = str(least)
