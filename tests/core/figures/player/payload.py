"""Reads the player's bytes as its JavaScript does."""

import json
from typing import Any

import numpy as np

TYPES = {"u1": np.uint8, "u2": np.uint16, "u4": np.uint32, "f4": np.float32}


def unpack(content: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    length = int.from_bytes(content[:4], "little")
    header = json.loads(content[4 : 4 + length])
    body = content[4 + length :]
    arrays = {
        name: np.frombuffer(body, TYPES[kind], count, offset)
        for name, (kind, offset, count) in header["arrays"].items()
    }
    return header["meta"], arrays
