"""Bytes as text: which encoding they are in, and UTF-8 of them."""

import codecs

import numpy as np
import numpy.typing as npt

from core.data import watch
from core.data.limits import check_bytes, check_size
from core.data.readers.found import Content
from core.errors import DataError

MAX_COLUMNS = 20_000  # each is looked at in Python
SMALL_TABLE = 10_000_000
BLOCK = 1 << 20
LOOKED_AT = 4_096
ASCII_END = 0x80
MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF8, "UTF-8"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
PAIRED = {"shift_jis": "Shift JIS", "gb18030": "GB 18030", "euc_kr": "EUC-KR", "big5": "Big5"}


def decode(content: Content) -> str:
    """The text of a file as one `str`; raises DataError as `to_utf8` does."""
    return str(to_utf8(content)[0], "utf-8")


def to_utf8(content: Content) -> tuple[memoryview, str]:
    """The text as UTF-8 without a mark, and the name of the encoding that it was in.

    UTF-8 is not copied. UTF-16 is known by its mark, or without one by the NUL in every other
    byte of text that is mostly ASCII. Raises DataError where the bytes are in another encoding,
    with its name where it can be told; where they hold NUL characters; and where they hold no text.
    """
    view = memoryview(content).cast("B")
    name = _marked(view) or _unmarked_utf16(view)
    if name == "UTF-32":
        raise DataError("The text is UTF-32, which is not read. Save it as UTF-8.")
    if name.startswith("UTF-16"):
        view = _from_utf16(view, name)
    elif name == "UTF-8":
        view = view[len(codecs.BOM_UTF8) :]
    _check_bytes(view)
    return view, name[: len("UTF-16")] or "UTF-8"


def byte_array(view: memoryview) -> npt.NDArray[np.uint8]:
    """The bytes as an array on the same memory."""
    return np.frombuffer(view, np.uint8)


def _marked(view: memoryview) -> str:
    return next((name for mark, name in MARKS if view[: len(mark)] == mark), "")


def _unmarked_utf16(view: memoryview) -> str:
    """ "UTF-16-LE" or "UTF-16-BE" where every other byte is NUL, as in Latin text; else ""."""
    zeros = byte_array(view[: min(LOOKED_AT, len(view) // 2 * 2)]) == 0
    even, odd = zeros[::2], zeros[1::2]
    if len(odd) and odd.mean() > 0.5 and not even.any():
        return "UTF-16-LE"
    return "UTF-16-BE" if len(even) and even.mean() > 0.5 and not odd.any() else ""


def _from_utf16(view: memoryview, name: str) -> memoryview:
    try:
        encoded = str(view, name).encode()
    except UnicodeError as error:
        raise DataError(
            f"The text begins as UTF-16, but is not all of it: {error}. Save it as UTF-8."
        ) from error
    check_bytes(len(encoded), "The text")
    return memoryview(encoded)


def _check_bytes(view: memoryview) -> None:
    values = byte_array(view)
    if len(values) and not values.min():
        raise DataError(
            f"The text holds NUL characters, the first at byte {int(values.argmin()):,}, so it is "
            "no text file. Save it as UTF-8."
        )
    if len(values) and values.max() >= ASCII_END:
        _check_utf8(view)
    if not _has_text(view):
        raise DataError("The file holds no text. Add at least one row.")


def _check_utf8(view: memoryview) -> None:
    """Decode block by block, so that the text is never held twice."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(view), BLOCK):
        watch.bytes_read(start, len(view))
        kept = len(decoder.getstate()[0])
        try:
            decoder.decode(view[start : start + BLOCK], start + BLOCK >= len(view))
        except UnicodeDecodeError as error:
            place = start - kept + error.start
            raise DataError(
                f"The text must be UTF-8; byte {place:,} is not. {_guess(view, place)}"
                "Save the file again as UTF-8."
            ) from error


def _guess(view: memoryview, place: int) -> str:
    """What the encoding looks like, as a sentence; "" where nothing can be told.

    In Western text bytes beyond ASCII stand alone between letters; in the encodings of East Asia
    they stand in pairs.
    """
    around = bytes(view[max(0, place - LOOKED_AT) : place + LOOKED_AT])
    high = np.frombuffer(around, np.uint8) >= ASCII_END
    beside_another = (high[1:] & high[:-1]).sum() / max(high.sum(), 1)
    if beside_another < 0.25:
        return "It looks like Windows-1252 or Latin-1. "
    start = view[: place + LOOKED_AT]
    fitting = [name for codec, name in PAIRED.items() if _decodes(start, codec)]
    return f"It may be {' or '.join(fitting)}. " if fitting else ""


def _decodes(view: memoryview, codec: str) -> bool:
    try:
        codecs.getincrementaldecoder(codec)().decode(bytes(view))
    except UnicodeError:
        return False
    return True


def _has_text(view: memoryview) -> bool:
    """Whether there is anything but white space."""
    return any(bytes(view[start : start + BLOCK]).strip() for start in range(0, len(view), BLOCK))


def check_cells(rows: int, columns: int, characters: int) -> None:
    """Raise DataError for a table too large, or far larger than the text that it is read from."""
    check_columns(columns)
    check_size(rows, columns)
    if rows * columns > max(2 * characters, SMALL_TABLE):
        raise DataError(
            f"The table would have {rows:,} rows x {columns:,} columns, most of them empty: its "
            f"text has only {characters:,} characters. Give every row the same columns."
        )


def check_columns(columns: int) -> None:
    """Raise DataError for a table of more columns than are read."""
    if columns > MAX_COLUMNS:
        raise DataError(
            f"The table would have {columns:,} columns, and at most {MAX_COLUMNS:,} are read. Save "
            "the vectors as one column of lists, or as an array."
        )
