"""Data of the kinds that break indexes, and hnswlib as the oracle."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hnswlib
import numpy as np
import numpy.typing as npt

from core.index import HnswGraph, HnswParams
from core.index.build import SPACES
from core.index.hnswlib_file import read_own_file
from core.index.records import to_graph

Vectors = npt.NDArray[np.float32]


def clustered(n: int = 3000, dim: int = 32, seed: int = 0) -> Vectors:
    random = np.random.default_rng(seed)
    centers = random.normal(size=(30, dim))
    noise = random.normal(size=(n, dim)) * 0.6
    return (centers[random.integers(0, 30, n)] + noise).astype(np.float32)


def duplicated(seed: int = 1) -> Vectors:
    """Every row three times, and 200 copies of one row."""
    rows = clustered(700, 16, seed)
    return np.concatenate([rows, rows, rows, np.repeat(rows[:1], 200, axis=0)])


def grid(seed: int = 2) -> Vectors:
    """Small whole numbers: most distances are shared by many rows."""
    return np.random.default_rng(seed).integers(0, 4, size=(2000, 6)).astype(np.float32)


def high_dimensional(seed: int = 3) -> Vectors:
    return np.random.default_rng(seed).normal(size=(600, 769)).astype(np.float32)


def uneven_norms(seed: int = 4) -> Vectors:
    """Log-normal lengths: under inner product some rows are never reached."""
    random = np.random.default_rng(seed)
    scale = np.exp(random.normal(size=(2000, 1)))
    return (random.normal(size=(2000, 24)) * scale).astype(np.float32)


DATASETS: dict[str, Callable[[], Vectors]] = {
    "clustered": clustered,
    "duplicated": duplicated,
    "grid": grid,
    "high_dimensional": high_dimensional,
    "uneven_norms": uneven_norms,
}


def queries_of(vectors: Vectors, count: int = 60, seed: int = 9) -> Vectors:
    """Half are rows of the data, half lie near some."""
    random = np.random.default_rng(seed)
    rows = vectors[random.integers(0, len(vectors), count)].copy()
    half = count // 2
    noise = random.normal(size=rows[half:].shape) * vectors.std() * 0.3
    rows[half:] += noise.astype(np.float32)
    return rows


def native_index(vectors: Vectors, params: HnswParams) -> Any:
    index = hnswlib.Index(SPACES[params.metric], vectors.shape[1])
    index.init_index(len(vectors), params.m, params.ef_construction, params.seed)
    index.add_items(vectors, np.arange(len(vectors)), num_threads=1)
    return index


def graph_of(index: Any, params: HnswParams) -> HnswGraph:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        index.save_index(str(path))
        return to_graph(read_own_file(path, params.metric, index.dim))


def native_answers(
    index: Any, queries: Vectors, k: int, ef: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Ids and hnswlib's own distances (squared under "l2"), nearest first."""
    index.set_ef(ef)
    ids, distances = index.knn_query(queries, k, num_threads=1)
    return ids.astype(np.int64), distances.astype(np.float64)
