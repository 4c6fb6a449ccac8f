"""What half precision would lose: float16 is what many stores and GPUs keep vectors in.

IEEE 754 binary16: at most 65,504; below 2^-14 = 6.1e-5 digits are lost, below 2^-25 all of them.
"""

import numpy as np
import numpy.typing as npt

from core.data import EmbeddingSet
from core.distances import Float64s
from core.metrics.spectrum import BLOCK_VALUES
from core.studies.inspection.preflight.finding import Finding
from core.studies.inspection.preflight.remedies import Remedy

LARGEST = 65_504.0
LOST = 0.01  # relative change of a row: ordinary rounding changes it by 0.0003
ROOM = 2.0**14  # the largest value after the remedy: products of it leave room
SMALL = 2.0**-14


def float16_findings(embeddings: EmbeddingSet) -> list[Finding]:
    """Rows that overflow in float16, and rows that change by more than 1 % of their length."""
    largest, changes = _float16(embeddings.vectors)
    over = np.flatnonzero(largest > LARGEST)
    lost = np.flatnonzero((changes > LOST) & (largest <= LARGEST))
    lost = lost[np.argsort(-changes[lost], kind="stable")]
    remedy = _remedy(embeddings.vectors, float(largest.max()))
    found = []
    if len(over):
        value = float(largest.max())
        found.append(
            Finding("float16 overflow", "row", over, embeddings.n, over, value=value, remedy=remedy)
        )
    if len(lost):
        value = float(changes[lost].max())
        found.append(
            Finding("float16 loss", "row", lost, embeddings.n, lost, value=value, remedy=remedy)
        )
    return found


def _float16(vectors: npt.NDArray[np.float32]) -> tuple[Float64s, Float64s]:
    """The largest absolute value of each row, and its relative change by rounding: (n,) both."""
    largest, changes = np.empty(len(vectors)), np.zeros(len(vectors))
    step = max(1, BLOCK_VALUES // vectors.shape[1])
    for start in range(0, len(vectors), step):
        block = vectors[start : start + step]
        sizes = np.abs(block)
        largest[start : start + step] = sizes.max(axis=1)
        # Only rows whose length rests on values that lose digits can change by that much.
        squares = np.einsum("ij,ij->i", block, block, dtype=np.float64)
        tiny = (sizes.max(axis=1) > 0) & (squares * LOST**2 <= block.shape[1] * SMALL**2)
        rows = np.flatnonzero(tiny) + start
        changes[rows] = _change(vectors[rows])
    return largest, changes


def _change(rows: npt.NDArray[np.float32]) -> Float64s:
    with np.errstate(over="ignore"):
        rounded = rows.astype(np.float16).astype(np.float64)
    difference = np.linalg.norm(rounded - rows, axis=1)
    return np.asarray(difference / np.linalg.norm(rows.astype(np.float64), axis=1))


def _remedy(vectors: npt.NDArray[np.float32], largest: float) -> Remedy | None:
    """Multiply by a power of two, which changes no digit; None where no factor serves all rows."""
    if largest == 0:
        return None
    factor = 2.0 ** float(np.floor(np.log2(ROOM / largest)))
    scaled, changes = _float16((vectors * np.float32(factor)).astype(np.float32))
    served = (scaled <= LARGEST).all() and (changes <= LOST).all()
    return Remedy("multiply", "float16", factor=factor) if served else None
