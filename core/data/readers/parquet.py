"""Apache Parquet; its footer is checked before any column is read."""

from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.data import watch
from core.data.limits import check_bytes, check_size
from core.data.readers.arrow_frame import FrameBuilder, metric_of
from core.data.readers.columns import split_table
from core.data.readers.found import Content, Found, Options
from core.data.stated_metric import Stated
from core.errors import DataError

WIDTHS = {"BOOLEAN": 1, "INT32": 4, "INT64": 8, "INT96": 12, "FLOAT": 4, "DOUBLE": 8}
OFFSET_WIDTH = 4
BATCH_ROWS = 4_096
TEXTS = (pa.string(), pa.large_string(), pa.binary(), pa.large_binary())


def read(content: Content, options: Options) -> Found:
    """A table with a column of lists (of fixed size or not) or columns of numbers."""
    table, stated = _read(content)
    found = split_table(table, options)
    return replace(found, notes=(*found.notes, *stated.notes), metric=stated.metric)


def frame(content: Content) -> pd.DataFrame:
    """The whole table."""
    return _read(content)[0]


def _read(content: Content) -> tuple[pd.DataFrame, Stated]:
    try:
        file = pq.ParquetFile(pa.BufferReader(pa.py_buffer(content)))
        _check_footer(file)
        _check_texts(file, content)
        return _read_frame(file), metric_of(file.schema_arrow)
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
    check_bytes(footer.num_rows * _row_width(file.schema), "The unpacked table")
    check_size(footer.num_rows, 1)


def _row_width(schema: pq.ParquetSchema) -> int:
    """Bytes of one row outside lists; in a file, equal values in a row take next to none.

    Judged from the schema alone: pyarrow ends the process where it is asked for the columns of a
    damaged row group.
    """
    leaves = [schema.column(i) for i in range(len(schema))]
    return sum(
        WIDTHS.get(leaf.physical_type, leaf.length or OFFSET_WIDTH)
        for leaf in leaves
        if leaf.max_repetition_level == 0
    )


def _check_texts(file: pq.ParquetFile, content: Content) -> None:
    """Measure texts by their dictionaries first: one long text may stand in every row."""
    leaves = [file.schema.column(i) for i in range(len(file.schema))]
    paths = [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]
    coded = pq.ParquetFile(pa.BufferReader(pa.py_buffer(content)), read_dictionary=paths)
    tops = {path.split(".")[0] for path in paths}
    columns = [name for name in file.schema_arrow.names if name.split(".")[0] in tops]
    size = rows = 0
    for batch in coded.iter_batches(BATCH_ROWS, columns=columns) if columns else ():
        watch.rows_read(rows, file.metadata.num_rows)
        rows += len(batch)
        size += sum(_text_size(column) for column in batch.columns)
        check_bytes(size, "The text of the unpacked table")


def _read_frame(file: pq.ParquetFile) -> pd.DataFrame:
    """All rows; the size of lists shows only as they are read, so it is watched on the way."""
    n = file.metadata.num_rows
    builder, size, rows = FrameBuilder(file.schema_arrow, n), 0, 0
    for batch in file.iter_batches(BATCH_ROWS):
        watch.rows_read(rows, n)
        rows += len(batch)
        size += batch.nbytes
        check_bytes(size, "The unpacked table")
        builder.add(batch)
    return builder.frame()


def _text_size(array: pa.Array) -> int:
    """Bytes of all texts in an array whose texts are in dictionaries, nested ones as well."""
    if pa.types.is_dictionary(array.type):
        if array.type.value_type not in TEXTS:
            return 0
        lengths = pc.take(pc.binary_length(array.dictionary), array.indices)
        return pc.sum(lengths).as_py() or 0
    if pa.types.is_map(array.type):
        return _text_size(array.keys) + _text_size(array.items)
    if pa.types.is_struct(array.type):
        return sum(_text_size(part) for part in array.flatten())
    return _text_size(array.flatten()) if pa.types.is_nested(array.type) else 0
