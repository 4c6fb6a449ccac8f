"""Bytes as text."""

from core.data.limits import check_size
from core.errors import DataError

SMALL_TABLE = 10_000_000


def decode(content: bytes) -> str:
    """UTF-8, with or without a byte order mark; raises DataError with the place that is not."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"The text must be UTF-8; byte {error.start:,} is not. Save the file again as UTF-8."
        ) from error
    if not text.strip():
        raise DataError("The file holds no text. Add at least one row.")
    if "\0" in text:
        raise DataError("The text holds NUL characters, so it is no text file. Save it as UTF-8.")
    return text


def check_cells(rows: int, columns: int, characters: int) -> None:
    """Raise DataError for a table too large, or far larger than the text that it is read from."""
    check_size(rows, columns)
    if rows * columns > max(2 * characters, SMALL_TABLE):
        raise DataError(
            f"The table would have {rows:,} rows x {columns:,} columns, most of them empty: its "
            f"text has only {characters:,} characters. Give every row the same columns."
        )
