"""Zip archives (.zip, .npz, .xlsx): what they state is checked before, and never believed after.

Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from core.data import watch
from core.data.limits import check_bytes
from core.data.readers.content import ContentFile, as_view
from core.data.readers.found import Content
from core.errors import DataError

MAGICS = (b"PK\x03\x04", b"PK\x05\x06")  # the second begins an archive without members
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DIRECTORY_MB = 20  # zipfile makes an object of each entry before it can be asked for their number
END, END_64, LOCATOR_64 = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), 20
LONGEST_COMMENT = 65_535
ENCRYPTED = 1
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    OverflowError,
    IndexError,
)
PIECE = 2**22  # bytes of a member that are unpacked together


@contextmanager
def opened(content: Content, kind: str) -> Iterator[zipfile.ZipFile]:
    """The archive, its members checked; DataError, also where what is done with it meets damage.

    kind: what it should be, for messages, such as "a readable .npz archive".
    """
    try:
        _check_directory(as_view(content))
        with zipfile.ZipFile(ContentFile(content)) as archive:
            _check_members(archive.infolist())
            yield archive
    except DAMAGE as error:
        raise DataError(
            f"The file is not {kind}: {str(error)[:200]}. It is cut off or damaged; copy or save "
            "it again."
        ) from error


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The bytes of a member, as many as it states: one byte more is a fault of the file.

    `ZipFile.read` unpacks all that is there before it cuts to the stated size.
    """
    content = bytearray()
    with archive.open(member) as file:
        while len(content) <= member.file_size:
            piece = file.read(min(PIECE, member.file_size + 1 - len(content)))
            if not piece:
                break
            content += piece
            watch.bytes_read(len(content), member.file_size)
        check_end(file, member, len(content))
    return bytes(content)


def check_end(file: IO[bytes], member: zipfile.ZipInfo, got: int) -> None:
    """Raise ValueError where a member holds more or fewer bytes than it states."""
    if got != member.file_size or file.read(1):
        raise ValueError(
            f"{member.filename!r} states {member.file_size:,} bytes, and holds "
            f"{'fewer' if got < member.file_size else 'more'}"
        )


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    check_bytes(sum(member.file_size for member in members), "The unpacked file")
    for member in members:
        if member.flag_bits & ENCRYPTED:
            raise DataError(
                f"{member.filename!r} is encrypted. Save the file again without a password."
            )
        if member.compress_type not in PACKINGS:  # others grow past the size that is stated
            raise DataError(
                f"{member.filename!r} is packed in a way that is not read here. Pack it again with "
                "deflate, as zip and numpy.savez_compressed do."
            )


def _check_directory(view: memoryview) -> None:
    """Refuse a list of members so long that reading it is a burden."""
    tail_start = max(len(view) - LONGEST_COMMENT - END.size, 0)
    tail = bytes(view[tail_start:])
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or place + END.size > len(tail):
        raise zipfile.BadZipFile("it has no list of its members at its end")
    size = END.unpack_from(tail, place)[5]
    before = tail_start + place - LOCATOR_64
    if before >= END_64.size and bytes(view[before : before + 4]) == b"PK\x06\x07":
        size = max(size, END_64.unpack_from(view, before - END_64.size)[8])
    if size > DIRECTORY_MB * 10**6 and size <= len(view):
        raise DataError(
            f"The archive lists too many members ({size / 1e6:,.0f} MB of names, and "
            f"{DIRECTORY_MB} MB are read). Pack fewer files, or join them to one table."
        )
