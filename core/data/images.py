"""Small gray pictures as text that a browser shows."""

import base64
import struct
import zlib

import numpy as np
import numpy.typing as npt

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY_8_BIT = struct.pack(">BBBBB", 8, 0, 0, 0, 0)


def png_data_uri(image: npt.NDArray[np.integer]) -> str:
    """A picture (height, width) of gray values 0..255 as the data URI of a PNG (RFC 2083)."""
    height, width = image.shape
    lines = np.zeros((height, width + 1), dtype=np.uint8)  # each line begins with filter type 0
    lines[:, 1:] = image
    packed = zlib.compress(lines.tobytes())
    header = struct.pack(">II", width, height) + GRAY_8_BIT
    parts = _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(SIGNATURE + parts).decode("ascii")


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
