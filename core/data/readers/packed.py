"""Files packed as a whole by gzip, bzip2 or xz: unpacked step by step, within a file's limit."""

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Any

from core.data import watch
from core.data.limits import check_bytes
from core.data.readers.content import as_view, head
from core.data.readers.found import Content
from core.errors import DataError

STEP = 2**16  # packed bytes at a time
PIECE = 2**22  # unpacked bytes at a time
LZMA_MEMORY = 256_000_000
MANY_STREAMS = 100_000


def _gzip() -> Any:
    return zlib.decompressobj(wbits=31)


def _xz() -> Any:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=LZMA_MEMORY)


PACKINGS: tuple[tuple[bytes, str, str, Callable[[], Any]], ...] = (
    (b"\x1f\x8b\x08", "gzip", ".gz", _gzip),
    (b"BZh", "bzip2", ".bz2", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", "xz", ".xz", _xz),
)
PACKED_ENDINGS = tuple(ending for _, _, ending, _ in PACKINGS)


def packing_of(content: Content) -> str | None:
    """gzip, bzip2 or xz, by the first bytes; None for a file that is not packed."""
    start = head(content, 6)
    return next((name for magic, name, _, _ in PACKINGS if start.startswith(magic)), None)


def unpack(content: Content) -> Content:
    """What a packed file holds, its streams one after another; any other file as it is.

    Raises DataError where it unpacks to more than the limit of a file, is damaged or cut off, or is
    packed twice. At most the unpacked bytes and a few MB are held.
    """
    name = packing_of(content)
    if name is None:
        return content
    begin = next(begin for _, each, _, begin in PACKINGS if each == name)
    try:
        unpacked = _unpack(as_view(content), begin)
    except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
        raise DataError(
            f"The file is packed with {name} and cannot be unpacked: {error}. It is cut off or "
            "damaged; copy or pack it again."
        ) from error
    if packing_of(unpacked) is not None:
        raise DataError(f"The file is packed twice: {name} holds another packed file. Unpack it.")
    return unpacked


def _unpack(packed: memoryview, begin: Callable[[], Any]) -> memoryview:
    unpacked, stream, streams = bytearray(), begin(), 1
    place, rest = 0, b""
    while True:
        if not rest and getattr(stream, "needs_input", True):
            rest = bytes(packed[place : place + STEP])
            place += len(rest)
        ended = not rest and place >= len(packed)
        piece = stream.decompress(rest, PIECE)
        unpacked += piece
        watch.bytes_read(place, len(packed))
        check_bytes(len(unpacked), "The unpacked file")
        if stream.eof:
            rest, place = _next_stream(stream.unused_data, packed, place)
            if not rest:
                return memoryview(unpacked).toreadonly()
            stream, streams = begin(), streams + 1
            if streams > MANY_STREAMS:
                raise ValueError(f"it is made of more than {MANY_STREAMS:,} packed parts")
        elif ended and not piece:
            raise EOFError("it ends too early")
        else:
            rest = getattr(stream, "unconsumed_tail", b"")


def _next_stream(rest: bytes, packed: memoryview, place: int) -> tuple[bytes, int]:
    """The packed bytes of the next stream; empty at the end, where only zeros may follow."""
    while True:
        rest = rest.lstrip(b"\0")
        if rest or place >= len(packed):
            return rest, place
        rest = bytes(packed[place : place + STEP])
        place += len(rest)
