"""Raw float32 in a zip whose shape the configuration of an Embedding Projector states.

{"embeddings": [{"tensorPath": "vectors.bytes", "tensorShape": [1000, 50], ...}]}, see
https://github.com/tensorflow/embedding-projector-standalone
"""

import json
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from core.data.limits import check_size
from core.data.readers.found import Found
from core.errors import DataError

CONFIG = "projector_config.json"
VALUE = np.dtype("<f4")
LONGEST_CONFIG = 1_000_000


def stated_shapes(config: bytes) -> dict[str, tuple[int, int]]:
    """Rows and dimensions of each array by the last part of its path; none where nothing fits."""
    try:
        entries = json.loads(config[:LONGEST_CONFIG])["embeddings"]
        return {
            PurePosixPath(entry["tensorPath"]).name: (
                entry["tensorShape"][0],
                entry["tensorShape"][1],
            )
            for entry in entries
            if _is_shape(entry.get("tensorShape"))
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def fits(content: bytes, shape: tuple[int, int]) -> bool:
    """Whether the bytes are as many as the shape needs."""
    return len(content) == shape[0] * shape[1] * VALUE.itemsize


def read(content: bytes, shape: tuple[int, int]) -> Found:
    """The rows of the array; raises DataError where it is too large."""
    if not fits(content, shape):
        raise DataError(f"The configuration states {shape}, and the file has another size.")
    check_size(*shape)
    values = np.frombuffer(content, VALUE).reshape(shape)
    return Found(values, notes=(f"float32 of the shape {shape} that {CONFIG} states",))


def _is_shape(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(type(length) is int and length > 0 for length in value)
    )
