"""Alternating runs, medians and ratios: these machines are shared, so one run says little."""

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import hnswlib
import numpy as np
import numpy.typing as npt

from core.index import HnswGraph
from core.index.hnswlib_file import read_own_file
from core.index.records import to_graph

SIZES = ((20_000, 64), (100_000, 128))
M, EF_CONSTRUCTION, SEED = 16, 200, 100


def clustered(n: int, dim: int, queries: int = 1000) -> tuple[npt.NDArray[np.float32], ...]:
    """Vectors and queries around 100 centers, shuffled."""
    random = np.random.default_rng(0)
    centers = random.normal(size=(100, dim))
    rows = centers[random.integers(0, 100, n + queries)]
    rows = (rows + random.normal(size=rows.shape) * 0.7).astype(np.float32)
    return rows[:n], rows[n:]


def native_index(vectors: npt.NDArray[np.float32], threads: int = 1) -> Any:
    """hnswlib's own index over Euclidean distance."""
    index = hnswlib.Index("l2", vectors.shape[1])
    index.init_index(len(vectors), M, EF_CONSTRUCTION, SEED)
    index.add_items(vectors, np.arange(len(vectors)), num_threads=threads)
    return index


def parsed(index: Any) -> HnswGraph:
    """The graph of an index of `native_index`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        index.save_index(str(path))
        return to_graph(read_own_file(path, "euclidean", index.dim))


def alternate(runs: int, *functions: Callable[[], object]) -> list[list[float]]:
    """Seconds of each function, called in turn `runs` times after one uncounted round."""
    for function in functions:
        function()
    seconds: list[list[float]] = [[] for _ in functions]
    for _ in range(runs):
        for function, taken in zip(functions, seconds, strict=True):
            start = time.perf_counter()
            function()
            taken.append(time.perf_counter() - start)
    return seconds


def ratio(left: Sequence[float], right: Sequence[float]) -> float:
    """Median of the ratios left / right, pair by pair."""
    return statistics.median(a / b for a, b in zip(left, right, strict=True))


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table with the machine it was made on."""
    table = [tuple(columns), *(tuple(map(_text, row)) for row in rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(columns))]
    print(f"\n{title}\n{_machine()}")
    for row in table:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


def _text(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _machine() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    python = platform.python_version()
    return f"{cores} cores, {platform.machine()}, Python {python}, numpy {np.__version__}"
