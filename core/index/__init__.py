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
from core.index.hnswlib_writer import hnswlib_bytes, write_hnswlib
from core.index.insertion import (
    Insertion,
    InsertionTrace,
    LayerInsertion,
    LevelDraw,
    ReverseLink,
    Selection,
    Step,
    draw_level,
    drawn_levels,
    insert_after,
    insert_into,
    trace_insertion,
    with_inserted,
)
from core.index.kernels.verdicts import DROPPED, KEPT, NOT_ASKED
from core.index.latency import Latency, machine, measure_latency
from core.index.layer_anatomy import Anatomy, LayerAnatomy, anatomy
from core.index.metric_evidence import MetricFit, metric_fit, metric_words, with_metric
from core.index.params import HnswParams
from core.index.probe import FirstHops, first_hops
from core.index.ranks import exact_ranks, neighbors_and_ranks
from core.index.reach import reachable_from, reachable_rows
from core.index.shortest_walks import link_paths
from core.index.storage import Storage
from core.index.trace import Hop, SearchTrace, Stop, trace_search
from core.index.visited_rows import Visits, smallest_ef, visits

__all__ = [
    "CHROMA_FILES",
    "DROPPED",
    "KEPT",
    "NOT_ASKED",
    "Adjacency",
    "Anatomy",
    "Census",
    "EfCurve",
    "FirstHops",
    "HnswGraph",
    "HnswParams",
    "Hop",
    "IndexFileKind",
    "Insertion",
    "InsertionTrace",
    "Latency",
    "LayerAnatomy",
    "LayerInsertion",
    "LevelDraw",
    "MetricFit",
    "Neighbors",
    "ReverseLink",
    "Scalar",
    "SearchResult",
    "SearchTrace",
    "Selection",
    "Step",
    "Stop",
    "Storage",
    "Visits",
    "anatomy",
    "build_hnsw",
    "census",
    "churn_hnsw",
    "draw_level",
    "drawn_levels",
    "ef_curve",
    "ef_curves",
    "exact_neighbors",
    "exact_ranks",
    "first_hops",
    "hnswlib_bytes",
    "holds_bytes",
    "index_file_kind",
    "insert_after",
    "insert_into",
    "link_paths",
    "machine",
    "measure_latency",
    "metric_fit",
    "metric_words",
    "neighbors_and_ranks",
    "reachable_from",
    "reachable_rows",
    "read_index",
    "row_distances",
    "search",
    "search_filtered",
    "smallest_ef",
    "trace_insertion",
    "trace_search",
    "visits",
    "with_inserted",
    "with_metric",
    "write_csr",
    "write_edges_csv",
    "write_graphml",
    "write_hnswlib",
]
