"""The arrays of an `HnswGraph` as the kernels take them, and their working memory."""

import numpy as np
import numpy.typing as npt

from core.index.graph import HnswGraph
from core.index.kernels.types import STATE_LENGTH, Graph, Record, Scratch


def kernel_graph(graph: HnswGraph) -> Graph:
    """The same arrays, not copied."""
    return Graph(
        vectors=graph.vectors,
        base_indptr=graph.base.indptr,
        base_targets=graph.base.targets,
        upper_start=graph.upper_start,
        upper_indptr=graph.upper.indptr,
        upper_targets=graph.upper.targets,
        deleted=graph.deleted,
        any_deleted=bool(graph.deleted.any()),
        entry_point=graph.entry_point,
        max_level=graph.max_level,
        squared=graph.metric == "euclidean",
        unit=graph.metric == "cosine",
    )


def new_scratch(graph: HnswGraph, width: int) -> Scratch:
    """Working memory of one thread for searches with a beam of up to `width`."""
    room = int(np.max(graph.base.degrees, initial=0)) + 1
    kept = min(graph.n, 2 * width + graph.n_deleted)  # twice the width leaves room for ties
    return Scratch(
        query=np.empty(graph.stored_dim, np.float32),
        distance=np.empty(kept + room, np.float32),
        entry=np.empty(kept + room, np.int64),
        fresh=np.empty(room, np.int32),
        fresh_distance=np.empty(room, np.float32),
        entered_distance=np.empty(room, np.float32),
        entered=np.empty(room, np.int64),
        marks=np.zeros(graph.n, np.uint16),
        tag=np.zeros(1, np.uint16),
        state=np.zeros(STATE_LENGTH, np.int64),
    )


def no_record() -> Record:
    """A record with no place for any beam."""
    return _record(np.empty(0, np.int64), 0)


def curve_record(graph: HnswGraph, ks: tuple[int, ...]) -> Record:
    """What one thread needs to count the true neighbors for each k, without places for them."""
    return _record(np.array(ks, np.int64), graph.n)


def _record(ks: npt.NDArray[np.int64], n: int) -> Record:
    no_vectors = np.empty((0, 0), np.float32)
    no_vectors.setflags(write=False)  # of the type of a graph's, so that one compilation serves
    return Record(
        out=np.empty((0, 2 * len(ks) + 2), np.int32),
        now=np.zeros(2 * len(ks), np.int32),
        ks=ks,
        known=np.full((n, 2), -1, np.int32),
        rank_tag=0,
        tie_tag=0,
        limits=np.empty(len(ks)),
        vectors=no_vectors,
        query=np.empty(0, np.float32),
        squared=False,
        unit=False,
        exclude=-1,
        k=int(ks[-1]) if len(ks) else 0,
        first=0,
    )
