"""Vectors in several files, read a block of rows at a time: more of them than memory holds.

    vectors = open_shards("/data/vectors")   # a folder of .npy or .parquet files, by name
    vectors.read(1_000_000, 1_100_000)       # (100000, d), whatever files these rows lie in

Rows are read into memory of their own, not mapped: a process needs what one block takes.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from core.checks import check_finite, check_whole
from core.data.readers.npy_array import HEADER, parse_header
from core.errors import DataError, ParameterError

Floats = npt.NDArray[np.floating[Any]]


class VectorRows(Protocol):
    """Vectors (n, dim) of which some rows at a time are read."""

    @property
    def n(self) -> int:
        """Number of rows."""
        ...

    @property
    def dim(self) -> int:
        """Number of dimensions."""
        ...

    @property
    def dtype(self) -> "np.dtype[np.floating[Any]]":
        """float32 or float64, of what is read."""
        ...

    def read(self, start: int, stop: int) -> Floats:
        """The rows from `start` to `stop`, (stop - start, dim), finite and C-contiguous."""
        ...


@dataclass(frozen=True, eq=False)
class ArrayRows:
    """An array (n, d) as `VectorRows`: what is read is a part of it, not a copy."""

    vectors: Floats

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.vectors)

    @property
    def dim(self) -> int:
        """Number of dimensions."""
        return int(self.vectors.shape[1])

    @property
    def dtype(self) -> "np.dtype[np.floating[Any]]":
        """float64 stays; all else is read as float32."""
        return _read_as(self.vectors.dtype)

    def read(self, start: int, stop: int) -> Floats:
        """The rows from `start` to `stop`; raises ParameterError where one is not finite."""
        rows = np.ascontiguousarray(self.vectors[start:stop], self.dtype)
        check_finite(rows, f"vectors from row {start:,} on")
        return rows


@dataclass(frozen=True)
class _Npy:
    path: str
    n: int
    dim: int
    dtype: str
    offset: int

    def read(self, start: int, stop: int) -> npt.NDArray[Any]:
        """Some rows, as they are stored."""
        kind = np.dtype(self.dtype)
        with Path(self.path).open("rb") as file:
            file.seek(self.offset + start * self.dim * kind.itemsize)
            values = np.fromfile(file, kind, (stop - start) * self.dim)
        if len(values) != (stop - start) * self.dim:
            raise DataError(f"{self.path} was cut off while it was in use. Open it again.")
        return values.reshape(-1, self.dim)


@dataclass(frozen=True)
class _Parquet:
    """groups: rows before each row group, and all rows at the end."""

    path: str
    n: int
    dim: int
    dtype: str
    column: str
    groups: tuple[int, ...]

    def read(self, start: int, stop: int) -> npt.NDArray[Any]:
        """Some rows, as they are stored."""
        parts = []
        with pq.ParquetFile(self.path) as file:
            for group, (first, end) in enumerate(pairwise(self.groups)):
                low, high = max(start, first), min(stop, end)
                if low < high:
                    table = file.read_row_group(group, columns=[self.column])
                    parts.append(self._rows(table.column(0), low - first, high - first))
        return np.concatenate(parts)

    def _rows(self, column: pa.ChunkedArray, low: int, high: int) -> npt.NDArray[Any]:
        some = column.slice(low, high - low).combine_chunks()
        values = some.flatten()
        if some.null_count or values.null_count or len(values) != (high - low) * self.dim:
            raise DataError(
                f"{self.path}, column {self.column!r}: every row must be {self.dim:,} numbers; "
                "some are missing or have another length. Leave these rows out."
            )
        found: npt.NDArray[Any] = values.to_numpy().reshape(-1, self.dim)
        return found


@dataclass(frozen=True)
class VectorShards:
    """Vectors (n, dim) in files, one after another; row ids go on from file to file."""

    shards: tuple[_Npy | _Parquet, ...]

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The first row id of each file, and n at the end."""
        counts = [0, *(shard.n for shard in self.shards)]
        return tuple(int(each) for each in np.cumsum(counts))

    @property
    def n(self) -> int:
        """Number of rows."""
        return self.starts[-1]

    @property
    def dim(self) -> int:
        """Number of dimensions."""
        return self.shards[0].dim

    @property
    def dtype(self) -> "np.dtype[np.floating[Any]]":
        """float64 where the files have it; all else is read as float32."""
        return _read_as(np.dtype(self.shards[0].dtype))

    @property
    def nbytes(self) -> int:
        """Bytes of all rows as they are read."""
        return self.n * self.dim * self.dtype.itemsize

    def read(self, start: int, stop: int) -> Floats:
        """The rows from `start` to `stop`, (stop - start, dim), in memory of their own.

        Raises DataError where a row is not finite or cannot be read, and ParameterError for rows
        that are not there.
        """
        check_whole(start, "start", 0, self.n)
        check_whole(stop, "stop", start, self.n)
        rows = np.empty((stop - start, self.dim), self.dtype)
        for shard, first in zip(self.shards, self.starts, strict=False):
            low, high = max(start, first), min(stop, first + shard.n)
            if low < high:
                rows[low - start : high - start] = _read(shard, low - first, high - first)
        return rows


def open_shards(
    source: str | Path | Sequence[str | Path], *, column: str | None = None
) -> VectorShards:
    """The vectors of several `.npy` or `.parquet` files, of which only the headers are read.

    source: a folder, whose files are taken in the order of the numbers in their names, or the files
    in their order. column: of parquet files, the one with a list of numbers in each row; by default
    the only one.

    Raises DataError for a folder without such files, for files of unlike dimensions or types, and
    for one that cannot be read.
    """
    paths = _paths(source)
    shards = tuple(_open(path, column) for path in paths)
    kept = tuple(shard for shard in shards if shard.n)
    if not kept:
        raise DataError(f"The {len(paths):,} files hold no rows.")
    for shard in kept:
        first = kept[0]
        if (shard.dim, _read_as(np.dtype(shard.dtype))) != (
            first.dim,
            _read_as(np.dtype(first.dtype)),
        ):
            raise DataError(
                f"All files must have one dimension and one type: {first.path} has {first.dim:,} "
                f"of {first.dtype}, {shard.path} has {shard.dim:,} of {shard.dtype}."
            )
    return VectorShards(kept)


def as_rows(vectors: "Floats | VectorRows") -> VectorRows:
    """An array, or files that are open, as `VectorRows`.

    Raises ParameterError for what is neither.
    """
    if isinstance(vectors, np.ndarray):
        if vectors.ndim != 2 or 0 in vectors.shape or vectors.dtype.kind not in "fiu":
            raise ParameterError(
                f"vectors must be a 2-D array of numbers, (rows, dimensions); got shape "
                f"{vectors.shape} of {vectors.dtype}."
            )
        return ArrayRows(vectors)
    if not hasattr(vectors, "read"):
        raise ParameterError(
            f"vectors must be an array or what open_shards gives; got a {type(vectors).__name__}."
        )
    return vectors


def _read_as(kind: "np.dtype[Any]") -> "np.dtype[np.floating[Any]]":
    return np.dtype(np.float64 if kind == np.float64 else np.float32)


def _paths(source: str | Path | Sequence[str | Path]) -> list[Path]:
    if not isinstance(source, str | Path):
        return [Path(each) for each in source]
    folder = Path(source)
    if not folder.is_dir():
        return [folder]
    found = [each for each in folder.iterdir() if each.suffix in _OPEN and each.is_file()]
    if not found:
        raise DataError(f"{folder} holds no .npy and no .parquet files.")
    return sorted(found, key=_by_number)


def _by_number(path: Path) -> tuple[Any, ...]:
    """So that part-2 comes before part-10."""
    parts = re.split(r"(\d+)", path.name)
    return tuple((int(each), "") if each.isdigit() else (-1, each) for each in parts)


def _open(path: Path, column: str | None) -> _Npy | _Parquet:
    opener = _OPEN.get(path.suffix)
    if opener is None:
        raise DataError(f"{path} is neither .npy nor .parquet. Convert it to one of these.")
    try:
        return opener(path, column)
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{path} cannot be read: {str(error)[:300]}") from error


def _open_npy(path: Path, _column: str | None) -> _Npy:
    with path.open("rb") as file:
        stated = parse_header(file.read(HEADER), path.stat().st_size, str(path))
    if len(stated.shape) != 2 or stated.shape[1] == 0 or stated.dtype.kind not in "fiu":
        raise DataError(
            f"{path} must hold numbers (rows, dimensions); it has shape {stated.shape} of "
            f"{stated.dtype}."
        )
    if stated.fortran and stated.shape[0] > 1:
        raise DataError(
            f"{path} stores its columns one after another, so that no rows can be read alone. Save "
            "it again with numpy.save(path, numpy.ascontiguousarray(array))."
        )
    return _Npy(str(path), stated.shape[0], stated.shape[1], stated.dtype.str, stated.start)


def _open_parquet(path: Path, column: str | None) -> _Parquet:
    with pq.ParquetFile(path) as file:
        schema, footer = file.schema_arrow, file.metadata
        lists = [field.name for field in schema if _is_vector(field.type)]
        name = lists[0] if column is None and len(lists) == 1 else column
        if name is None or name not in lists:
            raise DataError(
                f"{path}: the column of vectors must be one of {', '.join(lists) or 'none here'}; "
                f"got {column!r}. Name it as column."
            )
        counts = [footer.row_group(i).num_rows for i in range(footer.num_row_groups)]
        kind = schema.field(name).type
        dim = kind.list_size if pa.types.is_fixed_size_list(kind) else _first_length(file, name)
    groups = tuple(int(each) for each in np.cumsum([0, *counts]))
    stored = np.dtype(kind.value_type.to_pandas_dtype()).str
    return _Parquet(str(path), groups[-1], dim, stored, name, groups)


def _is_vector(kind: pa.DataType) -> bool:
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    if not any(each(kind) for each in lists):
        return False
    return bool(pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type))


def _first_length(file: pq.ParquetFile, column: str) -> int:
    for batch in file.iter_batches(1, columns=[column]):
        return len(batch.column(0).flatten())
    return 0


def _read(shard: _Npy | _Parquet, start: int, stop: int) -> npt.NDArray[Any]:
    rows = shard.read(start, stop)
    if not np.isfinite(rows).all():
        bad = start + int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
        raise DataError(
            f"{shard.path}: row {bad:,} of the file is not finite. Leave such rows out."
        )
    return rows


_OPEN: dict[str, Callable[[Path, str | None], _Npy | _Parquet]] = {
    ".npy": _open_npy,
    ".parquet": _open_parquet,
}
