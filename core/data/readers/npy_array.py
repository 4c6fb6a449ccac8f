"""An array in NumPy's form: its header is checked against the size before it is believed."""

import io
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.limits import check_size
from core.data.readers.content import as_view, head
from core.data.readers.found import Content
from core.errors import DataError

HEADER = 2**14  # numpy refuses headers of more than 10,000 characters
RESAVE = "Save it again with numpy.save(path, array.astype('float32'))."


@dataclass(frozen=True)
class Stated:
    """What a header says; start: where the values begin."""

    shape: tuple[int, ...]
    dtype: "np.dtype[np.generic]"
    fortran: bool
    start: int

    @property
    def size(self) -> int:
        """Bytes of the values."""
        return math.prod(self.shape) * self.dtype.itemsize


def parse_array(content: Content, what: str) -> npt.NDArray[np.generic]:
    """The array of .npy bytes, without a copy; nothing is unpickled. Raises DataError."""
    view = as_view(content)
    stated = parse_header(head(content, HEADER), len(view), what)
    try:
        flat = np.frombuffer(view, stated.dtype, math.prod(stated.shape), stated.start)
        return flat.reshape(stated.shape, order="F" if stated.fortran else "C")
    except (ValueError, TypeError, OverflowError) as error:
        raise impossible(stated, what) from error


def parse_header(start: bytes, size: int, what: str) -> Stated:
    """What the first bytes of a file of `size` bytes state, checked; raises DataError."""
    stream = io.BytesIO(start)
    try:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        else:
            shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream)
    except Exception as error:  # a damaged header makes numpy raise errors of many kinds
        raise DataError(f"{what} is not a readable .npy array: {error}. {RESAVE}") from error
    stated = Stated(shape, dtype, fortran, stream.tell())
    if dtype.hasobject:
        raise DataError(
            f"{what} holds Python objects ({dtype}), which are never unpickled here. Save it again "
            "with numpy.save(path, numpy.stack(array).astype('float32'))."
        )
    _check_shape(stated, size - stated.start, what)
    return stated


def impossible(stated: Stated, what: str) -> DataError:
    """The error of a header that states what no array can be."""
    return DataError(
        f"{what} states an impossible array: shape {stated.shape} of {stated.dtype}. {RESAVE}"
    )


def _check_shape(stated: Stated, available: int, what: str) -> None:
    shape = stated.shape
    if any(length < 0 for length in shape) or stated.dtype.itemsize == 0:
        raise impossible(stated, what)
    check_size(math.prod(shape[:-1]), shape[-1] if shape else 1)
    if stated.size != available:
        raise DataError(
            f"{what} states an array of shape {shape} of {stated.dtype}, {stated.size:,} bytes, "
            f"but holds {available:,}. It is cut off or damaged; copy or save it again."
        )
