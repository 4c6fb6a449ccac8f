"""A column whose cells hold vectors: what it looks like, and all of it as a matrix."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.data import watch
from core.data.limits import check_size
from core.data.media import is_medium
from core.data.readers.table import coded
from core.data.readers.table.cells import (
    CellError,
    CutOffError,
    PickleError,
    SeveralVectorsError,
    SparseError,
    TypeNameError,
    Vector,
    may_hold_vector,
    read_cell,
    shown,
)
from core.data.readers.table.shared_rows import Matrix, matrix_of
from core.errors import DataError

TOLD = 2_000  # rows between two reports

LOOKED_AT = 200
MOST = 0.8
CODED = (bytes, str, Mapping)
NAMED = 5


@dataclass(frozen=True)
class VectorColumn:
    """What a sample of the cells of a column says of it.

    dim: the commonest length. one_length: whether no other length was seen. floating: whether some
    number is no whole number. reason: what the cells are, in a few words. refusal: why the vectors
    in them cannot be read, or None.
    """

    name: str
    dim: int
    one_length: bool
    floating: bool
    reason: str
    refusal: CellError | None = None


@dataclass(frozen=True, eq=False)
class VectorRows:
    """(n, d) numbers of a column, NaN where a cell was empty or unreadable.

    unreadable: what is wrong with a row, by its number. note: what was changed, or "".
    """

    vectors: Matrix
    unreadable: Mapping[int, str] = field(default_factory=dict)
    note: str = ""


def sample_of(column: "pd.Series[Any]") -> list[Any]:
    """Up to LOOKED_AT cells that are not empty, spread over the column; none of one of numbers."""
    if column.dtype.kind in "iufbMmc":
        return []
    cells = _present(_spread(column))
    if not cells and len(column) > LOOKED_AT:
        cells = _present(_spread(column.dropna()))
    return cells


def _spread(column: "pd.Series[Any]") -> list[Any]:
    if len(column) <= LOOKED_AT:
        return list(column.array)
    places = np.unique(np.linspace(0, len(column) - 1, LOOKED_AT).astype(int))
    return list(column.array[places])


def _present(cells: list[Any]) -> list[Any]:
    return [
        cell
        for cell in cells
        if not (cell is None or cell is pd.NA or cell is pd.NaT)
        and not (isinstance(cell, float) and np.isnan(cell))
        and not (isinstance(cell, str) and not cell.strip())
    ]


def look_at(name: str, cells: list[Any]) -> VectorColumn | None:
    """What the vectors of a column are, from a sample of its cells; None where it has none."""
    if not cells or is_medium(cells[0]):
        return None
    if isinstance(cells[0], CODED) and (found := _look_at_bytes(name, cells)) is not None:
        return found
    if sum(isinstance(cell, str) and not may_hold_vector(cell) for cell in cells) > _few(cells):
        return None
    return _look_at_cells(name, cells)


def read_column(column: "pd.Series[Any]") -> VectorRows:
    """All vectors of a column that `look_at` knows; raises DataError."""
    matrix = matrix_of(column)
    if matrix is not None and matrix.dtype.kind in "biuf":
        return VectorRows(matrix)
    cells = sample_of(column)
    known = look_at(str(column.name), cells)
    if known is not None and known.refusal is not None:
        raise DataError(f"The column {known.name!r} cannot be used: {known.refusal}.")
    read = _reader(cells)
    rows: list[Vector | None] = []
    unreadable: dict[int, str] = {}
    for row, cell in enumerate(column):
        if row % TOLD == 0:
            watch.rows_read(row, len(column))
        try:
            rows.append(read(cell))
        except CellError as error:
            rows.append(None)
            unreadable[row] = f"row {row:,} of the column {column.name!r}: {error}"
    return _stacked(str(column.name), rows, unreadable, _note(cells))


def _look_at_bytes(name: str, cells: list[Any]) -> VectorColumn | None:
    contents = _bytes(cells)
    if contents and all(map(coded.is_pickle, contents)):
        return VectorColumn(name, 0, True, True, "vectors that cannot be read", PickleError())
    if contents and all(coded.saved_array(content) is not None for content in contents):
        return _look_at_cells(name, contents)
    dtype = coded.type_of(contents)
    if dtype is None:
        return None
    written = "bytes" if isinstance(cells[0], bytes) else "text"
    reason = f"{written} of {dtype.newbyteorder('=')} numbers of one length"
    size = Counter(map(len, contents)).most_common(1)[0][0]
    return VectorColumn(name, size // dtype.itemsize, True, True, reason)


def _look_at_cells(name: str, cells: list[Any]) -> VectorColumn | None:
    vectors: list[Vector] = []
    errors: list[CellError] = []
    for cell in cells:
        try:
            vector = read_cell(cell)
        except CellError as error:
            errors.append(error)
        else:
            if vector is not None:
                vectors.append(vector)
    refused = (CutOffError, SparseError, SeveralVectorsError, TypeNameError)
    named = [error for error in errors if isinstance(error, refused)]
    if named and len(named) >= len(vectors):
        return VectorColumn(name, 0, True, True, "vectors that cannot be read", named[0])
    if len(errors) > _few(cells):
        return None
    lengths = Counter(len(vector) for vector in vectors if len(vector))
    if not lengths:
        return None
    dim = lengths.most_common(1)[0][0]
    reason = "lists of numbers of one length" if len(lengths) == 1 else "lists of several lengths"
    return VectorColumn(name, dim, len(lengths) == 1, any(map(_is_floating, vectors)), reason)


def _is_floating(vector: Vector) -> bool:
    if vector.dtype.kind != "f":
        return False
    finite = vector[np.isfinite(vector)]
    return bool((finite.astype(np.float64) % 1).any())


def _reader(cells: list[Any]) -> Any:
    contents = _bytes(cells) if cells and isinstance(cells[0], CODED) else []
    if contents and all(coded.saved_array(content) is not None for content in contents):
        return lambda cell: read_cell(coded.bytes_of(cell) or cell)
    dtype = coded.type_of(contents)
    if dtype is None:
        return read_cell

    def read(cell: object) -> Vector | None:
        content = coded.bytes_of(cell)
        if content is None and not isinstance(cell, CODED):
            return None
        if content is None or len(content) % dtype.itemsize:
            raise CellError(f"it does not hold bytes of {dtype} but {shown(cell)}")
        return np.frombuffer(content, dtype)

    return read


def _stacked(
    name: str, rows: list[Vector | None], unreadable: dict[int, str], note: str
) -> VectorRows:
    lengths = Counter(len(row) for row in rows if row is not None)
    dim, n_of_dim = lengths.most_common(1)[0] if lengths else (0, 0)
    check_size(len(rows), dim)
    for number, row in enumerate(rows):
        if row is not None and len(row) != dim:
            unreadable[number] = (
                f"row {number:,} of the column {name!r} has {len(row):,} values, the other "
                f"vectors have {dim:,}"
            )
    if 2 * len(unreadable) > len(rows) or n_of_dim == 0 or 2 * n_of_dim < len(lengths):
        raise DataError(_message(name, unreadable))
    kinds = {row.dtype for row in rows if row is not None and len(row) == dim}
    missing = len(rows) > n_of_dim
    dtype = np.result_type(*kinds, *([np.dtype(np.float16)] if missing else []))
    vectors = np.full((len(rows), dim), np.nan if missing else 0, dtype)
    for number, row in enumerate(rows):
        if row is not None and len(row) == dim:
            vectors[number] = row
    vectors.setflags(write=False)  # so that a set takes it as it is
    return VectorRows(vectors, dict(sorted(unreadable.items())), note)


def _message(name: str, unreadable: dict[int, str]) -> str:
    if not unreadable:
        return f"The column {name!r} holds no vector: every cell is empty."
    first = min(unreadable)
    text = unreadable[first]
    return (
        f"All vectors must be lists of numbers of the same length: {text}"
        f" ({len(unreadable):,} such rows). Mend or leave out these rows."
    )


def _note(cells: list[Any]) -> str:
    nested = (
        isinstance(cell, list | tuple | np.ndarray)
        and len(cell) == 1
        and isinstance(cell[0], list | tuple | np.ndarray)
        for cell in cells
    )
    return (
        "each vector was a list within a list, (1, d), and is taken as (d,)" if any(nested) else ""
    )


def _bytes(cells: list[Any]) -> list[bytes]:
    contents = [coded.bytes_of(cell) for cell in cells]
    return [content for content in contents if content is not None]


def _few(cells: list[Any]) -> float:
    """So many cells may be no vectors where the others are."""
    return max(1, (1 - MOST) * len(cells))
