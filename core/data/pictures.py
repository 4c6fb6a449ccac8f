"""Pictures in cells, in whatever form a file holds them, as text that a browser shows.

Known are the bytes of a picture, the same in base64, a data URI, and what Hugging Face's datasets
write: an object {bytes, path}. The kind of a picture is told by its first bytes.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from core.limits import PICTURES_MB

KINDS = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
    (b"RIFF", "webp"),
)
CHECKS: dict[str, Callable[[bytes], bool]] = {  # of what stands after a common beginning
    "webp": lambda content: content[8:12] == b"WEBP",  # sound begins with RIFF as well
    "bmp": lambda content: content[6:10] == bytes(4),  # reserved, and zero
}
URI = "data:image/"
LINK = re.compile(r"https?://\S+\.(?:png|jpe?g|gif|webp|bmp|avif)(?:[?#]\S*)?\Z", re.IGNORECASE)
LONGEST_LINK = 4_000
IN_BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}")
HEAD = 64  # letters of base64 that hold the first bytes of a picture


def picture_kind(content: bytes) -> str | None:
    """ "png", "jpeg", "gif", "bmp" or "webp" by the first bytes; None for anything else."""
    for start, kind in KINDS:
        if content.startswith(start):
            return kind if CHECKS.get(kind, bool)(content) else None
    return None


def is_picture(cell: object) -> bool:
    """Whether a cell holds a picture itself, not only a link to one.

    >>> is_picture(b"GIF89a..."), is_picture("data:image/png;base64,iVBO"), is_picture("cat")
    (True, True, False)
    """
    if isinstance(cell, str):
        return cell.startswith(URI) or _kind_of_text(cell) is not None
    content = _bytes_of(cell)
    return content is not None and picture_kind(content) is not None


def is_picture_link(cell: object) -> bool:
    """Whether a text is the address of a picture on the web, by its ending."""
    return isinstance(cell, str) and len(cell) <= LONGEST_LINK and LINK.match(cell) is not None


def data_uri(cell: object) -> str | None:
    """The picture of a cell as a data URI (RFC 2397); None where it holds none."""
    if isinstance(cell, str):
        if cell.startswith(URI):
            return cell
        kind = _kind_of_text(cell)
        return None if kind is None else f"{URI}{kind};base64,{''.join(cell.split())}"
    content = _bytes_of(cell)
    kind = None if content is None else picture_kind(content)
    if content is None or kind is None:
        return None
    return f"{URI}{kind};base64,{base64.b64encode(content).decode('ascii')}"


def with_pictures(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The frame with its pictures as data URIs, and notes on pictures left out.

    A column whose pictures take more than NEARFIELD_PICTURES_MB is left out whole.
    """
    found = [name for name in frame.columns if _holds_pictures(frame[name])]
    if not found:
        return frame, []
    columns = {name: frame[name] for name in frame.columns}
    notes = []
    for name in found:
        shown = _as_uris(frame[name])
        if shown is None:
            del columns[name]
            notes.append(
                f"{name}: left out, for its pictures take more than {PICTURES_MB.value:,} MB"
            )
        else:
            columns[name] = shown
    return pd.DataFrame(columns, index=frame.index), notes


def _holds_pictures(column: "pd.Series[Any]") -> bool:
    if column.dtype.kind in "biufcmM" or isinstance(column.dtype, pd.CategoricalDtype):
        return False
    place = column.first_valid_index()
    return place is not None and is_picture(column[place])


def _as_uris(column: "pd.Series[Any]") -> "pd.Series[Any] | None":
    most, size = PICTURES_MB.value * 1_000_000, 0
    texts = []
    for cell in column:
        text = data_uri(cell)
        size += len(text or "")
        if size > most:
            return None
        texts.append(text)
    return pd.Series(texts, column.index, dtype=object, name=column.name)


def _bytes_of(cell: object) -> bytes | None:
    if isinstance(cell, Mapping):
        cell = cell.get("bytes")
    return bytes(cell) if isinstance(cell, bytes | bytearray | memoryview) else None


def _kind_of_text(text: str) -> str | None:
    head = text[:HEAD]
    if len(text) < 16 or IN_BASE64.match(head) is None:
        return None
    try:
        return picture_kind(base64.b64decode(head[: len(head) // 4 * 4]))
    except (binascii.Error, ValueError):
        return None
