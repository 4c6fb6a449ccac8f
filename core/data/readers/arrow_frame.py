"""Tables of Arrow, batch by batch, as a DataFrame.

Lists of numbers of one length go into one matrix as they come, so that the batches need not be
kept beside it. Fields of structs become columns of their own, as those of nested JSON do.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.limits import check_bytes, check_size
from core.data.names import check_distinct
from core.data.readers.nested_names import OPAQUE, Path, short_names
from core.data.readers.table.shared_rows import Matrix, as_column
from core.data.readers.text import check_columns
from core.data.stated_metric import KEYS, Stated, stated_metric

VIEWS = (pa.string_view(), pa.binary_view())
VIEW_WIDTH = 16
NUMBERS = "biuf"


class FrameBuilder:
    """Collects batches of one schema; `frame` gives them as one table."""

    def __init__(self, schema: pa.Schema, n_rows: int) -> None:
        check_columns(len(schema.names))
        check_distinct(schema.names)
        check_size(n_rows, 1)
        self._schema = schema
        self._n_rows = n_rows
        self._columns: dict[Path, _Column] = {}

    def add(self, batch: pa.RecordBatch) -> None:
        """The next rows; raises DataError where they would grow beyond the limits."""
        batch.validate(full=True)  # texts that are not UTF-8 would fail only where they are used
        for name, array in zip(self._schema.names, batch.columns, strict=True):
            for path, part in _fields((name,), array):
                self._columns.setdefault(path, _Column(self._n_rows)).add(part)

    def frame(self) -> pd.DataFrame:
        """All rows. Columns have short names, those of structs by their last part."""
        names = short_names(self._columns)
        columns = {names[path]: column.series() for path, column in self._columns.items()}
        if not columns and self._schema.names:
            return pd.DataFrame(columns=self._schema.names)
        return pd.DataFrame(columns)


class _Column:
    """The cells of one column: rows of a matrix as long as they fit one, else as Arrow has them."""

    def __init__(self, n_rows: int) -> None:
        self._n_rows = n_rows
        self._matrix: Matrix | None = None
        self._filled = 0
        self._rest: list[pa.Array] = []

    def add(self, array: pa.Array) -> None:
        rows = _matrix(array) if not self._rest else None
        if rows is None or not self._fits(rows):
            check_bytes(_view_bytes(array), "The text of the unpacked table")
            self._rest.append(array)
            return
        if self._matrix is None and len(rows) == self._n_rows:
            self._matrix = rows  # all rows at once: no copy
        else:
            if self._matrix is None:
                check_size(self._n_rows, rows.shape[1])
                self._matrix = np.empty((self._n_rows, rows.shape[1]), rows.dtype)
            self._matrix[self._filled : self._filled + len(rows)] = rows
        self._filled += len(rows)

    def _fits(self, rows: Matrix) -> bool:
        if self._matrix is None:
            return True
        return (
            self._matrix.shape[1] == rows.shape[1]
            and self._matrix.dtype == rows.dtype
            and self._filled + len(rows) <= self._n_rows
        )

    def series(self) -> "pd.Series[Any]":
        parts: list[pd.Series[Any]] = []
        if self._matrix is not None:
            self._matrix.setflags(write=False)  # so that a set takes it as it is
            parts.append(as_column(self._matrix[: self._filled]))
        if self._rest:
            parts.append(pa.chunked_array(self._rest).to_pandas())
        return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)


def _fields(path: Path, array: pa.Array) -> Iterator[tuple[Path, pa.Array]]:
    """An array, or those of its fields where it is a struct of more than one value."""
    kind = array.type
    if pa.types.is_dictionary(kind) and pa.types.is_nested(kind.value_type):
        yield from _fields(path, array.dictionary_decode())
        return
    names = {field.name for field in kind} if pa.types.is_struct(kind) else set()
    if not names or names in OPAQUE or len(names) < kind.num_fields:
        yield path, array
        return
    for field, part in zip(kind, array.flatten(), strict=True):
        yield from _fields((*path, field.name), part)


def _matrix(array: pa.Array) -> Matrix | None:
    """(n, d) numbers of lists of one length, none of them missing; None for anything else."""
    if not _is_list(array.type) or array.null_count or len(array) == 0:
        return None
    lengths = pc.min_max(pc.list_value_length(array))
    dim = lengths["min"].as_py()
    if dim != lengths["max"].as_py() or not dim:
        return None
    check_size(len(array), dim)
    values = array.flatten()
    while pa.types.is_struct(values.type) and values.type.num_fields == 1:
        values = values.flatten()[0]
    if pa.types.is_decimal(values.type):
        values = values.cast(pa.float64())
    numbers = values.type
    if not (pa.types.is_integer(numbers) or pa.types.is_floating(numbers)):
        return None
    flat = values.to_numpy(zero_copy_only=False)
    return flat.reshape(len(array), dim) if flat.dtype.kind in NUMBERS else None


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(kind)
        or pa.types.is_large_list(kind)
        or pa.types.is_fixed_size_list(kind)
        or pa.types.is_list_view(kind)
        or pa.types.is_large_list_view(kind)
    )


def _view_bytes(array: pa.Array) -> int:
    """Bytes of all texts of an array of views: many may show the same text of the file."""
    if array.type in VIEWS:
        views = np.frombuffer(array.buffers()[1], np.int32)[:: VIEW_WIDTH // 4]
        return int(views[array.offset : array.offset + len(array)].sum(dtype=np.int64))
    if pa.types.is_struct(array.type):
        return sum(map(_view_bytes, array.flatten()))
    return _view_bytes(array.flatten()) if _is_list(array.type) else 0


def metric_of(schema: pa.Schema) -> Stated:
    """The metric that the key-value metadata of a schema states."""
    said = schema.metadata or {}
    return stated_metric(
        (key, said[key.encode()].decode("utf-8", "replace")) for key in KEYS if key.encode() in said
    )
