"""HNSW: build, parse, search, trace and sweep; exact neighbors to hold them against."""

from core.index.build import build_hnsw
from core.index.curve import EfCurve, ef_curve
from core.index.exact import Neighbors, exact_neighbors
from core.index.export import write_csr, write_edges_csv, write_graphml
from core.index.graph import Adjacency, HnswGraph
from core.index.params import HnswParams
from core.index.search import SearchResult, search
from core.index.trace import Hop, SearchTrace, trace_search

__all__ = [
    "Adjacency",
    "EfCurve",
    "HnswGraph",
    "HnswParams",
    "Hop",
    "Neighbors",
    "SearchResult",
    "SearchTrace",
    "build_hnsw",
    "ef_curve",
    "exact_neighbors",
    "search",
    "trace_search",
    "write_csr",
    "write_edges_csv",
    "write_graphml",
]
