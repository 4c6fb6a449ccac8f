"""HNSW: build, parse, search, trace and sweep; exact neighbors to compare them with."""

from core.index.beam_search import SearchResult, search
from core.index.build import build_hnsw
from core.index.churn import churn_hnsw
from core.index.curve import EfCurve, ef_curve, ef_curves
from core.index.distances_to_rows import row_distances
from core.index.exact import Neighbors, exact_neighbors
from core.index.export import write_csr, write_edges_csv, write_graphml
from core.index.files import (
    CHROMA_FILES,
    IndexFileKind,
    Scalar,
    holds_bytes,
    index_file_kind,
    read_index,
)
from core.index.filtered import search_filtered
from core.index.findability import Census, census
from core.index.graph import Adjacency, HnswGraph
from core.index.hnswlib_writer import write_hnswlib
from core.index.latency import Latency, machine, measure_latency
from core.index.layer_anatomy import Anatomy, LayerAnatomy, anatomy
from core.index.metric_evidence import MetricFit, metric_fit, metric_words, with_metric
from core.index.params import HnswParams
from core.index.reach import reachable_from, reachable_rows
from core.index.shortest_walks import link_paths
from core.index.storage import Storage
from core.index.trace import Hop, SearchTrace, Stop, trace_search
from core.index.visited_rows import Visits, smallest_ef, visits

__all__ = [
    "CHROMA_FILES",
    "Adjacency",
    "Anatomy",
    "Census",
    "EfCurve",
    "HnswGraph",
    "HnswParams",
    "Hop",
    "IndexFileKind",
    "Latency",
    "LayerAnatomy",
    "MetricFit",
    "Neighbors",
    "Scalar",
    "SearchResult",
    "SearchTrace",
    "Stop",
    "Storage",
    "Visits",
    "anatomy",
    "build_hnsw",
    "census",
    "churn_hnsw",
    "ef_curve",
    "ef_curves",
    "exact_neighbors",
    "holds_bytes",
    "index_file_kind",
    "link_paths",
    "machine",
    "measure_latency",
    "metric_fit",
    "metric_words",
    "reachable_from",
    "reachable_rows",
    "read_index",
    "row_distances",
    "search",
    "search_filtered",
    "smallest_ef",
    "trace_search",
    "visits",
    "with_metric",
    "write_csr",
    "write_edges_csv",
    "write_graphml",
    "write_hnswlib",
]
