"""Opening binary files by their path against the bare library: time, and memory of the process.

python -m benchmarks.files_by_path [rows] [dimensions]

Resident memory counts the pages of a mapped file, which the system may take back; own memory does
not. Both are the growth of a fresh process that opens the file, beside the bytes of the vectors.
"""

import multiprocessing
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from benchmarks._timing import alternate, clustered, show
from core.data import read_embeddings

ROWS, DIM, RUNS = 200_000, 128, 3
COLUMNS = ("format", "against", "MB", "ours, s", "bare, s", "resident / vectors", "own / vectors")


@dataclass(frozen=True)
class Format:
    """A row of the table. write: the vectors to a path. bare: reads it; library: with what."""

    ending: str
    write: Callable[[Path, np.ndarray], object]
    bare: Callable[[Path], object]
    library: str


def _npz(path: Path, vectors: np.ndarray) -> None:
    with path.open("wb") as file:
        np.savez_compressed(file, vectors=vectors)


def _hdf5(path: Path, vectors: np.ndarray) -> None:
    with h5py.File(path, "w") as file:
        file["train"] = vectors


def _read_hdf5(path: Path) -> np.ndarray:
    with h5py.File(path) as file:
        return np.asarray(file["train"])


def _fbin(path: Path, vectors: np.ndarray) -> None:
    path.write_bytes(np.array(vectors.shape, "<u4").tobytes() + vectors.tobytes())


def _fvecs(path: Path, vectors: np.ndarray) -> None:
    dims = np.full((len(vectors), 1), vectors.shape[1], "<i4").view("<f4")
    path.write_bytes(np.hstack([dims, vectors]).tobytes())


def _read_fvecs(path: Path) -> np.ndarray:
    values = np.fromfile(path, np.float32)
    return values.reshape(-1, 1 + int(values[:1].view(np.int32)[0]))[:, 1:].copy()


def _safetensors(path: Path, vectors: np.ndarray) -> None:
    header = (
        f'{{"emb":{{"dtype":"F32","shape":{list(vectors.shape)},'
        f'"data_offsets":[0,{vectors.nbytes}]}}}}'
    ).encode()
    header += b" " * (-len(header) % 8)
    path.write_bytes(len(header).to_bytes(8, "little") + header + vectors.tobytes())


def _word2vec(path: Path, vectors: np.ndarray) -> None:
    with path.open("wb") as file:
        file.write(f"{len(vectors)} {vectors.shape[1]}\n".encode())
        for number, row in enumerate(vectors):
            file.write(f"word{number} ".encode() + row.tobytes() + b"\n")


def _from_file(path: Path) -> np.ndarray:
    return np.fromfile(path, np.uint8)


FORMATS = (
    Format(".npy", lambda path, rows: np.save(path, rows), np.load, "numpy.load"),
    Format(".npz", _npz, lambda path: np.load(path)["vectors"], "numpy.load"),
    Format(".fbin", _fbin, _from_file, "numpy.fromfile"),
    Format(".fvecs", _fvecs, _read_fvecs, "numpy.fromfile"),
    Format(".safetensors", _safetensors, _from_file, "numpy.fromfile"),
    Format(".bin", _word2vec, _from_file, "numpy.fromfile"),
    Format(".h5", _hdf5, _read_hdf5, "h5py"),
)


def main(n: int, dim: int) -> None:
    vectors, _ = clustered(n, dim, queries=1)
    with tempfile.TemporaryDirectory() as folder:
        table = [_row(kind, Path(folder) / f"vectors{kind.ending}", vectors) for kind in FORMATS]
    show(f"Files by path, {n:,} x {dim:,} float32", COLUMNS, table)


def _row(kind: Format, path: Path, vectors: np.ndarray) -> tuple[object, ...]:
    kind.write(path, vectors)
    ours, bare = alternate(RUNS, lambda: read_embeddings(path), lambda: kind.bare(path))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        resident, own = pool.apply(_grown, (path,))
    path_megabytes = path.stat().st_size / 1e6
    path.unlink()
    times = (statistics.median(ours), statistics.median(bare))
    return (
        kind.ending,
        kind.library,
        path_megabytes,
        *times,
        resident / vectors.nbytes,
        own / vectors.nbytes,
    )


def _grown(path: Path) -> tuple[int, int]:
    """Bytes by which the peak of this fresh process grows, and its own memory afterwards."""
    before = _kilobytes("VmHWM"), _kilobytes("RssAnon")
    kept = read_embeddings(path)
    after = _kilobytes("VmHWM"), _kilobytes("RssAnon")
    assert kept.n
    return 1024 * (after[0] - before[0]), 1024 * (after[1] - before[1])


def _kilobytes(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0])


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*given) if len(given) == 2 else main(ROWS, DIM)
