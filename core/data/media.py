"""Pictures and sounds in cells, in whatever form a file holds them, as text that a browser plays.

Known are the bytes of one, the same in base64, a data URI, and what Hugging Face's datasets write:
an object {bytes, path}. The kind is told by the first bytes.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.data.pictures import drawable
from core.limits import PICTURES_MB

IN_BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}")
HEAD = 64  # letters of base64 that hold the first bytes
SHORTEST = 16  # letters
DRAWN = "PNG, JPEG, GIF and WebP"


@dataclass(frozen=True, eq=False)
class Medium:
    """name: of several, for notes. uri: how its data URIs begin.

    kinds: the first bytes of each kind, and its name in a data URI. checks: by that name, of what
    stands after a beginning that others share.
    """

    name: str
    uri: str
    kinds: tuple[tuple[bytes, str], ...]
    checks: Mapping[str, Callable[[bytes], bool]]

    def kind(self, content: bytes) -> str | None:
        """The kind by the first bytes; None for anything else."""
        for start, kind in self.kinds:
            if content.startswith(start):
                return kind if self.checks.get(kind, bool)(content) else None
        return None

    def holds(self, cell: object) -> bool:
        """Whether a cell holds one itself, not only a link to one."""
        if isinstance(cell, str):
            return cell.startswith(self.uri) or self._kind_of_text(cell) is not None
        content = _bytes_of(cell)
        return content is not None and self.kind(content) is not None

    def data_uri(self, cell: object) -> str | None:
        """What a cell holds as a data URI (RFC 2397); None where it holds none."""
        if isinstance(cell, str):
            if cell.startswith(self.uri):
                return cell
            kind = self._kind_of_text(cell)
            return None if kind is None else f"{self.uri}{kind};base64,{''.join(cell.split())}"
        content = _bytes_of(cell)
        kind = None if content is None else self.kind(content)
        if content is None or kind is None:
            return None
        return f"{self.uri}{kind};base64,{base64.b64encode(content).decode('ascii')}"

    def _kind_of_text(self, text: str) -> str | None:
        head = text[:HEAD]
        if len(text) < SHORTEST or IN_BASE64.match(head) is None:
            return None
        try:
            return self.kind(base64.b64decode(head[: len(head) // 4 * 4]))
        except (binascii.Error, ValueError):
            return None


PICTURES = Medium(
    "pictures",
    "data:image/",
    (
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xff\xd8\xff", "jpeg"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"BM", "bmp"),
        (b"RIFF", "webp"),
    ),
    {
        "webp": lambda content: content[8:12] == b"WEBP",  # sound begins with RIFF as well
        "bmp": lambda content: content[6:10] == bytes(4),  # reserved, and zero
    },
)
SOUNDS = Medium(
    "sounds",
    "data:audio/",
    ((b"RIFF", "wav"), (b"fLaC", "flac"), (b"OggS", "ogg"), (b"ID3", "mpeg")),
    {"wav": lambda content: content[8:12] == b"WAVE"},
)
MEDIA = (PICTURES, SOUNDS)


def is_medium(cell: object) -> bool:
    """Whether a cell holds a picture or a sound.

    >>> is_medium(b"OggS..."), is_medium("data:image/png;base64,iVBO"), is_medium("cat")
    (True, True, False)
    """
    return any(medium.holds(cell) for medium in MEDIA)


def with_media(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The frame with its pictures and sounds as data URIs, and notes on those left out.

    A column that takes more than NEARFIELD_PICTURES_MB is left out whole.
    """
    found = {name: medium for name in frame.columns if (medium := _medium(frame[name])) is not None}
    if not found:
        return frame, []
    columns = {name: frame[name] for name in frame.columns}
    notes = []
    for name, medium in found.items():
        shown = _as_uris(frame[name], medium)
        if shown is None:
            del columns[name]
            notes.append(
                f"{name}: left out, for its {medium.name} take more than {PICTURES_MB.value:,} MB"
            )
        else:
            columns[name] = shown
            if medium is PICTURES and (hidden := _not_drawn(shown)):
                notes.append(f"{name}: {hidden:,} not drawn, for only {DRAWN} are")
    return pd.DataFrame(columns, index=frame.index), notes


def _not_drawn(column: "pd.Series[Any]") -> int:
    """How many pictures are of a kind that no browser is given."""
    return sum(not drawable(cell) for cell in column.dropna())


def _medium(column: "pd.Series[Any]") -> Medium | None:
    """What the first cell of a column holds."""
    if column.dtype.kind in "biufcmM" or isinstance(column.dtype, pd.CategoricalDtype):
        return None
    place = column.first_valid_index()
    if place is None:
        return None
    return next((medium for medium in MEDIA if medium.holds(column[place])), None)


def _as_uris(column: "pd.Series[Any]", medium: Medium) -> "pd.Series[Any] | None":
    most, size = PICTURES_MB.bytes, 0
    texts = []
    for cell in column:
        text = medium.data_uri(cell)
        size += len(text or "")
        if size > most:
            return None
        texts.append(text)
    return pd.Series(texts, column.index, dtype=object, name=column.name)


def _bytes_of(cell: object) -> bytes | None:
    if isinstance(cell, Mapping):
        cell = cell.get("bytes")
    return bytes(cell) if isinstance(cell, bytes | bytearray | memoryview) else None
