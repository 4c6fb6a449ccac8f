"""The head of a faiss index: fourcc, then d i32, n i64, two unused i64, trained u8, metric i32.

A metric above 1 is followed by its argument, an f32.
"""

from dataclasses import dataclass

from core.distances import Metric
from core.errors import IndexFileError
from core.index.files.cursor import Cursor
from core.index.files.faiss_names import metric_name

METRICS: dict[int, Metric] = {0: "inner_product", 1: "euclidean"}
LARGEST_COUNT = 2**31 - 1
LARGEST_DIM = 2**20


@dataclass(frozen=True)
class Header:
    """What every faiss index begins with."""

    dim: int
    count: int
    metric: Metric


def fourcc(cursor: Cursor) -> tuple[bytes, int]:
    """The next four bytes, which name a kind of index, and where they stand."""
    offset = cursor.offset
    return cursor.array("kind of index", "u1", 4).tobytes(), offset


def read_header(cursor: Cursor) -> Header:
    """The header of an index that holds items under a metric that can be searched with here."""
    dim = cursor.number("dimension", "<i4", 1, LARGEST_DIM)
    count = cursor.number("number of vectors", "<i8", 0, LARGEST_COUNT)
    cursor.array("unused numbers", "<i8", 2)
    cursor.number("trained flag", "u1", 0, 1)
    start = cursor.offset
    metric = cursor.number("metric", "<i4", 0, 2**31 - 1)
    if metric not in METRICS:
        raise cursor.unsupported(
            "metric", f"{metric_name(metric)} is neither inner product nor L2 (Euclidean)", start
        )
    if count == 0:
        raise IndexFileError(
            "The faiss index is empty: it holds no items. Add vectors to it and write it again."
        )
    return Header(dim, count, METRICS[metric])
