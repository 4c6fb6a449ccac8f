"""The values of HDF5 arrays: never more than the header states, however small they are packed."""

import math
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from core.data import watch
from core.data.limits import check_bytes
from core.data.readers.hdf5_tree import UNDEFINED, MeteredBytes
from core.data.readers.hdf5_types import (
    COMPACT,
    FLETCHER32,
    GZIP,
    TEXT,
    Stored,
    UnreadableError,
)

MAX_CHUNKS = 1_000_000
NODES = 256
NODE_HEADER = 24
CHECKSUM = 4

Values = npt.NDArray[np.generic]
Records = npt.NDArray[np.void]


def load(stream: MeteredBytes, stored: Stored, name: str) -> Values:
    """The values of one array, text as objects; its sizes must have been checked."""
    if stored.address == UNDEFINED or stored.size == 0:
        raise UnreadableError("holds no values: nothing was ever written into it")
    if stored.chunks is not None:
        values = _unpack_chunks(stream, stored, stored.chunks)
    else:
        source = stored.header.msg_data if stored.layout == COMPACT else stream.content
        count = math.prod(stored.shape)
        values = np.frombuffer(source, stored.dtype, count, stored.address).reshape(stored.shape)
    if stored.dtype == TEXT:
        return load_texts(stream, cast(Records, values), name)
    return values != 0 if stored.boolean else values


def load_texts(stream: MeteredBytes, places: Records, name: str) -> npt.NDArray[np.object_]:
    """Texts of any length from their places in heaps, one heap at a time."""
    flat = places.ravel()
    check_bytes(int(flat["length"].sum(dtype=np.uint64)), f"The text of the array {name!r}")
    texts = np.full(len(flat), "", dtype=object)
    heaps = list(_rows_by_heap(flat))
    stream.grant(2 * len(heaps), stream.size)  # all of them: heaps do not overlap
    for address, rows in heaps:
        objects = _heap(stream, address)
        for row in rows.tolist():
            text = objects[int(flat["index"][row])][: int(flat["length"][row])]
            texts[row] = text.split(b"\0", 1)[0].decode("utf-8", "replace")
    return texts.reshape(places.shape)


def _heap(stream: MeteredBytes, address: int) -> dict[int, bytes]:
    """Texts of a heap by their numbers; kept, for columns filled row by row share their heaps."""
    from pyfive.misc_low_level import GlobalHeap

    if address not in stream.heaps:
        stream.heaps[address] = GlobalHeap(stream, address).objects
    return stream.heaps[address]


def _rows_by_heap(places: Records) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Address of each heap, with the rows whose texts lie in it."""
    rows = np.flatnonzero(places["length"])
    rows = rows[np.argsort(places["address"][rows], kind="stable")]
    heaps, starts = np.unique(places["address"][rows], return_index=True)
    yield from zip(heaps.tolist(), np.split(rows, starts)[1:], strict=True)


def _unpack_chunks(stream: MeteredBytes, stored: Stored, chunks: tuple[int, ...]) -> Values:
    places = dict(_chunk_places(stream, stored, chunks))
    if not places:
        raise UnreadableError("holds no values: nothing was ever written into it")
    values: Values = np.zeros(stored.shape, stored.dtype)
    if len(places) < math.prod(stored.grid):
        _fill(values, stored)
    content = stream.content
    for number, (corner, (address, size, mask)) in enumerate(places.items()):
        watch.items_read(number, len(places), "chunks")
        if address + size > len(content):
            raise ValueError(f"it ends at {len(content):,} bytes, within a chunk")
        packed = content[address : address + size]
        block = np.frombuffer(_unpack(packed, stored, chunks, mask), stored.dtype).reshape(chunks)
        edges = zip(corner, chunks, stored.shape, strict=True)
        window = tuple(slice(start, min(start + step, n)) for start, step, n in edges)
        values[window] = block[tuple(slice(0, s.stop - s.start) for s in window)]
    return values


def _fill(values: Values, stored: Stored) -> None:
    if stored.dtype != TEXT and stored.header.fillvalue:
        values[...] = stored.header.fillvalue


def _chunk_places(
    stream: MeteredBytes, stored: Stored, chunks: tuple[int, ...]
) -> Iterable[tuple[tuple[int, ...], tuple[int, int, int]]]:
    """Corner of each chunk, with its address, packed size and the filters left out."""
    from pyfive.btree import BTreeV1RawDataChunks

    count, axes = math.prod(stored.grid), len(chunks) + 1
    if count > MAX_CHUNKS:
        raise UnreadableError(f"has {count:,} chunks: save it again in larger ones")
    nodes = 2 * count + NODES
    stream.grant(2 * nodes, min(nodes * (NODE_HEADER + 16 + 8 * axes), stream.size))
    leaves = BTreeV1RawDataChunks(stream, stored.address, axes).all_nodes[0]
    for leaf in leaves:
        for key, address in zip(leaf["keys"], leaf["addresses"], strict=True):
            corner = key["chunk_offset"][:-1]
            beyond = any(c >= n for c, n in zip(corner, stored.shape, strict=True))
            if beyond or any(c % step for c, step in zip(corner, chunks, strict=True)):
                raise ValueError(f"a chunk lies at {corner}, outside of its array")
            yield corner, (address, key["chunk_size"], key["filter_mask"])


def _unpack(packed: memoryview, stored: Stored, chunks: tuple[int, ...], mask: int) -> Any:
    size = math.prod(chunks) * stored.dtype.itemsize
    data: Any = packed
    for number, step in reversed(list(enumerate(stored.filters))):
        if mask >> number & 1:
            continue
        if step == GZIP:
            data = _inflate(data, size + CHECKSUM)
        elif step == FLETCHER32:
            data = _without_checksum(bytes(data))
        else:
            data = _unshuffle(data, stored.dtype.itemsize)
    if len(data) != size:
        raise ValueError(f"a chunk of {size:,} bytes unpacks to {len(data):,}")
    return data


def _inflate(data: Any, most: int) -> bytes:
    unpacker = zlib.decompressobj()
    unpacked = unpacker.decompress(data, most)
    if not unpacker.eof:
        raise ValueError(f"a chunk is cut off, or unpacks to more than {most:,} bytes")
    return unpacked


def _without_checksum(data: bytes) -> bytes:
    from pyfive.btree import BTreeV1RawDataChunks

    BTreeV1RawDataChunks._verify_fletcher32(data)
    return data[:-CHECKSUM]


def _unshuffle(data: Any, width: int) -> bytes:
    """First bytes of all values came first, then their second ones; a rest stays as it is."""
    whole = len(data) // width * width
    mixed = np.frombuffer(data, np.uint8, whole).reshape(width, -1)
    return mixed.T.tobytes() + bytes(data[whole:])
