"""Arrays as `.npy`, or as text within a manifest where they are small.

https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import base64
import binascii
import io
import math
import mmap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import StoreError
from core.store.blobs import Blob, blob_of

KINDS = "biufcmMSU"
INLINE_BYTES = 16_384  # more goes into a file of its own
MAPPED_BYTES = 2**18  # less is read: a mapping takes a page at least, and there is a limit to them
LONGEST_HEADER = 10_000
VERSION = (1, 0)
LARGEST_CODE_POINT = 0x10FFFF
Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Shape:
    """What a manifest says of an array. order: "C", or "F" for columns first."""

    dtype: "np.dtype[Any]"
    shape: tuple[int, ...]
    order: str

    @property
    def bytes(self) -> int:
        """Bytes of all values."""
        return self.dtype.itemsize * math.prod(self.shape)

    @property
    def node(self) -> list[Any]:
        """As a manifest has it."""
        return [self.dtype.str, list(self.shape), self.order]


def shape_of(array: Array) -> Shape:
    """What there is to say of an array; raises StoreError for one that is not kept."""
    if type(array) not in (np.ndarray, np.memmap) or array.dtype.kind not in KINDS:
        raise StoreError(
            f"An array of {array.dtype} ({type(array).__name__}) cannot be kept in the store: it "
            "keeps plain arrays of numbers, yes or no, dates, durations, texts and bytes."
        )
    columns_first = array.flags.f_contiguous and not array.flags.c_contiguous
    return Shape(array.dtype, array.shape, "F" if columns_first else "C")


def read_shape(node: Any) -> Shape:
    """What a manifest says of an array; raises StoreError where it cannot be."""
    wrong = StoreError(f"An array is described wrongly: {str(node)[:80]}.")
    try:
        name, lengths, order = node
        dtype, shape = np.dtype(str(name)), tuple(lengths)
    except (TypeError, ValueError) as error:
        raise wrong from error
    whole = all(type(length) is int and 0 <= length < 2**62 for length in shape)
    if dtype.kind not in KINDS or not whole or order not in ("C", "F") or len(shape) > 32:
        raise wrong
    return Shape(dtype, shape, order)


def text_of(array: Array) -> str:
    """The values of a small array, as text in base 64."""
    return base64.b64encode(array.tobytes(order=_order(array))).decode("ascii")


def of_text(text: object, shape: Shape) -> Array:
    """The array of `text_of`, read-only."""
    try:
        values = base64.b64decode(str(text), validate=True)
    except binascii.Error as error:
        raise StoreError("The values of an array are no text in base 64.") from error
    return of_buffer(values, shape)


def of_buffer(values: Any, shape: Shape) -> Array:
    """The values as an array, read-only and not copied; raises StoreError where they do not fit."""
    size = memoryview(values).nbytes
    if size != shape.bytes:
        raise StoreError(
            f"An array of {shape.dtype} in shape {shape.shape} takes {shape.bytes:,} bytes; there "
            f"are {size:,}."
        )
    array = np.ndarray(shape.shape, shape.dtype, values, order=shape.order)  # type: ignore[arg-type]
    array.setflags(write=False)
    return array


def blob(array: Array) -> Blob:
    """The array as a `.npy` file."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head,
        {**np.lib.format.header_data_from_array_1_0(array), "fortran_order": _order(array) == "F"},
    )
    straight = array.T if _order(array) == "F" else np.ascontiguousarray(array)
    values = straight.reshape(-1).view(np.uint8).data if array.nbytes else b""
    return blob_of((head.getvalue(), values), ".npy")


def read(path: Path, shape: Shape) -> Array:
    """The array of a `.npy` file, read-only; mapped where it is large.

    Raises StoreError where the file is cut short or holds another array than `shape` says.
    """
    with path.open("rb") as file:
        found = _head(file)
        size, start = path.stat().st_size, file.tell()
        if found != shape:
            raise StoreError(
                f"It should hold {shape.dtype} in shape {shape.shape}, and holds {found.dtype} in "
                f"shape {found.shape}."
            )
        if size - start != shape.bytes:
            raise StoreError(f"It should have {start + shape.bytes:,} bytes, and has {size:,}.")
        if shape.bytes < MAPPED_BYTES:
            return of_buffer(file.read(), shape)
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return of_buffer(memoryview(mapped)[start:], shape)


def check_texts(array: Array) -> None:
    """Raise StoreError where an array of texts holds what is no character."""
    codes = array.view(array.dtype.newbyteorder("=")) if array.dtype.isnative else array
    if array.dtype.kind != "U" or not array.nbytes:
        return
    points = np.frombuffer(codes.tobytes(), np.dtype(np.uint32).newbyteorder(array.dtype.byteorder))
    if int(points.max()) > LARGEST_CODE_POINT:
        raise StoreError("An array of texts holds a number that is no character.")


def _order(array: Array) -> Any:
    return shape_of(array).order


def _head(file: Any) -> Shape:
    try:
        if np.lib.format.read_magic(file) != VERSION:
            raise StoreError("It is not of version 1.0 of the npy format.")
        shape, columns_first, dtype = np.lib.format.read_array_header_1_0(
            file, max_header_size=LONGEST_HEADER
        )
    except (ValueError, TypeError, SyntaxError, EOFError) as error:
        raise StoreError(f"It does not begin as an npy file: {str(error)[:120]}.") from error
    return Shape(dtype, tuple(shape), "F" if columns_first else "C")
