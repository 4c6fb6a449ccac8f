"""Apache Arrow's IPC format: feather, `.arrow` files, and the streams that Hugging Face writes.

A file is a stream with a footer behind it and a mark before it, so both are read as streams. The
message of each batch is looked at before it is unpacked: a packed batch states the size of each of
its buffers, and these are checked first.
(https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc)
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd
import pyarrow as pa

from core.data import watch
from core.data.limits import check_bytes, check_size
from core.data.readers.arrow_frame import FrameBuilder, metric_of
from core.data.readers.columns import split_table
from core.data.readers.found import Content, Found, Options
from core.data.stated_metric import Stated
from core.errors import DataError

FILE_MARK = b"ARROW1"
MESSAGE_MARK = b"\xff\xff\xff\xff"
ENDINGS = (".feather", ".arrow")
FILE_START = 8
OLD_FEATHER = b"FEA1"
LENGTH_FIELD, NODES_FIELD, BUFFERS_FIELD, COMPRESSION_FIELD = 0, 1, 2, 3
HEADER_FIELD = 2
DATA_FIELD = 1
BUFFER = struct.Struct("<qq")
SIZE = struct.Struct("<q")


@dataclass(frozen=True)
class BatchSize:
    """What a message of rows or of a dictionary unpacks to."""

    rows: int
    bytes: int


def recognizes(content: Content, ending: str) -> bool:
    """Whether the content has the mark of a file, or begins with a message of a stream."""
    start = bytes(content[: len(FILE_MARK)])
    if start == FILE_MARK or start[: len(OLD_FEATHER)] == OLD_FEATHER:
        return True
    return start[: len(MESSAGE_MARK)] == MESSAGE_MARK or ending in ENDINGS


def read(content: Content, options: Options) -> Found:
    """A table with a column of lists (of fixed size or not) or columns of numbers."""
    table, stated = _read(content)
    found = split_table(table, options)
    return replace(found, notes=(*found.notes, *stated.notes), metric=stated.metric)


def frame(content: Content) -> pd.DataFrame:
    """The whole table."""
    return _read(content)[0]


def _read(content: Content) -> tuple[pd.DataFrame, Stated]:
    if bytes(content[: len(OLD_FEATHER)]) == OLD_FEATHER:
        raise DataError(
            "The file is of Feather's first version, of 2016. Save it again as Feather version 2, "
            "e.g. with pyarrow.feather.write_feather, or as Parquet."
        )
    start = FILE_START if bytes(content[: len(FILE_MARK)]) == FILE_MARK else 0
    buffer = pa.py_buffer(memoryview(content)[start:])
    try:
        n_rows = check_messages(buffer)
        reader = pa.ipc.open_stream(buffer)
        builder = FrameBuilder(reader.schema, n_rows)
        rows = 0
        for batch in reader:
            watch.rows_read(rows, n_rows)
            rows += len(batch)
            builder.add(batch)
        return builder.frame(), metric_of(reader.schema)
    except DataError:
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise DataError(
            f"The file is not readable Arrow: {str(error)[:300]}. It is cut off or damaged; copy "
            "or save it again."
        ) from error


def check_messages(buffer: pa.Buffer) -> int:
    """The rows of a stream; raises DataError where they unpack beyond the limits."""
    n_rows = size = 0
    for kind, batch in _messages(buffer):
        size += batch.bytes
        check_bytes(size, "The unpacked table")
        check_size(batch.rows, 1)
        n_rows += batch.rows if kind == "record batch" else 0
    check_size(n_rows, 1)
    return n_rows


def _messages(buffer: pa.Buffer) -> Iterator[tuple[str, BatchSize]]:
    reader = pa.ipc.MessageReader.open_stream(buffer)
    while True:
        try:
            message = reader.read_next_message()
        except StopIteration:
            return
        if message.type in ("record batch", "dictionary"):
            try:
                yield message.type, _size(message)
            except (struct.error, IndexError) as error:
                raise DataError(f"A batch of the Arrow file is damaged: {error}.") from error


def _size(message: pa.Message) -> BatchSize:
    metadata = message.metadata.to_pybytes()
    batch = _follow(metadata, _field(metadata, _root(metadata), HEADER_FIELD))
    if message.type == "dictionary":
        batch = _follow(metadata, _field(metadata, batch, DATA_FIELD))
    place = _field(metadata, batch, LENGTH_FIELD)
    rows = SIZE.unpack_from(metadata, place)[0] if place else 0
    if rows < 0:
        raise DataError("A batch of the Arrow file states a negative number of rows.")
    return BatchSize(rows, _unpacked_bytes(message, metadata, batch))


def _unpacked_bytes(message: pa.Message, metadata: bytes, batch: int) -> int:
    body = message.body
    if not _field(metadata, batch, COMPRESSION_FIELD):
        return int(body.size)
    buffers = _follow(metadata, _field(metadata, batch, BUFFERS_FIELD))
    (count,) = struct.unpack_from("<I", metadata, buffers)
    size = 0
    for number in range(count):
        start, length = BUFFER.unpack_from(metadata, buffers + 4 + number * BUFFER.size)
        if length < SIZE.size:
            continue
        if start < 0 or start + length > body.size:
            raise DataError("A buffer of the Arrow file lies outside its batch. Save it again.")
        (stated,) = SIZE.unpack(body.slice(start, SIZE.size).to_pybytes())
        size += length if stated < 0 else stated  # -1: not packed, for packing gained nothing
    return size


def _root(metadata: bytes) -> int:
    (place,) = struct.unpack_from("<I", metadata, 0)
    return int(place)


def _field(metadata: bytes, table: int, number: int) -> int:
    """The place of a field of a flatbuffer's table, 0 where it is left out."""
    (back,) = struct.unpack_from("<i", metadata, table)
    fields = table - back
    (size,) = struct.unpack_from("<H", metadata, fields)
    entry = 4 + 2 * number
    if entry >= size:
        return 0
    (offset,) = struct.unpack_from("<H", metadata, fields + entry)
    return table + int(offset) if offset else 0


def _follow(metadata: bytes, place: int) -> int:
    """Where the offset that stands at `place` leads to."""
    (offset,) = struct.unpack_from("<I", metadata, place)
    return place + int(offset)
