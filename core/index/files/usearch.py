"""The files that usearch writes (format 2), with everything in them checked.

Unless saved without vectors: rows u32 and bytes per row u32 (or both u64), and the vectors. Then a
head of 64 bytes: "usearch", three versions u16, kinds of metric, scalar, key and slot u8, items
and removed items u64, dimensions u64, whether keys repeat u8. Then size, connectivity,
connectivity of layer 0, top layer and entry slot u64; the level of each node i16; and node by node
its key u64, level i16, and for each layer a link count u32 and its places for links u32.
(https://github.com/unum-cloud/usearch, `index_dense.hpp` and `index.hpp`)
"""

import numpy as np
import numpy.typing as npt

from core.errors import IndexFileError
from core.index.files.checks import check_records
from core.index.files.cursor import Cursor, field_offset
from core.index.files.supplied import check_supplied
from core.index.files.usearch_nodes import read_records, read_tape, upper_offset
from core.index.graph import HnswGraph
from core.index.records import to_graph
from core.spaces import Metric, unit_rows

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
SIZES = {"f64": 8, "f32": 4, "f16": 2, "bf16": 2, "i8": 1}
U64_KEY, I64_KEY, U32_SLOT = 14, 20, 15
STEP = 127.0  # 8-bit vectors are fractions of it


def looks_like(content: bytes) -> bool:
    """Whether the magic word stands where it must, first or behind the vectors."""
    return head_offset(content) is not None


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


def read(
    content: bytes,
    metric: Metric | None,
    dim: int | None,
    vectors: npt.NDArray[np.float32] | None,
) -> HnswGraph:
    """The graph of a file; `vectors` in ascending order of key, for files saved without."""
    start = head_offset(content)
    cursor = Cursor(content, KIND, start or 0)
    head = _head(cursor, metric, dim)
    tape = read_tape(cursor)
    n, d = len(tape.levels), int(head["dimensions"])
    scalar, kind = SCALARS[int(head["scalar"])], METRICS[int(head["metric"])]
    version = ".".join(str(part) for part in head["version"][:2])
    source = f"usearch {version} file"
    notes: list[str] = []
    own, supplied = np.zeros((n, 0), dtype=np.float32), None
    if start:
        own, notes = _vectors(content, start, n, d, scalar)
        own, source = _scaled(own, kind), f"{source}, {scalar} vectors"
    else:
        given = check_supplied(vectors, n, d, "usearch (saved without vectors)")
        supplied = _scaled(given, kind)
    if kind == "cosine":
        notes = [*notes, "vectors scaled to length 1, for cosine"]
    records = read_records(cursor, tape, own, kind)
    removed = int(records.deleted.sum())
    if removed:
        notes = [*notes, f"{removed:,} removed items are walked through and never returned"]
    offsets = {
        "level": lambda node: tape.level_offset + 2 * int(node),
        "base": lambda node: int(tape.places[node]) + 14,
        "upper": lambda row: upper_offset(tape, row),
        "label": lambda node: int(tape.places[node]),
        "vector": lambda node: (start or 0) - (n - int(node)) * d * SIZES[scalar],
    }
    check_records(records, cursor, offsets)
    return to_graph(records, supplied, source=source, notes=tuple(notes))


def _scaled(rows: npt.NDArray[np.float32], metric: Metric) -> npt.NDArray[np.float32]:
    return unit_rows(rows).astype(np.float32, copy=False) if metric == "cosine" else rows


def _head(cursor: Cursor, metric: Metric | None, dim: int | None) -> np.void:
    start = cursor.offset
    raw = cursor.array("head", "u1", HEAD_SIZE)
    head: np.void = np.frombuffer(raw.tobytes(), HEAD, 1)[0]

    def check(field: str, good: bool, problem: str) -> None:
        if not good:
            raise cursor.error(f"{field} in the head", problem, start + field_offset(HEAD, field))

    check("version", int(head["version"][0]) == 2, f"{head['version'][0]}; only format 2 is read")
    check(
        "metric",
        int(head["metric"]) in METRICS,
        f"kind {int(head['metric'])} is none of cosine, Euclidean and inner product",
    )
    check(
        "scalar",
        int(head["scalar"]) in SCALARS,
        f"kind {int(head['scalar'])} is none of {', '.join(SCALARS.values())}",
    )
    check("key", int(head["key"]) in (U64_KEY, I64_KEY), f"kind {int(head['key'])} is not 64-bit")
    check("slot", int(head["slot"]) == U32_SLOT, f"kind {int(head['slot'])} is not u32")
    dimensions = int(head["dimensions"])
    check("dimensions", 1 <= dimensions <= 2**20, f"{dimensions:,}")
    check("multi", int(head["multi"]) == 0, "several items for one key are not read")
    if dim is not None and dim != dimensions:
        raise IndexFileError(
            f"dim = {dim:,} contradicts the usearch file, whose vectors have {dimensions:,} "
            "dimensions. Leave dim out."
        )
    held = METRICS[int(head["metric"])]
    if metric is not None and metric != held:
        raise IndexFileError(
            f"metric {metric!r} contradicts the usearch file, which was built with {held!r}. "
            "Leave metric out."
        )
    return head


def _vectors(
    content: bytes, end: int, n: int, d: int, scalar: str
) -> tuple[npt.NDArray[np.float32], list[str]]:
    """(n, d) float32, from the bytes before the head."""
    size = n * d * SIZES[scalar]
    cursor = Cursor(content, KIND, end - size if size in (end - 8, end - 16) else end)
    if cursor.offset == end:
        raise cursor.error(
            "vectors", f"{end:,} bytes do not hold {n:,} rows of {d:,} {scalar} numbers", 0
        )
    if scalar == "i8":
        rows = cursor.array("vectors", "<i1", n * d).astype(np.float32) / np.float32(STEP)
    elif scalar == "bf16":
        bits = cursor.array("vectors", "<u2", n * d).astype(np.uint32) << np.uint32(16)
        rows = bits.view(np.float32)
    else:
        kind = {"f64": "<f8", "f32": "<f4", "f16": "<f2"}[scalar]
        with np.errstate(over="ignore"):
            rows = cursor.array("vectors", kind, n * d).astype(np.float32)
    notes = [] if scalar == "f32" else [f"{scalar} vectors converted to float32"]
    return rows.reshape(n, d), notes
