"""Texts that are attached to an HDF5 group; all other attributes are passed over unread."""

import struct
from typing import Any

import numpy as np

from core.data.readers.hdf5_tree import MeteredBytes
from core.data.readers.hdf5_types import SHARED, TEXT, UnreadableError, parse_type
from core.data.readers.hdf5_values import load_texts

ATTRIBUTE = 12
PADDED = 8


def text_attribute(stream: MeteredBytes, header: Any, wanted: str) -> str | None:
    """The one text that the attribute `wanted` holds; None where there is none."""
    for message in header.find_msg_type(ATTRIBUTE):
        if not message["flags"] & SHARED:
            name, parts = _parse(header.msg_data, message["offset_to_message"])
            if name == wanted:
                return _text(stream, header.msg_data, *parts)
    return None


def _parse(data: bytes, place: int) -> tuple[str, tuple[int, int, int]]:
    """Name, and where its type, its shape and its value begin."""
    version, _, *lengths = struct.unpack_from("<BBHHH", data, place)
    step = PADDED if version == 1 else 1
    widths = [-(-length // step) * step for length in lengths]
    start = place + (9 if version == 3 else 8)
    name = data[start : start + lengths[0]].split(b"\0", 1)[0].decode("utf-8", "replace")
    ends = np.cumsum([start, *widths]).tolist()
    return name, (ends[1], ends[2], ends[3])


def _text(stream: MeteredBytes, data: bytes, kind: int, shape: int, value: int) -> str | None:
    from pyfive.dataobjects import determine_data_shape

    try:
        dtype, _ = parse_type(data, kind)
    except UnreadableError:
        return None
    stated, _ = determine_data_shape(data, shape)
    if stated is None or any(length != 1 for length in stated):
        return None
    values = np.frombuffer(data, dtype, 1, value)
    if dtype == TEXT:
        return str(load_texts(stream, values, "attribute")[0])
    return values[0].decode("utf-8", "replace") if dtype.kind == "S" else None
