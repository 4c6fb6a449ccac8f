"""Bytes that hold the numbers of one vector, as such or written in base64 or hexadecimal.

No file says which type of number its bytes are. Bytes of another meaning, such as a hash or a
picture, give numbers of every magnitude, up to 1e38 and down to 1e-38; vectors do not. So a type is
taken only where nearly all numbers, over all rows looked at, have a usual magnitude.
"""

import ast
import base64
import binascii
import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

BASE64 = re.compile(r"[A-Za-z0-9+/_-]{7,}={0,2}\Z")
HEXADECIMAL = re.compile(r"(?:\\\\?x|0x|X')?((?:[0-9A-Fa-f]{2}){4,})'?\Z")
PYTHON_BYTES = re.compile(r"""b(['"]).*\1\Z""", re.DOTALL)
PICKLE = re.compile(rb"\x80[\x02-\x05].*\.\Z", re.DOTALL)  # protocols 2 to 5, and its end
ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
LONGEST_ARRAY = 2**20  # bytes
NUMPY = b"\x93NUMPY"
TYPES = ("<f4", "<f8", "<f2", ">f4", ">f8")
USUAL = (1e-9, 1e6)  # magnitudes of numbers in vectors, zero aside
USUAL_HALF = (1e-5, 100)  # two thirds of what float16 can hold
MEDIAN = (1e-5, 1e4)
ENOUGH = 0.97
NOT_ZERO = 0.25  # of all numbers: an id with many zeros is no vector
SAMPLED = 10_000
MOST = 0.8
DIFFERENT = 8  # values: one letter again and again is no vector


def bytes_of(value: object) -> bytes | None:
    """The bytes that a cell holds or writes down; None where it does neither."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, Mapping):
        return _buffer(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if PYTHON_BYTES.match(text):
        return _python_bytes(text)
    if (found := HEXADECIMAL.match(text)) is not None:
        return bytes.fromhex(found[1])
    if BASE64.match(text):
        return _base64(text)
    return None


def saved_array(content: bytes) -> bytes | None:
    """The bytes of an .npy file, unpacked where zlib packed them; None for other bytes."""
    if content.startswith(ZLIB):
        content = _inflated(content)
    return content if content.startswith(NUMPY) else None


def _inflated(content: bytes) -> bytes:
    """What zlib packed, as far as a vector may be long; no bytes where it did not."""
    try:
        unpacker = zlib.decompressobj()
        unpacked = unpacker.decompress(content, LONGEST_ARRAY)
    except zlib.error:
        return b""
    return unpacked if unpacker.eof else b""


def is_pickle(content: bytes) -> bool:
    """Whether bytes are what Python's pickle writes."""
    return PICKLE.match(content) is not None


def type_of(cells: Sequence[bytes]) -> np.dtype[np.floating] | None:
    """The type of number that the bytes of `cells` hold; None where they hold no vectors.

    Most cells must have one length; the others are left aside.
    """
    if not cells:
        return None
    size, n_cells = Counter(map(len, cells)).most_common(1)[0]
    if n_cells < MOST * len(cells):
        return None
    content = b"".join(cell for cell in cells if len(cell) == size)
    for name in TYPES:
        dtype = np.dtype(name)
        fits = size >= 2 * dtype.itemsize and size % dtype.itemsize == 0
        if fits and _is_usual(np.frombuffer(content, dtype)):
            return dtype
    return None


def _is_usual(numbers: npt.NDArray[np.floating]) -> bool:
    with np.errstate(invalid="ignore"):  # bytes of another meaning may be any kind of NaN
        values = np.abs(numbers[numbers != 0].astype(np.float64))
    if len(values) < NOT_ZERO * len(numbers) or not len(values) or not np.isfinite(values).all():
        return False
    low, high = USUAL_HALF if numbers.dtype.itemsize == np.float16().itemsize else USUAL
    usual = np.mean((values >= low) & (values <= high))
    different = len(np.unique(values[:SAMPLED])) >= min(DIFFERENT, (len(values) + 1) // 2)
    return bool(different and usual >= ENOUGH and MEDIAN[0] <= np.median(values) <= MEDIAN[1])


def _buffer(value: Mapping[Any, Any]) -> bytes | None:
    """The bytes of a buffer of Node.js as JSON: {"type": "Buffer", "data": [0, 255, ...]}."""
    if value.get("type") != "Buffer":
        return None
    try:
        return bytes(value["data"])
    except (KeyError, TypeError, ValueError):
        return None


def _base64(text: str) -> bytes | None:
    padded = text.rstrip("=")
    padded += "=" * (-len(padded) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_" if set("-_") & set(text) else None)
    except (binascii.Error, ValueError):
        return None


def _python_bytes(text: str) -> bytes | None:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, bytes) else None
