"""Reading files of vectors against the bare library of each format: speed and peak of memory.

python -m benchmarks.readers [rows] [dimensions]
"""

import io
import multiprocessing
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.csv
import scipy.io.arff

from benchmarks._timing import alternate, clustered, show
from core.data import read_embeddings

SIZES = ((1_000, 64), (20_000, 384))
RUNS = 3


@dataclass(frozen=True)
class Format:
    """A row of the table.

    ending: of the file. write: the vectors as its bytes. bare: reads these bytes with the library
    alone, into whatever it gives. library: its name.
    """

    name: str
    ending: str
    write: Callable[[np.ndarray], bytes]
    bare: Callable[[bytes], object]
    library: str


def _frame(vectors: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame(vectors, columns=[f"x{i}" for i in range(vectors.shape[1])])
    return frame.assign(word=[f"word {i}" for i in range(len(vectors))])


def _csv(vectors: np.ndarray) -> bytes:
    return _frame(vectors).to_csv(index=False).encode()


def _decimal_commas(vectors: np.ndarray) -> bytes:
    return _frame(vectors).to_csv(index=False, sep=";", decimal=",").encode()


def _counts(vectors: np.ndarray) -> bytes:
    whole = pd.DataFrame(np.abs(vectors * 40).astype(int))
    return whole.to_csv(index=False, header=False, sep="\t").encode()


def _glove(vectors: np.ndarray) -> bytes:
    frame = pd.DataFrame(vectors)
    frame.insert(0, "word", [f"word{i}" for i in range(len(vectors))])
    return frame.to_csv(index=False, header=False, sep=" ", float_format="%.5f").encode()


def _arff(vectors: np.ndarray) -> bytes:
    frame = pd.DataFrame(vectors)
    head = "".join(f"@attribute x{i} numeric\n" for i in frame.columns)
    rows = frame.to_csv(index=False, header=False)
    return f"@relation r\n{head}@data\n{rows}".encode()


def _scipy(content: bytes) -> object:
    return scipy.io.arff.loadarff(io.StringIO(content.decode()))


def _pandas(separator: str, **settings: object) -> Callable[[bytes], object]:
    return lambda content: pd.read_csv(io.BytesIO(content), sep=separator, **settings)


def _arrow(content: bytes) -> object:
    return pyarrow.csv.read_csv(io.BytesIO(content))


FORMATS = (
    Format("commas", ".csv", _csv, _pandas(","), "pandas"),
    Format("commas", ".csv", _csv, _arrow, "pyarrow"),
    Format("decimal commas", ".csv", _decimal_commas, _pandas(";", decimal=","), "pandas"),
    Format("whole numbers", ".tsv", _counts, _pandas("\t", header=None), "pandas"),
    Format("ARFF", ".arff", _arff, _scipy, "scipy"),
    Format("GloVe", ".txt", _glove, _pandas(" ", header=None, quoting=3), "pandas"),
)
COLUMNS = ("format", "library", "rows", "dim", "MB", "ours, MB/s", "bare, MB/s", "peak / file")


def main(sizes: tuple[tuple[int, int], ...]) -> None:
    table = [row for n, dim in sizes for row in _rows(n, dim)]
    show("Readers; peak: memory of the process above that before, file included", COLUMNS, table)


def _rows(n: int, dim: int) -> list[tuple[object, ...]]:
    vectors, _ = clustered(n, dim, queries=1)
    rows = []
    for kind in FORMATS:
        content = kind.write(vectors)
        ours, bare = alternate(
            RUNS,
            lambda kind=kind, content=content: read_embeddings(content, name=f"a{kind.ending}"),
            lambda kind=kind, content=content: kind.bare(content),
        )
        size = len(content) / 1e6
        speeds = (size / statistics.median(ours), size / statistics.median(bare))
        peak = _peak(content, kind.ending) / len(content)
        rows.append((kind.name, kind.library, n, dim, size, *speeds, peak))
    return rows


def _peak(content: bytes, ending: str) -> float:
    """Bytes by which a fresh process grows as it reads the content, which it holds as well."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_grown, (content, ending))


def _grown(content: bytes, ending: str) -> float:
    before = _peak_kilobytes()
    read_embeddings(content, name=f"a{ending}")
    return (_peak_kilobytes() - before) * 1024 + len(content)


def _peak_kilobytes() -> int:
    """Of this process alone; `ru_maxrss` would begin with that of its parent."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(((given[0], given[1]),) if len(given) == 2 else SIZES)
