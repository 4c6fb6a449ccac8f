"""Apache Parquet; its footer is checked before any column is read."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.data.limits import check_bytes, check_size
from core.data.readers.columns import split_table
from core.data.readers.found import Found, Options
from core.errors import DataError


def read(content: bytes, options: Options) -> Found:
    """A table with a column of lists (of fixed size or not) or columns of numbers."""
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        _check_footer(file)
        return split_table(_to_frame(file.read()), options)
    except DataError:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise DataError(
            f"The file is not readable Parquet: {str(error)[:300]}. It is cut off or damaged; copy "
            "or save it again."
        ) from error


def _check_footer(file: pq.ParquetFile) -> None:
    footer = file.metadata
    groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
    check_bytes(sum(max(group.total_byte_size, 0) for group in groups), "The unpacked table")
    check_size(footer.num_rows, 1)
    names = file.schema_arrow.names
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise DataError(
            f"Column names must differ; {', '.join(map(repr, doubled[:5]))} stand more than once. "
            "Rename them."
        )


def _to_frame(table: pa.Table) -> pd.DataFrame:
    columns = {
        str(name): _to_series(column.combine_chunks())
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
    return pd.DataFrame(columns)


def _to_series(column: pa.Array) -> "pd.Series[Any]":
    if pa.types.is_fixed_size_list(column.type) and column.null_count == 0:
        return pd.Series(list(_fixed_size_rows(column)), dtype=object)
    series: pd.Series[Any] = column.to_pandas()
    return series


def _fixed_size_rows(column: pa.Array) -> npt.NDArray[np.generic]:
    check_size(len(column), column.type.list_size)
    values = np.asarray(column.flatten().to_numpy(zero_copy_only=False))
    return values.reshape(len(column), column.type.list_size)
