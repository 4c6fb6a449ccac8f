"""Floats of 6 and 8 bits, a number to a byte: what each byte stands for."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class _Layout:
    """exponent, fraction: their bits; the sign stands above them. bias: of the exponent.

    infinities: whether the highest exponent is kept for infinity and NaN, as in IEEE 754; nan:
    whether else all bits set are NaN.
    """

    exponent: int
    fraction: int
    bias: int
    infinities: bool = False
    nan: bool = False


# OCP 8-bit Floating Point Specification and OCP Microscaling Formats Specification, section 5.3.
SMALL_FLOATS = {
    "e5m2": _Layout(5, 2, 15, infinities=True),
    "e4m3": _Layout(4, 3, 7, nan=True),
    "e3m2": _Layout(3, 2, 3),
    "e2m3": _Layout(2, 3, 1),
}


def small_floats(kind: str) -> npt.NDArray[np.float32]:
    """(256,) what each byte stands for; bits above the sign count for nothing.

    >>> small_floats("e4m3")[[0x36, 0xB6, 0x01, 0x7E]].tolist()  # 1.75 / 2, and the ends
    [0.875, -0.875, 0.001953125, 448.0]
    """
    layout = SMALL_FLOATS[kind]
    byte = np.arange(256)
    fraction = byte & (2**layout.fraction - 1)
    exponent = byte >> layout.fraction & (2**layout.exponent - 1)
    sign = byte >> (layout.fraction + layout.exponent) & 1
    normal = exponent > 0
    significand = normal + fraction / 2**layout.fraction
    power = np.where(normal, exponent, 1) - layout.bias
    values = np.where(sign == 1, -1.0, 1.0) * significand * 2.0**power
    top = exponent == 2**layout.exponent - 1
    if layout.infinities:
        values[top & (fraction == 0)] *= np.inf
        values[top & (fraction > 0)] = np.nan
    if layout.nan:
        values[top & (fraction == 2**layout.fraction - 1)] = np.nan
    return np.asarray(values, dtype=np.float32)
