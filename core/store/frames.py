"""Frames as Arrow streams, each column in a type that holds its values exactly.

A stream has no metadata of pandas; the manifest says of what kind each column was.
(https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format)

| column                                   | kind in the manifest            | in Arrow            |
|------------------------------------------|---------------------------------|---------------------|
| numbers, yes or no of numpy              | {"numbers": dtype}              | the same, no nulls  |
| dates, durations of numpy                | {"moments": dtype}              | int64               |
| dates with a time zone                   | {"zoned": [unit, zone]}         | int64               |
| text of pandas                           | {"text": [storage, missing]}    | large_string        |
| objects: text and one kind of missing    | {"texts": missing}              | large_string        |
| objects: bytes and one kind of missing   | {"bytes": missing}              | large_binary        |
| nullable numbers and booleans            | {"nullable": dtype}             | the same, nulls     |
| categories                               | {"categories": [..]}            | int64: codes        |
| other objects                            | {"cells": dtype}                | large_string: JSON  |

missing: "None", "nan" or "NA".
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from core.data.readers.arrow_ipc import check_messages
from core.errors import DataError, StoreError

MISSING: dict[str, Any] = {"None": None, "nan": np.nan, "NA": pd.NA}
Series = pd.Series
Encode = Callable[[Any], Any]


def write(columns: Sequence[Any], encode: Encode) -> tuple[list[Any], bytes]:
    """The kinds of columns of one length, and all of them as an Arrow stream.

    encode: a cell of another kind as a node of the manifest.
    """
    kinds, arrays = [], []
    for column in columns:
        kind, array = _column(column, encode)
        kinds.append(kind)
        arrays.append(array)
    table = pa.Table.from_arrays(arrays, names=[str(number) for number in range(len(arrays))])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return kinds, sink.getvalue().to_pybytes()


def read(source: Path | bytes, kinds: Sequence[Any], decode: Encode) -> list[Any]:
    """The columns of `write` as series; raises StoreError where the stream does not hold them.

    source: the path of a stream, which is mapped, or the stream.
    """
    try:
        table = _table(source)
        if table.num_columns != len(kinds):
            raise StoreError(
                f"It should hold {len(kinds):,} columns, and holds {table.num_columns:,}."
            )
        return [
            _series(kind, table.column(number).combine_chunks(), decode)
            for number, kind in enumerate(kinds)
        ]
    except (
        pa.ArrowException,
        OSError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        DataError,
    ) as error:
        raise StoreError(f"It is no Arrow stream of these columns: {str(error)[:160]}.") from error


def _table(source: Path | bytes) -> Any:
    """The table of a stream that does not unpack to more than this server takes."""
    buffer = pa.memory_map(str(source)).read_buffer() if isinstance(source, Path) else source
    buffer = pa.py_buffer(buffer) if isinstance(buffer, bytes) else buffer
    check_messages(buffer)
    table = pa.ipc.open_stream(buffer).read_all()
    table.validate(full=True)
    return table


def _column(column: Any, encode: Encode) -> tuple[Any, Any]:
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        codes = np.asarray(column.cat.codes, np.int64)
        kinds, stream = write([pd.Series(dtype.categories)], encode)
        return {"categories": [kinds, encode(stream), bool(dtype.ordered)]}, pa.array(codes)
    if isinstance(dtype, pd.DatetimeTZDtype):
        naive = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy()
        return {"zoned": [dtype.unit, str(dtype.tz)]}, pa.array(naive.view(np.int64))
    if isinstance(dtype, pd.StringDtype):
        return _own_text(column, dtype, encode)
    if isinstance(dtype, np.dtype):
        return _of_numpy(column.to_numpy(), encode)
    if isinstance(
        column.array, pd.arrays.IntegerArray | pd.arrays.FloatingArray | pd.arrays.BooleanArray
    ):
        return {"nullable": dtype.name}, pa.array(column.array)
    raise StoreError(f"A column of {dtype} cannot be kept in the store.")


def _own_text(column: Any, dtype: Any, encode: Encode) -> tuple[Any, Any]:
    missing = "NA" if dtype.na_value is pd.NA else "nan"
    try:
        values = pa.array(column.array.to_numpy(object), pa.large_string(), from_pandas=True)
    except UnicodeEncodeError:  # half of a surrogate pair
        kind, values = _cells(column.array.to_numpy(object), encode)
        return {**kind, "text": [dtype.storage, missing]}, values
    return {"text": [dtype.storage, missing]}, values


def _of_numpy(values: Any, encode: Encode) -> tuple[Any, Any]:
    kind, native = values.dtype.kind, values.dtype.isnative
    if kind in "mM" and native:
        return {"moments": values.dtype.str}, pa.array(np.ascontiguousarray(values).view(np.int64))
    if kind in "biuf" and native and values.dtype.itemsize <= 8:
        return {"numbers": values.dtype.str}, pa.array(
            np.ascontiguousarray(values), from_pandas=False
        )
    if kind == "O":
        return _of_objects(values, encode)
    return _cells(values, encode)


def _of_objects(values: Any, encode: Encode) -> tuple[Any, Any]:
    present = [cell for cell in values if not _missing(cell)]
    found = {_missing(cell) for cell in values} - {""}
    if len(found) < 2:
        missing = next(iter(found), "None")
        rows = [None if _missing(cell) else cell for cell in values]
        if all(type(cell) is bytes for cell in present) and present:
            return {"bytes": missing}, pa.array(rows, pa.large_binary())
        if all(type(cell) is str for cell in present):
            try:
                return {"texts": missing}, pa.array(rows, pa.large_string())
            except UnicodeEncodeError:
                return _cells(values, encode)
    return _cells(values, encode)


def _cells(values: Any, encode: Encode) -> tuple[Any, Any]:
    texts = [json.dumps(encode(cell), separators=(",", ":")) for cell in values]
    return {"cells": values.dtype.str}, pa.array(texts, pa.large_string())


def _missing(cell: object) -> str:
    """The name of what stands for a missing cell; "" for any other cell."""
    if cell is None:
        return "None"
    if cell is pd.NA:
        return "NA"
    return "nan" if type(cell) is float and np.isnan(cell) else ""


def _series(kind: Any, array: Any, decode: Encode) -> Any:
    if "cells" in kind:
        return _of_cells(kind, array, decode)
    ((name, stated),) = kind.items()
    return _READERS[name](stated, array, decode)


def _of_cells(kind: Any, array: Any, decode: Encode) -> Any:
    values = np.empty(len(array), object)
    values[:] = [None] * len(array)
    for row, text in enumerate(array.to_pylist()):
        values[row] = decode(json.loads(text))
    if "text" in kind:
        return pd.Series(pd.array(values, dtype=_text_dtype(kind["text"])))
    dtype = np.dtype(kind["cells"])
    if dtype.kind == "O":
        return pd.Series(values, dtype=object)
    return pd.Series(np.array(values.tolist(), dtype))


def _numbers(stated: Any, array: Any, _decode: Encode) -> Any:
    dtype = np.dtype(str(stated))
    values = array.to_numpy(zero_copy_only=False)
    if dtype.kind not in "biuf" or values.dtype != dtype:
        raise StoreError(f"A column should hold {dtype}, and holds {values.dtype}.")
    return pd.Series(values)


def _moments(stated: Any, array: Any, _decode: Encode) -> Any:
    dtype = np.dtype(str(stated))
    if dtype.kind not in "mM":
        raise StoreError(f"A column of dates is said to hold {dtype}.")
    return pd.Series(_whole(array).view(dtype))


def _zoned(stated: Any, array: Any, _decode: Encode) -> Any:
    unit, zone = stated
    naive = pd.Series(_whole(array).view(f"M8[{unit}]"))
    return naive.dt.tz_localize("UTC").dt.tz_convert(str(zone))


def _text(stated: Any, array: Any, _decode: Encode) -> Any:
    return pd.Series(_text_dtype(stated).__from_arrow__(array))


def _text_dtype(stated: Any) -> Any:
    storage, missing = stated
    return pd.StringDtype(storage, na_value=MISSING[missing])


def _objects(stated: Any, array: Any, _decode: Encode) -> Any:
    values = np.empty(len(array), object)
    values[:] = array.to_pylist()
    if array.null_count and stated != "None":
        values[np.asarray(array.is_null())] = MISSING[stated]
    return pd.Series(values, dtype=object)


def _nullable(stated: Any, array: Any, _decode: Encode) -> Any:
    dtype: Any = pd.api.types.pandas_dtype(str(stated))
    return pd.Series(dtype.__from_arrow__(array))


def _categories(stated: Any, array: Any, decode: Encode) -> Any:
    kinds, stream, ordered = stated
    (values,) = read(decode(stream), kinds, decode)
    names = pd.Index(values)
    return pd.Series(pd.Categorical.from_codes(_whole(array), names, ordered=bool(ordered)))


def _whole(array: Any) -> Any:
    values = array.to_numpy(zero_copy_only=False)
    if values.dtype != np.int64:
        raise StoreError(f"A column should hold whole numbers, and holds {values.dtype}.")
    return values


_READERS = {
    "numbers": _numbers,
    "moments": _moments,
    "zoned": _zoned,
    "text": _text,
    "texts": _objects,
    "bytes": _objects,
    "nullable": _nullable,
    "categories": _categories,
}
