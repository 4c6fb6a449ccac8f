"""The rows of one matrix as the cells of a column, and back, without a copy."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Matrix = npt.NDArray[np.generic]


def as_column(matrix: Matrix) -> "pd.Series[Any]":
    """A column whose cells are the rows of a contiguous `matrix` (n, d)."""
    cells = np.empty(len(matrix), dtype=object)
    cells[:] = list(matrix)
    return pd.Series(cells, dtype=object)


def matrix_of(column: "pd.Series[Any]") -> Matrix | None:
    """The matrix (n, d) whose rows, in order, are the cells; None where there is no such matrix."""
    cells = column.to_numpy()
    first = cells[0] if cells.dtype == object and len(cells) else None
    if not isinstance(first, np.ndarray) or first.ndim != 1 or first.size < 1:
        return None
    base = first.base
    if not isinstance(base, np.ndarray) or base.size != len(cells) * len(first):
        return None
    if not base.flags.c_contiguous or base.dtype != first.dtype:
        return None
    start, width = base.ctypes.data, first.nbytes
    for row, cell in enumerate(cells):
        if not isinstance(cell, np.ndarray) or cell.base is not base or cell.nbytes != width:
            return None
        if cell.__array_interface__["data"][0] != start + row * width:
            return None
    return base.reshape(len(cells), len(first))
