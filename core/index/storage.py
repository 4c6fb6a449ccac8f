"""How a source keeps the numbers of its vectors, and how far rounding may move a row."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.distances import Floats

ROWS_AT_ONCE = 8_192


@dataclass(frozen=True)
class Storage:
    """The kind of number that vectors went through.

    name: of the kind. relative: largest error of a number as a share of it (floats). step: largest
    error of a number in any case, as a share of the row's length (whole numbers, codes). scaled:
    whether only the direction of a row was kept, its length being made 1.
    """

    name: str
    relative: float = 0.0
    step: float = 0.0
    scaled: bool = False

    def tolerance(self, dim: int) -> float:
        """How far rounding may move a row of `dim` numbers, as a share of its length.

        >>> INT8.tolerance(16) * 127, FLOAT16.tolerance(16) * 2048
        (4.0, 1.0)
        """
        return float(self.relative + self.step * np.sqrt(dim))


FLOAT32 = Storage("float32")
FLOAT16 = Storage("float16", relative=2.0**-11)  # 11 bits of a number are kept, rounded
BFLOAT16 = Storage("bfloat16", relative=2.0**-7)  # 8 bits, and the rest may be cut off
# The step is half the smallest number below the normal ones, of a row of length 1.
E5M2 = Storage("float8 (e5m2)", relative=2.0**-3, step=2.0**-17)
E4M3 = Storage("float8 (e4m3)", relative=2.0**-4, step=2.0**-10)
E3M2 = Storage("float6 (e3m2)", relative=2.0**-3, step=2.0**-5)
E2M3 = Storage("float6 (e2m3)", relative=2.0**-4, step=2.0**-4)
UINT8 = Storage("uint8", step=1 / 255, scaled=True)
INT8 = Storage("int8", step=1 / 127, scaled=True)  # rounded or cut off, by version of usearch


def storage_of(vectors: Floats) -> Storage:
    """The coarsest kind that holds all of these numbers: float16 or float32.

    Whole numbers are taken as they are: they were never rounded.

    >>> storage_of(np.array([[0.1]], dtype=np.float16).astype(np.float32)).name
    'float16'
    >>> storage_of(np.array([[0.1]])).name, storage_of(np.array([[3.0]])).name
    ('float32', 'float32')
    """
    whole = True
    for start in range(0, len(vectors), ROWS_AT_ONCE):
        block = vectors[start : start + ROWS_AT_ONCE]
        if not _holds(block):
            return FLOAT32
        whole = whole and bool(np.all(block == np.rint(block)))
    return FLOAT32 if whole else FLOAT16


def _holds(block: Floats) -> bool:
    with np.errstate(over="ignore"):  # becomes an infinity, which is not equal
        half: npt.NDArray[np.float16] = block.astype(np.float16)
    return bool(np.array_equal(half.astype(block.dtype), block))
