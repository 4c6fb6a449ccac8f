"""Vectors of bytes in a file that does not say so: distinguished from float32 by their values."""

from typing import Literal

import numpy as np
import numpy.typing as npt

Scalar = Literal["float32", "uint8", "int8"]
SCALARS: dict[Scalar, str] = {"float32": "<f4", "uint8": "u1", "int8": "i1"}
BYTES = "pass scalar='uint8' or scalar='int8'"
ROWS = 1_000
AT_ONCE = 65_536
BINS = 32
USUAL = (1e-20, 1e20)  # magnitudes of numbers that some data may well hold
UNUSUAL = 0.1  # share of numbers outside
ALIKE = 0.5  # share that the histograms of two bytes have in common
SEEN = 0.02  # share of numbers in which a byte is not 0


def are_bytes(vectors: npt.NDArray[np.float32]) -> bool:
    """Whether (n, d) float32 are plainly four bytes each, from up to 1,000 rows spread over all.

    Two signs must agree. A tenth of the numbers that are not 0 lie outside 1e-20 to 1e20, or are
    not finite. And the highest byte of a number, its sign and exponent, is spread like each of
    the two lowest, the end of its fraction: in floats of any scale those of the fraction take all
    values alike or, where the numbers are round, are 0, while few exponents occur.

    >>> rows = np.random.default_rng(0).integers(0, 128, (50, 64), dtype=np.uint8)
    >>> are_bytes(rows.view("<f4")), are_bytes(rows.astype("<f4"))
    (True, False)
    """
    some = np.unique(np.linspace(0, len(vectors) - 1, ROWS).astype(np.int64))
    words = np.ascontiguousarray(vectors[some]).ravel()
    words = words[words.view("<u4") != 0]
    if len(words) == 0:
        return False
    with np.errstate(invalid="ignore"):  # NaNs among them
        size = np.abs(words.astype(np.float64))
    usual = (size >= USUAL[0]) & (size <= USUAL[1])  # false for NaN
    four = words.view(np.uint8).reshape(-1, 4)
    if usual.mean() > 1 - UNUSUAL or (four != 0).mean(axis=0).min() < SEEN:
        return False
    spread = [np.bincount(column // (256 // BINS), minlength=BINS) for column in four.T]
    lowest, second, _, highest = (counts / len(words) for counts in spread)
    common = [np.minimum(highest, other).sum() for other in (lowest, second)]
    return bool(min(common) >= ALIKE)


def read_as(
    stored: npt.NDArray[np.generic], scalar: Scalar | None
) -> tuple[npt.NDArray[np.float32], tuple[str, ...]]:
    """(n, d) rows as float32, and a note where they were bytes; float32 are not copied."""
    if stored.dtype == np.float32:
        return stored, ()  # type: ignore[return-value]
    vectors = np.empty(stored.shape, dtype=np.float32)
    for start in range(0, len(stored), AT_ONCE):
        vectors[start : start + AT_ONCE] = stored[start : start + AT_ONCE]
    return vectors, (f"{scalar} vectors read as whole numbers, in float32",)
