"""Data and indexes with known faults, made anew."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from core.index import Adjacency, HnswGraph, HnswParams, build_hnsw, write_hnswlib

CUT = (7, 70, 300)  # rows that the broken index has no links to


def vectors(n: int = 600, dim: int = 8) -> np.ndarray:
    return np.random.default_rng(3).normal(size=(n, dim)).astype(np.float32)


def graph_of(rows: np.ndarray) -> HnswGraph:
    return build_hnsw(rows, HnswParams(metric="cosine", m=16, ef_construction=200))


def cut_off(graph: HnswGraph, rows: tuple[int, ...] = CUT) -> HnswGraph:
    """The graph without any link to these rows; none of them is its entry point."""
    assert graph.entry_point not in rows
    return replace(graph, base=_without(graph.base, rows), upper=_without(graph.upper, rows))


def _without(links: Adjacency, rows: tuple[int, ...]) -> Adjacency:
    kept = ~np.isin(links.targets, rows)
    indptr = np.concatenate([[0], np.cumsum(kept)])[links.indptr].astype(np.int64)
    return Adjacency(indptr, links.targets[kept])


def write(graph: HnswGraph, path: Path) -> Path:
    with path.open("wb") as file:
        write_hnswlib(graph, file)
    return path
