"""The codes that faiss stores in place of vectors, and the vectors that it compares: decoded ones.

Scalar quantizer: one code per dimension, packed from the lowest bit up. Product quantizer: the
dimensions are cut into M parts, and a code is the place of the nearest of 2^bits centroids of its
part. (https://github.com/facebookresearch/faiss, `impl/ScalarQuantizer.cpp`,
`impl/ProductQuantizer.cpp`)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data import watch

Bytes = npt.NDArray[np.uint8]
Vectors = npt.NDArray[np.float32]
Decoder = Callable[[Bytes], Vectors]
NUMBERS_AT_ONCE = 2**21
LARGEST_BITS = 24


@dataclass(frozen=True)
class ScalarKind:
    """A type of scalar quantizer: its name, bits per dimension, and what its numbers mean.

    scale: "range" (code to a share of a range of each dimension), "one range" (of all), "table"
    (a value for each code, which thresholds follow), "number" (the code is the number itself).
    dtype: of a "number"; shift: added to it.
    """

    name: str
    bits: int
    scale: str
    dtype: str = "u1"
    shift: int = 0

    def trained(self, dim: int) -> int:
        """How many numbers the file holds for it."""
        table = (2 << self.bits) - 1
        return {"range": 2 * dim, "one range": 2, "table": table, "number": 0}[self.scale]


SCALARS = {
    0: ScalarKind("SQ 8 bit", 8, "range"),
    1: ScalarKind("SQ 4 bit", 4, "range"),
    2: ScalarKind("SQ 8 bit uniform", 8, "one range"),
    3: ScalarKind("SQ 4 bit uniform", 4, "one range"),
    4: ScalarKind("SQ fp16", 16, "number", "<f2"),
    5: ScalarKind("SQ 8 bit direct", 8, "number"),
    6: ScalarKind("SQ 6 bit", 6, "range"),
    7: ScalarKind("SQ bf16", 16, "number", "bf16"),
    8: ScalarKind("SQ 8 bit direct signed", 8, "number", "u1", -128),
    **{
        10 + i: ScalarKind(f"SQ {b} bit TurboQuant", b, "table") for i, b in enumerate((1, 2, 3, 4))
    },
    14: ScalarKind("SQ 8 bit TurboQuant", 8, "table"),
    **{18 + bits: ScalarKind(f"SQ {bits} bit EDEN", bits, "table") for bits in range(1, 9)},
}
REFUSED_SCALARS = {
    9: "QT_0bit",
    15: "QT_2bit_tq",
    16: "QT_3bit_tq",
    17: "QT_4bit_tq",
    18: "QT_5bit_tq",
}


def decoded(codes: Bytes, dim: int, decode: Decoder) -> Vectors:
    """Codes (n, bytes) as vectors (n, dim), block by block."""
    out = np.empty((len(codes), dim), dtype=np.float32)
    rows = max(1, NUMBERS_AT_ONCE // dim)
    for start in range(0, len(codes), rows):
        watch.rows_read(start, len(codes))
        with np.errstate(over="ignore", invalid="ignore"):  # rows that are not finite are named
            out[start : start + rows] = decode(codes[start : start + rows])
    return out


def scalar_decoder(kind: ScalarKind, dim: int, trained: Vectors) -> Decoder:
    """How codes of a scalar quantizer are decoded; trained: as many numbers as `kind.trained`."""
    if kind.scale == "number":
        return lambda codes: _numbers(codes, kind)
    if kind.scale == "table":
        return lambda codes: trained[unpacked(codes, kind.bits, dim)]
    low, width = trained[: len(trained) // 2], trained[len(trained) // 2 :]
    steps = np.float32(2**kind.bits - 1)

    def decode(codes: Bytes) -> Vectors:
        share = (unpacked(codes, kind.bits, dim).astype(np.float32) + np.float32(0.5)) / steps
        return np.asarray(low + share * width)

    return decode


def product_decoder(centroids: Vectors, bits: int) -> Decoder:
    """How codes of a product quantizer are decoded; centroids: (M, 2^bits, dim / M)."""
    parts = np.arange(len(centroids))

    def decode(codes: Bytes) -> Vectors:
        places = unpacked(codes, bits, len(centroids))
        return np.asarray(centroids[parts, places].reshape(len(codes), -1))

    return decode


def unpacked(codes: Bytes, bits: int, count: int) -> npt.NDArray[Any]:
    """`count` whole numbers of 1 to 24 bits from each row of bytes, from the lowest bit up.

    >>> unpacked(np.array([[0b11_100_101, 0b1]], dtype=np.uint8), 3, 3).tolist()
    [[5, 4, 7]]
    """
    if bits == 8:
        return codes[:, :count]
    if bits == 16:
        return np.ascontiguousarray(codes[:, : 2 * count]).view("<u2")
    padded = np.zeros((len(codes), codes.shape[1] + 3), dtype=np.uint32)
    padded[:, : codes.shape[1]] = codes
    first = bits * np.arange(count)
    place, shift = first // 8, (first % 8).astype(np.uint32)
    spanned = (bits + 7 + 7) // 8  # bytes that a number may touch
    joined = padded[:, place]
    for further in range(1, spanned):
        joined |= padded[:, place + further] << np.uint32(8 * further)
    return np.asarray((joined >> shift) & np.uint32(2**bits - 1))


def _numbers(codes: Bytes, kind: ScalarKind) -> Vectors:
    if kind.dtype == "bf16":  # the upper half of a float32
        halves = np.ascontiguousarray(codes).view("<u2").astype(np.uint32)
        return (halves << np.uint32(16)).view(np.float32)
    numbers = np.ascontiguousarray(codes).view(kind.dtype).astype(np.float32)
    return np.asarray(numbers + np.float32(kind.shift))
