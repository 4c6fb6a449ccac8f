"""NumPy's .npy: the header is checked against the size of the file before it is believed."""

import io
import math

import numpy as np
import numpy.typing as npt

from core.data.limits import check_size
from core.data.readers.found import Found, Options
from core.errors import DataError

RESAVE = "Save it again with numpy.save(path, array.astype('float32'))."


def read(content: bytes, options: Options) -> Found:  # noqa: ARG001
    """One array of vectors, (n, d)."""
    return Found(parse_array(content, "The file"))


def parse_array(content: bytes, what: str) -> npt.NDArray[np.generic]:
    """The array of .npy bytes, without a copy; nothing is unpickled. Raises DataError."""
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        else:
            shape, fortran, dtype = np.lib.format.read_array_header_2_0(stream)
    except Exception as error:  # a damaged header makes numpy raise errors of many kinds
        raise DataError(f"{what} is not a readable .npy array: {error}. {RESAVE}") from error
    if dtype.hasobject:
        raise DataError(
            f"{what} holds Python objects ({dtype}), which are never unpickled here. {RESAVE}"
        )
    _check_shape(shape, dtype, len(content) - stream.tell(), what)
    try:
        flat = np.frombuffer(content, dtype=dtype, count=math.prod(shape), offset=stream.tell())
        return flat.reshape(shape, order="F" if fortran else "C")
    except (ValueError, TypeError, OverflowError) as error:
        raise DataError(
            f"{what} states an impossible array: shape {shape} of {dtype}. {RESAVE}"
        ) from error


def _check_shape(
    shape: tuple[int, ...], dtype: "np.dtype[np.generic]", available: int, what: str
) -> None:
    if any(length < 0 for length in shape) or dtype.itemsize == 0:
        raise DataError(f"{what} states an impossible array: shape {shape} of {dtype}. {RESAVE}")
    check_size(math.prod(shape[:-1]), shape[-1] if shape else 1)
    needed = math.prod(shape) * dtype.itemsize
    if needed != available:
        raise DataError(
            f"{what} states an array of shape {shape} of {dtype}, {needed:,} bytes, but holds "
            f"{available:,}. It is cut off or damaged; copy or save it again."
        )
