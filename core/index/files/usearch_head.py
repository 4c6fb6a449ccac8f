"""The head of a usearch file: what is compared, and how numbers and keys are kept.

64 bytes: "usearch", three versions u16, kinds of metric, scalar, key and slot u8, items and removed
items u64, dimensions u64, whether keys may repeat u8. The same since 2.0; until 2.10 kinds were
numbered otherwise (https://github.com/unum-cloud/usearch/issues/423), and until 2.4 the version was
written as 0.0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.distances import Metric
from core.errors import IndexFileError
from core.index.files.cursor import Cursor, field_offset

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
OTHER_METRICS = {
    0: "one of the user's own",
    98: "hamming",
    100: "divergence",
    104: "haversine",
    106: "jaccard",
    112: "pearson",
    115: "sorensen",
    116: "tanimoto",
}
SCALARS = {
    10: "f64",
    11: "f32",
    12: "f16",
    4: "bf16",
    5: "e5m2",
    6: "e4m3",
    7: "e2m3",
    8: "e3m2",
    17: "u8",
    23: "i8",
}
OTHER_KINDS = {
    1: "b1 (bits)",
    2: "u40",
    3: "uuid",
    13: "f8",
    14: "u64",
    15: "u32",
    16: "u16",
    17: "u8",
    20: "i64",
    21: "i32",
    22: "i16",
}
KEYS = {14: "<u8", 20: "<i8"}
SLOTS = {15: "u32"}
SCALARS_BEFORE_2_10 = {4: "f64", 5: "f32", 6: "f16", 14: "i8", 15: "i8"}
OTHER_KINDS_BEFORE_2_10 = {
    1: "b1 (bits)",
    2: "u40",
    3: "uuid",
    7: "f8",
    8: "u64",
    9: "u32",
    10: "u16",
    11: "u8",
    12: "i64",
    13: "i32",
}
KEYS_BEFORE_2_10 = {8: "<u8", 12: "<i8"}
SLOTS_BEFORE_2_10 = {9: "u32"}
EARLY = (0, 0)  # what 2.0 to 2.3 wrote for their version


@dataclass(frozen=True)
class _Numbering:
    """What the numbers of a head stand for; others: of kinds that are not read."""

    scalars: Mapping[int, str]
    others: Mapping[int, str]
    keys: Mapping[int, str]
    slots: Mapping[int, str]


TODAY = _Numbering(SCALARS, OTHER_KINDS, KEYS, SLOTS)
BEFORE_2_10 = _Numbering(
    SCALARS_BEFORE_2_10, OTHER_KINDS_BEFORE_2_10, KEYS_BEFORE_2_10, SLOTS_BEFORE_2_10
)


@dataclass(frozen=True)
class Head:
    """version: of the library that wrote the file. scalar: "f32", ... key: dtype of the keys.
    step: what 1 is among i8 numbers.

    present, removed: numbers of items; offset: where `present` stands, in bytes.
    """

    version: str
    step: int
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
    release = tuple(value["version"][:2])
    numbering = BEFORE_2_10 if release < (2, 10) else TODAY
    _check_fields(cursor, start, value, numbering)
    head = Head(
        version="2.0 to 2.3" if release == EARLY else f"{release[0]}.{release[1]}",
        step=100 if release < (2, 14) else 127,
        metric=METRICS[value["metric"]],
        scalar=numbering.scalars[value["scalar"]],
        key=numbering.keys[value["key"]],
        dim=value["dimensions"],
        present=value["present"],
        removed=value["removed"],
        offset=start + field_offset(HEAD, "present"),
    )
    _check_said(head, metric, dim)
    return head


def _check_fields(
    cursor: Cursor, start: int, value: Mapping[str, Any], numbering: _Numbering
) -> None:
    release = tuple(value["version"][:2])
    kinds = {**numbering.others, **numbering.scalars}
    metric = OTHER_METRICS.get(value["metric"], "unknown")
    scalar, key, slot = (kinds.get(value[field], "unknown") for field in ("scalar", "key", "slot"))
    demands = {
        "version": (
            release == EARLY or release[0] == 2,
            f"{release[0]}.{release[1]}, and files of usearch 2 are read",
        ),
        "metric": (
            value["metric"] in METRICS,
            f"it is {metric}; cosine, Euclidean and inner product are read",
        ),
        "scalar": (
            value["scalar"] in numbering.scalars,
            f"the vectors are {scalar}; {', '.join(SCALARS.values())} are read",
        ),
        "key": (value["key"] in numbering.keys, f"keys are {key}; integers of 64 bits are read"),
        "slot": (value["slot"] in numbering.slots, f"slots are {slot}; u32 are read"),
        "dimensions": (
            1 <= value["dimensions"] <= 2**20,
            f"{value['dimensions']:,}, which is not between 1 and 1,048,576",
        ),
        "multi": (value["multi"] in (0, 1), "neither yes nor no"),
    }
    for field, (good, problem) in demands.items():
        if not good:
            at = start + field_offset(HEAD, field)
            raise cursor.unsupported(f"{field} in the head", problem, at)


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
