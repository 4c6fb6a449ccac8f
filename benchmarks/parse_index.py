"""Reading index files against reading and copying their bytes once.

python -m benchmarks.parse_index [rows]
"""

import statistics
import sys
import tempfile
from pathlib import Path

import faiss
import numpy as np
from usearch.index import Index

from benchmarks._timing import M, alternate, clustered, native_index, ratio, show
from core.distances import Metric
from core.index import read_index
from core.index.hnswlib_file import HEADER, base_record, upper_record

ROWS, DIM, RUNS = 20_000, 64, 5
MANY, NARROW = 1_000_000, 16


COLUMNS = ("file", "rows", "dim", "MB", "read_index, s", "bytes read and copied, s", "ratio")


def main(n: int) -> None:
    vectors, _ = clustered(n, DIM, queries=1)
    table = []
    with tempfile.TemporaryDirectory() as folder:
        for name, write in (("hnswlib", _hnswlib), ("faiss", _faiss), ("usearch", _usearch)):
            path = Path(folder) / name
            write(vectors, path)
            table.append((name, n, DIM, *_compare(name, path)))
        path = Path(folder) / "many"
        in_order = np.arange(MANY)
        shuffled = np.random.default_rng(1).permutation(MANY)
        for name, labels in (("hnswlib", in_order), ("hnswlib, labels shuffled", shuffled)):
            _synthetic(path, labels)
            table.append((name, MANY, NARROW, *_compare("hnswlib", path)))
    show(f"Index files, M {M}; budget for {MANY:,} rows: 2 s", COLUMNS, table)


def _compare(kind: str, path: Path) -> tuple[float, float, float, float]:
    metric: Metric | None = "euclidean" if kind == "hnswlib" else None
    parse, copy = alternate(
        RUNS,
        lambda: read_index(path, metric=metric),
        lambda: np.fromfile(path, dtype=np.uint8).copy(),
    )
    megabytes = path.stat().st_size / 1e6
    return megabytes, statistics.median(parse), statistics.median(copy), ratio(parse, copy)


def _hnswlib(vectors: np.ndarray, path: Path) -> None:
    native_index(vectors, threads=2).save_index(str(path))


def _faiss(vectors: np.ndarray, path: Path) -> None:
    index = faiss.IndexHNSWFlat(vectors.shape[1], M)
    index.add(vectors)
    faiss.write_index(index, str(path))


def _usearch(vectors: np.ndarray, path: Path) -> None:
    index = Index(ndim=vectors.shape[1], metric="l2sq", dtype="f32", connectivity=M)
    index.add(np.arange(len(vectors)), vectors)
    index.save(str(path))


def _synthetic(path: Path, labels: np.ndarray) -> None:
    """hnswlib's file of a million nodes with random links and levels by the level law."""
    random = np.random.default_rng(0)
    levels = np.floor(-np.log(random.random(MANY)) / np.log(M)).astype(np.int64)
    entry = int(levels.argmax())
    header = np.zeros(1, HEADER)
    header["max_elements"] = header["count"] = MANY
    header["vector_offset"] = 4 + 8 * M
    header["label_offset"] = header["vector_offset"] + 4 * NARROW
    header["record_size"] = header["label_offset"] + 8
    header["max_level"], header["entry_point"] = levels[entry], entry
    header["max_m"] = header["m"] = M
    header["max_m0"], header["ef_construction"] = 2 * M, 200
    base = np.zeros(MANY, base_record(header[0], NARROW))
    base["count"] = random.integers(M, 2 * M + 1, MANY)
    base["links"] = random.integers(0, MANY, (MANY, 2 * M))
    base["vector"] = random.normal(size=(MANY, NARROW))
    base["label"] = labels
    with path.open("wb") as file:
        file.write(header.tobytes() + base.tobytes())
        file.write(_upper(levels, random))


def _upper(levels: np.ndarray, random: np.random.Generator) -> bytes:
    """Sizes and links of the upper layers; links go to nodes of the same layer."""
    record = upper_record(M)
    layer = np.concatenate([np.arange(1, top + 1) for top in levels[levels > 0]])
    links = np.zeros(len(layer), record)
    links["count"] = M
    for number in range(1, int(levels.max()) + 1):
        on_it = np.flatnonzero(levels >= number)
        here = layer == number
        links["links"][here] = random.choice(on_it, (int(here.sum()), M))
    sizes = (levels * record.itemsize).astype("<u4")
    parts, ends = links.tobytes(), np.cumsum(levels) * record.itemsize
    pieces = [
        sizes[node].tobytes() + parts[end - int(sizes[node]) : end]
        for node, end in enumerate(ends.tolist())
    ]
    return b"".join(pieces)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
