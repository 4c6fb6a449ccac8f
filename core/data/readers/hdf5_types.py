"""What the header of an HDF5 array states: shape, kind of values, storage, filters.

Nothing is read here but the header. Format:
https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html
"""

import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.data.limits import check_bytes, check_size

SPACE, TYPE, EXTERNAL, LAYOUT, FILTERS = 1, 3, 7, 8, 11
SHARED = 2
COMPACT, CONTIGUOUS, CHUNKED, VIRTUAL = 0, 1, 2, 3
GZIP, SHUFFLE, FLETCHER32 = 1, 2, 3
FILTER_NAMES = {
    4: "szip",
    5: "n-bit",
    6: "scale-offset",
    32000: "lzf",
    32001: "blosc",
    32004: "lz4",
    32008: "bitshuffle",
    32013: "zfp",
    32015: "zstd",
    32026: "blosc2",
}
INTEGER, FLOAT, STRING, ENUM, VARIABLE = 0, 1, 3, 8, 9
KINDS = {
    2: "times",
    4: "bit fields",
    5: "opaque bytes",
    6: "records of several fields",
    7: "references",
    VARIABLE: "lists of any length",
    10: "arrays",
}
# bit offset, bits, place and size of the exponent, place and size of the mantissa, bias
FLOATS = {
    2: (0, 16, 10, 5, 0, 10, 15),
    4: (0, 32, 23, 8, 0, 23, 127),
    8: (0, 64, 52, 11, 0, 52, 1023),
}
TEXT = np.dtype([("length", "<u4"), ("address", "<u8"), ("index", "<u4")])
TEXT_OBJECT = 64
RESAVE = "save it again as plain numbers or text, in chunks with gzip or none"


class UnreadableError(Exception):
    """Why an array is not read, as the end of a sentence that begins with its name."""


@dataclass(frozen=True, eq=False)
class Stored:
    """One array as its header states it.

    dtype: of its values in the file; `TEXT` where they lie in heaps. boolean: they mean true and
    false. address: of its values, or of the index of its chunks; where layout is COMPACT, their
    place in the header. chunks: shape of a chunk, or None. filters: their numbers, as applied.
    """

    header: Any
    shape: tuple[int, ...]
    dtype: "np.dtype[Any]"
    boolean: bool
    layout: int
    address: int
    chunks: tuple[int, ...] | None
    filters: tuple[int, ...]

    @property
    def size(self) -> int:
        """Bytes of the values."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def grid(self) -> tuple[int, ...]:
        """Number of chunks along each axis."""
        return tuple(-(-n // c) for n, c in zip(self.shape, self.chunks or self.shape, strict=True))

    def check(self, name: str) -> int:
        """Bytes that its values and its unpacked chunks take; DataError if too many."""
        check_size(math.prod(self.shape[:-1]), self.shape[-1] if self.shape else 1)
        size = self.size
        if self.chunks is not None:
            size = math.prod(self.grid) * math.prod(self.chunks) * self.dtype.itemsize
        if self.dtype == TEXT:
            size += math.prod(self.shape) * TEXT_OBJECT
        check_bytes(size, f"The array {name!r}")
        return size


def shape_of(header: Any) -> tuple[int, ...] | None:
    """The stated shape; None where there is none, or where it stands elsewhere in the file."""
    from pyfive.dataobjects import determine_data_shape

    message = _message(header, SPACE)
    if message is None or message["flags"] & SHARED:
        return None
    shape, _ = determine_data_shape(header.msg_data, message["offset_to_message"])
    return shape if shape is None else tuple(shape)


def describe(header: Any, shape: tuple[int, ...]) -> Stored:
    """All that is needed to read the values; UnreadableError where they are not read here."""
    if header.find_msg_type(EXTERNAL):
        raise UnreadableError("lies in another file, which is never opened")
    dtype, boolean = parse_type(header.msg_data, _place(header, TYPE))
    layout, address, chunks = _parse_layout(header)
    if chunks is not None and (
        len(chunks) != len(shape) + 1 or chunks[-1] != dtype.itemsize or 0 in chunks
    ):
        raise ValueError(f"its chunks {chunks} do not fit an array {shape} of {dtype}")
    steps = _parse_filters(header) if chunks is not None else ()
    edges = None if chunks is None else chunks[:-1]
    return Stored(header, shape, dtype, boolean, layout, address, edges, steps)


def parse_type(data: bytes, place: int) -> tuple["np.dtype[Any]", bool]:
    """Kind of values stated at `place`, and whether they mean true and false."""
    first, bits, more, _, size = struct.unpack_from("<BBBBI", data, place)
    kind = first & 15
    if kind == INTEGER:
        return _integer(data, place + 8, bits, size), False
    if kind == FLOAT:
        return _float(data, place + 8, bits, size), False
    if kind == STRING and size:
        return np.dtype(f"S{size}"), False
    if kind == VARIABLE and bits & 15 == 1 and size == TEXT.itemsize:
        return TEXT, False
    if kind == ENUM and data[place + 8] & 15 == INTEGER:
        names = data[place + 20 : place + 28]  # h5py's way to write true and false
        base, _ = parse_type(data, place + 8)
        return base, size == 1 and bits | more << 8 == 2 and names.startswith(b"FALSE\0")
    raise UnreadableError(f"holds {KINDS.get(kind, 'values of no known kind')}: {RESAVE}")


def _integer(data: bytes, place: int, bits: int, size: int) -> "np.dtype[Any]":
    offset, precision = struct.unpack_from("<HH", data, place)
    if size not in (1, 2, 4, 8) or (offset, precision) != (0, 8 * size):
        raise UnreadableError(f"holds integers of {precision} bits in {size} bytes: {RESAVE}")
    return np.dtype(f"{'>' if bits & 1 else '<'}{'i' if bits & 8 else 'u'}{size}")


def _float(data: bytes, place: int, bits: int, size: int) -> "np.dtype[Any]":
    if FLOATS.get(size) != struct.unpack_from("<HHBBBBI", data, place) or bits & 0x40:
        raise UnreadableError(f"holds floats of {size} bytes that numpy does not know: {RESAVE}")
    return np.dtype(f"{'>' if bits & 1 else '<'}f{size}")


def _parse_layout(header: Any) -> tuple[int, int, tuple[int, ...] | None]:
    """Layout, address, and shape of a chunk with the bytes of a value behind, or None."""
    data, place = header.msg_data, _place(header, LAYOUT)
    version, layout = struct.unpack_from("<BB", data, place)
    if version < 3:
        raise UnreadableError(f"is laid out as by HDF5 before 1.6 (version {version}): {RESAVE}")
    if version > 5:
        raise ValueError(f"an array states the version {version} of its layout")
    if layout == COMPACT:
        return layout, place + 4, None
    if layout == CONTIGUOUS:
        return layout, struct.unpack_from("<Q", data, place + 2)[0], None
    if layout == VIRTUAL:
        raise UnreadableError("is a virtual array, made of other arrays or files")
    if layout != CHUNKED:
        raise ValueError(f"an array states the layout {layout}")
    if version > 3:
        raise UnreadableError(
            "has an index of chunks as h5py writes with libver='latest': save it again without "
            "libver, or without chunks"
        )
    dims, address = struct.unpack_from("<BQ", data, place + 2)
    return layout, address, struct.unpack_from(f"<{dims}I", data, place + 11)


def _parse_filters(header: Any) -> tuple[int, ...]:
    if _message(header, FILTERS) is None:
        return ()
    _place(header, FILTERS)
    steps = tuple(step["filter_id"] for step in header.filter_pipeline)
    foreign = [step for step in steps if step not in (GZIP, SHUFFLE, FLETCHER32)]
    if foreign:
        raise UnreadableError(
            f"is packed with the filter {FILTER_NAMES.get(foreign[0], foreign[0])}: save it again "
            "without compression or with gzip"
        )
    if len(set(steps)) < len(steps):  # gzip in gzip would grow twice
        raise UnreadableError("is packed twice with the same filter: save it again with gzip once")
    return steps


def _place(header: Any, kind: int) -> int:
    message = _message(header, kind)
    if message is None:
        raise ValueError(f"an array has no header message {kind}")
    if message["flags"] & SHARED:
        raise UnreadableError(f"is described elsewhere in the file (a named type): {RESAVE}")
    return int(message["offset_to_message"])


def _message(header: Any, kind: int) -> Any:
    return next(iter(header.find_msg_type(kind)), None)
