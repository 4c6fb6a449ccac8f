"""How much a deployment takes in; set in the environment, checked before anything is allocated.

NEARFIELD_MAX_UPLOAD_MB: one file, packed or unpacked, in units of 10^6 bytes (default 2,000).
NEARFIELD_MAX_VALUES: rows times dimensions of one array (default 1,000,000,000).
"""

import os

from core.errors import DataError

DEFAULT_MEGABYTES = 2_000
DEFAULT_VALUES = 1_000_000_000


def max_bytes() -> int:
    """Largest file, and largest content of a packed file, in bytes."""
    return _setting("NEARFIELD_MAX_UPLOAD_MB", DEFAULT_MEGABYTES) * 1_000_000


def max_values() -> int:
    """Largest number of values in one array."""
    return _setting("NEARFIELD_MAX_VALUES", DEFAULT_VALUES)


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


def _setting(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise DataError(f"{name} must be a whole number of at least 1; got {text!r}.")
    return int(text)
