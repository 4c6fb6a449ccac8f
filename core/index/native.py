"""hnswlib's own index of a graph, and whether it answers as the graph does."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import hnswlib
import numpy as np
import numpy.typing as npt

from core.distances import paired_distances
from core.errors import IndexFileError, ParameterError
from core.index.beam_search import search
from core.index.build import SPACES
from core.index.graph import HnswGraph
from core.index.hnswlib_writer import write_hnswlib

Vectors = npt.NDArray[np.float32]
DIFFERING = 0.01  # share of queries that rounding may lead elsewhere
NO_ROW = -1
TOLERANCE = 1e-5  # of float32 distances, relative


def native_index(graph: HnswGraph, *, room: int = 0) -> Any:
    """The graph as hnswlib has loaded it, with row ids for labels; the file it went by is gone.

    The graph's own labels may stand for several rows each. room: for so many rows more.
    """
    by_row = replace(graph, labels=np.arange(graph.n))
    index = hnswlib.Index(space=SPACES[graph.metric], dim=graph.stored_dim)
    with tempfile.TemporaryDirectory(prefix="nearfield-") as folder:
        path = Path(folder) / "index"
        with path.open("wb") as file:
            write_hnswlib(by_row, file)
        index.load_index(str(path), max_elements=graph.n + room)
    return index


def answered_queries(graph: HnswGraph, index: Any, queries: Vectors, k: int, ef: int) -> Vectors:
    """Those of the queries (q, d) that reach k rows; hnswlib refuses to answer the others.

    How many rows a query reaches does not depend on ef. Raises ParameterError where no query
    reaches as many, and IndexFileError where `index` answers more than 1 % otherwise than `search`.
    """
    found = search(graph, queries, k, ef)
    complete = found.ids[:, -1] >= 0
    if not complete.any():
        raise ParameterError(
            f"No query reaches k = {k:,} rows of this graph, which has "
            f"{graph.n - graph.n_deleted:,} that are not deleted. Lower k."
        )
    answered, ours = queries[complete], found.distances[complete]
    index.set_ef(ef)
    labels, _ = index.knn_query(answered, k, num_threads=1)
    rows = np.where(labels < graph.n, labels, NO_ROW).astype(np.int64)
    same = (np.sort(rows, axis=1) == np.sort(found.ids[complete], axis=1)).all(axis=1)
    for i in np.flatnonzero(~same):
        same[i] = _as_far(graph, answered[i], rows[i], ours[i])
    differing = int(np.count_nonzero(~same))
    if differing > DIFFERING * len(same):
        raise IndexFileError(
            f"hnswlib, loaded with this graph, answers {differing:,} of {len(same):,} queries "
            f"otherwise than the graph does at ef {ef:,}, so it holds another index. Build or read "
            "the index again."
        )
    return answered


def _as_far(
    graph: HnswGraph,
    query: Vectors,
    rows: npt.NDArray[np.int64],
    distances: npt.NDArray[np.float64],
) -> bool:
    """Whether the rows (k,) lie at these distances: of equally near rows any may be named.

    query: (d,).
    """
    if (rows < 0).any():
        return False
    true = paired_distances(np.tile(query, (len(rows), 1)), graph.vectors[rows], graph.metric)
    scale = np.abs(distances).max() + (0 if graph.metric == "euclidean" else 1)
    return bool((np.abs(np.sort(true) - distances) <= TOLERANCE * scale).all())
