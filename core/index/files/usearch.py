"""The files that usearch writes (format 2), with everything in them checked.

Unless saved without vectors: rows u32 and bytes per row u32 (or both u64), and the vectors. Then a
head of 64 bytes: "usearch", three versions u16, kinds of metric, scalar, key and slot u8, items
and removed items u64, dimensions u64, whether keys repeat u8. Then size, connectivity,
connectivity of layer 0, top layer and entry slot u64; the level of each node i16; and node by node
its key u64, level i16, and for each layer a link count u32 and its places for links u32.
(https://github.com/unum-cloud/usearch, `index_dense.hpp` and `index.hpp`)
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.errors import IndexFileError
from core.index.files.checks import LARGEST_LEVEL, LARGEST_LINKS, check_records
from core.index.files.cursor import Cursor
from core.index.files.supplied import check_supplied
from core.index.graph import HnswGraph
from core.index.records import NodeRecords, to_graph
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
FREE_KEY = 2**64 - 1
STEP = 127.0  # 8-bit vectors are fractions of it
LARGEST_COUNT = 2**31 - 1


@dataclass(frozen=True, eq=False)
class _Tape:
    """Sizes of the graph, levels of the nodes, and where each node stands in the file."""

    connectivity: int
    base_connectivity: int
    entry: int
    levels: npt.NDArray[np.int32]
    level_offset: int
    places: npt.NDArray[np.int64]


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
    tape = _tape(cursor)
    n, d = len(tape.levels), int(head["dimensions"])
    scalar, kind = SCALARS[int(head["scalar"])], METRICS[int(head["metric"])]
    version = ".".join(str(part) for part in head["version"][:2])
    source, notes = f"usearch {version} file", []
    if start:
        own, notes = _vectors(content, start, n, d, scalar)
        source += f", {scalar} vectors"
        supplied = None
    else:
        supplied = check_supplied(vectors, n, d, "usearch (saved without vectors)")
        supplied = unit_rows(supplied) if kind == "cosine" else supplied
        own = np.zeros((n, 0), dtype=np.float32)
    if kind == "cosine":
        own = unit_rows(own) if start else own
        notes = [*notes, "vectors scaled to length 1, for cosine"]
    records = _records(content, cursor, tape, own, kind)
    removed = int(records.deleted.sum())
    if removed:
        notes = [*notes, f"{removed:,} removed items are walked through and never returned"]
    offsets = {
        "level": lambda node: tape.level_offset + 2 * int(node),
        "base": lambda node: int(tape.places[node]) + 10,
        "upper": lambda _row: int(tape.places[0]),
        "label": lambda node: int(tape.places[node]),
        "vector": lambda node: (start or 0) - (n - int(node)) * d * SIZES[scalar],
    }
    check_records(records, cursor, offsets)
    return to_graph(records, supplied, source=source, notes=tuple(notes))


def _head(cursor: Cursor, metric: Metric | None, dim: int | None) -> np.void:
    start = cursor.offset
    raw = cursor.array("head", "u1", HEAD_SIZE)
    head = np.frombuffer(raw.tobytes(), HEAD, 1)[0]

    def check(field: str, good: bool, problem: str) -> None:
        if not good:
            place = (HEAD.fields or {})[field][1]
            raise cursor.error(f"{field} in the head", problem, start + place)

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


def _tape(cursor: Cursor) -> _Tape:
    n = cursor.number("number of nodes", "<u8", 1, LARGEST_COUNT)
    connectivity = cursor.number("connectivity", "<u8", 1, LARGEST_LINKS)
    base = cursor.number("connectivity of layer 0", "<u8", 1, 2 * LARGEST_LINKS)
    start = cursor.offset
    top = cursor.number("top layer", "<u8", 0, LARGEST_LEVEL)
    entry = cursor.number("entry slot", "<u8", 0, n - 1)
    level_offset = cursor.offset
    levels = cursor.array("levels", "<i2", n).astype(np.int32)
    wrong = np.flatnonzero((levels < 0) | (levels > LARGEST_LEVEL))
    if len(wrong):
        raise cursor.error("level", f"{levels[wrong[0]]}", level_offset + 2 * int(wrong[0]))
    if top != levels[entry]:
        raise cursor.error("top layer", f"{top}, and the entry point is on {levels[entry]}", start)
    sizes = 10 + 4 * (1 + base) + levels.astype(np.int64) * 4 * (1 + connectivity)
    places = cursor.offset + np.cumsum(sizes) - sizes
    cursor.array("nodes", "u1", int(sizes.sum()))
    cursor.end()
    return _Tape(connectivity, base, entry, levels, level_offset, places)


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


def _records(
    content: bytes,
    cursor: Cursor,
    tape: _Tape,
    vectors: npt.NDArray[np.float32],
    metric: Metric,
) -> NodeRecords:
    heads = _windows(content, tape.places, 10)
    keys = np.ascontiguousarray(heads[:, :8]).view("<u8")[:, 0]
    repeated = np.ascontiguousarray(heads[:, 8:]).view("<i2")[:, 0]
    wrong = np.flatnonzero(repeated != tape.levels)
    if len(wrong):
        node = int(wrong[0])
        raise cursor.error(
            "level of a node",
            f"{repeated[node]}, and {tape.levels[node]} in the list of levels",
            int(tape.places[node]) + 8,
        )
    base = _windows(content, tape.places + 10, 4 + 4 * tape.base_connectivity).view("<u4")
    above = tape.levels.astype(np.int64)
    first = np.cumsum(above) - above
    layer = np.arange(int(above.sum())) - np.repeat(first, above)
    upper_places = np.repeat(tape.places + 14 + 4 * tape.base_connectivity, above)
    width = 4 + 4 * tape.connectivity
    upper = _windows(content, upper_places + layer * width, width).view("<u4")
    live = keys != FREE_KEY
    fits = int(keys[live].max(initial=0)) < 2**63 and bool(live.all())
    return NodeRecords(
        vectors=vectors,
        labels=keys.astype(np.int64) if fits else keys,
        deleted=~live,
        levels=tape.levels,
        base_counts=base[:, 0].astype(np.int64),
        base_links=base[:, 1:],
        upper_counts=upper[:, 0].astype(np.int64),
        upper_links=upper[:, 1:],
        entry_point=tape.entry,
        metric=metric,
        m=tape.connectivity,
        ef_construction=None,
    )


def _windows(content: bytes, places: npt.NDArray[np.int64], width: int) -> npt.NDArray[np.uint8]:
    """`width` bytes from each place, (places, width); the file is known to be long enough."""
    everything = np.frombuffer(content, dtype=np.uint8)
    if len(places) == 0:
        return np.empty((0, width), dtype=np.uint8)
    return np.lib.stride_tricks.sliding_window_view(everything, width)[places]
