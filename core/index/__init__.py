"""HNSW: build, parse, search, trace and sweep; exact neighbors to hold them against."""

from core.index.build import build_hnsw
from core.index.graph import HnswGraph
from core.index.params import HnswParams

__all__ = ["HnswGraph", "HnswParams", "build_hnsw"]
