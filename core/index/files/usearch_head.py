"""The head of a usearch file: what is compared, and how numbers and keys are kept.

64 bytes: "usearch", three versions u16, kinds of metric, scalar, key and slot u8, items and removed
items u64, dimensions u64, whether keys repeat u8. Until 2.10 scalars were numbered otherwise
(https://github.com/unum-cloud/usearch/issues/423).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import IndexFileError
from core.index.files.cursor import Cursor, field_offset
from core.spaces import Metric

KIND = "usearch"
MAGIC = b"usearch"
HEAD = np.dtype(
    [
        ("magic", "S7"),
        ("version", "<u2", (3,)),
        ("metric", "u1"),
        ("scalar", "u1"),
        ("key", "u1"),
        ("slot", "u1"),
        ("present", "<u8"),
        ("removed", "<u8"),
        ("dimensions", "<u8"),
        ("multi", "u1"),
    ]
)
HEAD_SIZE = 64
METRICS: dict[int, Metric] = {99: "cosine", 101: "euclidean", 105: "inner_product"}
SCALARS = {10: "f64", 11: "f32", 12: "f16", 4: "bf16", 23: "i8"}
SCALARS_BEFORE_2_10 = {4: "f64", 5: "f32", 6: "f16", 14: "i8", 15: "i8"}
KEYS = {14: "<u8", 20: "<i8"}
KEYS_BEFORE_2_10 = {8: "<u8"}
SLOTS = (9, 15)  # u32 until 2.10, and since


@dataclass(frozen=True)
class Head:
    """version: of the library that wrote the file. scalar: "f32", ... key: dtype of the keys.

    present, removed: numbers of items; offset: where `present` stands, in bytes.
    """

    version: str
    metric: Metric
    scalar: str
    key: str
    dim: int
    present: int
    removed: int
    offset: int


def head_offset(content: bytes) -> int | None:
    """Where the head begins: at 0 without vectors, else behind them; None in other files."""
    if content[:7] == MAGIC:
        return 0
    for kind in ("<u4", "<u8"):
        size = 2 * np.dtype(kind).itemsize
        if len(content) < size:
            continue
        rows, width = (int(value) for value in np.frombuffer(content, kind, 2))
        offset = size + rows * width
        if offset < len(content) and content[offset : offset + 7] == MAGIC:
            return offset
    return None


def read_head(cursor: Cursor, metric: Metric | None, dim: int | None) -> Head:
    """The head, held against what was said of the file; raises IndexFileError."""
    start = cursor.offset
    raw = np.frombuffer(cursor.array("head", "u1", HEAD_SIZE).tobytes(), HEAD, 1)[0]
    value = {name: raw[name].tolist() for name in HEAD.names or ()}
    major, minor, _ = value["version"]
    old = minor < 10
    scalars, keys = (SCALARS_BEFORE_2_10, KEYS_BEFORE_2_10) if old else (SCALARS, KEYS)
    _check_fields(cursor, start, value, scalars, keys)
    head = Head(
        version=f"{major}.{minor}",
        metric=METRICS[value["metric"]],
        scalar=scalars[value["scalar"]],
        key=keys[value["key"]],
        dim=value["dimensions"],
        present=value["present"],
        removed=value["removed"],
        offset=start + field_offset(HEAD, "present"),
    )
    _check_said(head, metric, dim)
    return head


def _check_fields(
    cursor: Cursor,
    start: int,
    value: Mapping[str, Any],
    scalars: Mapping[int, str],
    keys: Mapping[int, str],
) -> None:
    major, minor, _ = value["version"]
    demands = {
        "version": (major == 2, f"{major}.{minor}, and only format 2 is read"),
        "metric": (value["metric"] in METRICS, "none of cosine, Euclidean and inner product"),
        "scalar": (value["scalar"] in scalars, f"none of {', '.join(SCALARS.values())}"),
        "key": (value["key"] in keys, "no integer of 64 bits"),
        "slot": (value["slot"] in SLOTS, "no unsigned integer of 32 bits"),
        "dimensions": (1 <= value["dimensions"] <= 2**20, "not between 1 and 1,048,576"),
        "multi": (value["multi"] == 0, "several items for one key are not read"),
    }
    for field, (good, problem) in demands.items():
        if not good:
            got = "" if field == "version" else f"{value[field]:,}, "
            at = start + field_offset(HEAD, field)
            raise cursor.unsupported(f"{field} in the head", got + problem, at)


def _check_said(head: Head, metric: Metric | None, dim: int | None) -> None:
    if dim is not None and dim != head.dim:
        raise IndexFileError(
            f"dim = {dim:,} contradicts the usearch file, whose vectors have {head.dim:,} "
            "dimensions. Leave dim out."
        )
    if metric is not None and metric != head.metric:
        raise IndexFileError(
            f"metric {metric!r} contradicts the usearch file, which was built with "
            f"{head.metric!r}. Leave metric out."
        )
