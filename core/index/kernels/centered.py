"""Rows moved to a center and scaled, in float64, before they become float32."""

import numpy as np

from core.index.kernels.compile import fast_kernel, kernel


@fast_kernel
def _row_scale(vectors, row, unit):
    """What a row is multiplied with first: 1, or under "cosine" 1 / length (0 for a zero row)."""
    if not unit:
        return 1.0
    square = 0.0
    for j in range(vectors.shape[1]):
        square += np.float64(vectors[row, j]) * np.float64(vectors[row, j])
    return 1.0 / np.sqrt(square) if square > 0.0 else 0.0


@fast_kernel
def _moved_square(vectors, row, factor, center):
    """The squared length of a row about the center."""
    total = 0.0
    for j in range(vectors.shape[1]):
        moved = np.float64(vectors[row, j]) * factor - center[j]
        total += moved * moved
    return total


@kernel
def longest(vectors, first, end, unit, center):
    """The largest squared length about the center among rows first to end."""
    largest = 0.0
    for row in range(first, end):
        factor = _row_scale(vectors, row, unit)
        largest = max(largest, _moved_square(vectors, row, factor, center))
    return largest


@fast_kernel
def _write_row(vectors, row, factor, center, scale, out):
    """Write one row about the center; its squared length."""
    total = 0.0
    for j in range(vectors.shape[1]):
        moved = (np.float64(vectors[row, j]) * factor - center[j]) * scale
        out[row, j] = moved
        total += moved * moved
    return total


@kernel
def write_centered(vectors, first, end, unit, center, scale, squared, out, bias):
    """Rows first to end about the center, times `scale`; bias: squared lengths if `squared`."""
    for row in range(first, end):
        factor = _row_scale(vectors, row, unit)
        square = _write_row(vectors, row, factor, center, scale, out)
        bias[row] = square if squared else 0.0
