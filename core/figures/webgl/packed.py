"""Arrays and facts in one run of bytes, as elements in the browser read them."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

ALIGNMENT = 8


def pack(meta: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """The length of the header (u32), a JSON header, then the arrays, each at a multiple of 8.

    The header holds `meta` and, for each array, its type, its offset after the header and its
    length; arrays are little-endian u1, u2, u4 or f4.
    """
    places: dict[str, tuple[str, int, int]] = {}
    parts: list[bytes] = []
    offset = 0
    for name, array in arrays.items():
        content = np.ascontiguousarray(array).tobytes()
        places[name] = (array.dtype.newbyteorder("<").str[1:], offset, array.size)
        padding = -len(content) % ALIGNMENT
        parts.append(content + bytes(padding))
        offset += len(content) + padding
    header = json.dumps({"meta": meta, "arrays": places}, separators=(",", ":")).encode()
    header += b" " * (-(len(header) + 4) % ALIGNMENT)
    return len(header).to_bytes(4, "little") + header + b"".join(parts)


def ends(counts: list[int]) -> npt.NDArray[np.uint32]:
    """Where each of several runs ends when they are laid one after the other."""
    return np.cumsum(counts, dtype=np.uint32)


def joined(parts: list[npt.NDArray[Any]], kind: str) -> npt.NDArray[Any]:
    """Arrays one after the other, as `kind`; empty where there are none."""
    return np.concatenate([*parts, np.empty(0, dtype=kind)]).astype(kind)
